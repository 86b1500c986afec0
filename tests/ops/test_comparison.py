"""Comparisons: operators, NaN, hashing, whole tensors."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError

NAN = float("nan")


def test_operators_from_both_sides() -> None:
    x, two = lucid.tensor([1.0, 2.0, 3.0]), 2
    assert (x < 2).tolist() == (two > x).tolist() == [True, False, False]
    assert (x <= 2).tolist() == (two >= x).tolist() == [True, True, False]
    assert (x == 2).tolist() == (two == x).tolist() == [False, True, False]
    assert (x != 2).tolist() == (two != x).tolist() == [True, False, True]
    assert (np.array([3.0, 2.0, 1.0], np.float32) > x).tolist() == [True, False, False]


def test_nan_is_neither_less_nor_equal_nor_greater() -> None:
    x = lucid.tensor([NAN])
    for result in (x == x, x < x, x <= x, x > x, x >= x):
        assert result.tolist() == [False]
    assert (x != x).tolist() == [True]


def test_what_is_no_number_is_simply_not_equal() -> None:
    x = lucid.tensor([1.0])
    assert (x == None) is False  # noqa: E711
    assert (x != "x") is True
    with pytest.raises(DTypeError, match="lt: takes tensors and numbers, not str"):
        _ = x < "x"


def test_tensors_are_keys_by_identity() -> None:
    x, y = lucid.tensor([1.0]), lucid.tensor([1.0])
    assert {x: 1}[x] == 1
    assert len({x, y}) == 2


def test_results_are_constants() -> None:
    x = lucid.tensor([1.0, -1.0]).requires_grad_()
    assert not (x > 0).requires_grad


def test_numbers_out_of_range_of_the_dtype() -> None:
    x = lucid.tensor([0, 255], dtype=lucid.uint8)
    assert (x < 300).tolist() == [True, True]
    assert (x > -1).tolist() == [True, True]
    assert (x == 256).tolist() == [False, False]


def test_equal() -> None:
    x = lucid.tensor([1.0, 2.0])
    assert lucid.equal(x, lucid.tensor([1, 2]))
    assert not lucid.equal(x, lucid.tensor([1.0, 3.0]))
    assert not lucid.equal(x, lucid.tensor([[1.0, 2.0]]))
    assert not lucid.equal(lucid.tensor([NAN]), lucid.tensor([NAN]))
    assert lucid.equal(lucid.empty(0, 3), lucid.empty(0, 3))


def test_closeness() -> None:
    x = lucid.tensor([1.0, NAN, float("inf")])
    y = lucid.tensor([1.0 + 1e-6, NAN, float("inf")])
    assert lucid.isclose(x, y).tolist() == [True, False, True]
    assert lucid.allclose(x, y, equal_nan=True)
    assert not lucid.allclose(x, y)
    assert not lucid.allclose(x, y, rtol=0, atol=1e-9, equal_nan=True)
    assert lucid.tensor([5]).allclose(5)
