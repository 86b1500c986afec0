"""How the losses pass into one another, and what is particular to one of them."""

import math

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid import Tensor
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.nn.losses.partition import log_partition

INF = math.inf
R = np.array([-1e6, -30.0, -2.5, -1.0, -0.3, -1e-3, 0.0, 1e-3, 0.3, 1.0, 2.5, 30.0, 1e6])


def leaf(values):
    return lucid.tensor(np.array(values, np.float64), requires_grad=True)


def same(first, second, factor=1.0, rel=1e-13):
    for curve in ("rho", "psi", "weight"):
        one, other = getattr(first, curve)(R), getattr(second, curve)(R)
        assert one == pytest.approx(other * factor, rel=rel, abs=0), curve


# ---- limits and special cases ---------------------------------------------------------


@pytest.mark.parametrize("beta", [0.1, 0.7, 1.0, 13.0, 1e-9, 1e9])
def test_smooth_l1_is_huber_divided_by_its_threshold(beta):
    same(nn.SmoothL1Loss(beta=beta), nn.HuberLoss(delta=beta), 1 / beta)


def test_smooth_l1_at_its_ends():
    x, t = leaf([0.0, 0.5, -2.0]), leaf([0.0, 0.0, 0.0])
    for reduction in ("mean", "none"):
        x.grad = None
        loss = F.smooth_l1_loss(x, t, reduction, beta=0)
        loss.sum().backward()
        assert np.array_equal(loss.detach().numpy(), F.l1_loss(x, t, reduction).detach().numpy())
        assert np.sign(x.grad.numpy()).tolist() == [0.0, 1.0, -1.0]
    assert F.smooth_l1_loss(x, t, None, beta=INF).tolist() == [0.0, 0.0, 0.0]
    assert F.smooth_l1_loss(x, t, None, [0.0, 1.0, INF]).tolist() == [0.0, 0.125, 0.0]
    with pytest.raises(ArgumentError, match="beta must be zero or positive"):
        F.smooth_l1_loss(x, t, beta=-1.0)


@pytest.mark.parametrize(
    "limit",
    [
        nn.HuberLoss(delta=INF),
        nn.PseudoHuberLoss(delta=INF),
        nn.PseudoHuberLoss(delta=1e30),
        nn.TukeyBiweightLoss(c=INF),
        nn.TukeyBiweightLoss(c=1e30),
        nn.CauchyLoss(c=INF),
        nn.CauchyLoss(c=1e30),
        nn.GemanMcClureLoss(c=INF),
        nn.GemanMcClureLoss(c=1e30),
        nn.WelschLoss(c=INF),
        nn.WelschLoss(c=1e30),
    ],
    ids=repr,
)
def test_a_large_threshold_gives_half_the_squared_error(limit):
    same(limit, nn.MSELoss(), 0.5)
    for dtype in (np.float32, np.float64):
        x = lucid.tensor(np.array([1e-3, 2.0], dtype), requires_grad=True)
        loss = limit(x, lucid.zeros_like(x))
        loss.backward()
        assert loss.item() == pytest.approx((1e-6 + 4) / 4, rel=1e-6)
        assert x.grad.numpy() == pytest.approx(np.array([1e-3, 2.0]) / 2, rel=1e-6)


def test_pseudo_huber_far_out():
    criterion = nn.PseudoHuberLoss(delta=2.0)
    assert criterion.rho(1e6) == pytest.approx(2e6 - 4, rel=1e-11)


def test_log_cosh_at_both_ends():
    criterion = nn.LogCoshLoss("none")
    big = np.finfo(np.float32).max
    assert criterion(Tensor([float(big)]), Tensor([0.0])).item() == big
    assert criterion.rho(np.finfo(np.float64).max) == np.finfo(np.float64).max
    r = np.array([1e-8, 1e-4, 1e-2])
    assert criterion.rho(r) == pytest.approx(r**2 / 2 - r**4 / 12 + r**6 / 45, rel=1e-13, abs=0)
    both = criterion.rho(np.array([1 - 1e-12, 1 + 1e-12]))  # where the two branches meet
    assert both == pytest.approx(math.log(math.cosh(1)), rel=1e-11)


@pytest.mark.parametrize("scale", [0.3, 1.0, 7.0])
def test_barron_is_the_losses_with_names(scale):
    def barron(alpha):
        return nn.BarronLoss(alpha=alpha, scale=scale)

    root = scale * math.sqrt(2)
    same(barron(2), nn.MSELoss(), 0.5 / scale**2)
    same(barron(1), nn.PseudoHuberLoss(delta=scale), scale**-2, rel=1e-11)
    same(barron(0), nn.CauchyLoss(c=root), scale**-2)
    same(barron(-2), nn.GemanMcClureLoss(c=2 * scale), scale**-2, rel=1e-12)
    same(barron(-INF), nn.WelschLoss(c=root), scale**-2, rel=1e-12)


@pytest.mark.parametrize("limit", [2.0, 1.0, 0.0, -2.0])
def test_barron_is_continuous_in_alpha(limit):
    r = np.array([-3.0, -0.5, 0.0, 1e-3, 1.0, 10.0])
    at = nn.BarronLoss(alpha=limit)
    for step in (1e-9, -1e-9):
        near = nn.BarronLoss(alpha=limit + step)
        for curve in ("rho", "psi", "weight"):
            expected = getattr(at, curve)(r)
            assert getattr(near, curve)(r) == pytest.approx(expected, rel=1e-6, abs=1e-12)
    last, far = nn.BarronLoss(alpha=-INF), nn.BarronLoss(alpha=-1e9)
    assert far.rho(r) == pytest.approx(last.rho(r), rel=1e-6)


@pytest.mark.parametrize("alpha", [2.0, 1.0, 0.0, -2.0, -INF, 1e-12, 2 - 1e-12])
@pytest.mark.parametrize("r", [0.0, 1e-8, 1.0, 1e4, -1e30])
def test_barron_gradients_are_finite_at_special_shapes(alpha, r):
    x, a, c = leaf([r]), leaf(alpha), leaf(0.7)
    F.barron_loss(x, leaf([0.0]), "sum", a, c).backward()
    for gradient in (x.grad, a.grad, c.grad):
        assert np.all(np.isfinite(gradient.numpy()))


@pytest.mark.parametrize("alpha", [1.3, 0.0, 1.0, -0.5, -2.0, -7.0, 3.0, [-1.0, 0.2, 1.1, 2.6]])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_barron_learns_shape_and_scale(alpha, reduction):
    x, t = leaf([[0.3, -2.1, 5.0, 0.01], [9.0, -0.2, 1.1, 0.0]]), lucid.tensor(np.zeros((2, 4)))
    shape, scale = leaf(alpha), leaf(0.7)
    assert gradcheck(lambda *p: F.barron_loss(p[0], t, reduction, p[1], p[2]), (x, shape, scale))
    assert gradgradcheck(
        lambda *p: F.barron_loss(p[0], t, reduction, p[1], p[2]), (x, shape, scale)
    )


@pytest.mark.parametrize("alpha", [INF, math.nan, [1.0, INF]])
def test_bad_alpha(alpha):
    with pytest.raises(ArgumentError, match="alpha must be below infinity"):
        nn.BarronLoss(alpha=alpha)
    with pytest.raises(DTypeError, match="alpha must be a number"):
        nn.BarronLoss(alpha="1")


# ---- the adaptive loss ----------------------------------------------------------------


def test_partition_function_where_it_is_known():
    bessel = 0.6019072301972346  # K_1(1)
    known = {0.0: math.pi * math.sqrt(2), 1.0: 2 * math.e * bessel, 2.0: math.sqrt(2 * math.pi)}
    for alpha, z in known.items():
        assert math.exp(log_partition(alpha).item()) == pytest.approx(z, rel=1e-12)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.3, 0.9, 1.5, 1.9, 1.99, 1.999])
def test_partition_function_against_quadrature(alpha):
    integrate = pytest.importorskip("scipy.integrate")
    rho = nn.BarronLoss(alpha=alpha).rho
    pieces = [(0, 1), (1, 10), (10, 1000), (1000, np.inf)]
    z = 2 * sum(
        integrate.quad(lambda x: math.exp(-rho(x)), *p, epsabs=1e-13, epsrel=1e-12, limit=500)[0]
        for p in pieces
    )
    assert math.exp(log_partition(alpha).item()) == pytest.approx(z, rel=1e-9)


def test_partition_function_is_differentiable():
    alpha = leaf([0.01, 0.4, 1.0, 1.6])
    assert gradcheck(log_partition, alpha)
    assert gradgradcheck(log_partition, alpha)


def test_adaptive_loss_is_a_likelihood():
    criterion = nn.BarronLoss("none", alpha=0.8, scale=0.6, adaptive=True).double()
    r = np.linspace(-4000, 4000, 2_000_001)
    density = np.exp(-criterion(lucid.tensor(r), lucid.tensor(np.zeros_like(r))).detach().numpy())
    assert np.sum(density) * (r[1] - r[0]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("tail", "low", "high"), [("cauchy", 0.0, 0.2), ("normal", 1.7, 2.0)])
def test_adaptive_loss_learns_the_tail(tail, low, high):
    rng = np.random.default_rng(0)
    r = getattr(rng, f"standard_{tail}")(2000) * 0.5
    x, t = lucid.tensor(r.astype(np.float32)), lucid.zeros(2000)
    criterion = nn.BarronLoss(adaptive=True, scale=3.0)
    optimizer = lucid.optim.Adam(criterion.parameters(), lr=0.05)
    for _ in range(250):
        optimizer.zero_grad()
        criterion(x, t).backward()
        optimizer.step()
    assert low <= criterion.alpha.item() <= high
    expected = 0.5 if tail == "normal" else 0.5 / math.sqrt(2)
    assert criterion.scale.item() == pytest.approx(expected, rel=0.15)


def test_adaptive_loss_per_output():
    criterion = nn.BarronLoss(alpha=[0.5, 1.0, 1.5], adaptive=True)
    assert criterion.alpha.numpy() == pytest.approx([0.5, 1.0, 1.5])
    assert criterion.scale.tolist() == [1.0, 1.0, 1.0]
    assert "adaptive=True" in repr(criterion)
    assert sorted(criterion.state_dict()) == ["alpha_logit", "log_scale"]
    criterion(lucid.ones(4, 3), lucid.zeros(4, 3)).backward()
    assert criterion.alpha_logit.grad.shape == (3,)
    with pytest.raises(ShapeError, match="must broadcast to the loss"):
        criterion(lucid.ones(4, 2), lucid.zeros(4, 2))
    with pytest.raises(AttributeError, match="no attribute 'beta'"):
        criterion.beta  # noqa: B018


@pytest.mark.parametrize("options", [{"alpha": 2.0}, {"alpha": -1.0}, {"scale": "mad"}])
def test_adaptive_loss_starts_inside(options):
    with pytest.raises(ArgumentError, match="an adaptive"):
        nn.BarronLoss(adaptive=True, **options)


# ---- quantiles ------------------------------------------------------------------------


def test_quantile_loss_finds_quantiles():
    rng = np.random.default_rng(0)
    y = rng.exponential(size=999)
    candidates = np.sort(y)
    for q in (0.1, 0.5, 0.9):
        criterion = nn.QuantileLoss("sum", q)
        totals = [criterion.rho(candidate - y).sum() for candidate in candidates]
        assert candidates[np.argmin(totals)] == np.quantile(y, q, method="inverted_cdf")


@pytest.mark.parametrize("make", [nn.QuantileLoss, nn.QuantileHuberLoss])
def test_several_quantiles_at_once(make):
    rng = np.random.default_rng(0)
    levels = [0.1, 0.5, 0.9]
    x, t = leaf(rng.standard_normal((5, 3))), leaf(rng.standard_normal(5))
    criterion = make("none", levels)
    loss = criterion(x, t)
    for i, q in enumerate(levels):
        assert loss.detach().numpy()[:, i] == pytest.approx(
            make(quantile=q).rho(x.data[:, i] - t.data)
        )
    assert np.array_equal(criterion(x, t.unsqueeze(-1)).data, loss.data)
    wide = t.detach().unsqueeze(-1).expand(5, 3)
    assert np.array_equal(criterion(x, wide).data, loss.data)
    assert np.array_equal(criterion(x.detach(), lucid.tensor(0.0)).data, criterion.rho(x.data))
    make("mean", levels)(x, t).backward()
    assert t.grad.shape == (5,)
    assert x.grad.numpy() == pytest.approx(criterion.psi(x.data - t.data[:, None]) / 15)
    assert repr(criterion).startswith(f"{make.__name__}(reduction='none', quantile=[0.1, 0.5, 0.9]")


def test_several_quantiles_skip_missing_targets():
    criterion = nn.QuantileLoss("sum", [0.2, 0.8], nan_target="skip")
    x = leaf([[1.0, 1.0], [2.0, 2.0]])
    loss = criterion(x, Tensor([0.0, math.nan]))
    loss.backward()
    assert loss.item() == pytest.approx(1.0)
    assert x.grad.numpy() == pytest.approx(np.array([[0.8, 0.2], [0.0, 0.0]]))


@pytest.mark.parametrize("name", ["quantile_loss", "quantile_huber_loss"])
def test_shapes_of_several_quantiles(name):
    function = getattr(F, name)
    with pytest.raises(ShapeError, match="must hold the 2 quantiles"):
        function(lucid.zeros(4, 3), lucid.zeros(4), quantile=[0.1, 0.9])
    with pytest.raises(ShapeError, match="with or without its last dimension"):
        function(lucid.zeros(4, 2), lucid.zeros(3), quantile=[0.1, 0.9])


@pytest.mark.parametrize("quantile", [0, 1, -0.1, math.nan, [], [0.5, 1.0], [[0.5]]])
def test_bad_quantiles(quantile):
    for make in (nn.QuantileLoss, nn.QuantileHuberLoss):
        with pytest.raises(ArgumentError, match="quantiles must be between 0 and 1"):
            make(quantile=quantile)
        with pytest.raises(DTypeError, match="quantile must be a number"):
            make(quantile="0.5")


def test_quantile_huber_and_its_limits():
    delta = 1.7
    plain = nn.QuantileHuberLoss(quantile=0.3, delta=delta)
    divided = nn.QuantileHuberLoss(quantile=0.3, delta=delta, divide_by_delta=True)
    same(divided, plain, 1 / delta)
    same(nn.QuantileHuberLoss(quantile=0.5, delta=delta), nn.HuberLoss(delta=delta), 0.5)
    pinball = nn.QuantileLoss(quantile=0.3)
    tight = nn.QuantileHuberLoss(quantile=0.3, delta=1e-12, divide_by_delta=True)
    assert tight.rho(R) == pytest.approx(pinball.rho(R), rel=1e-8, abs=1e-11)
    expectile = nn.QuantileHuberLoss(quantile=0.3, delta=INF)
    assert expectile.rho(R) == pytest.approx(np.where(R > 0, 0.7, 0.3) * R**2 / 2)


def test_quantile_huber_as_qr_dqn_has_it():
    """|q - 1{u < 0}| L(u) / kappa with u = target - input: Dabney et al., equation 10."""
    u, q, kappa = -R, 0.3, 1.7
    size = np.abs(u)
    huber = np.where(size <= kappa, u * u / 2, kappa * (size - kappa / 2))
    expected = np.abs(q - (u < 0)) * huber / kappa
    criterion = nn.QuantileHuberLoss(quantile=q, delta=kappa, divide_by_delta=True)
    assert criterion.rho(R) == pytest.approx(expected)


@pytest.mark.parametrize("divide", [False, True])
def test_quantile_huber_learns_its_threshold(divide):
    x, delta, q = leaf([[0.3, -2.1], [4.0, -0.2]]), leaf(0.7), leaf([0.2, 0.9])
    t = lucid.tensor(np.zeros((2, 2)))

    def loss(x, delta, q):
        return F.quantile_huber_loss(x, t, "mean", q, delta, divide_by_delta=divide)

    assert gradcheck(loss, (x, delta, q))
    assert gradgradcheck(loss, (x, delta, q))


# ---- learned thresholds ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["smooth_l1", "pseudo_huber", "tukey_biweight", "cauchy", "geman_mcclure", "welsch"],
)
@pytest.mark.parametrize("threshold", [0.7, [0.7, 1.5, 9.0]])
def test_learned_thresholds(name, threshold):
    function = getattr(F, f"{name}_loss")
    x, c = leaf([[0.3, -2.1, 0.9], [40.0, -0.2, 1.2]]), leaf(threshold)
    t = lucid.tensor(np.zeros((2, 3)))
    assert gradcheck(lambda x, c: function(x, t, "mean", c), (x, c))
    assert gradgradcheck(lambda x, c: function(x, t, "mean", c), (x, c))
