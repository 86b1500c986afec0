"""Writing by indices and masks: PyTorch's values and gradients, every order, and refusals."""

import numpy as np
import pytest

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

pytestmark = pytest.mark.filterwarnings("ignore:.*(reduce argument|index_reduce):UserWarning")

NAN, INF = float("nan"), float("inf")
RNG = np.random.default_rng(0)

# What the calls below may use. `s` and `t` fit `i` along dimension 0 and 1, `g` and `h` are grids
# of indices, with `e` elements.
SHAPES = {
    "x": (3, 4),
    "s": (2, 4),
    "t": (3, 2),
    "e": (4, 3),
    "v": (5,),
    "w": (6,),
    "z": (),
    "o": (1,),
}
INDICES = {
    "i": [2, 0],
    "i2": [1, 1],
    "none": np.zeros(0, np.int64),
    "g": [[2, 0, 2], [2, 1, 0]],
    "h": [[0, 0, 3], [1, 1, 1], [3, 2, 3]],
    "j": [1, 1, 0, 1, 2, 1],
    "one": 0,
    "ones": [0],
    "m": [[True, False, False, True], [False] * 4, [True, True, False, False]],
    "mv": [True, False, True, True],
}


def both(torch, dtype="float64"):
    """The names of the calls, in Lucid and in PyTorch, and the values of the leaves."""
    mine, theirs = {"L": lucid}, {"L": torch}
    for name, shape in SHAPES.items():
        values = RNG.standard_normal(shape)
        if dtype.startswith("complex"):
            values = values + 1j * RNG.standard_normal(shape)
        values = np.asarray(values).astype(dtype)
        mine[name] = lucid.tensor(values, requires_grad=True)
        theirs[name] = torch.tensor(values, requires_grad=True)
    for name, index in INDICES.items():
        mine[name], theirs[name] = lucid.tensor(index), torch.tensor(index)
    return mine, theirs


def assert_same(mine, theirs):
    assert tuple(mine.shape) == tuple(theirs.shape)
    assert str(theirs.dtype) == f"torch.{mine.dtype}"
    np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-6, atol=1e-9)


def assert_parity(call, mine, theirs):
    """`call` has equal values in both frameworks, and equal gradients to all leaves."""
    out, expected = eval(call, dict(mine)), eval(call, dict(theirs))
    assert_same(out, expected)
    if not expected.requires_grad:
        return
    weights = RNG.standard_normal(out.shape)
    for result, library in ((out, lucid), (expected, theirs["L"])):
        (result * library.tensor(weights)).sum().abs().backward()
    for name in SHAPES:
        if theirs[name].grad is None:
            assert mine[name].grad is None or not mine[name].grad.any(), name
        else:
            assert_same(mine[name].grad, theirs[name].grad)


CALLS = """
L.index_add(x, 0, i, s)
L.index_add(x, 1, i2, t, alpha=-2)
L.index_add(z, 0, ones, z)
L.index_copy(x, 0, i, s)
L.index_copy(x, -1, i, t)
L.index_copy(z, 0, ones, o)
x.index_copy(0, none, s[:0])
L.index_fill(x, 0, i, 7)
L.index_fill(x, 1, i2, z)
L.index_fill(x, 1, -i, 7)
L.index_fill(z, 0, ones, 3)
L.index_put(x, (i, i), v[:2])
L.index_put(x, (i,), z)
x.index_put((m,), v[:4])
x.index_put((m,), z, accumulate=True)
x.index_put((i2, i2), v[:2], accumulate=True)
x.index_put((g[:, :, None], h[:2, 0]), z, accumulate=True)
L.put(x, -i, v[:2])
L.put(x, j, w, accumulate=True)
x.put(h[1:, 2:], v[:2])
L.scatter(x, 0, g[:1], e[:1])
x.scatter(1, h[:, 2:], t[:, :1])
x.scatter(1, h, 2.5)
x.scatter(1, h, value=2.5)
x.detach().scatter(1, h, 2.5, reduce="add")
x.detach().scatter(1, h, 2.5, reduce="multiply")
x.detach().scatter(0, g, e.detach()[:2], reduce="multiply")
L.scatter(z, 0, one, z)
L.scatter(z, 0, ones, o)
L.scatter_add(x, 0, g, e[:2])
x.scatter_add(1, h, e[:3])
L.scatter_reduce(x, 1, h, e[:3], "sum")
L.scatter_reduce(x, 0, g, e[:2], "sum", include_self=False)
x.scatter_reduce(1, h, e[:3], "mean")
x.scatter_reduce(0, g, e[:2], "mean", include_self=False)
x.scatter_reduce(1, h, e[:3], "prod")
x.scatter_reduce(0, g, e[:2], "prod", include_self=False)
L.index_reduce(x, 0, i2, s, "prod")
L.index_reduce(x, 1, i2, t, "prod", include_self=False)
x.index_reduce(1, i2, t, "mean")
x.index_reduce(0, i2, s, "mean", include_self=False)
L.masked_scatter(x, m, v)
L.masked_scatter(x, mv, w.repeat(2))
x[0].masked_scatter(m, v)
L.masked_fill(x, m, 2.0)
x.masked_fill(mv, z)
x[0].masked_fill(m, z)
L.select_scatter(x, s[0], 0, -1)
L.slice_scatter(x, t, 1, 1, 3)
x.slice_scatter(t, 1, -4, None, 2)
L.diagonal_scatter(x, v[:3], 1)
x.diagonal_scatter(v[:2], -1)
""".strip().splitlines()

ORDERED = """
x.scatter_reduce(1, h, e[:3], "amax")
x.scatter_reduce(0, g, e[:2], "amin")
x.scatter_reduce(0, g, e[:2], "amax", include_self=False)
L.index_reduce(x, 0, i2, s, "amax")
x.index_reduce(1, i2, t, "amin", include_self=False)
L.scatter_reduce(z, 0, ones, o, "amax")
""".strip().splitlines()


@pytest.mark.parametrize("call", CALLS + ORDERED)
def test_values_and_gradients_are_those_of_pytorch(call):
    torch = pytest.importorskip("torch")
    assert_parity(call, *both(torch))


@pytest.mark.parametrize("call", CALLS)
def test_complex_values_and_gradients_are_those_of_pytorch(call):
    torch = pytest.importorskip("torch")
    mine, theirs = both(torch, "complex128")
    try:
        expected = eval(call, dict(theirs))
    except (RuntimeError, NotImplementedError):  # not for complex ones; the sweep does them
        plain = {k: v.detach() if torch.is_tensor(v) else v for k, v in theirs.items()}
        if "index_reduce" not in call:
            assert_same(eval(call, dict(mine)), eval(call, plain))
        return
    assert expected.is_complex()
    assert_parity(call, mine, theirs)


def test_of_a_larger_source_the_rest_is_not_read():
    src = lucid.tensor([[1.0, 2.0], [3.0, NAN]], requires_grad=True)
    index = lucid.tensor([[1], [1]])
    for out, expected in (
        (lucid.zeros(2, 3).scatter_add(0, index, src), [[0, 0, 0], [4, 0, 0]]),
        (lucid.zeros(2, 3).scatter_reduce(1, index, src, "amax"), [[0, 1, 0], [0, 3, 0]]),
        (lucid.zeros(2, 3).scatter(1, index, src), [[0, 1, 0], [0, 3, 0]]),
    ):
        src.grad = None
        out.sum().backward()
        assert out.tolist() == expected
        assert src.grad.tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("dtype", ["int64", "uint8", "int32", "float16", "float32", "bool"])
@pytest.mark.parametrize("include", [True, False])
def test_every_dtype_is_reduced_as_by_pytorch(reduce, dtype, include):
    torch = pytest.importorskip("torch")
    if dtype == "bool" and reduce in ("sum", "mean", "prod"):
        pytest.skip("PyTorch adds no bools")
    x, src = RNG.integers(0, 5, 4), RNG.integers(0, 5, 6)
    if dtype[0] in "if":
        x, src = x - 2, src - 2
    index = np.array(INDICES["j"])
    x, src = x.astype(dtype), src.astype(dtype)
    args = (reduce,)
    mine = lucid.tensor(x).scatter_reduce(
        0, lucid.tensor(index), lucid.tensor(src), *args, include_self=include
    )
    theirs = torch.tensor(x).scatter_reduce(
        0, torch.tensor(index), torch.tensor(src), *args, include_self=include
    )
    assert str(theirs.dtype) == f"torch.{mine.dtype}"
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-3)


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("reduce", ["prod", "amax", "amin", "mean"])
def test_ties_and_zeros_have_the_gradients_of_pytorch(reduce, include):
    torch = pytest.importorskip("torch")
    x = np.array([0.0, 2.0, 3.0, 1.0])
    if not include:  # an equal value of x has no part then; PyTorch's gradient gives it a share
        x -= 0.25
    src = np.array([2.0, 5.0, 0.0, 5.0, 4.0, 0.0, 0.0, 4.0])
    index = np.array([1, 1, 2, 1, 2, 0, 0, 2])
    results = []
    for library in (lucid, torch):
        a = library.tensor(x, requires_grad=True)
        b = library.tensor(src, requires_grad=True)
        out = library.scatter_reduce(a, 0, library.tensor(index), b, reduce, include_self=include)
        (out * library.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
        results.append([np.asarray(v.tolist()) for v in (out, a.grad, b.grad)])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs)


def test_products_have_gradients_of_every_order_where_factors_are_zero():
    x = lucid.tensor([2.0, 0.0, 3.0], dtype=lucid.float64, requires_grad=True)
    src = [0.0, 5.0, 0.0, 1.5, 0.0, 2.0]
    src = lucid.tensor(src, dtype=lucid.float64, requires_grad=True)
    index = lucid.tensor([0, 0, 1, 2, 0, 2])
    for include in (True, False):

        def product(a, b, include=include):
            return a.scatter_reduce(0, index, b, "prod", include_self=include)

        gradcheck(product, (x, src))
        gradgradcheck(product, (x, src))


def test_a_product_that_is_infinite_or_nan_stays_among_its_own():
    x = lucid.ones(3, dtype=lucid.float64, requires_grad=True)
    src = lucid.tensor([INF, NAN, 2.0, 3.0], dtype=lucid.float64, requires_grad=True)
    out = x.scatter_reduce(0, lucid.tensor([0, 1, 2, 2]), src, "prod")
    out.sum().backward()
    np.testing.assert_array_equal(out.detach().numpy(), [INF, NAN, 6.0])
    np.testing.assert_array_equal(x.grad.numpy(), [INF, NAN, 6.0])
    np.testing.assert_array_equal(src.grad.numpy(), [1.0, 1.0, 3.0, 2.0])


def test_nan_is_the_largest_and_the_smallest_and_has_the_gradient():
    src = lucid.tensor([1.0, NAN, 2.0], requires_grad=True)
    for reduce in ("amax", "amin"):
        src.grad = None
        out = lucid.zeros(1).scatter_reduce(0, lucid.tensor([0, 0, 0]), src, reduce)
        out.sum().backward()
        assert np.isnan(out.item())
        assert src.grad.tolist() == [0, 1, 0]


def test_of_values_written_twice_the_last_one_stays_and_has_the_gradient():
    src = lucid.tensor([1.0, 2.0, 3.0], requires_grad=True)
    index = lucid.tensor([0, 0, 1])
    for write in (
        lambda: lucid.zeros(2).scatter(0, index, src),
        lambda: lucid.zeros(2).index_copy(0, index, src),
        lambda: lucid.zeros(2).index_put((index,), src),
        lambda: lucid.zeros(2).put(index, src),
    ):
        src.grad = None
        out = write()
        out.sum().backward()
        assert out.tolist() == [2.0, 3.0]
        assert src.grad.tolist() == [0.0, 1.0, 1.0]


def test_what_is_overwritten_has_an_exact_zero_even_from_nan():
    x = lucid.tensor([NAN, 1.0], requires_grad=True)
    out = x.index_fill(0, lucid.tensor([0]), 0.0)
    out.backward(lucid.tensor([INF, 1.0]))
    assert x.grad.tolist() == [0.0, 1.0]
    assert out.tolist() == [0.0, 1.0]
    out = lucid.tensor([NAN, 1.0]).scatter_reduce(
        0, lucid.tensor([0]), lucid.tensor([2.0]), "sum", include_self=False
    )
    assert out.tolist() == [2.0, 1.0]


# ---- in place ---------------------------------------------------------------------

IN_PLACE = """
y.index_add_(0, i, s)
y.index_copy_(0, i, s)
y.index_fill_(1, i, 7.0)
y.index_fill_(1, i, z)
y.index_put_((i, i), v[:2])
y.index_put_((i2, i2), v[:2], accumulate=True)
y.index_reduce_(0, i, s, "prod")
y.index_reduce_(0, i2, s, "amax", include_self=False)
y.put_(j, w, accumulate=True)
y.put_(i, v[:2])
y.scatter_(1, h[:, 2:], t[:, :1])
y.scatter_(1, h, 2.5)
y.scatter_add_(0, g, e[:2])
y.scatter_reduce_(0, g, e[:2], "mean")
y.masked_fill_(m, 0.5)
y.masked_fill_(m, z)
y.masked_scatter_(m, v)
y.fill_diagonal_(3.0)
y.T.fill_diagonal_(3.0, wrap=True)
y[:2].index_fill_(0, i2, z)
y[1].put_(i, v[:2])
y.t().scatter_add_(1, g.T, e[:2].T)
""".strip().splitlines()


@pytest.mark.parametrize("call", IN_PLACE)
def test_in_place_forms_have_the_values_and_gradients_of_pytorch(call):
    torch = pytest.importorskip("torch")
    mine, theirs = both(torch)
    for names in (mine, theirs):
        names["y"] = names["x"] * 2
        before = names["y"].data_ptr() if names is theirs else names["y"].data
        changed = eval(call, dict(names))
        assert before == names["y"].data_ptr() if names is theirs else before is names["y"].data
        assert changed.shape == eval(call.partition("_(")[0].rpartition(".")[0], dict(names)).shape
    assert_parity("y * y", mine, theirs)


def test_a_change_in_place_spoils_what_was_saved():
    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    index = lucid.tensor([0])
    for change in (
        lambda y: y.index_fill_(0, index, 0.0),
        lambda y: y.index_put_((index,), lucid.tensor(5.0)),
        lambda y: y.masked_scatter_(y > 0, lucid.ones(2)),
        lambda y: y.put_(index, lucid.ones(1)),
        lambda y: y.view(1, 2).fill_diagonal_(0.0),
    ):
        y = x * 1
        z = y * y
        change(y)
        with pytest.raises(RuntimeError, match="changed in place"):
            z.sum().backward()
    with pytest.raises(RuntimeError, match="index_copy_: a leaf"):
        x.index_copy_(0, index, lucid.ones(1))
    with pytest.raises(RuntimeError, match="fill_diagonal_: a leaf"):
        lucid.ones(2, 2, requires_grad=True).fill_diagonal_(0.0)


@pytest.mark.parametrize(
    ("shape", "wrap"),
    [((5, 2), True), ((5, 2), False), ((2, 5), True), ((3, 3, 3), False), ((0, 2), False)],
)
def test_fill_diagonal(shape, wrap):
    torch = pytest.importorskip("torch")
    mine, theirs = lucid.zeros(*shape), torch.zeros(*shape)
    assert mine.fill_diagonal_(2, wrap=wrap) is mine
    np.testing.assert_array_equal(mine.numpy(), theirs.fill_diagonal_(2, wrap=wrap).numpy())


# ---- refusals ---------------------------------------------------------------------

REFUSED = [
    ("x.index_add(0, g, s)", ShapeError, "index_add vector int64[2, 3]"),
    ("x.index_add(0, i, t)", ShapeError, "index_add source (2, 4) float64[3, 2]"),
    ("x.index_add(0, i, s.float())", DTypeError, "index_add dtype float32[2, 4] source.to"),
    ("x.index_copy(0, i + 1, s)", IndexingError, "index_copy 3 [-3, 3) float64[3, 4]"),
    ("x.index_copy(5, i, s)", IndexingError, "index_copy dimension 5"),
    ("x.index_copy(0, s, s)", DTypeError, "index_copy integer float64[2, 4]"),
    ("x.index_fill(0, i, v)", ShapeError, "index_fill value float64[5]"),
    ("x.index_fill(0, i, 1j)", DTypeError, "index_fill complex 1j"),
    ("x.index_fill(0, i * 9, 1)", IndexingError, "index_fill 18 [-3, 3)"),
    ("i.index_fill(0, i2, float('nan'))", ArgumentError, "index_fill value int64 nan"),
    ("x.index_put(i, z)", DTypeError, "index_put tuple"),
    ("x.index_put((i, i, i), z)", IndexingError, "index_put too many float64[3, 4] indices[2]"),
    ("x.index_put((i + 5,), z)", IndexingError, "index_put index 7 int64[2]"),
    ("x.index_put((i,), v)", ShapeError, "index_put float64[5] indices[0]"),
    ("x.index_put((i,), v, True)", ShapeError, "index_put float64[5] indices[0]"),
    ("x.index_put((i,), i)", DTypeError, "index_put values int64[2]"),
    ("x.index_reduce(0, i, s, 'sum')", ArgumentError, "index_reduce 'sum' prod, mean"),
    ("x.put(j, v)", ShapeError, "put source int64[6] float64[5]"),
    ("x.put(i + 20, v[:2])", IndexingError, "put 22 [-12, 12)"),
    ("x.scatter(0, i, s)", ShapeError, "scatter float64[3, 4] int64[2]"),
    ("x.scatter(0, g, t)", ShapeError, "scatter int64[2, 3] float64[3, 2]"),
    ("x.scatter(1, g, e[:1])", ShapeError, "scatter src float64[1, 3]"),
    ("x.scatter(1, g - 1, e)", IndexingError, "scatter -1 [0, 4) int64[2, 3]"),
    ("x.scatter(1, g, e.float())", DTypeError, "scatter src float32[4, 3]"),
    ("x.scatter(1, g)", ArgumentError, "scatter src= value="),
    ("x.scatter(1, g, e, reduce='mean')", ArgumentError, "scatter 'mean' scatter_reduce"),
    ("x.scatter_add(1, g, 1.0)", DTypeError, "scatter_add float"),
    ("x.scatter_reduce(1, g, e, 'foo')", ArgumentError, "scatter_reduce 'foo' amin"),
    ("(x * 1j).scatter_reduce(1, g, e * 1j, 'amax')", DTypeError, "scatter_reduce complex order"),
    ("x.masked_scatter(m, v[:2])", ShapeError, "masked_scatter 4 float64[2]"),
    ("x.masked_scatter(x, v)", DTypeError, "masked_scatter mask bool"),
    ("x.masked_scatter(m, j)", DTypeError, "masked_scatter source int64[6]"),
    ("x.masked_fill(m, v)", ShapeError, "masked_fill value float64[5]"),
    ("x.masked_fill(x, 0)", DTypeError, "masked_fill mask bool"),
    ("i.masked_fill(i > 0, 1 << 70)", ArgumentError, "masked_fill range int64"),
    ("x.select_scatter(s, 0, 0)", ShapeError, "select_scatter (4,) float64[2, 4]"),
    ("x.select_scatter(s[0], 0, 5)", IndexingError, "select 5"),
    ("x.slice_scatter(x, 0, 0, 2)", ShapeError, "slice_scatter (2, 4)"),
    ("x.slice_scatter(x, step=0)", ArgumentError, "slice_scatter step 0"),
    ("x.diagonal_scatter(v)", ShapeError, "diagonal_scatter (3,) float64[5]"),
    ("x.diagonal_scatter(v, 0, 1, -1)", ArgumentError, "diagonal_scatter different"),
    ("v.detach().fill_diagonal_(0)", ShapeError, "fill_diagonal_ float64[5]"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED, ids=lambda part: str(part)[:60])
def test_bad_input_is_refused_by_name(call, error, words):
    names = {"L": lucid}
    names.update((name, lucid.ones(*shape, dtype=lucid.float64)) for name, shape in SHAPES.items())
    names.update((name, lucid.tensor(index)) for name, index in INDICES.items())
    with pytest.raises(error) as caught:
        eval(call, names)
    assert not [word for word in words.split(" ") if word not in str(caught.value)], caught.value


def test_a_refused_change_in_place_changes_nothing():
    x = lucid.tensor([1.0, 2.0])
    for change in (
        lambda: x.index_fill_(0, lucid.tensor([0, 7]), 0.0),
        lambda: x.put_(lucid.tensor([0, 7]), lucid.ones(2)),
        lambda: x.index_put_((lucid.tensor([0, 7]),), lucid.ones(2)),
        lambda: x.scatter_reduce_(0, lucid.tensor([0, 7]), lucid.ones(2), "sum"),
    ):
        with pytest.raises(IndexError):
            change()
        assert x.tolist() == [1.0, 2.0]
        assert x._version == 0


def test_bare_arrays_give_bare_arrays():
    x, index = np.zeros(3), np.array([1, 1])
    for out in (
        lucid.scatter_reduce(x, 0, index, np.ones(2), "sum"),
        lucid.index_copy(x, 0, index, np.ones(2)),
        lucid.put(x, index, np.ones(2), accumulate=True),
    ):
        assert type(out) is np.ndarray
