"""Mixtures and independent batches against PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid import distributions as ours

torch = pytest.importorskip("torch")
theirs = torch.distributions

WEIGHTS = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
LOC = np.array([[-1.0, 0.0, 2.0], [0.5, 3.0, -2.0]])
SCALE = np.array([0.5, 1.0, 2.0])
X = np.array([[-0.3, 1.0], [2.0, 0.0], [5.0, -4.0], [0.1, 0.2]])


def mixtures(make):
    """One mixture here and one in PyTorch, and the parameters of each."""
    left = [lucid.tensor(v, requires_grad=True) for v in (WEIGHTS, LOC, SCALE)]
    right = [torch.tensor(v, requires_grad=True) for v in (WEIGHTS, LOC, SCALE)]
    return make(ours, *left), make(theirs, *right), left, right


MAKE = {
    "numbers": lambda d, w, a, b: d.MixtureSameFamily(d.Categorical(w), d.Normal(a, b)),
    "one row of weights": lambda d, w, a, b: d.MixtureSameFamily(
        d.Categorical(w[0]), d.Laplace(a, b)
    ),
    "logits": lambda d, w, a, b: d.MixtureSameFamily(d.Categorical(logits=w), d.Cauchy(a, b)),
}


@pytest.mark.parametrize("name", MAKE)
def test_mixtures_of_numbers(name):
    mine, other, left, right = mixtures(MAKE[name])
    here, there = lucid.tensor(X), torch.tensor(X)
    total, wanted_total = 0.0, 0.0
    for f in ("log_prob", "cdf"):
        found, wanted = getattr(mine, f)(here), getattr(other, f)(there)
        np.testing.assert_allclose(found.detach().data, wanted.detach().numpy(), 1e-10)
        total, wanted_total = total + found.sum(), wanted_total + wanted.sum()
    total.backward(retain_graph=True)
    wanted_total.backward(retain_graph=True)
    for a, b in zip(left, right, strict=True):
        np.testing.assert_allclose(a.grad.data, b.grad.numpy(), 1e-8, 1e-12)
    if name != "logits":
        for moment in ("mean", "variance"):
            found, wanted = getattr(mine, moment), getattr(other, moment)
            np.testing.assert_allclose(found.detach().data, wanted.detach().numpy(), 1e-10)
    assert mine.sample((5,)).shape == (5, 2)


def test_mixtures_of_vectors():
    def make(d, w, a, b):
        return d.MixtureSameFamily(
            d.Categorical(w[:, :2]), d.Independent(d.Normal(pair(a), 1.0), 1)
        )

    def pair(a):  # two components of three numbers, for each of two
        return a[:, None, :] * (a[0, :2, None] + 2)

    mine, other, left, right = mixtures(make)
    assert mine.batch_shape == tuple(other.batch_shape) == (2,)
    assert mine.event_shape == tuple(other.event_shape) == (3,)
    x = np.random.default_rng(0).standard_normal((4, 2, 3))
    found, wanted = mine.log_prob(lucid.tensor(x)), other.log_prob(torch.tensor(x))
    np.testing.assert_allclose(found.detach().data, wanted.detach().numpy(), 1e-10)
    found.sum().backward()
    wanted.sum().backward()
    np.testing.assert_allclose(left[1].grad.data, right[1].grad.numpy(), 1e-8)
    for moment in ("mean", "variance"):
        found, wanted = getattr(mine, moment), getattr(other, moment)
        np.testing.assert_allclose(found.detach().data, wanted.detach().numpy(), 1e-10)
    assert mine.sample((5,)).shape == tuple(other.sample((5,)).shape)


def test_independent_batches():
    mine = ours.Independent(ours.Gamma(lucid.tensor(np.abs(LOC) + 1), lucid.tensor(SCALE)), 1)
    other = theirs.Independent(theirs.Gamma(torch.tensor(np.abs(LOC) + 1), torch.tensor(SCALE)), 1)
    x = np.abs(LOC) + 0.2
    for f, value in (("log_prob", (x,)), ("entropy", ())):
        found = getattr(mine, f)(*map(lucid.tensor, value))
        wanted = getattr(other, f)(*map(torch.tensor, value))
        np.testing.assert_allclose(found.data, wanted.numpy(), 1e-10)
    assert mine.support.check(lucid.tensor(x)).shape == (2,)
    binary = ours.Independent(ours.Bernoulli(lucid.tensor([0.5])), 0)
    assert binary.enumerate_support().tolist() == [[0.0], [1.0]]


def test_generalized_pareto_has_its_logarithms():
    args = (np.zeros(2), np.ones(2), np.array([0.3, -0.2]))
    mine = ours.GeneralizedPareto(*map(lucid.tensor, args))
    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(
        mine.log_cdf(lucid.tensor(x)).exp().data, mine.cdf(lucid.tensor(x)).data
    )
    survival = mine.log_survival_function(lucid.tensor(x)).exp().data
    np.testing.assert_allclose(survival, 1 - mine.cdf(lucid.tensor(x)).data, 1e-12)


positive = st.floats(0.05, 20)


@given(st.floats(-5, 5), positive, positive, st.floats(0.001, 0.999))
def test_quantiles_lead_back(loc, scale, third, p):
    values = (lucid.tensor(v, dtype=lucid.float64) for v in (loc, scale, third, p))
    loc, scale, third, p = values
    for d in (
        ours.Huber(loc, scale, third),
        ours.AsymmetricLaplace(loc, scale, third),
        ours.Weibull(scale, third),
        ours.Pareto(scale, third),
        ours.Kumaraswamy(scale, third + 1),  # below 1 values crowd at the end
        ours.GeneralizedPareto(loc, scale, third - 2),
    ):
        np.testing.assert_allclose(d.cdf(d.icdf(p)).item(), p.item(), 1e-6)
