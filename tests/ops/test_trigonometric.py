"""Trigonometric functions beside NumPy's, and their slopes where formulas overflow."""

from __future__ import annotations

import numpy as np
import pytest

import lucid

NUMPY = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
NAMES = ["sin", "cos", "tan", "sinh", "cosh", "tanh", *NUMPY]


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    x = np.linspace(1.1, 2.0, 7) if name == "acosh" else np.linspace(-0.9, 0.9, 7)
    ours = getattr(lucid, name)(lucid.tensor(x)).numpy()
    np.testing.assert_array_equal(ours, getattr(np, NUMPY.get(name, name))(x))


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "asinh"])
def test_complex_gradients_follow_the_conjugate_derivative(name: str) -> None:
    torch = pytest.importorskip("torch")
    z = np.array([0.3 + 0.4j, -0.7 + 0.2j])
    x, t = lucid.tensor(z).requires_grad_(), torch.tensor(z, requires_grad=True)
    getattr(lucid, name)(x).backward(lucid.tensor(np.ones(2, complex)))
    getattr(torch, name)(t).backward(torch.ones(2, dtype=torch.complex128))
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-12)


def test_atan2_at_the_origin_and_far_out() -> None:
    a = lucid.tensor([0.0, 1e30]).requires_grad_()
    b = lucid.tensor([0.0, 1e30]).requires_grad_()
    lucid.atan2(a, b).sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), [0.0, 5e-31], rtol=1e-6)
    np.testing.assert_allclose(b.grad.numpy(), [0.0, -5e-31], rtol=1e-6)


def test_hypot_does_not_overflow() -> None:
    a = lucid.tensor([3e30]).requires_grad_()
    y = lucid.hypot(a, 4e30)
    y.sum().backward()
    np.testing.assert_allclose([y.item(), a.grad.item()], [5e30, 0.6], rtol=1e-6)


def test_integers_are_taken_to_floats() -> None:
    assert lucid.sin(lucid.tensor([1])).dtype == lucid.float32
    assert lucid.atan2(lucid.tensor([1]), lucid.tensor([1])).dtype == lucid.float32
    assert lucid.hypot(lucid.tensor([3]), 4).item() == 5.0


def test_aliases() -> None:
    assert lucid.arctan2 is lucid.atan2
    assert lucid.tensor([0.5]).arcsin().item() == lucid.tensor([0.5]).asin().item()


@pytest.mark.parametrize("name", ["deg2rad", "rad2deg"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "bool"])
def test_degrees(name: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    x = np.array([-180, 0, 30, 1]).astype(dtype)
    found = getattr(lucid, name)(lucid.tensor(x))
    wanted = getattr(torch, name)(torch.tensor(x))
    assert str(found.dtype) == str(wanted.dtype).removeprefix("torch.")
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-3 if dtype == "float16" else 1e-6)
    with pytest.raises(lucid.errors.DTypeError, match=f"{name}: takes real numbers only"):
        getattr(lucid, name)(lucid.tensor([1j]))
