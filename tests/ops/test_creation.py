"""Making tensors: dtypes, memory, ranges, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, ShapeError

# ---- from data ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1, 2], "int64"),
        ([1.5, 2], "float32"),
        ([True, False], "bool"),
        ([1j], "complex64"),
        (3, "int64"),
        (2.5, "float32"),
        (True, "bool"),
        ([], "float32"),
        (np.array([1.0]), "float64"),
        (np.array([1], np.int16), "int16"),
        (np.float64(1.0), "float64"),
        (np.array([1.0], ">f8"), "float64"),
        (range(3), "int64"),
        ([lucid.tensor(1), lucid.tensor(2)], "int64"),
        ([[lucid.tensor(1.0), 2.0], [3, 4]], "float32"),
        ([np.array([1.0]), np.array([2.0])], "float64"),
    ],
)
def test_the_dtype_follows_the_data(data, dtype):
    made = lucid.tensor(data)
    assert made.dtype == dtype
    assert made.dtype.isnative
    assert lucid.tensor(data, dtype="complex128").dtype == lucid.complex128


def test_a_tensor_shares_nothing_with_its_data():
    array = np.zeros(2)
    made = lucid.tensor(array)
    array[0] = 1
    assert made.tolist() == [0, 0]
    x = Tensor([1.0], requires_grad=True)
    assert not lucid.tensor(x * 2).requires_grad
    assert lucid.tensor([1.0], requires_grad=True).is_leaf


def test_sharing_memory():
    array = np.zeros(2)
    for share in (lucid.from_numpy, lucid.as_tensor, lucid.asarray):
        assert np.shares_memory(share(array).data, array)
    assert not np.shares_memory(lucid.as_tensor(array, dtype="float32").data, array)
    x = Tensor([1.0], requires_grad=True)
    assert lucid.as_tensor(x) is x
    assert lucid.as_tensor(x, dtype="float64").requires_grad
    assert np.shares_memory(lucid.asarray(x).data, x.data)
    assert not lucid.asarray(x).requires_grad
    assert not np.shares_memory(lucid.asarray(array, copy=True).data, array)
    with pytest.raises(ArgumentError, match="copy=False"):
        lucid.asarray([1.0], copy=False)
    with pytest.raises(ArgumentError, match="copy=False"):
        lucid.asarray(array, dtype="float32", copy=False)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: lucid.tensor([[1], [1, 2]]), ShapeError, "equal length"),
        (lambda: lucid.tensor(["a"]), DTypeError, "not numbers"),
        (lambda: lucid.tensor([1], requires_grad=True), DTypeError, "floating"),
        (lambda: lucid.tensor([1.0], device="cuda"), ArgumentError, "cpu"),
        (lambda: lucid.from_numpy([1]), DTypeError, "list"),
        (lambda: lucid.from_numpy(np.array(["a"])), DTypeError, "<U1"),
        (lambda: lucid.from_numpy(np.array([1.0], ">f8")), DTypeError, ">f8"),
        (lambda: lucid.zeros(-1), ShapeError, "negative"),
        (lambda: lucid.zeros(1.5), DTypeError, "integers"),
        (lambda: lucid.full((2,), [1, 2]), DTypeError, "number"),
        (lambda: lucid.zeros(2, dtype="flaot"), DTypeError, "flaot"),
        (lambda: lucid.arange(0, 3, 0), ArgumentError, "zero"),
        (lambda: lucid.arange(3, 0), ArgumentError, "away"),
        (lambda: lucid.arange(0, float("inf")), ArgumentError, "finite"),
        (lambda: lucid.arange("3"), DTypeError, "real numbers"),
        (lambda: lucid.linspace(0, 1, -1), ShapeError, "negative"),
        (lambda: lucid.eye(-1), ShapeError, "negative"),
        (lambda: lucid.one_hot(lucid.tensor([1.0])), DTypeError, "integers"),
        (lambda: lucid.one_hot(lucid.tensor([3]), 3), ArgumentError, "between 0"),
        (lambda: lucid.one_hot(lucid.tensor([-1])), ArgumentError, "between 0"),
        (lambda: lucid.one_hot(lucid.zeros(0, dtype="int64")), ArgumentError, "empty"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call()


# ---- filled ---------------------------------------------------------------------------


def test_filled_tensors():
    assert lucid.zeros(2, 3).tolist() == [[0] * 3] * 2
    assert lucid.ones((2,), dtype="int32").dtype == lucid.int32
    assert lucid.zeros().shape == ()
    assert lucid.zeros([0, 2]).shape == (0, 2)
    assert lucid.full((2,), 7).dtype == lucid.int64
    assert lucid.full((2,), True).dtype == lucid.bool
    assert lucid.full(2, 1.5).dtype == lucid.float32
    assert lucid.full((), lucid.tensor(2.0, dtype="float64")).dtype == lucid.float64
    assert lucid.zeros(2, requires_grad=True).requires_grad
    assert lucid.empty(2, 3).shape == (2, 3)


def test_filled_like_another():
    x = lucid.tensor([[1, 2]], dtype="int16")
    assert lucid.zeros_like(x).tolist() == [[0, 0]]
    assert lucid.ones_like(x).dtype == lucid.int16
    assert lucid.full_like(x, 3.7).tolist() == [[3, 3]]
    assert lucid.empty_like(x, dtype="float32").dtype == lucid.float32
    assert x.new_zeros(3).dtype == lucid.int16
    assert x.new_ones((2, 2)).shape == (2, 2)
    assert x.new_full((2,), 5).tolist() == [5, 5]
    assert x.new_empty(2).shape == (2,)
    assert x.new_tensor([1.0], dtype="float32").dtype == lucid.float32
    assert x.new_tensor([1.0]).dtype == lucid.int16


def test_the_default_dtype_decides():
    lucid.set_default_dtype(lucid.float64)
    try:
        made = [lucid.zeros(1), lucid.tensor([1.0]), lucid.arange(0.0, 1), lucid.rand(1)]
        assert {x.dtype.name for x in made} == {"float64"}
    finally:
        lucid.set_default_dtype(lucid.float32)


# ---- ranges and patterns ----------------------------------------------------------------


@given(
    st.floats(-100, 100),
    st.floats(0.01, 10),
    st.integers(0, 50),
    st.sampled_from(["float32", "float64"]),
)
def test_every_number_of_a_range_is_computed_from_its_index(start, step, count, dtype):
    x = lucid.arange(start, start + step * (count + 0.5), step, dtype=dtype).data
    assert x.dtype == dtype
    assert len(x) == count + 1
    np.testing.assert_array_equal(x, (start + step * np.arange(count + 1)).astype(dtype))


def test_integer_ranges():
    assert lucid.arange(5).dtype == lucid.int64
    assert lucid.arange(5, 1, -2).tolist() == [5, 3]
    assert lucid.arange(2, 2).shape == (0,)
    assert lucid.arange(2**62, 2**62 + 2).tolist() == [2**62, 2**62 + 1]
    assert lucid.arange(lucid.tensor(3)).tolist() == [0, 1, 2]
    assert lucid.arange(3, dtype="float16").dtype == lucid.float16


def test_spaced_numbers():
    assert lucid.linspace(0, 1, 1).tolist() == [0]
    assert lucid.linspace(0, 1, 0).shape == (0,)
    assert lucid.linspace(0, 10, 5, dtype="int64").tolist() == [0, 2, 5, 7, 10]
    x = lucid.linspace(-1, 0.3, 7)
    assert x.data[-1] == np.float32(0.3)
    assert lucid.logspace(0, 3, 4, base=2).tolist() == [1, 2, 4, 8]


def test_patterns():
    assert lucid.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert lucid.tril_indices(2, 3, 1).tolist() == [[0, 0, 1, 1, 1], [0, 1, 0, 1, 2]]
    assert lucid.triu_indices(3, 2, -1).shape == (2, 5)
    assert lucid.one_hot(lucid.tensor([[0], [2]])).tolist() == [[[1, 0, 0]], [[0, 0, 1]]]
    assert lucid.one_hot(lucid.tensor(1), 3).tolist() == [0, 1, 0]


def test_like_pytorch():
    torch = pytest.importorskip("torch")
    cases = [
        ("arange", (0, 1, 0.1)),
        ("arange", (1, 10, 3)),
        ("arange", (-3, 3.0)),
        ("linspace", (-1, 1, 9)),
        ("logspace", (-2, 2, 5)),
        ("eye", (3, 2)),
        ("tril_indices", (4, 3, -1)),
        ("triu_indices", (3, 4, 1)),
        ("full", ((2, 2), 3)),
    ]
    for name, args in cases:
        ours, theirs = getattr(lucid, name)(*args), getattr(torch, name)(*args)
        assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
        np.testing.assert_allclose(ours.data, theirs.numpy(), rtol=1e-6)
