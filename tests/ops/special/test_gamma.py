"""The gamma family where PyTorch is no judge: identities, poles, far arguments, messages."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError
from lucid.testing.cases import kernels

INF, NAN = float("inf"), float("nan")


@pytest.fixture(params=[False, True], ids=["reference", "kernel"], autouse=True)
def settled(request: pytest.FixtureRequest):
    with kernels(request.param):
        yield


def test_lgamma_is_the_logarithm_of_factorials() -> None:
    n = np.arange(1.0, 100.0)
    found = lucid.lgamma(lucid.tensor(n + 1)).numpy()
    np.testing.assert_allclose(found, [math.log(math.factorial(int(k))) for k in n], rtol=1e-14)


def test_lgamma_at_poles_and_far_out() -> None:
    x = lucid.tensor(np.array([0.0, -0.0, -1.0, -1e10, INF, -INF, 1e308, NAN]))
    np.testing.assert_array_equal(lucid.lgamma(x).numpy(), [INF] * 7 + [NAN])


def test_digamma_at_known_points() -> None:
    euler = 0.5772156649015329
    x = np.array([1.0, 0.5, 0.25, 2.0, 1e-300, 1e300])
    known = [
        -euler,
        -euler - 2 * math.log(2),
        -euler - math.pi / 2 - 3 * math.log(2),
        1 - euler,
        -1e300,
        math.log(1e300),
    ]
    np.testing.assert_allclose(lucid.digamma(lucid.tensor(x)).numpy(), known, rtol=1e-15)


def test_digamma_by_its_recurrence_on_both_sides_of_0() -> None:
    x = np.random.default_rng(0).uniform(-30, 30, 500)
    step = lucid.digamma(lucid.tensor(x + 1)) - lucid.digamma(lucid.tensor(x))
    np.testing.assert_allclose(step.numpy(), 1 / x, rtol=1e-9, atol=1e-11)


def test_digamma_at_poles() -> None:
    x = lucid.tensor(np.array([0.0, -0.0, -1.0, -1e17, -INF, INF, NAN]))
    known = [-INF, INF, NAN, NAN, NAN, INF, NAN]
    np.testing.assert_array_equal(lucid.digamma(x).numpy(), known)


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_polygamma_by_its_recurrence(n: int) -> None:
    x = np.concatenate([np.linspace(0.05, 30, 50), [-0.3, -5.4, -1e-30, -1000.25]])
    step = lucid.polygamma(n, lucid.tensor(x + 1)) - lucid.polygamma(n, lucid.tensor(x))
    with np.errstate(over="ignore", invalid="ignore"):
        known = (-1.0) ** n * math.factorial(n) * x ** (-n - 1.0)
        error = np.abs(step.numpy() - known)
    size = np.abs(lucid.polygamma(n, lucid.tensor(x)).numpy())
    finite = np.isfinite(known)
    assert (error <= 1e-13 * np.maximum(size, np.abs(known)))[finite].all()


@pytest.mark.parametrize("n", [1, 2, 3, 30])
def test_polygamma_beside_scipys(n: int) -> None:
    library = pytest.importorskip("scipy.special")
    x = np.concatenate([np.logspace(-3, 8, 100), np.linspace(1, 60, 60)])
    found, known = lucid.polygamma(n, lucid.tensor(x)).numpy(), library.polygamma(n, x)
    normal = np.isfinite(known) & (np.abs(known) > 1e-300)
    np.testing.assert_allclose(found[normal], known[normal], rtol=2e-14)


def test_polygamma_comes_to_rest() -> None:
    x = lucid.tensor(np.array([INF, -INF, NAN, -3.0, -1e30, -0.0]))
    np.testing.assert_array_equal(lucid.polygamma(1, x).numpy(), [0, NAN, NAN, INF, INF, INF])


def test_zeta_at_known_points() -> None:
    s = np.array([2.0, 4.0, 6.0, INF])
    known = [math.pi**2 / 6, math.pi**4 / 90, math.pi**6 / 945, 1.0]
    found = lucid.special.zeta(lucid.tensor(s), 1.0).numpy()
    np.testing.assert_allclose(found, known, rtol=1e-15)
    found = lucid.special.zeta(2.0, lucid.tensor(np.array([INF, NAN, 0.5]))).numpy()
    np.testing.assert_allclose(found, [0, NAN, math.pi**2 / 2], rtol=1e-15)


def test_mvlgamma_by_its_duplication() -> None:
    a = np.array([1.0, 2.5, 7.0])  # Gamma_2(a) is sqrt(pi) Gamma(a) Gamma(a - 1/2)
    known = [math.log(math.pi) / 2 + math.lgamma(v) + math.lgamma(v - 0.5) for v in a]
    np.testing.assert_allclose(lucid.mvlgamma(lucid.tensor(a), 2).numpy(), known, rtol=1e-14)


def test_methods() -> None:
    x = lucid.tensor([1.5, 2.5])
    for name in ("lgamma", "digamma", "i0", "sinc"):
        assert getattr(x, name)().tolist() == getattr(lucid, name)(x).tolist()
    assert x.polygamma(2).tolist() == lucid.polygamma(2, x).tolist()
    assert x.mvlgamma(2).tolist() == lucid.mvlgamma(x, 2).tolist()


def test_messages() -> None:
    x = lucid.tensor([1.0])
    with pytest.raises(ArgumentError, match="polygamma: n must be at least 0"):
        lucid.polygamma(-1, x)
    with pytest.raises(DTypeError, match="n must be an int, not float"):
        lucid.polygamma(1.5, x)
    with pytest.raises(ArgumentError, match="mvlgamma: p must be at least 1"):
        lucid.mvlgamma(x, 0)
    with pytest.raises(DTypeError, match="lgamma: takes real numbers only"):
        lucid.lgamma(lucid.tensor([1j]))
    with pytest.raises(DTypeError, match="digamma: takes a tensor"):
        lucid.digamma([1.0])


def test_zeta_has_no_gradient_towards_its_exponent() -> None:
    s = lucid.tensor([2.5], requires_grad=True)
    with pytest.raises(lucid.errors.GradError, match=r"zeta.*(\n.*)*input\.detach"):
        lucid.special.zeta(s, 1.0).backward()
