"""M-estimates of location and scale, against statsmodels and their equations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError
from lucid.robust import (
    biweight_midvariance,
    breakdown_constant,
    breakdown_point,
    huber_location_scale,
    m_location,
    m_scale,
    mad,
    qn_scale,
    tau_location_scale,
)

LOSSES = [
    nn.HuberLoss(delta=1.345),
    nn.HuberLoss(delta="mad"),
    nn.PseudoHuberLoss(delta=1.3),
    nn.LogCoshLoss(),
    nn.CauchyLoss(c=2.38),
    nn.WelschLoss(c=2.98),
    nn.GemanMcClureLoss(c=3.79),
    nn.TukeyBiweightLoss(),
    nn.BarronLoss(alpha=0.5, scale=1.5),
    nn.SmoothL1Loss(beta=1.0),
]


@pytest.fixture
def contaminated():
    x = np.random.default_rng(0).standard_normal(101)
    x[:20] += 9
    return x


# ---- location --------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_the_equation_holds_for_every_loss(contaminated, loss):
    location, s = m_location(contaminated, loss), mad(contaminated)
    if loss.__class__ is nn.HuberLoss:
        loss = nn.HuberLoss(delta=1.345)
    assert abs(loss.psi((location - contaminated) / s).sum()) < 1e-10
    assert abs(location) < abs(contaminated.mean()) / 2


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_units_and_origin_do_not_matter(contaminated, loss):
    moved = m_location(contaminated * 1e3 + 5e4, loss)
    assert moved == pytest.approx(m_location(contaminated, loss) * 1e3 + 5e4, rel=1e-12)


def test_losses_that_are_other_estimates():
    x = np.random.default_rng(1).standard_normal((5, 12))
    assert np.allclose(m_location(x, nn.MSELoss(), 1), x.mean(1), rtol=1e-13)
    assert np.allclose(m_location(x, nn.L1Loss(), 1), np.median(x, 1), rtol=1e-13)
    quantile = m_location(x[:, :11], nn.QuantileLoss(quantile=0.3), 1)
    assert np.allclose(quantile, np.sort(x[:, :11], 1)[:, 3], rtol=1e-12)


def test_gradient_training_reaches_the_estimate(contaminated):
    x = lucid.tensor(contaminated)
    bias = nn.Parameter(x.median().reshape(1))
    optimizer = lucid.optim.LBFGS([bias], max_iter=100, tolerance_grad=1e-12)
    loss = nn.HuberLoss(delta=1.345 * float(mad(contaminated)))

    def closure():
        optimizer.zero_grad()
        value = loss(bias.expand(101), x)
        value.backward()
        return value

    optimizer.step(closure)
    expected = m_location(contaminated, nn.HuberLoss(delta=1.345))
    assert bias.item() == pytest.approx(expected, rel=1e-7)


def test_other_scales(contaminated):
    loss = nn.HuberLoss(delta=1.345)
    s = float(qn_scale(contaminated))
    expected = m_location(contaminated, loss, scale="qn")
    assert m_location(contaminated, loss, scale=s) == expected
    assert m_location(contaminated, loss, scale=qn_scale) == expected
    assert m_location(contaminated, loss) != expected


def test_refusals(contaminated):
    with pytest.raises(DTypeError, match=r"m_location: takes a regression loss.*CrossEntropyLoss"):
        m_location(contaminated, nn.CrossEntropyLoss())
    with pytest.raises(DTypeError, match=r"not the class HuberLoss\n  help: HuberLoss\(\)"):
        m_location(contaminated, nn.HuberLoss)
    with pytest.raises(ArgumentError, match="single numbers, and HuberLoss has several"):
        m_location(contaminated, nn.HuberLoss(delta=np.array([1.0, 2.0])))
    with pytest.raises(ArgumentError, match="there is no scale 'iqr'\n  help: 'mad', 'sn', 'qn'"):
        m_location(contaminated, nn.HuberLoss(), scale="iqr")
    with pytest.raises(ArgumentError, match="scale must be positive and finite, not -1"):
        m_location(contaminated, nn.HuberLoss(), scale=-1.0)
    with pytest.raises(DTypeError, match="scale must be a name"):
        m_location(contaminated, nn.HuberLoss(), scale=None)


# ---- location and scale together -------------------------------------------------------


@pytest.mark.parametrize("delta", [1.0, 1.5, 2.5])
def test_proposal_2_against_statsmodels(contaminated, delta):
    scale = pytest.importorskip("statsmodels.robust.scale")
    expected = scale.Huber(c=delta, tol=1e-13, maxiter=500)(contaminated)
    assert np.allclose(huber_location_scale(contaminated, delta), expected, rtol=1e-9)


@given(st.lists(st.integers(-1000, 1000), min_size=4, max_size=30, unique=True))
def test_proposal_2_solves_its_equations(values):
    x = np.array(values, np.float64)
    location, s = huber_location_scale(x)
    if s > 1e-6 * np.abs(x).max():
        psi = np.clip((x - location) / s, -1.5, 1.5)
        assert abs(psi.sum()) < 1e-6
        beta = 0.7784655  # the mean of psi(z)^2
        assert (psi**2).sum() / (len(x) - 1) == pytest.approx(beta, rel=1e-6)


def test_proposal_2_breaks_down_where_the_theory_says():
    """At 1 / (1 + delta^2 / beta), for large n."""
    x = np.random.default_rng(2).standard_normal(400)
    reached = breakdown_point(lambda x: huber_location_scale(x).location, x)
    assert reached == pytest.approx(1 / (1 + 1.5**2 / 0.7784655), abs=0.01)


def test_proposal_2_of_tensors():
    x = np.random.default_rng(3).standard_normal((4, 30)).astype(np.float32)
    location, s = huber_location_scale(lucid.tensor(x), dim=1, keepdim=True)
    assert location.shape == s.shape == (4, 1)
    assert location.dtype == np.float32
    assert s[2].item() == huber_location_scale(x[2]).scale


def test_proposal_2_where_there_is_no_scale():
    assert tuple(huber_location_scale(np.array([4.0]))) == (4.0, 0.0)
    assert tuple(huber_location_scale(np.full(5, 4.0))) == (4.0, 0.0)
    with pytest.raises(ArgumentError, match="delta must be a positive number, not 0"):
        huber_location_scale(np.zeros(3), 0)


# ---- scales that are solutions, or weighted sums ---------------------------------------


def test_m_scale_solves_its_equation(contaminated):
    loss = nn.TukeyBiweightLoss(c=breakdown_constant(nn.TukeyBiweightLoss))
    s = m_scale(contaminated)
    r = (contaminated - np.median(contaminated)) / s
    assert loss.rho(r).mean() == pytest.approx(loss.c**2 / 12, rel=1e-10)


def test_m_scale_is_the_root_mean_square_under_the_squared_loss(contaminated):
    s = m_scale(contaminated, nn.MSELoss(), center=0.0)
    assert s == pytest.approx(np.sqrt((contaminated**2).mean()), rel=1e-12)


def test_m_scale_breaks_down_at_a_half():
    assert breakdown_point(m_scale) == 0.5
    loss = nn.TukeyBiweightLoss(c=breakdown_constant(nn.TukeyBiweightLoss, 0.25))
    assert breakdown_point(lambda x: m_scale(x, loss)) == pytest.approx(0.25, abs=0.011)


@pytest.mark.parametrize("breakdown", [0.5, 0.25])
def test_breakdown_constant_against_statsmodels(breakdown):
    tools = pytest.importorskip("statsmodels.robust.tools")
    norms = pytest.importorskip("statsmodels.robust.norms")
    expected = tools.tuning_s_estimator_mean(norms.TukeyBiweight(), breakdown).param
    assert breakdown_constant(nn.TukeyBiweightLoss, breakdown) == pytest.approx(expected, rel=1e-6)


def test_breakdown_constant_refuses():
    with pytest.raises(ArgumentError, match="takes a bounded loss, and HuberLoss grows"):
        breakdown_constant(nn.HuberLoss)
    with pytest.raises(ArgumentError, match=r"at most 0\.5, not 0\.6"):
        breakdown_constant(nn.TukeyBiweightLoss, 0.6)
    with pytest.raises(DTypeError, match="a class of losses with a threshold, not L1Loss"):
        breakdown_constant(nn.L1Loss)


def test_tau_against_statsmodels(contaminated):
    scale = pytest.importorskip("statsmodels.robust.scale")
    assert np.allclose(tau_location_scale(contaminated), scale.scale_tau(contaminated), rtol=1e-13)


def test_biweight_midvariance_of_normal_data_is_their_variance():
    x = np.random.default_rng(4).standard_normal((2, 20_000)) * 3
    assert np.allclose(biweight_midvariance(x, 1), 9, rtol=0.04)


def test_biweight_midvariance_by_its_formula(contaminated):
    u = (contaminated - np.median(contaminated)) / (9 * mad(contaminated, normalize=False))
    total = slope = 0.0
    for x, v in zip(contaminated, u, strict=True):
        if abs(v) < 1:
            total += (x - np.median(contaminated)) ** 2 * (1 - v**2) ** 4
            slope += (1 - v**2) * (1 - 5 * v**2)
    expected = 101 * total / slope**2
    assert biweight_midvariance(contaminated) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("estimate", [m_scale, tau_location_scale, biweight_midvariance])
def test_where_most_are_equal(estimate):
    found = estimate(np.array([1.0, 1.0, 1.0, 1.0, 7.0]))
    value = found[1] if isinstance(found, tuple) else found
    assert 0 <= value < 1e-3
