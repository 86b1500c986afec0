"""Logic on truth values and bits: operators, refusals."""

from __future__ import annotations

import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError


def test_bools_through_operators() -> None:
    a, b = lucid.tensor([True, True, False, False]), lucid.tensor([True, False, True, False])
    assert (a & b).tolist() == [True, False, False, False]
    assert (a | b).tolist() == [True, True, True, False]
    assert (a ^ b).tolist() == [False, True, True, False]
    assert (~a).tolist() == [False, False, True, True]
    assert (True & b).tolist() == (b & True).tolist() == b.tolist()
    assert (True ^ b).tolist() == (~b).tolist()
    assert (a & b).dtype == lucid.bool


def test_bits() -> None:
    x = lucid.tensor([6, -1])
    assert (x & 3).tolist() == [2, 3]
    assert (1 | x).tolist() == [7, -1]
    assert (~x).tolist() == [-7, 0]
    assert (x << 2).tolist() == [24, -4]
    assert (x >> 1).tolist() == [3, -1]
    assert (1 << lucid.tensor([0, 3])).tolist() == [1, 8]
    assert (16 >> lucid.tensor([0, 3])).tolist() == [16, 2]


def test_any_number_but_zero_is_true() -> None:
    x = lucid.tensor([0.0, -0.5, float("nan")])
    assert lucid.logical_not(x).tolist() == [True, False, False]
    assert lucid.logical_and(x, 1).tolist() == [False, True, True]
    assert lucid.logical_xor(x, lucid.tensor([1, 1, 0])).tolist() == [True, False, True]


@pytest.mark.parametrize("operation", ["bitwise_and", "bitwise_or", "bitwise_left_shift"])
def test_floats_have_no_bits(operation: str) -> None:
    x = lucid.tensor([1.0])
    with pytest.raises(
        DTypeError, match=rf"{operation}: takes integers and bools.*\n.*float32\[1\]"
    ):
        getattr(lucid, operation)(x, 1)
    with pytest.raises(DTypeError):
        getattr(lucid, operation)(lucid.tensor([1]), 1.5)


def test_floats_are_not_inverted() -> None:
    with pytest.raises(DTypeError, match="bitwise_not"):
        ~lucid.tensor([1.0])


def test_negative_shifts_are_refused() -> None:
    with pytest.raises(ArgumentError, match="must not be negative"):
        lucid.tensor([1]) << -1
    with pytest.raises(ArgumentError, match="must not be negative"):
        lucid.tensor([1]) >> lucid.tensor([-1])
