"""The error function and its inverse to the last digits."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lucid


@pytest.mark.parametrize("dtype", [lucid.float32, lucid.float64])
def test_erf_and_erfc(dtype: np.dtype) -> None:
    x = np.linspace(-6, 6, 201).astype(dtype)
    for name in ("erf", "erfc"):
        wanted = np.array([getattr(math, name)(v) for v in x.tolist()])
        found = getattr(lucid, name)(lucid.tensor(x)).numpy()
        assert found.dtype == dtype
        np.testing.assert_allclose(found, wanted, rtol=4 * np.finfo(dtype).eps)


def test_erfinv_undoes_erf() -> None:
    tails = 1 - np.logspace(-16, -0.01, 60)
    y = np.concatenate([-tails, [-1e-300, 0.0, 1e-300, 1e-9], tails])
    x = lucid.erfinv(lucid.tensor(y)).numpy()
    back = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(back, y, rtol=4e-16)
    rest = np.array([math.erfc(v) for v in x[-60:]])
    np.testing.assert_allclose(rest, 1 - tails, rtol=2e-14)


def test_erfinv_outside_of_its_domain() -> None:
    y = lucid.erfinv(lucid.tensor([1.0, -1.0, 1.5, float("nan")]))
    np.testing.assert_array_equal(y.numpy(), [np.inf, -np.inf, np.nan, np.nan])


def test_shapes_are_kept() -> None:
    assert lucid.erf(lucid.ones(2, 0, 3)).shape == (2, 0, 3)
    assert lucid.erfinv(lucid.tensor(0.5)).shape == ()
    strided = lucid.tensor(np.arange(12.0).reshape(3, 4).T / 12)
    np.testing.assert_array_equal(
        lucid.erf(strided).numpy(), np.vectorize(math.erf)(strided.numpy())
    )
