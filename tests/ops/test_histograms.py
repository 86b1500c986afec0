"""Histograms: NaN, edges, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError


def test_nan_counts_nowhere():
    x = lucid.tensor([1.0, float("nan"), 0.5, 7.0, -1.0])
    assert lucid.histogram(x, 2, range=(0, 1)).hist.tolist() == [0, 2]


def test_no_gradient():
    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    assert not lucid.histogram(x, 2).hist.requires_grad


def test_many_directions():
    points = np.random.default_rng(0).uniform(-1, 1, (100, 3))
    found = lucid.histogramdd(lucid.tensor(points), (2, 3, 4))
    np.testing.assert_array_equal(found.hist, np.histogramdd(points, (2, 3, 4))[0])


def test_refusals():
    x = lucid.tensor([1.0, 2.0])
    with pytest.raises(ArgumentError, match="at least one bin"):
        lucid.histogram(x, 0)
    with pytest.raises(ArgumentError, match=r"\(least, largest\)"):
        lucid.histogram(x, 2, range=(3, 1))
    with pytest.raises(ArgumentError, match="not finite"):
        lucid.histogram(lucid.tensor([1.0, float("nan")]), 2)
    with pytest.raises(DTypeError, match="floating"):
        lucid.histogram(lucid.tensor([1, 2]), 2)
    with pytest.raises(DTypeError, match="a number of bins"):
        lucid.histogram(x, 2.5)
    with pytest.raises(ShapeError, match="each of the 2 points"):
        lucid.histogram(x, 2, weight=lucid.ones(3))
    with pytest.raises(DTypeError, match="dtype of the input"):
        lucid.histogram(x, 2, weight=lucid.ones(2).double())
    with pytest.raises(ShapeError, match="vector of float32"):
        lucid.histogram(x, lucid.ones(2, 2))
    with pytest.raises(ShapeError, match=r"shape \(\.\.\., D\)"):
        lucid.histogramdd(x, 2)
    with pytest.raises(ArgumentError, match="2 elements and range 4"):
        lucid.histogramdd(lucid.ones(3, 2), [2])
    with pytest.raises(ArgumentError, match="2 elements and range 4"):
        lucid.histogramdd(lucid.ones(3, 2), 2, range=[0.0, 1.0])
