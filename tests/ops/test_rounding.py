"""Rounding beside NumPy's, and gradients that are exactly zero."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lucid

INF, NAN = float("inf"), float("nan")
VALUES = [-2.5, -1.5, -0.5, -0.2, 0.0, 0.5, 1.5, 2.5, INF, NAN]


@pytest.mark.parametrize(
    ("name", "numpy_name"),
    [("floor", "floor"), ("ceil", "ceil"), ("trunc", "trunc"), ("round", "rint")],
)
def test_steps(name: str, numpy_name: str) -> None:
    x = lucid.tensor(VALUES).requires_grad_()
    y = getattr(lucid, name)(x)
    np.testing.assert_array_equal(
        y.detach().numpy(), getattr(np, numpy_name)(np.array(VALUES, np.float32))
    )
    y.backward(lucid.ones(len(VALUES)) * INF)
    assert x.grad.tolist() == [0.0] * len(VALUES)


def test_python_functions_work_on_tensors() -> None:
    x = lucid.tensor([1.26, -1.26])
    assert round(x, 1).allclose(lucid.tensor([1.3, -1.3]))
    assert round(x).tolist() == [1.0, -1.0]
    assert math.floor(x).tolist() == [1.0, -2.0]
    assert math.ceil(x).tolist() == [2.0, -1.0]
    assert math.trunc(x).tolist() == [1.0, -1.0]


def test_rounding_before_the_point() -> None:
    x = lucid.tensor([1249.0, 1251.0])
    assert lucid.round(x, decimals=-2).tolist() == [1200.0, 1300.0]


@pytest.mark.parametrize("dtype", [lucid.int64, lucid.uint8, lucid.bool])
def test_integers_are_copied(dtype: np.dtype) -> None:
    x = lucid.tensor([0, 1], dtype=dtype)
    for function in (lucid.floor, lucid.ceil, lucid.trunc, lucid.round):
        y = function(x)
        assert y.dtype == dtype
        assert y.tolist() == x.tolist()
        assert not np.shares_memory(x.data, y.data)


def test_frac_has_slope_one() -> None:
    x = lucid.tensor([1.25, -1.25]).requires_grad_()
    y = lucid.frac(x)
    y.sum().backward()
    assert y.tolist() == [0.25, -0.25]
    assert x.grad.tolist() == [1.0, 1.0]


def test_nan_to_num() -> None:
    x = lucid.tensor([NAN, INF, -INF, 2.0]).requires_grad_()
    y = lucid.nan_to_num(x, nan=-1.0, posinf=5.0)
    y.backward(lucid.ones(4) * INF)
    assert y.tolist() == [-1.0, 5.0, float(np.finfo(np.float32).min), 2.0]
    assert x.grad.tolist() == [0.0, 0.0, 0.0, INF]
