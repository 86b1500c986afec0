"""Changes in place: right values, right gradients or an error, and nothing half-changed."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lucid
from lucid import Tensor
from lucid.config import LOCAL
from lucid.core import views
from lucid.core.primitive import REGISTRY
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError
from lucid.samples import Draw


class Unrecorded:
    """The grad mode off, without `lucid.autograd`."""

    def __enter__(self):
        LOCAL.state.grad_enabled = False

    def __exit__(self, *error):
        LOCAL.state.grad_enabled = True


def leaf(*values):
    return Tensor(list(values), dtype=lucid.float64, requires_grad=True)


def grid(grad=False):
    return Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=lucid.float64, requires_grad=grad)


# ---- values ---------------------------------------------------------------------


def test_operators_change_the_memory():
    x = lucid.tensor([1.0, 2.0])
    memory, name = x.numpy(), x
    x += 1
    x *= lucid.tensor([2.0, 3.0])
    x -= 1.0
    x /= 2
    x **= 2
    x //= 1
    x %= 3
    assert x is name
    assert x.numpy() is memory
    np.testing.assert_array_equal(memory, np.array([1.5, 4.0]) ** 2 // 1 % 3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda x: x.add_(1, alpha=2), [3, 0]),
        (lambda x: x.sub_(1), [0, -3]),
        (lambda x: x.mul_(3), [3, -6]),
        (lambda x: x.div_(2), [0.5, -1]),
        (lambda x: x.pow_(2), [1, 4]),
        (lambda x: x.neg_(), [-1, 2]),
        (lambda x: x.zero_(), [0, 0]),
        (lambda x: x.fill_(7), [7, 7]),
        (lambda x: x.fill_(lucid.tensor(7)), [7, 7]),
        (lambda x: x.copy_(lucid.tensor([5, 6])), [5, 6]),
        (lambda x: x.masked_fill_(lucid.tensor([True, False]), 9), [9, -2]),
        (lambda x: x.scatter_(0, lucid.tensor([1]), 9.0), [1, 9]),
        (lambda x: x.scatter_add_(0, lucid.tensor([1]), lucid.tensor([9.0])), [1, 7]),
        (lambda x: x.index_add_(0, lucid.tensor([0]), lucid.tensor([9.0])), [10, -2]),
        (lambda x: x.exp_().log_(), [1, -2]),
        (lambda x: x.square_(), [1, 4]),
    ],
)
def test_methods_change_the_memory(change, expected):
    x = lucid.tensor([1.0, -2.0])
    memory, version = x.numpy(), x._version
    assert change(x) is x
    assert x.numpy() is memory
    assert x._version > version
    np.testing.assert_allclose(memory, expected, rtol=1e-6)


def test_in_place_methods_bound_by_name():
    x = lucid.tensor([0.5])
    for name in ("abs_", "ceil_", "clamp_", "erf_", "log1p_", "relu_", "sigmoid_", "tanh_"):
        expected = getattr(x, name[:-1])(*([0, 1] if name == "clamp_" else []))
        changed = getattr(x.clone(), name)(*([0, 1] if name == "clamp_" else []))
        np.testing.assert_array_equal(changed.numpy(), expected.numpy())


def test_overlapping_values_are_read_before_they_are_written():
    x = lucid.arange(5)
    x[1:] = x[:-1]
    assert x.tolist() == [0, 0, 1, 2, 3]
    x[::-1] = x
    assert x.tolist() == [3, 2, 1, 0, 0]
    x[[0, 1]] = x[[1, 0]]
    assert x.tolist() == [2, 3, 1, 0, 0]
    square = lucid.tensor([[1, 2], [3, 4]])
    square += square.T
    assert square.tolist() == [[2, 5], [5, 8]]
    base = leaf(1.0, 2.0, 3.0)
    y = base * 1
    y[1:] = y[:-1]
    (y * Tensor([1.0, 10.0, 100.0], dtype=lucid.float64)).sum().backward()
    assert base.grad.tolist() == [11, 100, 0]


# ---- gradients ------------------------------------------------------------------


def test_a_change_that_spoils_no_saved_value():
    x = leaf(1.0, 2.0)
    y = x * 2
    y += 1
    y *= y
    y.sum().backward()  # d (2x + 1)^2 = 4 (2x + 1)
    assert x.grad.tolist() == [12, 20]


def test_a_change_of_a_saved_output_is_caught():
    x = leaf(1.0, 2.0)
    y = x.exp()
    y += 1
    with pytest.raises(GradError, match="exp needs its output, which was changed in place"):
        y.sum().backward()


def test_a_change_of_a_saved_input_is_caught_also_through_a_view():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y * y
    y[0] = 5.0
    with pytest.raises(GradError, match="changed in place"):
        z.sum().backward()
    with Unrecorded():
        w = x * x
        x[0] = 3.0
    w = x * x
    with Unrecorded():
        x[1:] += 1.0
    with pytest.raises(GradError, match="changed in place"):
        w.sum().backward()


def test_the_changed_tensor_may_be_what_the_op_itself_saves():
    x, factor = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x * 1
    y *= factor
    y.exp_()
    y.sum().backward()
    np.testing.assert_allclose(factor.grad.numpy(), [1 * np.exp(3), 2 * np.exp(8)])
    np.testing.assert_allclose(x.grad.numpy(), [3 * np.exp(3), 4 * np.exp(8)])


def test_a_plain_tensor_takes_on_the_history_of_what_it_is_given():
    x = leaf(1.0, 2.0)
    total = lucid.zeros(2, dtype=lucid.float64)
    for _ in range(3):
        total += x * x
    table = lucid.zeros(2, 2, dtype=lucid.float64)
    table[1] = total
    table.sum().backward()
    assert x.grad.tolist() == [6, 12]


def test_filling_cuts_the_gradient_to_an_exact_zero():
    x = leaf(1.0, 1.0)
    y = x * 2
    y[0] = 0.0
    (y * Tensor([np.nan, 1.0], dtype=lucid.float64)).sum().backward()
    assert x.grad.tolist() == [0, 2]
    x.grad = None
    z = x * 2
    z.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_retained_gradients_and_second_derivatives():
    x = leaf(2.0)
    y = x * x
    y.retain_grad()
    y *= x
    (y * 1).sum().backward(create_graph=True)
    assert y.grad.tolist() == [1]
    assert x.grad.tolist() == [12]
    first, x.grad = x.grad, None
    first.sum().backward()
    assert x.grad.tolist() == [12]


def test_integers_carry_no_history():
    x, counts = leaf(1.7), lucid.tensor([0, 0])
    counts[0] = x[0]
    assert counts.tolist() == [1, 0]
    assert not counts.requires_grad


# ---- what is refused --------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x.__iadd__(1),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x.zero_(),
        lambda x: x[0].fill_(1.0),
        lambda x: x.reshape(2, 1).mul_(2),
    ],
)
def test_leaves_that_require_gradients(change):
    x = leaf(1.0, 2.0)
    with pytest.raises(GradError, match=r"leaf(.|\n)*no_grad"):
        change(x)
    assert x.tolist() == [1, 2]
    before = x._version
    with Unrecorded():
        change(x)
    assert x._version > before
    assert x.is_leaf
    assert x.requires_grad


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda x: x.__iadd__(0.5), DTypeError, r"float32(.|\n)*x\.to\("),
        (lambda x: x.__itruediv__(2), DTypeError, "does not fit"),
        (lambda x: x.mul_(1j), DTypeError, "complex"),
        (lambda x: x.__iadd__(lucid.tensor([[1], [2]])), ShapeError, r"shape \(2, 2\)"),
        (lambda x: x.copy_(lucid.tensor([1, 2, 3])), ShapeError, "broadcast"),
        (lambda x: x.fill_(lucid.tensor([1, 2])), ShapeError, "one value"),
        (lambda x: x.expand(2, 2).add_(1), ArgumentError, "share memory"),
        (lambda x: x.expand(2, 2).__setitem__(0, 1), ArgumentError, "clone"),
        (lambda x: x.expand(2, 2)[0].zero_(), ArgumentError, "cannot be written"),
    ],
)
def test_refusals_change_nothing(change, error, words):
    x = lucid.tensor([1, 2])
    with pytest.raises(error, match=words):
        change(x)
    assert x.tolist() == [1, 2]
    assert x._version == 0


def test_dtypes_within_a_kind_are_cast_back():
    x = Tensor([1.0])
    x += Tensor([1e-9], dtype=lucid.float64)
    assert x.dtype == lucid.float32


def test_read_only_memory_is_refused():
    array = np.arange(3.0)
    array.flags.writeable = False
    x = lucid.core.tensor.wrap(array)
    with pytest.raises(ArgumentError, match="read-only"):
        x += 1


# ---- views ------------------------------------------------------------------------


def weights_of(y):
    return Tensor(np.arange(1.0, y.numel() + 1).reshape(y.shape), dtype=lucid.float64)


def gradient_of(y, x):
    x.grad = None
    (y * weights_of(y)).sum().backward(retain_graph=True)
    return x.grad.numpy()


def test_an_augmented_assignment_to_a_part():
    x = grid(grad=True)
    y = x * 2
    y[0] += 1
    y[:, 1] *= 3
    y[1][2] *= 5
    assert y.tolist() == [[3, 15, 7], [8, 30, 60]]
    np.testing.assert_array_equal(gradient_of(y, x), [[2, 2 * 6, 6], [8, 5 * 6, 6 * 10]])


def test_a_write_to_a_view_reaches_its_base_and_its_other_views():
    x = grid(grad=True)
    y = x * 2
    row, column, flat, turned = y[0], y[:, 0], y.reshape(6), y.T
    row *= 10
    assert y.tolist() == [[20, 40, 60], [8, 10, 12]]
    np.testing.assert_array_equal(gradient_of(y, x), [[20, 40, 60], [8, 10, 12]])
    np.testing.assert_array_equal(gradient_of(column, x), [[20, 0, 0], [4, 0, 0]])
    np.testing.assert_array_equal(gradient_of(flat, x), [[20, 40, 60], [8, 10, 12]])
    np.testing.assert_array_equal(gradient_of(turned, x), [[20, 60, 100], [4, 8, 12]])
    np.testing.assert_array_equal(gradient_of(row, x), [[20, 40, 60], [0, 0, 0]])


def test_a_write_to_a_base_reaches_its_views():
    x, p = grid(grad=True), leaf(7.0, 8.0, 9.0)
    y = x * 2
    first, both = y[0], y.T.unsqueeze(0)
    y[0] = p
    (first * both[0, :, 0]).sum().backward()
    assert p.grad.tolist() == [14, 16, 18]
    assert x.grad.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_views_of_a_plain_tensor_become_differentiable_with_it():
    p, table = leaf(1.0, 2.0), lucid.zeros(2, 2, dtype=lucid.float64)
    row = table[0]
    row += p
    assert table.requires_grad
    (table * weights_of(table)).sum().backward()
    assert p.grad.tolist() == [1, 2]


@pytest.mark.parametrize(
    "write",
    [
        lambda y: y.split(1)[0].mul_(2),
        lambda y: next(iter(y)).mul_(2),
        lambda y: (y.unbind(1), y.mul_(2)),
        lambda y: (y.split(1), y.__setitem__(0, 0.0)),
    ],
)
def test_views_that_cannot_be_made_anew_are_refused(write):
    y = grid(grad=True) * 2
    with pytest.raises(GradError, match=r"shares memory with views(.|\n)*clone"):
        write(y)
    assert y.tolist() == [[2, 4, 6], [8, 10, 12]]


def test_a_view_made_without_recording_is_refused_while_recording():
    y = grid(grad=True) * 2
    with Unrecorded():
        row = y[0]
        row += 1  # as in PyTorch, allowed here
    with pytest.raises(GradError, match="shares memory"):
        row += 1


def test_a_leaf_among_the_views_is_refused():
    table, p = lucid.zeros(4), Tensor([1.0], requires_grad=True)
    part = table[:2].requires_grad_()
    with pytest.raises(GradError, match="shares memory"):
        table[3] = p
    with pytest.raises(GradError, match="shares memory"):
        table += 1
    assert part.is_leaf


def test_a_view_whose_base_is_gone_stands_alone():
    x = grid(grad=True)
    y = (x * 2).reshape(6)
    y += 1
    y *= y
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), 4 * (2 * grid().numpy() + 1))


def test_plain_tensors_and_their_views_are_written_freely():
    x = lucid.zeros(2, 3)
    parts = [*x.split(1), *x, x[0], x.T]
    for i, part in enumerate(parts):
        part.add_(i)
    x += 1
    assert x.tolist() == [[12, 12, 12], [10, 10, 10]]


def test_detached_tensors_share_memory_but_no_history():
    x = grid(grad=True)
    y = x * 2
    d = y.detach()
    part = d[0]
    part += 1
    y += 1  # not hindered by the views of d
    assert y[0].tolist() == [4, 6, 8]
    assert d.tolist() == y.tolist()
    y[0] = y[0].detach()  # a constant now
    np.testing.assert_array_equal(gradient_of(y, x)[0], [0, 0, 0])


def test_families_keep_nothing_alive():
    gc.disable()
    try:
        base = grid(grad=True) * 2
        view = base[0].reshape(3, 1)
        refs = [weakref.ref(t) for t in (base, view)]
        del base
        assert refs[0]() is not None  # a view keeps its base
        del view
        assert [r() for r in refs if r() is not None] == []
    finally:
        gc.enable()


def test_copies_belong_to_no_family():
    x = grid(grad=True)
    y = x * 2
    copy = y.T.reshape(6)
    copy += 1
    y += 1
    assert copy.tolist() == [3, 9, 5, 11, 7, 13]
    assert not hasattr(copy, "_kin")


def test_tensors_given_other_data_leave_the_family():
    x = grid(grad=True)
    y = x * 2
    row = y[0]
    y.data = y.data.copy()
    y += 1
    row *= 10
    assert y.tolist() == [[3, 5, 7], [9, 11, 13]]
    np.testing.assert_array_equal(gradient_of(row, x), [[20, 40, 60], [0, 0, 0]])
    np.testing.assert_array_equal(gradient_of(y, x), [[2, 4, 6], [8, 10, 12]])


def test_families_stay_small():
    x = lucid.zeros(8)
    for i in range(1000):
        x[i % 8]
    assert len(x._kin.family) < 64
    assert views.relatives(x) == []


OPERATIONS = {
    "double": lambda t, p: t.mul_(2),
    "add": lambda t, p: t.__iadd__(p[0]),
    "set": lambda t, p: t.__setitem__(0, p[1] * 1),
    "exp": lambda t, p: t.mul_(-0.1).exp_(),
    "square": lambda t, p: t.__imul__(t),
    "cumsum": lambda t, p: t.cumsum_(-1),
    "turn": lambda t, p: t.transpose_(0, -1),
    "thicken": lambda t, p: t.unsqueeze_(0),
    "constant": lambda t, p: t.gt_(0.9),
}
RESULTS = {
    "product": lambda t: t * t,  # no view: it saves values, which later writes may spoil
    "row": lambda t: t[-1],
    "part": lambda t: t[..., ::2],
    "turned": lambda t: t.T,
    "flat": lambda t: t.reshape(-1),
    "thicker": lambda t: t.unsqueeze(0),
}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_random_programs_of_views_and_writes_have_right_gradients(data):
    """Either every live tensor has the gradient that finite differences show, or an error."""
    steps = []
    for _ in range(data.draw(st.integers(2, 6))):
        of = data.draw(st.integers(0, len(steps)))
        kind = data.draw(st.sampled_from([*OPERATIONS, *RESULTS]))
        steps.append((kind, of))

    def run(x, p):
        live = [x * 1.5]
        for kind, of in steps:
            t = live[of % len(live)]
            if kind in RESULTS and t.ndim:
                live.append(RESULTS[kind](t))
            elif kind in OPERATIONS and t.ndim:
                OPERATIONS[kind](t, p)
        return sum((t * weights_of(t)).sum() for t in live)

    rng = np.random.default_rng(0)
    x0, p0 = rng.uniform(0.5, 1, (2, 3)), rng.uniform(0.5, 1, 2)
    x = Tensor(x0, dtype=lucid.float64, requires_grad=True)
    p = Tensor(p0, dtype=lucid.float64, requires_grad=True)
    try:
        run(x, p).backward()
    except GradError:
        return
    dx, dp, eps = rng.standard_normal((2, 3)), rng.standard_normal(2), 1e-6

    def value(sign):
        moved = [v + sign * eps * d for v, d in ((x0, dx), (p0, dp))]
        return run(*(Tensor(v, dtype=lucid.float64) for v in moved)).item()

    numeric = (value(1) - value(-1)) / (2 * eps)
    exact = 0.0
    for t, d in ((x, dx), (p, dp)):
        exact += 0.0 if t.grad is None else float((t.grad.numpy() * d).sum())
    np.testing.assert_allclose(exact, numeric, rtol=1e-5, atol=1e-5)


def test_every_op_whose_result_shares_memory_is_declared_a_view():
    for prim in REGISTRY.values():
        for inputs, static, through in prim.samples(Draw(0)) if prim.samples else ():
            if through is not None:  # not defined on these arrays as they are
                continue
            outs = prim.forward(*inputs, **static)
            for out in outs if isinstance(outs, tuple) else (outs,):
                for array in inputs:
                    if isinstance(array, np.ndarray) and isinstance(out, np.ndarray):
                        assert prim.view or not np.shares_memory(out, array), prim
