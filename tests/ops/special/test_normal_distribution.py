"""The normal distribution to the last digits of its tails."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

import lucid
from lucid.special import erfcx, log_ndtr, ndtr, ndtri


def test_quantiles_undo_the_distribution() -> None:
    tails = np.logspace(-307, -1, 120)
    x = ndtri(lucid.tensor(tails))
    np.testing.assert_allclose(ndtr(x).numpy(), tails, rtol=1e-12)  # x^2 times a rounding
    p = np.linspace(0.001, 0.999, 333)
    known = [NormalDist().inv_cdf(v) for v in p]
    np.testing.assert_allclose(ndtri(lucid.tensor(p)).numpy(), known, rtol=1e-14, atol=1e-15)


def test_quantiles_at_the_ends() -> None:
    p = lucid.tensor(np.array([0.0, 1.0, -0.1, 1.1, np.nan, 0.5]))
    np.testing.assert_array_equal(ndtri(p).numpy(), [-np.inf, np.inf, np.nan, np.nan, np.nan, 0])


def test_logarithm_far_in_the_tail() -> None:
    x = np.array([-40.0, -1e3, -1e8])
    series = 1 - 1 / x**2 + 3 / x**4 - 15 / x**6  # Mills' ratio, DLMF 7.12.1
    known = -x * x / 2 - np.log(-x * math.sqrt(2 * math.pi)) + np.log(series)
    np.testing.assert_allclose(log_ndtr(lucid.tensor(x)).numpy(), known, rtol=1e-12)
    leaf = lucid.Tensor(x, dtype=x.dtype, requires_grad=True)
    log_ndtr(leaf).sum().backward()
    np.testing.assert_allclose(leaf.grad.numpy(), -x + -1 / x, rtol=1e-5)


def test_scaled_erfc() -> None:
    x = np.linspace(0, 5, 101)
    known = [math.erfc(v) * math.exp(v * v) for v in x]
    np.testing.assert_allclose(erfcx(lucid.tensor(x)).numpy(), known, rtol=1e-14)
    far = np.array([1e5, 1e200, np.inf, -30.0, -np.inf])
    known = np.array([1 / (math.sqrt(math.pi) * v) for v in far[:3]] + [np.inf, np.inf])
    np.testing.assert_allclose(erfcx(lucid.tensor(far)).numpy(), known, rtol=1e-10)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(lucid.errors.DTypeError, match="ndtr: takes real numbers only"):
        ndtr(lucid.tensor([1j]))
