"""Shrinkage at its thresholds, and its refusals."""

from __future__ import annotations

import pytest

import lucid
from lucid.errors import ArgumentError


@pytest.mark.parametrize(
    ("name", "values"), [("hardshrink", [-2.0, 0, 0, 0, 2]), ("softshrink", [-1.5, 0, 0, 0, 1.5])]
)
def test_values_and_slopes(name: str, values: list[float]) -> None:
    x = lucid.tensor([-2.0, -0.5, 0.0, 0.5, 2.0]).requires_grad_()
    y = getattr(lucid, name)(x)
    y.backward(lucid.ones(5) * float("inf"))
    assert y.tolist() == values
    assert x.grad.tolist() == [float("inf"), 0, 0, 0, float("inf")]


def test_a_negative_threshold_is_refused() -> None:
    with pytest.raises(ArgumentError, match="softshrink: lambd must not be negative"):
        lucid.softshrink(lucid.ones(2), -1.0)
