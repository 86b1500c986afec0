"""Reading by indices and masks: PyTorch's values and gradients, shapes and refusals."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

NAN = float("nan")
RNG = np.random.default_rng(0)
LEAVES = {"x": (3, 4), "y": (2, 3, 4), "z": (), "o": (1, 4), "e": (0, 4)}
INDICES = {
    "i": [2, 0, 2],
    "j": [1],
    "none": np.zeros(0, np.int64),
    "g": [[2, 0], [1, 1], [0, 2]],
    "n": [[-1, 0, 2], [1, -4, 1], [0, 0, 3]],
    "one": 0,
    "ones": [0],
    "m": [[True, False, False, True], [False] * 4, [True, True, False, False]],
    "mv": [True, False, True, True],
    "yes": True,
}


def both(torch, dtype):
    """The names of the calls, in Lucid and in PyTorch."""
    mine, theirs = {"L": lucid}, {"L": torch}
    for name, shape in LEAVES.items():
        values = np.asarray(RNG.standard_normal(shape) * 3).astype(dtype)
        floats = values.dtype.kind in "fc"
        mine[name] = lucid.tensor(values, requires_grad=floats)
        theirs[name] = torch.tensor(values, requires_grad=floats)
    for name, index in INDICES.items():
        mine[name], theirs[name] = lucid.tensor(index), torch.tensor(index)
    return mine, theirs


def assert_same(mine, theirs):
    assert tuple(mine.shape) == tuple(theirs.shape)
    assert str(theirs.dtype) == f"torch.{mine.dtype}"
    np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-3)


CALLS = """
L.index_select(x, 0, i)
x.index_select(-1, j)
x.index_select(1, none)
x.index_select(0, one)
z.index_select(0, ones)
e.index_select(1, i)
L.gather(x, 0, g)
x.gather(1, g)
y.gather(-1, g[None])
z.gather(0, ones.expand(3))
z.gather(0, one)
e.gather(1, g[:0])
L.take(x, i)
x.take(n)
x.take(one)
x.take(none)
L.take_along_dim(x, g, 1)
L.take_along_dim(x, g[:1], dim=1)
L.take_along_dim(o, i[:, None], dim=1)
L.take_along_dim(x, n, dim=1)
x.take_along_dim(i)
x.take_along_dim(g)
L.masked_select(x, m)
x.masked_select(mv)
x[0].masked_select(m)
z.masked_select(yes)
L.select(y, 1, -1)
L.narrow(y, 1, 1, 2)
L.narrow(y, -1, -2, 2)
y.narrow(1, one, 0)
L.narrow(y, 1, 3, 0)[:0] if L.__name__ == "lucid" else y.narrow(1, 0, 0)[:0]
L.nonzero(x)
L.nonzero(z)
x.nonzero(as_tuple=True)[1]
z.nonzero(as_tuple=True)[0]
L.argwhere(m)
L.argwhere(e)
L.nonzero_static(m, size=3)
m.nonzero_static(size=7, fill_value=9)
L.nonzero_static(z, size=2)
""".strip().splitlines()


@pytest.mark.parametrize("dtype", ["float64", "float16", "complex128", "int64", "uint8", "bool"])
@pytest.mark.parametrize("call", CALLS)
def test_values_and_gradients_are_those_of_pytorch(call, dtype):
    torch = pytest.importorskip("torch")
    mine, theirs = both(torch, dtype)
    out, expected = eval(call, dict(mine)), eval(call, dict(theirs))
    assert_same(out, expected)
    if not expected.requires_grad:
        assert not out.requires_grad
        return
    weights = RNG.standard_normal(out.shape)
    for result, library in ((out, lucid), (expected, torch)):
        (result * library.tensor(weights).to(result.dtype)).sum().abs().backward()
    for name in LEAVES:
        assert (mine[name].grad is None) == (theirs[name].grad is None)
        if theirs[name].grad is not None:
            assert_same(mine[name].grad, theirs[name].grad)


def test_views_share_memory_and_copies_do_not():
    x = lucid.ones(3, 4)
    assert np.shares_memory(x.select(0, 1).numpy(), x.numpy())
    assert np.shares_memory(x.narrow(1, 1, 2).numpy(), x.numpy())
    assert not np.shares_memory(x.take(lucid.tensor(0)).numpy(), x.numpy())
    assert not np.shares_memory(x.index_select(0, lucid.tensor([0])).numpy(), x.numpy())


REFUSED = [
    ("x.index_select(0, i + 1)", IndexingError, "index_select 3 [-3, 3) float64[3, 4] int64[3]"),
    ("x.index_select(2, i)", IndexingError, "index_select dimension 2"),
    ("x.index_select(0, g)", ShapeError, "index_select vector int64[3, 2]"),
    ("x.index_select(0, x)", DTypeError, "index_select integer float64 .long()"),
    ("z.index_select(0, i)", ShapeError, "index_select"),
    ("x.gather(0, n)", IndexingError, "gather -1 [0, 3) int64[3, 3]"),
    ("x.gather(0, i)", ShapeError, "gather float64[3, 4] int64[3]"),
    ("x.gather(1, lucid.zeros(4, 1).long())", ShapeError, "gather int64[4, 1]"),
    ("x.take(i + 10)", IndexingError, "take 12 [-12, 12)"),
    ("x.take(x)", DTypeError, "take integer"),
    ("x.take_along_dim(g, 0)", ShapeError, "take_along_dim broadcast dimension 1"),
    ("x.take_along_dim(g * 9, 1)", IndexingError, "take_along_dim 18 [-4, 4)"),
    ("x.take_along_dim(i, 1)", ShapeError, "take_along_dim dimensions int64[3]"),
    ("x.masked_select(x)", DTypeError, "masked_select mask bool float64[3, 4]"),
    ("x.masked_select([True])", DTypeError, "masked_select mask bool"),
    ("x.select(0, 3)", IndexingError, "select 3 float64[3, 4] dim: 0"),
    ("x.select(0, 1.5)", IndexingError, "select float"),
    ("z.select(0, 0)", IndexingError, "select 0-d"),
    ("x.narrow(0, 2, 2)", IndexingError, "narrow 3 start: 2 length: 2"),
    ("x.narrow(0, -4, 1)", IndexingError, "narrow start: -4"),
    ("x.narrow(0, 0.5, 1)", DTypeError, "narrow integers 0.5"),
    ("m.nonzero_static(size=-1)", ArgumentError, "nonzero_static size -1"),
    ("x[5]", IndexingError, "Tensor.__getitem__: 5 float64[3, 4] index: 5"),
    ("x[i + 1]", IndexingError, "Tensor.__getitem__: 3 float64[3, 4] index: int64[3]"),
    ("x[0, 0, 0]", IndexingError, "Tensor.__getitem__: many (0, 0, 0)"),
    ("x[i, [0, 1]]", IndexingError, "Tensor.__getitem__: broadcast"),
    ("x.__setitem__(5, 1)", IndexingError, "Tensor.__setitem__: 5 float64[3, 4] index: value: 1"),
    ("x.__setitem__((i, 9), 1)", IndexingError, "Tensor.__setitem__: 9"),
    ("x.__setitem__(i, i)", ShapeError, "Tensor.__setitem__: float64[3, 4] value: int64[3]"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED, ids=lambda part: str(part)[:60])
def test_bad_input_is_refused_by_name(call, error, words):
    names = {"lucid": lucid}
    names.update((name, lucid.ones(*shape, dtype=lucid.float64)) for name, shape in LEAVES.items())
    names.update((name, lucid.tensor(index)) for name, index in INDICES.items())
    with pytest.raises(error) as caught:
        eval(call, names)
    message = str(caught.value)
    assert not [word for word in words.split(" ") if word not in message], message
    assert "getitem_arrays" not in message
    assert "pattern" not in message
