"""`where` keeps what is not chosen out of value and gradient."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError, ShapeError

INF, NAN = float("inf"), float("nan")


def test_the_branch_not_taken_has_gradient_zero_even_where_it_is_nan() -> None:
    x = lucid.tensor([-1.0, 0.0, 4.0]).requires_grad_()
    y = lucid.where(x > 0, lucid.sqrt(lucid.where(x > 0, x, 1.0)), 0.0)
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.25]
    a, b = lucid.tensor([1.0]).requires_grad_(), lucid.tensor([NAN]).requires_grad_()
    lucid.where(lucid.tensor([True]), a, b).backward(lucid.tensor([INF]))
    assert a.grad.tolist() == [INF]
    assert b.grad.tolist() == [0.0]


def test_numbers_do_not_widen_and_broadcasting_sums_back() -> None:
    x = lucid.ones(3).requires_grad_()
    y = lucid.where(lucid.tensor([[True, False, True], [False, False, True]]), x, 7)
    assert y.dtype == lucid.float32
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 2.0]


def test_masked_fill() -> None:
    x = lucid.tensor([1.0, 2.0]).requires_grad_()
    y = x.masked_fill(lucid.tensor([True, False]), -INF)
    y.backward(lucid.ones(2))
    assert y.tolist() == [-INF, 2.0]
    assert x.grad.tolist() == [0.0, 1.0]


def test_refusals() -> None:
    x = lucid.ones(3)
    with pytest.raises(DTypeError, match="condition must be a tensor of dtype bool"):
        lucid.where(x, x, x)
    with pytest.raises(ShapeError, match="where"):
        lucid.where(x > 0, x, lucid.ones(4))


def test_bare_arrays_give_bare_arrays() -> None:
    out = lucid.where(np.array([True, False]), np.array([1.0, 2.0]), 0.0)
    assert type(out) is np.ndarray
