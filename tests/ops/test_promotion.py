"""The dtype of a result: every pair of dtypes, with and without dimensions, and numbers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lucid
from lucid.errors import DTypeError, ShapeError
from lucid.ops.promotion import floating, promote, result_dtype

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
INTEGERS = DTYPES[:6]  # and bool: their quotients are of the default dtype
COMPLEX = ["complex64", "complex128"]
NUMBERS = [True, 2, 1.5, 1j]


def name(dtype: Any) -> str:
    """Name of a PyTorch dtype here, where a complex number of two halves does not exist."""
    return str(dtype).removeprefix("torch.").replace("complex32", "complex64")


def of(dtype: str, dims: int) -> lucid.Tensor:
    return lucid.ones((1,) * dims, dtype=dtype)


@pytest.mark.parametrize("dims", list(itertools.product((0, 1), repeat=2)), ids=str)
@pytest.mark.parametrize("first", DTYPES + COMPLEX)
def test_pairs_promote_as_in_pytorch(first: str, dims: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    for second in DTYPES + COMPLEX:
        ours = of(first, dims[0]), of(second, dims[1])
        theirs = (
            torch.ones((1,) * dims[0], dtype=getattr(torch, first)),
            torch.ones((1,) * dims[1], dtype=getattr(torch, second)),
        )
        wanted = name(torch.result_type(*theirs))
        assert lucid.add(*ours).dtype == wanted, (first, second)
        assert lucid.mul(*ours).dtype == wanted, (first, second)
        quotient = "float32" if wanted in INTEGERS else wanted
        assert lucid.div(*ours).dtype == quotient, (first, second)


@pytest.mark.parametrize("dims", [0, 1])
@pytest.mark.parametrize("dtype", DTYPES + COMPLEX)
def test_numbers_promote_as_in_pytorch(dtype: str, dims: int) -> None:
    torch = pytest.importorskip("torch")
    for number in NUMBERS:
        ours, theirs = of(dtype, dims), torch.ones((1,) * dims, dtype=getattr(torch, dtype))
        wanted = name(torch.result_type(theirs, number))
        assert (ours + number).dtype == wanted, number
        assert (number + ours).dtype == wanted, number
        assert (ours * number).dtype == wanted, number
        quotient = "float32" if wanted in INTEGERS else wanted
        assert (ours / number).dtype == quotient, number
        assert (number / ours).dtype == quotient, number


def test_a_number_never_widens() -> None:
    assert (of("float32", 1) * 1e300).dtype == lucid.float32
    assert (of("float16", 1) + 1.5).dtype == lucid.float16
    assert (of("uint8", 1) + 1).dtype == lucid.uint8


def test_an_integer_and_a_fraction_give_the_default_dtype() -> None:
    assert (of("int64", 1) + 0.5).dtype == lucid.float32
    lucid.set_default_dtype(lucid.float64)
    try:
        assert (of("int64", 1) + 0.5).dtype == lucid.float64
        assert lucid.exp(of("int64", 1)).dtype == lucid.float64
    finally:
        lucid.set_default_dtype(lucid.float32)


def test_equal_dtypes_pass_untouched() -> None:
    a, b = of("float32", 1), of("float32", 1)
    first, second = promote("add", a, b)
    assert first is a
    assert second is b


def test_gradients_come_back_in_the_dtype_of_their_input() -> None:
    a = lucid.ones(3, dtype=lucid.float16).requires_grad_()
    b = lucid.ones(3, dtype=lucid.float64).requires_grad_()
    (a * b).sum().backward()
    assert a.grad.dtype == lucid.float16
    assert b.grad.dtype == lucid.float64


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"add: takes tensors and numbers, not str"):
        of("float32", 1) + "1"
    with pytest.raises(DTypeError, match=r"exp: takes a tensor, not float"):
        lucid.exp(1.0)
    with pytest.raises(DTypeError):
        floating([1.0])
    with pytest.raises(DTypeError):
        result_dtype("add", None, of("float32", 1))


shapes = arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3)


@settings(max_examples=60, deadline=None)
@given(shapes=shapes, seed=st.integers(0, 1000))
def test_broadcasting_is_numpys(shapes: Any, seed: int) -> None:
    (first, second), result = shapes.input_shapes, shapes.result_shape
    rng = np.random.default_rng(seed)
    a, b = np.asarray(rng.standard_normal(first)), np.asarray(rng.standard_normal(second))
    x = lucid.tensor(a).requires_grad_()
    y = lucid.tensor(b).requires_grad_()
    for ours, theirs in [(x + y, a + b), (x * y, a * b), (lucid.maximum(x, y), np.maximum(a, b))]:
        assert ours.shape == result
        np.testing.assert_array_equal(ours.detach().numpy(), theirs)
    (x * y).sum().backward()
    assert x.grad.shape == first
    assert y.grad.shape == second
    spread = np.broadcast_to(b, result)
    extra = len(result) - len(first)
    axes = (*range(extra), *(extra + i for i, n in enumerate(first) if n == 1))
    wanted = spread.sum(axis=axes, keepdims=True).reshape(first)
    np.testing.assert_allclose(x.grad.numpy(), wanted, atol=1e-12)


def test_shapes_that_do_not_broadcast_are_refused_by_name() -> None:
    a, b = lucid.ones(3), lucid.ones(4)
    for function in (lucid.add, lucid.div, lucid.maximum, lucid.eq, lucid.atan2, lucid.logical_or):
        with pytest.raises(ShapeError, match=rf"{function.__name__}.*\n.*float32\[3\]"):
            function(a, b)


def test_the_two_halves_meet_in_float32() -> None:
    pytest.importorskip("ml_dtypes")
    a, b = lucid.tensor([1.5]).half(), lucid.tensor([2.0]).bfloat16()
    assert (a * b).dtype == (b * a).dtype == lucid.float32
    assert lucid.promote_types("bfloat16", "float16") == lucid.float32
