"""Distances: accuracy, points that meet, strange values, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError

RNG = np.random.default_rng(0)


def exact(a, b):
    return np.sqrt(((a[:, None, :].astype(np.float64) - b[None]) ** 2).sum(-1))


@pytest.mark.parametrize("offset", [0.0, 1e3])
@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_float32_keeps_its_digits(offset, spread):
    a = (RNG.standard_normal((90, 40)) * spread + offset).astype(np.float32)
    b = np.concatenate([a[:40], a[40:] + np.float32(1e-3) * spread])
    found = lucid.cdist(lucid.tensor(a), lucid.tensor(b)).numpy()
    np.testing.assert_allclose(found, exact(a, b), rtol=3e-5)
    assert not found.diagonal()[:40].any()


def test_points_that_meet_have_gradient_zero():
    x = lucid.tensor(RNG.standard_normal((80, 60)), requires_grad=True)
    lucid.cdist(x, x.detach()).diagonal().sum().backward()
    assert not x.grad.numpy().any()


@pytest.mark.parametrize("shape", [(2, 3), (90, 60)])
def test_strange_values_stay_in_their_rows(shape):
    a, b = RNG.standard_normal((2, *shape))
    a[0, 0], a[1, 1], b[1, 0] = np.nan, np.inf, -np.inf
    found = lucid.cdist(lucid.tensor(a), lucid.tensor(b)).numpy()
    expected = exact(a, b)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.isnan(found[0]).all()


def test_no_elements():
    assert lucid.cdist(lucid.zeros(2, 0), lucid.zeros(3, 0)).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert lucid.cdist(lucid.zeros(0, 2), lucid.zeros(3, 2)).shape == (0, 3)
    assert lucid.cdist(lucid.zeros(80, 90), lucid.zeros(0, 90)).shape == (80, 0)
    assert lucid.pdist(lucid.zeros(1, 2)).shape == (0,)


def test_narrow_floats():
    x = lucid.ones(2, 3, dtype=lucid.float16)
    assert lucid.cdist(x, x * 3).dtype == lucid.float16


def test_refusals():
    x = lucid.ones(2, 3)
    with pytest.raises(ShapeError, match=r"as many coordinates[\s\S]*x2: float32\[2, 4\]"):
        lucid.cdist(x, lucid.ones(2, 4))
    with pytest.raises(ShapeError, match=r"x1 must have shape \(\.\.\., points, coordinates\)"):
        lucid.cdist(lucid.ones(3), x)
    with pytest.raises(DTypeError, match="x2 must be a floating tensor"):
        lucid.cdist(x, lucid.ones(2, 3, dtype=lucid.int64))
    with pytest.raises(ArgumentError, match="p must not be negative"):
        lucid.cdist(x, x, p=-1)
    with pytest.raises(ArgumentError, match="compute_mode must be one of"):
        lucid.cdist(x, x, compute_mode="fast")
    with pytest.raises(ShapeError, match="matrix"):
        lucid.pdist(lucid.ones(2, 2, 2))
    with pytest.raises(DTypeError, match="norm"):
        lucid.dist(lucid.tensor([1]), lucid.tensor([2]))
    with pytest.raises(ShapeError, match="at least two dimensions"):
        lucid.renorm(lucid.ones(3), 2, 0, 1)
    with pytest.raises(ArgumentError, match="must be positive"):
        lucid.renorm(x, 0, 0, 1)
