"""Bessel and Airy functions: beside SciPy's, derivatives of high order, limits, without SciPy."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import lucid
from lucid.errors import MissingPackageError

INF, NAN = float("inf"), float("nan")
ORDERS = {
    "bessel_j0": ("jvp", 0),
    "bessel_j1": ("jvp", 1),
    "bessel_y0": ("yvp", 0),
    "bessel_y1": ("yvp", 1),
    "modified_bessel_k0": ("kvp", 0),
    "modified_bessel_k1": ("kvp", 1),
    "i0": ("ivp", 0),
    "i1": ("ivp", 1),
}


def derivatives(function: Any, x: np.ndarray, order: int) -> list[np.ndarray]:
    """The function and its derivatives, up to an order."""
    leaf = lucid.Tensor(x, dtype=x.dtype, requires_grad=True)
    value = function(leaf)
    found = [value.detach().numpy()]
    for _ in range(order):
        (value,) = lucid.autograd.grad(value.sum(), leaf, create_graph=True)
        found.append(value.detach().numpy())
    return found


@pytest.mark.parametrize("name", ORDERS)
def test_values_and_four_derivatives(name: str) -> None:
    library = pytest.importorskip("scipy.special")
    twin, order = ORDERS[name]
    x = np.linspace(0.3, 30, 60)
    for n, found in enumerate(derivatives(getattr(lucid.special, name), x, 4)):
        wanted = getattr(library, twin)(order, x, n)
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", ["i0", "i0e", "i1", "i1e"])
def test_first_modified_kind_over_its_whole_range(name: str) -> None:
    library = pytest.importorskip("scipy.special")
    x = np.concatenate([np.linspace(-60, 60, 241), np.logspace(-12, 2.85, 60), [1e10, -0.0]])
    found = getattr(lucid.special, name)(lucid.tensor(x)).numpy()
    np.testing.assert_allclose(found, getattr(library, name)(x), rtol=1e-14)


def test_derivatives_at_0_are_exact() -> None:
    pytest.importorskip("scipy")
    zero = np.zeros(1)
    found = np.concatenate(derivatives(lucid.special.bessel_j1, zero, 5))
    np.testing.assert_allclose(found, [0, 1 / 2, 0, -3 / 8, 0, 5 / 16], atol=1e-16)
    found = np.concatenate(derivatives(lucid.special.i1, zero, 5))
    np.testing.assert_allclose(found, [0, 1 / 2, 0, 3 / 8, 0, 5 / 16], atol=1e-16)
    found = np.concatenate(derivatives(lucid.special.spherical_bessel_j0, zero, 6))
    np.testing.assert_allclose(found, [1, 0, -1 / 3, 0, 1 / 5, 0, -1 / 7], atol=1e-16)


def test_airy_solves_its_equation() -> None:
    pytest.importorskip("scipy")
    x = np.linspace(-8, 4, 40)
    value, slope, second, third = derivatives(lucid.special.airy_ai, x, 3)
    np.testing.assert_allclose(second, x * value, rtol=1e-15)
    np.testing.assert_allclose(third, value + x * slope, rtol=1e-13, atol=1e-15)


def test_limits() -> None:
    pytest.importorskip("scipy")
    known = {
        "bessel_j0": [0, 0, 1, NAN],
        "bessel_j1": [0, 0, 0, NAN],
        "bessel_y0": [0, NAN, -INF, NAN],
        "bessel_y1": [0, NAN, -INF, NAN],
        "modified_bessel_k0": [0, NAN, INF, NAN],
        "scaled_modified_bessel_k1": [0, NAN, INF, NAN],
        "i0": [INF, INF, 1, NAN],
        "i1": [INF, -INF, 0, NAN],
        "i0e": [0, 0, 1, NAN],
        "spherical_bessel_j0": [0, 0, 1, NAN],
    }
    x = lucid.tensor([INF, -INF, 0.0, NAN])
    for name, values in known.items():
        found = getattr(lucid.special, name)(x).numpy()
        np.testing.assert_array_equal(found, np.float32(values), err_msg=name)
    far = lucid.special.airy_ai(lucid.tensor([INF, 1e30])).tolist()
    assert far == [0.0, 0.0]


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    x = lucid.tensor([1.0])
    with pytest.raises(MissingPackageError, match=r"bessel_j0: .*\n.*lucid\[scipy\]"):
        lucid.special.bessel_j0(x)
    with pytest.raises(ImportError, match="gammainc"):
        lucid.igamma(x, x)
    assert lucid.special.i0e(x).item() == pytest.approx(0.46575961)
