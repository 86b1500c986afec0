"""HuberLoss: every case where some framework goes wrong."""

import math
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid import Tensor
from lucid.autograd import grad, gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError
from lucid.kernels import threads
from lucid.testing.cases import kernels

INF, NAN = math.inf, math.nan


@pytest.fixture(params=[True, False], ids=["kernel", "reference"])
def path(request):
    """The test runs on the Numba kernel and on its NumPy reference."""
    with kernels(request.param):
        yield


def leaf(values, dtype=np.float32):
    return lucid.tensor(np.array(values, dtype), requires_grad=True)


def slope(r, delta=1.0, dtype=np.float32, **options):
    """The gradient towards the input of the summed loss, for residuals `r`."""
    x = leaf(r, dtype)
    F.huber_loss(x, lucid.zeros_like(x), "sum", delta, **options).backward()
    return x.grad.numpy()


def loss_of(r, delta=1.0, dtype=np.float64, reduction="sum"):
    x = lucid.tensor(np.array(r, dtype))
    return F.huber_loss(x, lucid.zeros_like(x), reduction, delta).numpy()


def definition(r, delta):
    """The two branches as they are printed."""
    size = np.abs(r)
    return np.where(size <= delta, r * r / 2, delta * (size - delta / 2))


# ---- the founding page ----------------------------------------------------------------


@pytest.mark.usefixtures("path")
def test_founding_mean():
    input = Tensor([[1.5, 2.0, 3.5, 4.0]], requires_grad=True)
    target = Tensor([[1.0, 2.5, 3.0, 5.0]])
    loss = nn.HuberLoss(reduction="mean", delta=1.0)(input, target)
    assert str(loss) == "Tensor(0.2188, grad=None)"
    assert (loss.item(), loss.shape, loss.dtype) == (0.21875, (), np.float32)
    loss.backward()
    assert str(input.grad) == "[[0.1250, -0.1250, 0.1250, -0.2500]]"
    assert input.grad.dtype == np.float32


@pytest.mark.usefixtures("path")
def test_founding_sum():
    input = Tensor([[2.0, 1.0, 3.0, 4.0]], requires_grad=True)
    loss = nn.HuberLoss("sum", 1.0)(input, Tensor([[1.0, 2.0, 2.0, 5.0]]))
    loss.backward()
    assert loss.item() == 2.0
    assert input.grad.tolist() == [[1.0, -1.0, 1.0, -1.0]]


def test_founding_model():
    class Model(nn.Module):
        def __init__(self):
            super(Model, self).__init__()  # noqa: UP008 - as the page writes it
            self.linear = nn.Linear(in_features=2, out_features=1)

        def forward(self, x):
            return self.linear(x)

    model = Model()
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    nn.HuberLoss()(model(x), Tensor([[1.0], [2.0]])).backward()
    assert x.grad.shape == (2, 2)
    assert model.linear.weight.grad.shape == (1, 2)


# ---- arguments ------------------------------------------------------------------------


def test_none_means_no_reduction_under_both_names():
    x, t = Tensor([0.5, 3.0]), Tensor([0.0, 0.0])
    for reduction in (None, "none"):
        assert nn.HuberLoss(reduction)(x, t).tolist() == [0.125, 2.5]
        assert F.huber_loss(x, t, reduction).tolist() == [0.125, 2.5]


@pytest.mark.parametrize("delta", [0, -1, -1.0, NAN, -INF, np.float32(0), [1.0, 0.0], [1.0, NAN]])
def test_delta_must_be_positive(delta):
    x = Tensor([1.0, 2.0])
    for make in (lambda: nn.HuberLoss(delta=delta), lambda: F.huber_loss(x, x, "mean", delta)):
        with pytest.raises(ArgumentError, match="delta must be positive and not NaN"):
            make()


def test_delta_is_quoted():
    with pytest.raises(ValueError, match=r"HuberLoss: delta must be positive and not NaN, not -1"):
        nn.HuberLoss(delta=-1)


@pytest.mark.parametrize("delta", [None, True, 1j, object(), np.array([True])])
def test_delta_must_be_a_number(delta):
    with pytest.raises(DTypeError, match="delta must be"):
        nn.HuberLoss(delta=delta)


@pytest.mark.parametrize("rule", ["huge", "quantile:", "quantile:0", "quantile:1", "quantile:nan"])
def test_unknown_rules(rule):
    with pytest.raises(ArgumentError, match="'mad' or 'quantile:q'"):
        nn.HuberLoss(delta=rule)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reduction": "foo"}, "reduction must be 'mean', 'sum', 'none' or None, not 'foo'"),
        ({"normalize": "n"}, "normalize must be 'weight' or 'count', not 'n'"),
        ({"nan_target": "drop"}, "nan_target must be 'propagate', 'skip' or 'raise', not 'drop'"),
    ],
)
def test_unknown_options(options, words):
    x = Tensor([1.0])
    with pytest.raises(ArgumentError, match=words):
        nn.HuberLoss(**options)
    with pytest.raises(ArgumentError, match=words):
        F.huber_loss(x, x, **options)


def test_attributes_can_be_read_and_changed():
    criterion = nn.HuberLoss("sum", 2)
    assert (criterion.reduction, criterion.delta) == ("sum", 2.0)
    assert repr(criterion) == "HuberLoss(reduction='sum', delta=2.0)"
    criterion.reduction, criterion.delta = "mean", 1
    assert criterion(Tensor([3.0]), Tensor([0.0])).item() == 2.5
    with pytest.raises(ArgumentError, match="reduction"):
        criterion.reduction = "foo"
    criterion.delta = -1.0
    with pytest.raises(ArgumentError, match="delta must be positive"):
        criterion(Tensor([3.0]), Tensor([0.0]))


def test_default_repr():
    assert repr(nn.HuberLoss()) == "HuberLoss(reduction='mean', delta=1.0)"


# ---- shapes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("input", "target", "fix"),
    [
        ((4, 1), (4,), r"input.squeeze\(-1\)"),
        ((4,), (4, 1), r"target.squeeze\(-1\)"),
        ((2, 3), (3, 2), r"target.T"),
        ((4,), (5,), "broadcast=True"),
        ((1, 4), (4,), "broadcast=True"),
    ],
)
def test_shapes_must_agree(input, target, fix):
    x, t = lucid.zeros(input), lucid.zeros(target)
    with pytest.raises(ShapeError, match=fix) as error:
        nn.HuberLoss()(x, t)
    text = str(error.value)
    assert f"float32{list(input)}" in text
    assert f"float32{list(target)}" in text


def test_broadcast_where_it_is_meant():
    x, t = leaf([[1.0], [2.0]]), leaf([0.0, 1.0, 5.0])
    loss = nn.HuberLoss("sum", 1.0, broadcast=True)(x, t)
    assert loss.item() == definition(x.data - t.data, 1.0).sum()
    loss.backward()
    assert x.grad.tolist() == [[1.0 + 0 - 1], [1.0 + 1 - 1]]
    assert t.grad.tolist() == [-2.0, -1.0, 2.0]
    with pytest.raises(ShapeError, match="huber_loss"):
        F.huber_loss(lucid.zeros(2), lucid.zeros(3), broadcast=True)


def test_scalars_beside_arrays():
    x, t = leaf([0.5, 3.0]), leaf(0.0)
    loss = F.huber_loss(x, t)
    loss.backward()
    assert loss.item() == (0.125 + 2.5) / 2
    assert x.grad.tolist() == [0.25, 0.5]
    assert t.grad.item() == -0.75
    assert F.huber_loss(leaf(0.5), 0.0).shape == ()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty(shape):
    x = lucid.zeros(shape, requires_grad=True)
    t = lucid.zeros(shape)
    assert F.huber_loss(x, t, None).shape == shape
    assert F.huber_loss(x, t, "sum").item() == 0.0
    assert math.isnan(F.huber_loss(x, t).item())
    assert math.isnan(F.huber_loss(x, t, weight=lucid.ones(shape)).item())
    F.huber_loss(x, t).backward()
    assert x.grad.shape == shape


@pytest.mark.usefixtures("path")
def test_layouts():
    base = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float32)
    for view in (base.T, base[::2, ::-1], base[:, 3]):
        x = lucid.from_numpy(view).requires_grad_()
        loss = F.huber_loss(x, lucid.zeros(view.shape), "sum", 0.5)
        assert loss.item() == pytest.approx(definition(view.astype(float), 0.5).sum(), rel=1e-6)
        loss.backward()
        assert np.array_equal(x.grad.numpy(), np.clip(view, -0.5, 0.5))


# ---- dtypes ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, np.bool_])
def test_whole_numbers_take_the_default_dtype(dtype):
    x, t = lucid.tensor(np.array([1, 0], dtype)), lucid.tensor(np.array([0, 0], dtype))
    loss = F.huber_loss(x, t)
    assert (loss.item(), loss.dtype) == (0.25, np.float32)
    assert F.huber_loss(leaf([1.0, 0.0], np.float64), t).dtype == np.float64


def test_mixed_dtypes_and_gradients_of_their_own():
    x, t = leaf([0.5, 3.0]), leaf([0.0, 0.0], np.float64)
    loss = F.huber_loss(x, t)
    loss.backward()
    assert loss.dtype == np.float64
    assert (x.grad.dtype, t.grad.dtype) == (np.float32, np.float64)
    assert x.grad.tolist() == [0.25, 0.5]
    assert t.grad.tolist() == [-0.25, -0.5]


@pytest.mark.parametrize("side", ["input", "target"])
def test_complex_is_refused(side):
    z, x = lucid.tensor([3 + 4j]), Tensor([0.0])
    pair = (z, x) if side == "input" else (x, z)
    with pytest.raises(DTypeError, match=f"{side} is complex"):
        nn.HuberLoss()(*pair)


@pytest.mark.parametrize("bad", ["text", None, [1.0]])
def test_what_is_no_tensor_is_refused(bad):
    with pytest.raises(DTypeError, match="input must be a tensor"):
        nn.HuberLoss()(bad, Tensor([0.0]))


def test_half_precision_is_computed_in_single():
    x = leaf([300.0], np.float16)
    loss = F.huber_loss(x, lucid.zeros_like(x), delta=1000.0)
    assert (loss.item(), loss.dtype) == (44992.0, np.float16)
    loss.backward()
    assert (x.grad.item(), x.grad.dtype) == (300.0, np.float16)
    many = lucid.tensor(np.ones(70_000, np.float16))
    assert F.huber_loss(many, lucid.zeros_like(many)).item() == 0.5


def test_half_precision_overflow_is_told():
    x = leaf([400.0], np.float16)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert F.huber_loss(x, lucid.zeros_like(x), delta=1000.0).item() == INF
    assert any("huber_loss: the loss overflows float16" in str(w.message) for w in told)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        F.huber_loss(leaf([INF], np.float16), leaf([0.0], np.float16))


def test_bfloat16():
    pytest.importorskip("ml_dtypes")
    x = lucid.tensor([0.5, 3.0], dtype=lucid.bfloat16(), requires_grad=True)
    loss = F.huber_loss(x, lucid.zeros_like(x))
    assert (loss.item(), loss.dtype.name) == (1.3125, "bfloat16")
    loss.backward()
    assert x.grad.dtype.name == "bfloat16"


# ---- numerics and gradients -----------------------------------------------------------


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(("r", "delta"), [(1e-3, 100.0), (1e-3, 1e4), (1e-4, 1e4), (1.0, 1e30)])
def test_a_large_delta_keeps_the_gradient(r, delta):
    assert slope([r], delta)[0] == np.float32(r)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_slopes_at_special_places(reduction):
    r = np.array([0.0, -0.0, 1.0, -1.0, 2.0, INF, -INF, NAN])
    x = leaf(r)
    F.huber_loss(x, lucid.zeros_like(x), reduction).sum().backward()
    expected = [0.0, 0.0, 1.0, -1.0, 1.0, 1.0, -1.0, NAN]
    assert np.array_equal(x.grad.numpy(), expected, equal_nan=True)


@pytest.mark.usefixtures("path")
def test_special_values():
    assert loss_of([INF]) == INF
    assert loss_of([-INF]) == INF
    assert math.isnan(loss_of([NAN]))
    assert loss_of([3.0], INF) == 4.5  # half the squared error
    assert math.isnan(loss_of([INF], INF))
    assert slope([3.0], INF)[0] == 3.0


@pytest.mark.usefixtures("path")
def test_target_gets_the_opposite():
    x, t = leaf([0.5, -3.0]), leaf([0.0, 0.0])
    F.huber_loss(x, t, "sum").backward()
    assert t.grad.tolist() == (-x.grad).tolist() == [-0.5, 1.0]


@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_second_derivative_is_one_inside_only(reduction):
    x = leaf([0.0, 0.5, 1.0, -1.0, 2.0, -0.999], np.float64)
    (first,) = grad(F.huber_loss(x, lucid.zeros_like(x), reduction).sum(), [x], create_graph=True)
    (second,) = grad(first.sum(), [x])
    assert second.tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_gradcheck(reduction):
    x = leaf([[0.3, -2.1, 0.9], [4.0, -0.2, 1.2]], np.float64)
    t = leaf([[0.1, 0.2, -0.7], [1.0, 0.0, 0.9]], np.float64)
    w = leaf([0.5, 2.0, 1.0], np.float64)
    assert gradcheck(lambda x, t, w: F.huber_loss(x, t, reduction, 0.7, w), (x, t, w))
    assert gradgradcheck(lambda x, t, w: F.huber_loss(x, t, reduction, 0.7, w), (x, t, w))


finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)


@given(finite, st.floats(min_value=1e-6, max_value=1e12))
def test_psi_form_is_the_definition(r, delta):
    value = nn.HuberLoss(delta=delta).rho(r)
    assert value == pytest.approx(float(definition(np.float64(r), delta)), rel=1e-14)
    assert slope([r], delta, np.float64)[0] == np.clip(r, -delta, delta)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("delta", [1e-6, 1e-3, 0.1, 1.0, 10.0, 1e4, 1e12, INF])
def test_single_precision_against_double(delta):
    r = np.float32([1e-8, -1e-4, 0.01, -0.5, 1.0, 3.0, -100.0, 1e5, 1e8])
    value = loss_of(r, delta, np.float32, "none")
    with np.errstate(all="ignore"):
        exact = definition(r.astype(np.float64), np.float32(delta).astype(np.float64))
    assert np.allclose(value, exact, rtol=2.4e-7, atol=0)


def test_accurate_summation(path):
    rng = np.random.default_rng(3)
    r = rng.standard_normal(10_000_000).astype(np.float32) * 3
    exact = definition(r.astype(np.float64), 1.0).sum()
    x = lucid.from_numpy(r)
    for reduction, factor in (("sum", 1.0), ("mean", 1 / r.size)):
        total = F.huber_loss(x, lucid.tensor(0.0).expand(r.size), reduction).item()
        assert total == pytest.approx(exact * factor, rel=1e-6)
    flat = lucid.from_numpy(np.full(10_000_000, 0.1, np.float32))
    assert F.huber_loss(flat, lucid.zeros_like(flat), "mean").item() == pytest.approx(
        math.fsum([float(np.float32(0.1)) ** 2 / 2]), rel=1e-6
    )


@pytest.mark.usefixtures("path")
def test_no_overflow_where_the_mean_is_finite():
    x = leaf(np.full(1000, 1e38))
    loss = F.huber_loss(x, lucid.zeros_like(x))
    assert loss.item() == pytest.approx(1e38, rel=1e-6)
    loss.backward()
    assert np.allclose(x.grad.numpy(), 1e-3)
    wide = lucid.tensor(np.full(1000, 1e308))
    assert F.huber_loss(wide, lucid.zeros_like(wide)).item() == pytest.approx(1e308)
    squares = lucid.tensor(np.float32([1e19, 1.0]))  # 1e38 / 2 / 2
    assert F.huber_loss(squares, lucid.zeros_like(squares), delta=INF).item() == pytest.approx(
        2.5e37, rel=1e-6
    )


def test_result_does_not_depend_on_threads():
    rng = np.random.default_rng(0)
    x = lucid.tensor(rng.standard_normal(1_300_001).astype(np.float32), requires_grad=True)
    t = lucid.zeros_like(x)
    before, results = threads.get_num_threads(), []
    try:
        with kernels(True):
            for count in (1, 2, 3):
                threads.set_num_threads(count)
                x.grad = None
                loss = F.huber_loss(x, t)
                loss.backward()
                results.append((loss.item(), x.grad.numpy().tobytes()))
    finally:
        threads.set_num_threads(before)
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("jit", ["0", "1"])
def test_both_backends_in_a_fresh_process(jit):
    code = (
        "import lucid, lucid.nn as nn\n"
        "x = lucid.Tensor([[1.5, 2.0, 3.5, 4.0]], requires_grad=True)\n"
        "loss = nn.HuberLoss()(x, lucid.Tensor([[1.0, 2.5, 3.0, 5.0]]))\n"
        "loss.backward()\n"
        "print(loss.item(), x.grad)"
    )
    environment = {**os.environ, "LUCID_JIT": jit}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "0.21875 [[0.1250, -0.1250, 0.1250, -0.2500]]\n"


@pytest.mark.usefixtures("path")
def test_retained_graph_hands_out_no_alias():
    x = leaf([0.5, 3.0])
    loss = F.huber_loss(x, lucid.zeros_like(x), "sum")
    loss.backward(retain_graph=True)
    first = x.grad
    loss.backward(retain_graph=True)
    assert x.grad.tolist() == [1.0, 2.0]
    x.grad = None
    loss.backward(retain_graph=True)
    assert x.grad.tolist() == [0.5, 1.0]
    x.grad.data[...] = 99.0  # must not reach what the graph keeps
    x.grad = None
    loss.backward()
    assert x.grad.tolist() == [0.5, 1.0]
    assert first.tolist() == [1.0, 2.0]
    with pytest.raises(GradError):
        loss.backward()


def test_leaves_inputs_alone():
    x, t = leaf([0.5, 3.0]), leaf([0.0, 0.0])
    kept = x.data.copy(), t.data.copy()
    F.huber_loss(x, t, weight=lucid.tensor([0.0, 1.0])).backward()
    assert np.array_equal(x.data, kept[0])
    assert np.array_equal(t.data, kept[1])


def test_no_grad():
    x = leaf([0.5, 3.0])
    with lucid.no_grad():
        assert not F.huber_loss(x, lucid.zeros_like(x)).requires_grad
