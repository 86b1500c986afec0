"""Maximum, minimum and clamping: ties, NaN, bounds, dtypes."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_equals_share_the_gradient(name: str) -> None:
    a, b = lucid.tensor([1.0, 1.0]).requires_grad_(), lucid.tensor([1.0, 2.0]).requires_grad_()
    getattr(lucid, name)(a, b).sum().backward()
    one_wins = [0.0, 1.0] if name == "maximum" else [1.0, 0.0]
    assert a.grad.tolist() == [0.5, one_wins[0]]
    assert b.grad.tolist() == [0.5, one_wins[1]]


@pytest.mark.parametrize(("name", "first"), [("fmax", [1.0, 0.0, 1.0]), ("fmin", [1.0, 0.0, 1.0])])
def test_nan_loses_against_a_number(name: str, first: list[float]) -> None:
    a = lucid.tensor([1.0, NAN, 2.0]).requires_grad_()
    b = lucid.tensor([NAN, 1.0, 2.0]).requires_grad_()
    y = getattr(lucid, name)(a, b)
    y.sum().backward()
    assert y.tolist() == [1.0, 1.0, 2.0]
    assert a.grad.tolist() == first
    assert b.grad.tolist() == [1 - g for g in first]


def test_a_losing_side_gets_an_exact_zero() -> None:
    a, b = lucid.tensor([1.0]).requires_grad_(), lucid.tensor([2.0]).requires_grad_()
    lucid.maximum(a, b).backward(lucid.tensor([INF]))
    assert a.grad.item() == 0.0
    assert b.grad.item() == INF


def test_clamp_passes_the_gradient_at_its_bounds_and_not_beyond() -> None:
    x = lucid.tensor([-2.0, -1.0, 0.0, 1.0, 2.0, NAN]).requires_grad_()
    y = x.clamp(-1, 1)
    y.backward(lucid.ones(6) * INF)
    np.testing.assert_array_equal(y.detach().numpy(), [-1, -1, 0, 1, 1, NAN])
    np.testing.assert_array_equal(x.grad.numpy(), [0, INF, INF, INF, 0, 0])


def test_clamp_with_one_bound_crossed_bounds_and_none() -> None:
    x = lucid.tensor([-2.0, 2.0])
    assert x.clamp(min=-1).tolist() == [-1.0, 2.0]
    assert x.clip(max=1).tolist() == [-2.0, 1.0]
    assert x.clamp(1, -1).tolist() == [-1.0, -1.0]
    with pytest.raises(ArgumentError, match="clamp: needs min, max, or both"):
        x.clamp()


def test_clamp_between_tensors_sends_the_gradient_to_the_bound_that_was_taken() -> None:
    x = lucid.tensor([0.0, 1.5, 9.0]).requires_grad_()
    low, high = lucid.tensor(1.0).requires_grad_(), lucid.tensor([2.0, 2.0, 2.0]).requires_grad_()
    x.clamp(low, high).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]
    assert low.grad.item() == 1.0
    assert high.grad.tolist() == [0.0, 0.0, 1.0]


def test_integers_stay_integers_under_integer_bounds() -> None:
    x = lucid.tensor([-2, 0, 5])
    assert x.clamp(-1, 3).dtype == lucid.int64
    assert x.clamp(-1, 3).tolist() == [-1, 0, 3]
    assert x.clamp(-0.5, 3).dtype == lucid.float32
    assert lucid.maximum(x, 1).tolist() == [1, 1, 5]
