"""The distributions of robust regression: Huber's, asymmetric Laplace, Student's t, Cauchy."""

from itertools import pairwise

import numpy as np
import pytest

import lucid
from lucid import distributions as D
from lucid import nn
from lucid.distributions.gamma_ratio import log_gamma_ratio
from lucid.errors import GradError

integrate = pytest.importorskip("scipy.integrate")
stats = pytest.importorskip("scipy.stats")
special = pytest.importorskip("scipy.special")

DELTAS = [0.1, 0.8, 1.345, 4.0, 30.0]
X = np.array([-40.0, -3.0, -1.2, -0.3, 0.0, 0.5, 1.345, 2.0, 7.0])


def double(x, **options):
    return lucid.tensor(x, dtype=lucid.float64, **options)


def rho(r, delta):
    near = np.clip(r, -delta, delta)
    return near * (r - 0.5 * near)


def integral(f, delta, low=-np.inf, high=np.inf):
    """The integral of f times exp(-rho), piece by piece."""
    cuts = [low, *(c for c in (-delta, 0.0, delta) if low < c < high), high]
    return sum(
        integrate.quad(lambda r: f(r) * np.exp(-rho(r, delta)), a, b, epsabs=1e-13)[0]
        for a, b in pairwise(cuts)
    )


# ---- Huber ----------------------------------------------------------------------------


@pytest.mark.parametrize("delta", DELTAS)
def test_huber_against_integrals(delta):
    d = D.Huber(double(0.0), double(1.0), double(delta))
    z = integral(lambda r: 1.0, delta)
    np.testing.assert_allclose(d.log_prob(double(X)).data, -rho(X, delta) - np.log(z), 1e-9)
    variance = integral(lambda r: r * r, delta) / z
    np.testing.assert_allclose(d.variance.item(), variance, 1e-8)
    entropy = integral(lambda r: rho(r, delta) + np.log(z), delta) / z
    np.testing.assert_allclose(d.entropy().item(), entropy, 1e-8)
    mass = [integral(lambda r: 1.0, delta, -np.inf, x) / z for x in X]
    np.testing.assert_allclose(d.cdf(double(X)).data, mass, 1e-8, 1e-12)
    assert d.mean.item() == d.mode.item() == 0


@pytest.mark.parametrize("delta", DELTAS)
def test_huber_quantiles_are_the_inverse(delta):
    d = D.Huber(double(2.0), double(3.0), double(delta))
    p = np.array([1e-9, 0.01, 0.3, 0.5, 0.9, 1 - 1e-9])
    np.testing.assert_allclose(d.cdf(d.icdf(double(p))).data, p, 1e-10)
    np.testing.assert_array_equal(d.icdf(double([0.0, 0.5, 1.0])).data, [-np.inf, 2.0, np.inf])


def test_huber_is_the_loss_with_its_normalizer():
    target, input = double([0.0, 1.0, -2.0]), double([0.3, 4.0, 9.0])
    d = D.Huber(input, 1.0, 1.345)
    loss = nn.HuberLoss("none", 1.345, normalizer=True)(input, target)
    np.testing.assert_allclose(-d.log_prob(target).data, loss.data, 1e-12)


def test_huber_in_its_limits():
    x = double(X)
    wide, narrow = D.Huber(double(0.5), double(2.0), double(1e4)), D.Huber(0.5, 2e-6, double(1e-6))
    for name in ("log_prob", "cdf"):
        wanted = getattr(D.Normal(double(0.5), double(2.0)), name)(x).data
        np.testing.assert_allclose(getattr(wide, name)(x).data, wanted, 1e-9, 1e-12)
        wanted = getattr(D.Laplace(double(0.5), double(2.0)), name)(x).data
        np.testing.assert_allclose(getattr(narrow, name)(x).data, wanted, 1e-5)
    np.testing.assert_allclose(narrow.variance.item(), 8.0, 1e-5)


@pytest.mark.parametrize("f", ["log_prob", "cdf", "icdf"])
@pytest.mark.parametrize("name", ["Huber", "AsymmetricLaplace", "Laplace", "Cauchy"])
def test_gradients_towards_everything(name, f):
    third = [double([0.8, 1.3], requires_grad=True)] if name in THREE else []
    inputs = [double([0.1, -0.4], requires_grad=True), double([0.7, 2.0], requires_grad=True)]
    value = double([[0.93, 0.04], [0.35, 0.6]], requires_grad=True)
    make = getattr(D, name)
    assert lucid.autograd.gradcheck(
        lambda v, *p: getattr(make(*p), f)(v), (value, *inputs, *third), eps=1e-6
    )


THREE = {"Huber", "AsymmetricLaplace"}


def test_gradients_of_hubers_moments():
    inputs = [double([0.7, 2.0], requires_grad=True) for _ in range(2)]
    for moment in ("variance", "stddev"):
        assert lucid.autograd.gradcheck(
            lambda s, d, moment=moment: getattr(D.Huber(0.0, s, d), moment), inputs
        )
    assert lucid.autograd.gradcheck(lambda s, d: D.Huber(0.0, s, d).entropy(), inputs)


def test_a_fit_finds_scale_and_threshold():
    lucid.manual_seed(0)
    truth = D.Huber(double(3.0), double(0.5), double(1.0))
    data = truth.sample(20000)
    loc, scale, delta = (double(v, requires_grad=True) for v in (0.0, 0.0, 1.0))
    optimizer = lucid.optim.LBFGS([loc, scale, delta], lr=0.5, max_iter=60)

    def closure():
        optimizer.zero_grad()
        loss = -D.Huber(loc, scale.exp(), delta.exp()).log_prob(data).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    found = [loc.item(), np.exp(scale.item()), np.exp(delta.item())]
    np.testing.assert_allclose(found, [3.0, 0.5, 1.0], rtol=0.06)


# ---- the asymmetric Laplace -----------------------------------------------------------


@pytest.mark.parametrize("kappa", [0.2, 1.0, 3.0])
def test_asymmetric_laplace_against_scipy(kappa):
    d = D.AsymmetricLaplace(double(0.5), double(2.0), double(kappa))
    other = stats.laplace_asymmetric(kappa, 0.5, 2.0)
    p = np.array([1e-6, 0.1, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(d.log_prob(double(X)).data, other.logpdf(X), 1e-10)
    np.testing.assert_allclose(d.cdf(double(X)).data, other.cdf(X), 1e-10)
    np.testing.assert_allclose(d.icdf(double(p)).data, other.ppf(p), 1e-9)
    np.testing.assert_allclose(d.mean.item(), other.mean(), 1e-10)
    np.testing.assert_allclose(d.variance.item(), other.var(), 1e-10)
    np.testing.assert_allclose(d.entropy().item(), other.entropy(), 1e-10)


def test_asymmetric_laplace_is_the_pinball_loss():
    q = 0.8
    kappa = np.sqrt(q / (1 - q))
    residual = double([-2.0, -0.5, 1.0, 3.0])
    d = D.AsymmetricLaplace(0.0, double(1 / np.sqrt(q * (1 - q))), double(kappa))
    pinball = np.maximum(q * residual.data, (q - 1) * residual.data)
    loss = -(d.log_prob(residual) - d.log_prob(double(0.0))).data
    np.testing.assert_allclose(loss, pinball, 1e-12)
    np.testing.assert_allclose(d.cdf(double(0.0)).item(), q, 1e-12)


# ---- Student's t ----------------------------------------------------------------------


@pytest.mark.parametrize("df", [0.3, 1.0, 2.5, 30.0, 1e5])
def test_student_against_scipy(df):
    d, other = D.StudentT(double(df), double(0.5), double(2.0)), stats.t(df, 0.5, 2.0)
    p = np.array([1e-6, 0.1, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(d.log_prob(double(X)).data, other.logpdf(X), 1e-8)
    np.testing.assert_allclose(d.cdf(double(X)).data, other.cdf(X), 1e-9)
    np.testing.assert_allclose(d.icdf(double(p)).data, other.ppf(p), 1e-7)
    np.testing.assert_allclose(d.entropy().item(), other.entropy(), 1e-8)


@pytest.mark.parametrize("df", [0.3, 1.0, 2.5, 30.0, 1e4])
def test_student_derivative_towards_the_degrees_of_freedom(df):
    nu, x = double(df, requires_grad=True), double([-3.0, -0.5, 0.4, 2.0, 12.0])
    D.StudentT(nu).cdf(x).sum().backward()
    h = 1e-3 * df  # four points: the error is of order h^4
    f = [special.stdtr(df + k * h, x.data).sum() for k in (-2, -1, 1, 2)]
    slope = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    np.testing.assert_allclose(nu.grad.item(), slope, 1e-6)
    nu.grad = None
    p = double([0.05, 0.3, 0.97])
    D.StudentT(nu).icdf(p).sum().backward()
    f = [special.stdtrit(df + k * h, p.data).sum() for k in (-2, -1, 1, 2)]
    slope = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    np.testing.assert_allclose(nu.grad.item(), slope, 1e-5)


def test_student_ends_and_second_derivatives():
    d = D.StudentT(double(3.0))
    np.testing.assert_array_equal(d.icdf(double([0.0, 1.0])).data, [-np.inf, np.inf])
    x = double(0.5, requires_grad=True)
    (slope,) = lucid.autograd.grad(D.StudentT(double(3.0)).cdf(x), x, create_graph=True)
    with pytest.raises(GradError, match="once_differentiable"):
        slope.backward()


def test_generalized_pareto_at_shape_zero_and_in_its_moments():
    xi = np.array([-0.4, 0.0, 0.3, 0.7, 1.2])
    d = D.GeneralizedPareto(double(0.0), double(2.0), double(xi))
    other = stats.genpareto(xi, 0.0, 2.0)
    x = np.array([[0.1], [1.0], [3.0]])
    np.testing.assert_allclose(d.log_prob(double(x)).data, other.logpdf(x), 1e-9)
    np.testing.assert_allclose(d.cdf(double(x)).data, other.cdf(x), 1e-9)
    np.testing.assert_allclose(d.icdf(double([[0.1], [0.9]])).data, other.ppf([[0.1], [0.9]]), 1e-9)
    np.testing.assert_allclose(d.mean.data, other.mean(), 1e-9)
    np.testing.assert_allclose(d.variance.data[:3], other.var()[:3], 1e-9)
    assert np.isinf(d.variance.data[3:]).all()
    zero = double(0.0, requires_grad=True)
    assert lucid.autograd.gradcheck(
        lambda c: D.GeneralizedPareto(double(0.0), double(2.0), c).log_prob(double(3.0)), (zero,)
    )


@pytest.mark.parametrize("shapes", [(2.0, 3.0), (1.5, 4.0)])
def test_the_mode_of_kumaraswamy_is_where_the_density_is_highest(shapes):
    d = D.Kumaraswamy(*map(double, shapes))
    grid = np.linspace(0.001, 0.999, 99801)
    best = grid[d.log_prob(double(grid)).data.argmax()]
    np.testing.assert_allclose(d.mode.item(), best, atol=1e-5)
    assert D.Weibull(1.0, 0.5).mode.item() == 0
    peak = D.Weibull(double(2.0), double(3.0))
    best = 4 * grid[peak.log_prob(double(4 * grid)).data.argmax()]
    np.testing.assert_allclose(peak.mode.item(), best, atol=1e-4)


# ---- its normaliser -------------------------------------------------------------------


def test_the_ratio_of_gamma_functions_in_double_and_single_precision():
    x = np.geomspace(1e-3, 1e3, 200)
    wanted = special.gammaln(x + 0.5) - special.gammaln(x)
    np.testing.assert_allclose(log_gamma_ratio(double(x)).data, wanted, 1e-12, 2e-12)
    large = np.array([1e4, 1e6, 1e9])
    found = log_gamma_ratio(lucid.tensor(large, dtype=lucid.float32)).data
    np.testing.assert_allclose(found, 0.5 * np.log(large) - 1 / (8 * large), 3e-7)
    assert lucid.autograd.gradcheck(
        log_gamma_ratio, (double([0.02, 0.7, 40.0], requires_grad=True),)
    )
    assert lucid.autograd.gradgradcheck(
        log_gamma_ratio, (double([0.2, 0.7, 40.0], requires_grad=True),)
    )
