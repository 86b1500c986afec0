"""Softmax: sums to one, does not overflow, knows masks, empty rows and its arguments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lucid
from lucid.errors import ArgumentError, IndexingError

INF = float("inf")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=6),
    st.floats(-100, 100),
)
def test_probabilities(scores: list[float], shift: float) -> None:
    x = lucid.tensor(scores, dtype=lucid.float64)
    y = lucid.softmax(x, 0)
    assert abs(y.sum().item() - 1) < 1e-12
    assert (y >= 0).all()
    small = x / max(1.0, float(np.abs(scores).max()) / 100)
    np.testing.assert_allclose(
        lucid.softmax(small + shift, 0).numpy(), lucid.softmax(small, 0).numpy(), rtol=1e-11
    )
    np.testing.assert_allclose(
        lucid.log_softmax(small, 0).exp().numpy(), lucid.softmax(small, 0).numpy(), rtol=1e-11
    )


def test_masked_scores_have_no_probability_and_no_gradient() -> None:
    x = lucid.tensor([1.0, -INF, 1.0]).requires_grad_()
    y = lucid.softmax(x, 0)
    y.backward(lucid.tensor([1.0, 5.0, 0.0]))
    assert y.tolist() == [0.5, 0.0, 0.5]
    assert x.grad.tolist() == [0.25, 0.0, -0.25]


def test_log_softmax_keeps_what_softmax_rounds_to_zero() -> None:
    x = lucid.tensor([0.0, 1000.0])
    assert lucid.softmax(x, 0).tolist() == [0.0, 1.0]
    assert lucid.log_softmax(x, 0).tolist() == [-1000.0, 0.0]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), ()])
def test_empty_and_0d(shape: tuple[int, ...]) -> None:
    x = lucid.ones(shape).requires_grad_()
    for function in (lucid.softmax, lucid.log_softmax):
        y = function(x, -1)
        assert y.shape == shape
        y.sum().backward()
        assert x.grad.shape == shape


def test_softmin_and_dtype() -> None:
    x = lucid.tensor([1, 2])
    assert lucid.softmin(x, 0).dtype == lucid.float32
    assert lucid.softmax(x, 0, dtype=lucid.float64).dtype == lucid.float64
    np.testing.assert_allclose(
        lucid.softmin(x, 0).numpy(), lucid.softmax(x, 0).numpy()[::-1], rtol=1e-6
    )


def test_half_precision_sums_in_single() -> None:
    x = lucid.zeros(5000, dtype=lucid.float16)
    np.testing.assert_allclose(lucid.softmax(x, 0).numpy(), np.full(5000, 2e-4), rtol=2e-3)


def test_refusals() -> None:
    x = lucid.ones(2, 3)
    with pytest.raises(ArgumentError, match=r"softmax: needs the dimension.*\n.*float32\[2, 3\]"):
        lucid.softmax(x)
    with pytest.raises(ArgumentError, match="dim= and axis= mean the same"):
        lucid.log_softmax(x, 0, axis=0)
    with pytest.raises(IndexingError, match="no dimension 2"):
        lucid.softmax(x, 2)
