"""Divergences: every pair that PyTorch knows, and the registry."""

import numpy as np
import pytest

import lucid
from lucid import distributions as ours
from lucid.distributions import kl_divergence, register_kl
from lucid.errors import DTypeError, UnimplementedError

torch = pytest.importorskip("torch")
theirs = torch.distributions

SPD = np.array([[2.0, 0.6], [0.6, 1.5]])
THREE = np.array([0.5, 1.3, 4.0])
PROBS = np.array([0.1, 0.5, 0.93])
WEIGHTS = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
FLAT = np.array([[0.3, 0.4, 0.3], [0.1, 0.1, 0.8]])

# Two of each family, with parameters by position.
PAIRS = {
    "Bernoulli": [(PROBS,), (np.array([0.2, 0.5, 0.4]),)],
    "Beta": [(THREE, THREE + 1), (THREE + 0.5, THREE[::-1] + 1)],
    "Binomial": [(np.full(3, 4.0), PROBS), (np.full(3, 4.0), PROBS[::-1])],
    "Categorical": [(WEIGHTS,), (FLAT,)],
    "Cauchy": [(THREE, THREE), (THREE - 3, THREE[::-1])],
    "ContinuousBernoulli": [(np.array([0.1, 0.4, 0.93]),), (np.array([0.2, 0.7, 0.4]),)],
    "Dirichlet": [(WEIGHTS * 8,), (FLAT * 5,)],
    "Exponential": [(THREE,), (THREE[::-1],)],
    "Gamma": [(THREE, THREE + 1), (THREE[::-1], THREE)],
    "Geometric": [(PROBS,), (np.array([0.2, 0.5, 0.4]),)],
    "Gumbel": [(THREE, THREE), (THREE - 3, THREE[::-1])],
    "HalfNormal": [(THREE,), (THREE[::-1],)],
    "Laplace": [(THREE, THREE), (THREE - 3, THREE[::-1])],
    "LowRankMultivariateNormal": [
        (np.zeros(2), np.array([[1.0], [0.3]]), THREE[:2]),
        (np.ones(2), np.array([[0.2], [-2.0]]), THREE[1:]),
    ],
    "MultivariateNormal": [(np.zeros(2), SPD), (np.ones(2), SPD[::-1, ::-1] * 1.5)],
    "Normal": [(THREE, THREE), (THREE - 3, THREE[::-1])],
    "LogNormal": [(THREE, THREE), (THREE - 3, THREE[::-1])],
    "OneHotCategorical": [(WEIGHTS,), (FLAT,)],
    "Pareto": [(THREE, THREE + 1), (THREE / 2, THREE[::-1])],
    "Poisson": [(THREE,), (THREE[::-1],)],
    "Uniform": [(np.array([0.1, 0.2, 0.5]), np.array([0.9, 0.5, 0.98])), (THREE - 3, THREE + 3)],
}


def known():
    """The pairs of PyTorch's registry that name families of the table."""
    registry = theirs.kl._KL_REGISTRY
    names = [(a.__name__, b.__name__) for a, b in registry]
    return sorted({(a, b) for a, b in names if a in PAIRS and b in PAIRS} | {("LogNormal",) * 2})


def build(name, which, library, tensor, grad=False):
    parameters = [tensor(np.ascontiguousarray(p), requires_grad=grad) for p in PAIRS[name][which]]
    return getattr(library, name)(*parameters), parameters


@pytest.mark.parametrize("pair", known(), ids="-".join)
def test_every_pair_of_pytorch(pair):
    a, b = pair
    p, left_p = build(a, 0, ours, lucid.tensor, True)
    q, left_q = build(b, 1, ours, lucid.tensor, True)
    p_, right_p = build(a, 0, theirs, torch.tensor, True)
    q_, right_q = build(b, 1, theirs, torch.tensor, True)
    found, wanted = kl_divergence(p, q), theirs.kl_divergence(p_, q_)
    np.testing.assert_allclose(found.detach().data, wanted.detach().numpy(), 1e-7, 1e-9)
    if not wanted.requires_grad or not wanted.isfinite().all():
        return
    found.sum().backward()
    wanted.sum().backward()
    for mine, other in zip(left_p + left_q, right_p + right_q, strict=True):
        if other.grad is not None:
            grad = np.zeros(mine.shape) if mine.grad is None else mine.grad.data
            np.testing.assert_allclose(grad, other.grad.numpy(), 1e-5, 1e-7)


def test_pytorch_knows_no_pair_that_is_missing_here():
    registry = {(a.__name__, b.__name__) for a, b in theirs.kl._KL_REGISTRY}
    mine = {(a.__name__, b.__name__) for a, b in ours.kl._PAIRS}
    assert registry - mine == set()


@pytest.mark.parametrize("name", sorted(set(PAIRS) - {"Uniform"}))
def test_none_from_itself_and_never_negative(name):
    p, _ = build(name, 0, ours, lucid.tensor)
    q, _ = build(name, 1, ours, lucid.tensor)
    np.testing.assert_allclose(kl_divergence(p, p).data, 0, atol=1e-12)
    assert (kl_divergence(p, q).data > 0).any()
    assert (kl_divergence(p, q).data > -1e-12).all()


def test_bregman_divergence_of_a_family_without_a_rule_of_its_own():
    p = ours.Chi2(lucid.tensor(THREE))
    q = ours.Chi2(lucid.tensor(THREE + 1))
    np.testing.assert_allclose(
        kl_divergence(p, q).data,
        theirs.kl_divergence(
            theirs.Chi2(torch.tensor(THREE)), theirs.Chi2(torch.tensor(THREE + 1))
        ).numpy(),
        1e-10,
    )
    rule = ours.kl._PAIRS[ours.ExponentialFamily, ours.ExponentialFamily]
    for name in ("Normal", "Gamma", "Beta", "Dirichlet", "Poisson", "Exponential", "Bernoulli"):
        p, _ = build(name, 0, ours, lucid.tensor)
        q, _ = build(name, 1, ours, lucid.tensor)
        np.testing.assert_allclose(rule(p, q).data, kl_divergence(p, q).data, 1e-9, 1e-12)


def test_entropy_by_the_normalizer_is_that_in_closed_form():
    for name in ("Normal", "Gamma", "Beta", "Dirichlet", "Exponential", "Bernoulli"):
        p, _ = build(name, 0, ours, lucid.tensor)
        np.testing.assert_allclose(
            ours.ExponentialFamily.entropy(p).data, p.entropy().data, 1e-10, 1e-12
        )
    w = ours.Wishart(lucid.tensor(3.5, dtype=lucid.float64), lucid.tensor(SPD))
    np.testing.assert_allclose(ours.ExponentialFamily.entropy(w).data, w.entropy().data, 1e-10)


def test_low_rank_agrees_with_the_full_covariance():
    for which in (0, 1):
        low, _ = build("LowRankMultivariateNormal", which, ours, lucid.tensor)
        full = ours.MultivariateNormal(low.loc, low.covariance_matrix)
        other, _ = build("MultivariateNormal", 1 - which, ours, lucid.tensor)
        np.testing.assert_allclose(
            kl_divergence(low, other).data, kl_divergence(full, other).data, 1e-12
        )
        np.testing.assert_allclose(
            kl_divergence(other, low).data, kl_divergence(other, full).data, 1e-12
        )
        np.testing.assert_allclose(low.precision_matrix.data, full.precision_matrix.data, 1e-12)


def test_independent_and_transformed():
    p, q = (build("Normal", i, ours, lucid.tensor)[0] for i in (0, 1))
    rows = [ours.Independent(d, 1) for d in (p, q)]
    np.testing.assert_allclose(kl_divergence(*rows).data, kl_divergence(p, q).data.sum())
    logs = [ours.TransformedDistribution(d, [ours.ExpTransform()]) for d in (p, q)]
    np.testing.assert_allclose(kl_divergence(*logs).data, kl_divergence(p, q).data)
    other = ours.TransformedDistribution(q, [ours.TanhTransform()])
    with pytest.raises(UnimplementedError, match="same transforms"):
        kl_divergence(logs[0], other)
    with pytest.raises(UnimplementedError, match="reinterpreted_batch_ndims"):
        kl_divergence(rows[0], ours.Independent(q, 0))


def test_infinite_where_mass_is_missing():
    zero = ours.Categorical(lucid.tensor([0.0, 1.0]))
    even = ours.Categorical(lucid.tensor([0.5, 0.5]))
    assert kl_divergence(even, zero).item() == np.inf
    np.testing.assert_allclose(kl_divergence(zero, even).item(), np.log(2), 1e-6)
    assert kl_divergence(ours.Uniform(0.0, 2.0), ours.Uniform(0.0, 1.0)).item() == np.inf
    assert kl_divergence(ours.Bernoulli(0.5), ours.Bernoulli(0.0)).item() == np.inf


def test_a_pair_without_a_rule_is_refused_with_the_way_out():
    with pytest.raises(UnimplementedError) as caught:
        kl_divergence(ours.Normal(0.0, 1.0), ours.Poisson(1.0))
    text = str(caught.value)
    assert "register_kl(Normal, Poisson)" in text
    assert "p: Normal(loc: 0.0, scale: 1.0)" in text
    with pytest.raises(DTypeError, match="type_q must be a class of distributions"):
        register_kl(ours.Normal, int)


def test_the_most_specific_rule_is_taken():
    class Mine(ours.Normal):
        pass

    assert kl_divergence(Mine(0.0, 1.0), ours.Normal(0.0, 1.0)).item() == 0
    register_kl(Mine, ours.Normal)(lambda p, q: p.loc + 7)
    assert kl_divergence(Mine(0.0, 1.0), ours.Normal(0.0, 1.0)).item() == 7
    register_kl(ours.Normal, Mine)(lambda p, q: p.loc + 8)
    with pytest.warns(RuntimeWarning, match="two rules fit equally well"):
        kl_divergence(Mine(0.0, 1.0), Mine(0.0, 1.0))
