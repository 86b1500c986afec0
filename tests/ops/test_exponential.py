"""Exponentials, logarithms and roots at the ends of their domains."""

from __future__ import annotations

import numpy as np
import pytest

import lucid

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("exp", -INF, 0.0, 0.0),
        ("exp", 1000.0, INF, INF),
        ("expm1", 1e-20, 1e-20, 1.0),
        ("log1p", 1e-20, 1e-20, 1.0),
        ("log", 0.0, -INF, INF),
        ("log", -1.0, NAN, -1.0),
        ("log2", 8.0, 3.0, 1 / (8 * np.log(2))),
        ("log10", 1000.0, 3.0, 1 / (1000 * np.log(10))),
        ("exp2", 3.0, 8.0, 8 * np.log(2)),
        ("sqrt", 0.0, 0.0, INF),
        ("sqrt", -1.0, NAN, NAN),
        ("rsqrt", 0.0, INF, -INF),
        ("rsqrt", INF, 0.0, 0.0),
    ],
)
def test_values_and_slopes(name: str, x: float, value: float, slope: float) -> None:
    t = lucid.Tensor(x, dtype=lucid.float64).requires_grad_()
    y = getattr(lucid, name)(t)
    y.backward()
    np.testing.assert_allclose([y.item(), t.grad.item()], [value, slope], rtol=1e-15)


def test_nothing_warns() -> None:
    lucid.log(lucid.tensor([0.0, -1.0]))
    lucid.exp(lucid.tensor([1000.0]))


def test_xlogy_is_zero_at_zero() -> None:
    a = lucid.tensor([0.0, 0.0, 0.0, 2.0]).requires_grad_()
    b = lucid.tensor([0.0, -1.0, NAN, 1.0])
    y = lucid.xlogy(a, b)
    np.testing.assert_array_equal(y.detach().numpy(), [0.0, 0.0, NAN, 0.0])
    y.sum().backward()
    np.testing.assert_array_equal(a.grad.numpy(), [0.0, 0.0, NAN, 0.0])


def test_xlogy_with_numbers() -> None:
    x = lucid.tensor([0.0, 2.0])
    assert lucid.xlogy(x, 0).tolist() == [0.0, -INF]
    assert lucid.xlogy(0, x).tolist() == [0.0, 0.0]
    assert lucid.xlogy(lucid.tensor([0, 2]), 1).dtype == lucid.float32


def test_complex_values() -> None:
    z = np.array([1 + 2j, -0.5 + 0.25j])
    for name in ("exp", "log", "sqrt"):
        y = getattr(lucid, name)(lucid.tensor(z))
        np.testing.assert_allclose(y.numpy(), getattr(np, name)(z))
