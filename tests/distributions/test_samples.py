"""Draws: their distribution, their gradients, their seeds."""

import numpy as np
import pytest

import lucid
from lucid import distributions as D
from lucid.distributions.gamma_derivatives import log_slope, log_standard_gamma, lower_gamma
from lucid.errors import GradError, UnimplementedError

stats = pytest.importorskip("scipy.stats")
special = pytest.importorskip("scipy.special")
N = 20000


def double(x, **options):
    return lucid.tensor(x, dtype=lucid.float64, **options)


CONTINUOUS = [
    (D.Normal(1.0, 2.0), stats.norm(1, 2)),
    (D.LogNormal(0.5, 0.8), stats.lognorm(0.8, scale=np.exp(0.5))),
    (D.HalfNormal(2.0), stats.halfnorm(scale=2)),
    (D.Laplace(1.0, 2.0), stats.laplace(1, 2)),
    (D.AsymmetricLaplace(1.0, 2.0, 0.6), stats.laplace_asymmetric(0.6, 1, 2)),
    (D.Cauchy(1.0, 2.0), stats.cauchy(1, 2)),
    (D.HalfCauchy(2.0), stats.halfcauchy(scale=2)),
    (D.StudentT(2.5, 1.0, 2.0), stats.t(2.5, 1, 2)),
    (D.FisherSnedecor(3.0, 5.0), stats.f(3, 5)),
    (D.Gamma(0.3, 2.0), stats.gamma(0.3, scale=0.5)),
    (D.Gamma(30.0, 2.0), stats.gamma(30, scale=0.5)),
    (D.Chi2(3.0), stats.chi2(3)),
    (D.InverseGamma(3.0, 2.0), stats.invgamma(3, scale=2)),
    (D.Exponential(2.0), stats.expon(scale=0.5)),
    (D.Uniform(-1.0, 3.0), stats.uniform(-1, 4)),
    (D.Beta(0.4, 2.5), stats.beta(0.4, 2.5)),
    (D.Gumbel(1.0, 2.0), stats.gumbel_r(1, 2)),
    (D.Weibull(2.0, 1.5), stats.weibull_min(1.5, scale=2)),
    (D.Pareto(2.0, 3.0), stats.pareto(3, scale=2)),
    (D.GeneralizedPareto(1.0, 2.0, 0.3), stats.genpareto(0.3, 1, 2)),
    (D.GeneralizedPareto(1.0, 2.0, -0.3), stats.genpareto(-0.3, 1, 2)),
    (D.VonMises(0.5, 2.0), stats.vonmises(2, 0.5)),
]


@pytest.mark.parametrize(("d", "other"), CONTINUOUS, ids=lambda d: type(d).__name__)
def test_kolmogorov_smirnov(d, other):
    if not isinstance(d, D.Distribution):
        pytest.fail("the first of a pair is ours")
    lucid.manual_seed(0)
    drawn = d.sample(N)
    assert drawn.shape == (N,)
    cdf = other.cdf
    if isinstance(d, D.VonMises):  # SciPy's distribution function goes on around the circle
        start = other.cdf(-np.pi)
        cdf = lambda x: other.cdf(x) - start  # noqa: E731
    assert stats.kstest(drawn.data.astype(np.float64), cdf).pvalue > 1e-3
    assert d.support.check(drawn).data.all()


@pytest.mark.parametrize(
    "d",
    [
        D.Huber(1.0, 2.0, 0.7),
        D.Huber(1.0, 2.0, 3.0),
        D.Kumaraswamy(0.7, 3.0),
        D.ContinuousBernoulli(0.8),
        D.ContinuousBernoulli(0.5),
    ],
    ids=repr,
)
def test_draws_follow_the_distribution_function(d):
    lucid.manual_seed(0)
    heights = d.cdf(d.sample(N)).data.astype(np.float64)
    assert stats.kstest(heights, "uniform").pvalue > 1e-3


DISCRETE = [
    (D.Bernoulli(0.3), stats.bernoulli(0.3)),
    (D.Binomial(7, 0.3), stats.binom(7, 0.3)),
    (D.Geometric(0.3), stats.geom(0.3, -1)),
    (D.NegativeBinomial(2.5, 0.4), stats.nbinom(2.5, 0.6)),
    (D.Poisson(3.5), stats.poisson(3.5)),
    (
        D.Categorical(lucid.tensor([0.0, 1.0, 2.0, 0.0])),
        stats.rv_discrete(values=([1, 2], [1 / 3, 2 / 3])),
    ),
]


@pytest.mark.parametrize(("d", "other"), DISCRETE, ids=lambda d: type(d).__name__)
def test_counts_are_as_expected(d, other):
    lucid.manual_seed(1)
    drawn = d.sample(N).data
    values = np.unique(drawn)
    chance = other.pmf(values)
    count = np.array([(drawn == v).sum() for v in values])
    error = np.sqrt(N * chance * (1 - chance)) + 1
    assert (np.abs(count - N * chance) < 4.5 * error).all()
    assert (chance > 0).all()
    np.testing.assert_allclose(np.exp(d.log_prob(lucid.tensor(values)).data), chance, 2e-5)
    if isinstance(d, D.Geometric):
        np.testing.assert_allclose(d.cdf(lucid.tensor(values)).data, other.cdf(values), 1e-5)


MOMENTS = [
    D.Dirichlet(lucid.tensor([[0.5, 1.0, 3.0], [4.0, 4.0, 1.0]])),
    D.MultivariateNormal(lucid.tensor([1.0, -1.0]), lucid.tensor([[2.0, 0.6], [0.6, 1.5]])),
    D.MultivariateNormal(
        lucid.zeros(3, 2), precision_matrix=lucid.tensor([[2.0, 0.6], [0.6, 1.5]])
    ),
    D.LowRankMultivariateNormal(
        lucid.tensor([1.0, -1.0]), lucid.tensor([[1.0], [0.5]]), lucid.tensor([0.5, 2.0])
    ),
    D.Multinomial(5, lucid.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])),
    D.OneHotCategorical(lucid.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])),
    D.Wishart(4.5, lucid.tensor([[2.0, 0.6], [0.6, 1.5]])),
    D.Independent(D.Normal(lucid.tensor([1.0, -1.0]), 2.0), 1),
    D.MixtureSameFamily(
        D.Categorical(lucid.tensor([0.3, 0.7])), D.Normal(lucid.tensor([-1.0, 3.0]), 0.5)
    ),
    D.MixtureSameFamily(
        D.Categorical(lucid.tensor([[0.3, 0.7], [0.5, 0.5]])),
        D.Independent(D.Laplace(lucid.tensor([[[0.0, 1.0], [2.0, 3.0]]] * 2), 1.0), 1),
    ),
]


@pytest.mark.parametrize("d", MOMENTS, ids=lambda d: type(d).__name__)
def test_moments_of_draws(d):
    lucid.manual_seed(2)
    drawn = d.sample((N,)).data.astype(np.float64)
    assert drawn.shape == (N, *d.batch_shape, *d.event_shape)
    mean, variance = d.mean.data, d.variance.data
    error = np.sqrt(variance / N)
    np.testing.assert_array_less(np.abs(drawn.mean(0) - mean), 4.5 * error + 1e-12)
    np.testing.assert_allclose(drawn.var(0), variance, rtol=0.12)
    assert d.support.check(lucid.tensor(drawn.astype(np.float32))).data.all()


def test_correlations_of_normal_vectors():
    lucid.manual_seed(3)
    for d in MOMENTS[1:4]:
        drawn = d.sample((N,)).data.reshape(N, -1, 2)[:, 0]
        wanted = d.covariance_matrix.data.reshape(-1, 2, 2)[0]
        np.testing.assert_allclose(np.cov(drawn.T), wanted, atol=0.08)


def test_lkj_draws_are_correlations_of_the_right_spread():
    lucid.manual_seed(4)
    d = D.LKJCholesky(4, 1.5)
    factor = d.sample((N,)).data.astype(np.float64)
    corr = factor @ np.swapaxes(factor, -1, -2)
    np.testing.assert_allclose(np.diagonal(corr, axis1=1, axis2=2), 1, atol=1e-5)
    shape = 1.5 + 4 / 2 - 1  # every correlation is beta-distributed on [-1, 1]
    for i, j in ((1, 0), (3, 0), (3, 2)):
        found = stats.kstest(corr[:, i, j] / 2 + 0.5, stats.beta(shape, shape).cdf)
        assert found.pvalue > 1e-3


# ---- gradients ------------------------------------------------------------------------

PATHWISE = [
    (D.Gamma, (0.4, 2.0)),
    (D.Gamma, (30.0, 2.0)),
    (D.Chi2, (3.0,)),
    (D.Beta, (0.6, 2.5)),
    (D.StudentT, (7.0, 1.0, 2.0)),
    (D.InverseGamma, (5.0, 2.0)),
    (D.FisherSnedecor, (3.0, 12.0)),
    (D.Normal, (1.0, 2.0)),
    (D.Laplace, (1.0, 2.0)),
    (D.AsymmetricLaplace, (1.0, 2.0, 0.6)),
    (D.Huber, (1.0, 2.0, 0.7)),
    (D.Gumbel, (1.0, 2.0)),
    (D.Weibull, (2.0, 1.5)),
    (D.Pareto, (2.0, 6.0)),
    (D.Kumaraswamy, (1.5, 2.0)),
    (D.Exponential, (2.0,)),
    (D.Uniform, (-1.0, 2.0)),
    (D.ContinuousBernoulli, (0.8,)),
    (D.LogNormal, (0.2, 0.4)),
    (D.HalfNormal, (2.0,)),
]


@pytest.mark.parametrize(("kind", "parameters"), PATHWISE, ids=lambda p: getattr(p, "__name__", ""))
def test_the_mean_gradient_of_draws_is_the_gradient_of_the_mean(kind, parameters):
    lucid.manual_seed(5)
    many = [double(np.full(40000, p), requires_grad=True) for p in parameters]
    one = [double(p, requires_grad=True) for p in parameters]
    kind(*many).rsample().sum().backward()
    kind(*one).mean.backward()
    for each, exact in zip(many, one, strict=True):
        grads = each.grad.data
        wanted = 0.0 if exact.grad is None else exact.grad.item()
        error = grads.std() / np.sqrt(grads.size)
        assert abs(grads.mean() - wanted) < 4.5 * error + 1e-9


def test_gamma_draws_move_as_quantiles_do():
    lucid.manual_seed(6)
    a = double(np.geomspace(0.05, 1e4, 60), requires_grad=True)
    x = D.Gamma(a, double(1.0)).rsample()
    x.sum().backward()
    shapes, drawn = a.data, x.detach().data
    height, h = special.gammainc(shapes, drawn), 1e-4 * shapes
    near = (height > 1e-3) & (height < 0.999) & (drawn > 1e-200)
    up, down = (special.gammaincinv(shapes + s * h, height) for s in (1, -1))
    slope = (up - down) / (2 * h)
    assert near.sum() > 40
    np.testing.assert_allclose(a.grad.data[near], slope[near], rtol=2e-4)


def test_gradient_of_gamma_draws_against_pytorch():
    torch = pytest.importorskip("torch")
    a = np.geomspace(0.1, 50, 40)[:, None] * np.ones(5)
    x = special.gammaincinv(a, np.array([0.01, 0.2, 0.5, 0.8, 0.99]))
    wanted = torch._standard_gamma_grad(torch.tensor(a), torch.tensor(x)).numpy()
    np.testing.assert_allclose(x * log_slope(a, np.log(x)), wanted, rtol=2e-3)  # it is rougher


def test_gradients_of_dirichlet_draws():
    lucid.manual_seed(7)
    a = np.array([0.3, 1.0, 4.0])
    many = double(np.tile(a, (20000, 1)), requires_grad=True)
    one = double(a, requires_grad=True)
    weights = double([1.0, -2.0, 0.5])
    (D.Dirichlet(many).rsample() * weights).sum().backward()
    (D.Dirichlet(one).mean * weights).sum().backward()
    error = many.grad.data.std(0) / np.sqrt(20000)
    assert (np.abs(many.grad.data.mean(0) - one.grad.data) < 4.5 * error).all()


def test_gradients_of_wishart_and_normal_vectors():
    lucid.manual_seed(8)
    df = double(np.full(4000, 4.5), requires_grad=True)
    factor = double(np.linalg.cholesky([[2.0, 0.6], [0.6, 1.5]]), requires_grad=True)
    drawn = D.Wishart(df, scale_tril=factor).rsample()
    drawn.sum().backward()
    assert abs(df.grad.data.mean() / (2.0 + 1.5 + 1.2) - 1) < 0.1
    factor.grad = None
    (D.MultivariateNormal(double([0.0, 0.0]), scale_tril=factor).rsample((4000,)) ** 2).mean(
        0
    ).sum().backward()
    np.testing.assert_allclose(factor.grad.data.diagonal(), 2 * factor.data.diagonal(), rtol=0.12)


def test_tiny_shapes_neither_underflow_nor_divide_by_zero():
    lucid.manual_seed(9)
    a = lucid.full((500, 3), 1e-3, requires_grad=True)
    x = D.Dirichlet(a).rsample()
    (x * lucid.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.isfinite().data.all()
    assert a.grad.isfinite().data.all()
    np.testing.assert_allclose(x.detach().data.sum(-1), 1, 1e-5)
    beta = D.Beta(lucid.full((500,), 1e-3), 1e-3).sample()
    assert ((beta.data > 0) & (beta.data < 1)).all()
    assert D.Gamma(lucid.full((500,), 1e-3), 1.0).sample().data.min() > 0
    assert log_standard_gamma(lucid.full((500,), 1e-6)).isfinite().data.all()


@pytest.mark.parametrize("a", [0.02, 0.7, 5.0, 9.0, 300.0])
def test_the_incomplete_gamma_function_towards_its_shape(a):
    x = special.gammaincinv(a, np.array([0.01, 0.3, 0.7, 0.99]))
    shape = double(np.full(4, a), requires_grad=True)
    value = double(x, requires_grad=True)
    lower_gamma(shape, value).sum().backward()
    h = 1e-3 * a
    f = [special.gammainc(a + k * h, x) for k in (-2, -1, 1, 2)]
    slope = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    np.testing.assert_allclose(shape.grad.data, slope, 1e-6, 1e-12)
    np.testing.assert_allclose(value.grad.data, stats.gamma(a).pdf(x), 1e-9)
    (slope,) = lucid.autograd.grad(lower_gamma(shape, value).sum(), shape, create_graph=True)
    with pytest.raises(GradError, match="once_differentiable"):
        slope.sum().backward()


def test_straight_through_and_relaxed_draws():
    lucid.manual_seed(10)
    logits = double([0.3, -1.0, 2.0], requires_grad=True)
    hard = D.OneHotCategoricalStraightThrough(logits=logits).rsample((5,))
    assert set(np.unique(hard.detach().data.round(12))) == {0.0, 1.0}
    (hard * double([1.0, 2.0, 3.0])).sum().backward()
    assert (logits.grad.data != 0).all()
    cold = D.RelaxedOneHotCategorical(double(0.05), logits=logits).rsample((N,))
    share = (cold.detach().data > 0.5).mean(0)
    np.testing.assert_allclose(share, D.Categorical(logits=logits).probs.detach().data, atol=0.02)
    odds = double([-1.0, 2.0], requires_grad=True)
    soft = D.RelaxedBernoulli(double(0.1), logits=odds).rsample((N,))
    np.testing.assert_allclose(
        (soft.detach().data > 0.5).mean(0), special.expit(odds.data.copy()), atol=0.02
    )
    soft.sum().backward()
    assert (odds.grad.data > 0).all()


# ---- generators and shapes ------------------------------------------------------------


@pytest.mark.parametrize("d", [pair[0] for pair in CONTINUOUS + DISCRETE] + MOMENTS, ids=repr)
def test_a_seed_fixes_the_draws(d):
    lucid.manual_seed(11)
    first = d.sample((3,))
    second = d.sample((3,))
    lucid.manual_seed(11)
    np.testing.assert_array_equal(d.sample((3,)).data, first.data)
    np.testing.assert_array_equal(d.sample((3,)).data, second.data)
    assert not first.requires_grad


def test_draws_keep_the_dtype_and_take_an_int_for_a_shape():
    for dtype in (lucid.float16, lucid.float32, lucid.float64):
        scale = lucid.ones(2, dtype=dtype)
        for d in (
            D.Normal(0.0, scale),
            D.Gamma(scale, 1.0),
            D.Laplace(0.0, scale),
            D.Poisson(scale),
        ):
            assert d.sample(4).dtype == dtype
            assert d.sample(4).shape == d.sample((4,)).shape == (4, 2)
    assert D.Normal(0.0, 1.0).sample((2, 0)).shape == (2, 0)
    assert D.Categorical(lucid.ones(3)).sample((2, 0)).shape == (2, 0)


def test_no_rsample_where_draws_jump():
    for d in (D.Poisson(1.0), D.Bernoulli(0.5), D.Categorical(lucid.ones(2)), D.VonMises(0.0, 1.0)):
        assert not d.has_rsample
        with pytest.raises(UnimplementedError, match="rsample"):
            d.rsample()
