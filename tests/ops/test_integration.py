"""Integrals of samples: short ones, integers, and what is refused."""

import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError


def test_few_samples():
    assert lucid.trapezoid(lucid.ones(2, 0)).tolist() == [0, 0]
    assert lucid.trapezoid(lucid.ones(2, 1)).tolist() == [0, 0]
    assert lucid.cumulative_trapezoid(lucid.ones(2, 1)).shape == (2, 0)
    assert lucid.cumulative_trapezoid(lucid.ones(2, 0)).shape == (2, 0)


def test_integers():
    y, x = lucid.tensor([1, 2, 4]), lucid.tensor([0, 1, 3])
    assert lucid.trapezoid(y).item() == 4.5
    assert lucid.trapezoid(y, x).item() == 7.5
    assert lucid.trapezoid(y, axis=0).dtype == lucid.float32


def test_refusals():
    y = lucid.ones(2, 3)
    with pytest.raises(DTypeError, match="y must not be bool"):
        lucid.trapezoid(lucid.tensor([True]))
    with pytest.raises(DTypeError, match=r"x must be a tensor[\s\S]*dx=0\.5"):
        lucid.trapezoid(y, 0.5)
    with pytest.raises(ArgumentError, match="exclude each other"):
        lucid.trapezoid(y, lucid.ones(3), dx=1)
    with pytest.raises(ShapeError, match="each of the 3 samples"):
        lucid.cumulative_trapezoid(y, lucid.ones(2))
    with pytest.raises(IndexingError, match="no dimension 2"):
        lucid.trapezoid(y, dim=2)
    with pytest.raises(ShapeError, match="no dimension to integrate"):
        lucid.trapezoid(lucid.tensor(1.0))
