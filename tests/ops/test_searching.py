"""Searching and counting, against PyTorch, with ties, NaN, empty and 0-d tensors."""

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError, IndexingError, ShapeError

NAN, INF = float("nan"), float("inf")
INPUTS = {
    "floats": [[0.5, -1.0, 2.0], [2.0, 2.0, -1.0]],
    "ties": [[1.0, 1.0], [1.0, 1.0], [2.0, 2.0], [1.0, 1.0]],
    "nan": [[NAN, 1.0, NAN], [1.0, INF, -INF]],
    "ints": [[3, 1, 1], [3, 1, 1], [0, 0, 2]],
    "bytes": np.array([4, 4, 0, 1], np.uint8),
    "bools": [[True, False], [True, False]],
    "none": np.zeros((0, 3)),
    "0-d": 1.5,
}
CALLS = """
L.unique(x, return_inverse=True, return_counts=True)
L.unique_consecutive(x, return_inverse=True, return_counts=True)
L.unique_consecutive(x, return_inverse=True, dim=0)
x.unique_consecutive(return_counts=True, dim=-1)
L.isin(x, L.tensor([1.0, 2.0]))
L.isin(x, 1, invert=True)
L.isin(2, x)
L.searchsorted(L.tensor([-1.0, 0.5, 2.0]), x)
L.searchsorted(L.tensor([2.0, -1.0, 0.5]), x, sorter=L.tensor([1, 2, 0]), right=True)
L.searchsorted(L.sort(x)[0], x, side="right")
L.searchsorted(x, x, sorter=L.sort(x)[1], out_int32=True)
L.bucketize(x, L.tensor([0, 1, 3]))
L.bucketize(x, L.tensor([0.0, 1.0, 3.0]), right=True, out_int32=True)
L.count_nonzero(x)
L.count_nonzero(x, -1)
L.msort(x)
""".strip().splitlines()


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("call", CALLS)
def test_as_by_pytorch(call, kind):
    torch = pytest.importorskip("torch")
    if kind == "nan" and "L.sort(x)" in call:
        pytest.skip("PyTorch has no place for NaN in a sequence; NumPy puts it last")
    try:
        expected = eval(call, {"L": torch, "x": torch.tensor(INPUTS[kind])})
    except (RuntimeError, IndexError):
        pytest.skip("PyTorch refuses it")
    found = eval(call, {"L": lucid, "x": lucid.tensor(INPUTS[kind])})
    if isinstance(expected, torch.Tensor):
        found, expected = [found], [expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert tuple(mine.shape) == tuple(theirs.shape)
        assert str(theirs.dtype) == f"torch.{mine.dtype}"
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("L.unique_consecutive(x, dim=2)", IndexingError, "unique_consecutive dimension 2"),
        ("L.isin([1.0], x)", DTypeError, "isin list elements lucid.tensor(value)"),
        ("L.isin(x, [1.0])", DTypeError, "isin list test_elements"),
        ("L.searchsorted(x, x, sorter=x[0].long())", ShapeError, "searchsorted sorter int64[3]"),
        ("L.searchsorted(x, 1.0)", ShapeError, "searchsorted vector float32[2, 3]"),
        ("L.bucketize(1.0, x)", ShapeError, "bucketize vector float32[2, 3]"),
    ],
)
def test_bad_input_is_refused_by_name(call, error, words):
    with pytest.raises(error) as caught:
        eval(call, {"L": lucid, "x": lucid.ones(2, 3)})
    assert not [word for word in words.split(" ") if word not in str(caught.value)], caught.value
