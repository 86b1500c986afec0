"""Magnitude and sign at zero, at NaN, and on the complex plane."""

from __future__ import annotations

import numpy as np
import pytest

import lucid

INF, NAN = float("inf"), float("nan")


def test_abs_has_slope_zero_at_zero() -> None:
    x = lucid.tensor([-2.0, 0.0, -0.0, 3.0, NAN]).requires_grad_()
    abs(x).sum().backward()
    assert x.grad.tolist() == [-1.0, 0.0, 0.0, 1.0, 0.0]


def test_sign() -> None:
    x = lucid.tensor([-INF, -0.0, 0.0, 5.0, NAN]).requires_grad_()
    y = lucid.sign(x)
    assert y.tolist() == [-1.0, 0.0, 0.0, 1.0, 0.0]
    y.backward(lucid.ones(5) * INF)
    assert x.grad.tolist() == [0.0] * 5
    assert lucid.sign(lucid.tensor([True, False])).tolist() == [True, False]
    assert lucid.sign(lucid.tensor([-3, 0, 3])).dtype == lucid.int64


def test_complex_magnitude() -> None:
    z = lucid.tensor(np.array([3 + 4j, 0j])).requires_grad_()
    size = lucid.abs(z)
    assert size.dtype == lucid.float64
    assert size.tolist() == [5.0, 0.0]
    size.sum().backward()
    np.testing.assert_allclose(z.grad.numpy(), [0.6 + 0.8j, 0])
    np.testing.assert_allclose(lucid.sgn(z).detach().numpy(), [0.6 + 0.8j, 0])


def test_copysign() -> None:
    x = lucid.tensor([1.0, -2.0, 0.0, INF]).requires_grad_()
    y = lucid.copysign(x, lucid.tensor([-0.0, 5.0, -1.0, -1.0]))
    y.sum().backward()
    assert str(y.tolist()) == "[-1.0, 2.0, -0.0, -inf]"
    assert x.grad.tolist() == [-1.0, -1.0, 0.0, -1.0]
    assert lucid.copysign(lucid.tensor([1, 2]), -1).tolist() == [-1.0, -2.0]


def test_signbit() -> None:
    assert lucid.signbit(lucid.tensor([-0.0, 0.0, -1.0])).tolist() == [True, False, True]
    assert lucid.signbit(lucid.tensor([-1, 0])).tolist() == [True, False]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool"])
def test_heaviside(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    x = np.array([2, 0, 1, 0]).astype(dtype)
    values = np.array([1, 1, 0, 0]).astype(dtype)
    found = lucid.heaviside(lucid.tensor(x), lucid.tensor(values))
    assert found.dtype == dtype
    wanted = torch.heaviside(torch.tensor(x), torch.tensor(values))
    np.testing.assert_array_equal(found.numpy(), wanted.numpy())


def test_heaviside_at_special_values_and_its_gradient() -> None:
    x = lucid.tensor([float("nan"), -float("inf"), float("inf"), -0.0], requires_grad=True)
    values = lucid.tensor([5.0], requires_grad=True)
    step = x.heaviside(values)
    assert step.tolist() == [0, 0, 1, 5]
    step.sum().backward()
    assert x.grad.tolist() == [0, 0, 0, 0]
    assert values.grad.tolist() == [1]
    with pytest.raises(lucid.errors.DTypeError, match="heaviside"):
        lucid.heaviside(lucid.tensor([1j]), 1.0)
