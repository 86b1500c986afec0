"""Covariances: no degrees of freedom left, dtypes, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError


def test_integers_become_floating():
    assert lucid.cov(lucid.tensor([1, 2, 4])).item() == pytest.approx(7 / 3)
    assert lucid.corrcoef(lucid.tensor([[1, 2], [2, 1]])).dtype == lucid.float32


def test_no_degrees_of_freedom():
    assert np.isnan(lucid.cov(lucid.tensor(1.0)).item())
    assert np.isnan(lucid.cov(lucid.ones(2, 0)).numpy()).all()
    assert lucid.cov(lucid.tensor([[1.0, 2.0]]), correction=5).item() == np.inf


def test_correlation_of_one_variable():
    assert lucid.corrcoef(lucid.tensor([1.0, 2.0, 4.0])) == 1


def test_correlation_stays_within_one():
    x = lucid.tensor(np.random.default_rng(0).standard_normal(1000).astype(np.float32))
    r = lucid.corrcoef(lucid.stack([x, 3 * x, -x]))
    assert r.abs().max() <= 1


@pytest.mark.parametrize(
    ("weights", "error", "match"),
    [
        ({"fweights": lucid.tensor([-1, 1])}, ArgumentError, "fweights must not be negative"),
        ({"fweights": lucid.tensor([1.0, 1.0])}, DTypeError, "fweights must be integers"),
        ({"fweights": lucid.tensor([1])}, ShapeError, "each of the 2 observations"),
        ({"aweights": lucid.tensor([1, 1])}, DTypeError, "aweights must be floating"),
        ({"aweights": lucid.tensor([0.0, 0.0])}, ArgumentError, "not all be zero"),
    ],
)
def test_weights_refused(weights, error, match):
    with pytest.raises(error, match=match):
        lucid.cov(lucid.ones(3, 2), **weights)


def test_refusals():
    with pytest.raises(ShapeError, match="at most two dimensions"):
        lucid.cov(lucid.ones(2, 2, 2))
    with pytest.raises(DTypeError, match="no bools"):
        lucid.cov(lucid.tensor([True, False]))
