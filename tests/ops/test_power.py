"""Powers where the textbook rule divides by zero or takes the logarithm of it."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError


def gradients(a: list[float], b: list[float]) -> tuple[list[float], list[float]]:
    x = lucid.Tensor(a, dtype=lucid.float64).requires_grad_()
    n = lucid.Tensor(b, dtype=lucid.float64).requires_grad_()
    (x**n).sum().backward()
    return x.grad.tolist(), n.grad.tolist()


def test_zero_base_and_zero_exponent() -> None:
    base, exponent = gradients([0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0])
    assert base == [0.0, 1.0, 0.0, 0.0]
    assert exponent == [0.0, 0.0, 0.0, np.log(2.0)]


def test_exponent_zero_beside_what_is_not_finite() -> None:
    base, _ = gradients([float("nan"), float("inf"), 1e-320], [0.0, 0.0, 0.0])
    assert base == [0.0, 0.0, 0.0]


def test_mixed_second_derivative_at_exponent_zero() -> None:
    x, n = lucid.tensor(2.0).requires_grad_(), lucid.tensor(0.0).requires_grad_()
    (x**n).backward(create_graph=True)
    slope, n.grad = x.grad, None
    slope.backward()
    assert n.grad.item() == 0.5  # d/dn of n x^(n-1) is 1/x at n = 0


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, 0.5, 2.0, -2.0])
def test_numeric_exponents(exponent: float) -> None:
    x = lucid.tensor([0.5, 2.0], dtype=lucid.float64).requires_grad_()
    y = x**exponent
    y.sum().backward()
    values = np.array([0.5, 2.0])
    np.testing.assert_allclose(y.detach().numpy(), values**exponent, rtol=1e-15)
    np.testing.assert_allclose(x.grad.numpy(), exponent * values ** (exponent - 1.0), rtol=1e-15)


def test_first_power_is_a_copy() -> None:
    x = lucid.tensor([1.0])
    y = x**1
    assert not np.shares_memory(x.data, y.data)


def test_numeric_base() -> None:
    n = lucid.tensor([0.0, 3.0], dtype=lucid.float64).requires_grad_()
    (2**n).sum().backward()
    np.testing.assert_allclose(n.grad.numpy(), np.log(2) * np.array([1.0, 8.0]))
    n.grad = None
    (0**n).sum().backward()
    assert n.grad.tolist() == [0.0, 0.0]


def test_integers_stay_integers_and_refuse_negative_exponents() -> None:
    x = lucid.tensor([1, 2, 3])
    assert (x**2).dtype == lucid.int64
    with pytest.raises(ArgumentError, match=r"pow: .*negative integer powers"):
        x**-1
