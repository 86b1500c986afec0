"""Efficiencies, tuning constants and breakdown points: computed, and compared with theory."""

import math

import numpy as np
import pytest

import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError
from lucid.robust import (
    asymptotic_efficiency,
    breakdown_point,
    efficiency_table,
    m_location,
    mad,
    tuning_constant,
)
from lucid.robust.influence import behaviour, gross_error_sensitivity, influence_of, slopes
from lucid.robust.normal import STANDARD, normal_quadrature

# ---- efficiency ------------------------------------------------------------------------


def test_efficiencies_with_a_closed_form():
    assert asymptotic_efficiency(nn.MSELoss()) == pytest.approx(1, rel=1e-12)
    assert asymptotic_efficiency(nn.L1Loss()) == pytest.approx(2 / math.pi, rel=1e-12)
    for k in (0.01, 1.0, 1.345, 3.0):
        inside, density = 2 * STANDARD.cdf(k) - 1, STANDARD.pdf(k)
        power = inside - 2 * k * density + k * k * (1 - inside)
        found = asymptotic_efficiency(nn.HuberLoss(delta=k))
        assert found == pytest.approx(inside**2 / power, rel=1e-11)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_a_quantile_has_its_own_efficiency(q):
    at = STANDARD.inv_cdf(q)
    expected = STANDARD.pdf(at) ** 2 / (q * (1 - q))
    assert asymptotic_efficiency(nn.QuantileLoss(quantile=q)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "loss",
    [
        nn.HuberLoss(delta=0.7),
        nn.TukeyBiweightLoss(),
        nn.CauchyLoss(c=2.385),
        nn.WelschLoss(c=2.0),
        nn.GemanMcClureLoss(c=2.0),
        nn.LogCoshLoss(),
        nn.PseudoHuberLoss(delta=0.5),
        nn.BarronLoss(alpha=-2.0, scale=1.5),
    ],
    ids=repr,
)
def test_partial_integration_against_adaptive_quadrature_of_the_derivative(loss):
    integrate = pytest.importorskip("scipy.integrate")
    influence = influence_of("test", loss)

    def mean(function):
        points = [b for b in influence.breaks if abs(b) < 12]
        options = {"points": points, "limit": 500, "epsabs": 1e-13}
        return integrate.quad(lambda z: function(z) * STANDARD.pdf(z), -12, 12, **options)[0]

    slope = mean(lambda z: slopes(influence, np.array([z]))[0])
    power = mean(lambda z: float(loss.psi(z)) ** 2)
    assert asymptotic_efficiency(loss) == pytest.approx(slope**2 / power, rel=1e-9)


def test_thresholds_read_off_residuals_are_those_of_normal_noise():
    assert asymptotic_efficiency(nn.HuberLoss(delta="mad")) == pytest.approx(0.95, abs=1e-5)
    quantile = nn.HuberLoss(delta="quantile:0.8")
    fixed = nn.HuberLoss(delta=STANDARD.inv_cdf(0.9))
    assert asymptotic_efficiency(quantile) == asymptotic_efficiency(fixed)
    assert quantile.delta == "quantile:0.8"  # as it was


@pytest.mark.parametrize("loss", [nn.HuberLoss(delta=0.8), nn.TukeyBiweightLoss(c=3.0)], ids=repr)
def test_simulated_variances_agree(loss):
    x = np.random.default_rng(0).standard_normal((2000, 150))
    reached = 1 / (150 * m_location(x, loss, 1, scale=1.0).var())
    assert reached == pytest.approx(asymptotic_efficiency(loss), rel=0.1)  # 3 standard errors


def test_anything_with_an_influence_will_do():
    class Sine:
        """Andrews' wave."""

        def rho(self, r):
            return np.where(np.abs(r) < np.pi, 1 - np.cos(r), 2.0)

        def psi(self, r):
            return np.where(np.abs(r) < np.pi, np.sin(r), 0.0)

        def weight(self, r):
            return np.where(np.abs(r) < np.pi, np.sinc(r / np.pi), 0.0)

    # The tuning constant of the literature is 1.339 for 95 %, so this one has a little less.
    assert 0.85 < asymptotic_efficiency(Sine()) < 0.95


# ---- constants -------------------------------------------------------------------------


@pytest.mark.parametrize("efficiency", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("name", ["HuberLoss", "TukeyBiweightLoss", "CauchyLoss", "WelschLoss"])
def test_tuning_constants_have_the_efficiency(name, efficiency):
    kind = getattr(nn, name)
    c = tuning_constant(kind, efficiency)
    assert asymptotic_efficiency(kind(**{kind.argument: c})) == pytest.approx(efficiency, rel=1e-9)


def test_tuning_constants_of_the_literature():
    assert tuning_constant(nn.HuberLoss) == pytest.approx(1.345, abs=5e-4)
    assert tuning_constant(nn.TukeyBiweightLoss) == pytest.approx(4.685, abs=5e-4)
    assert tuning_constant(nn.CauchyLoss) == pytest.approx(2.385, abs=5e-4)
    assert tuning_constant(nn.WelschLoss) == pytest.approx(2.985, abs=5e-4)
    family = tuning_constant(nn.BarronLoss, alpha=-2.0)
    assert family == pytest.approx(tuning_constant(nn.GemanMcClureLoss) / 2, rel=1e-6)


def test_tuning_constants_against_statsmodels():
    tools = pytest.importorskip("statsmodels.robust.tools")
    norms = pytest.importorskip("statsmodels.robust.norms")
    for eff in (0.85, 0.95):
        expected = tools._get_tuning_param(norms.TukeyBiweight(), eff)
        assert tuning_constant(nn.TukeyBiweightLoss, eff) == pytest.approx(expected, rel=1e-6)


def test_refusals():
    with pytest.raises(ArgumentError, match="efficiency must be between 0 and 1, not 1"):
        tuning_constant(nn.HuberLoss, 1)
    with pytest.raises(ArgumentError, match=r"no delta of efficiency 0.5\n  help: between 0\.637"):
        tuning_constant(nn.HuberLoss, 0.5)
    with pytest.raises(DTypeError, match="a class of losses with a threshold, not MSELoss"):
        tuning_constant(nn.MSELoss)
    with pytest.raises(DTypeError, match="asymptotic_efficiency: takes a regression loss"):
        asymptotic_efficiency(nn.ReLU())


# ---- far out ---------------------------------------------------------------------------


def test_behaviour_far_out():
    expected = {
        nn.MSELoss(): "unbounded",
        nn.BarronLoss(alpha=1.5): "unbounded",
        nn.HuberLoss(): "bounded",
        nn.LogCoshLoss(): "bounded",
        nn.QuantileLoss(quantile=0.9): "bounded",
        nn.TukeyBiweightLoss(): "redescending",
        nn.BarronLoss(alpha=0.5): "redescending",
        nn.HuberLoss(delta=np.inf): "unbounded",
    }
    for loss, kind in expected.items():
        assert behaviour(influence_of("test", loss)) == kind, repr(loss)


def test_sensitivity():
    tukey = influence_of("test", nn.TukeyBiweightLoss(c=4.0))
    assert gross_error_sensitivity(tukey) == pytest.approx(16 / 25 * 4 / math.sqrt(5), rel=1e-9)
    assert gross_error_sensitivity(influence_of("test", nn.MSELoss())) == math.inf


def test_quadrature_of_a_jump():
    r, w = normal_quadrature([0.3], mean=0.5)
    assert float((w * (r > 0.3)).sum()) == pytest.approx(STANDARD.cdf(0.2), rel=1e-13)


# ---- breakdown -------------------------------------------------------------------------


def test_breakdown_points_of_the_textbook():
    x = np.random.default_rng(0).standard_normal(50)
    assert breakdown_point(np.mean, x) == 1 / 50
    assert breakdown_point(np.median, x) == 0.5
    assert breakdown_point(np.std, x) == 1 / 50
    assert breakdown_point(mad, x) == 0.5

    def trimmed(x):
        return np.sort(x)[5:-5].mean()

    assert breakdown_point(trimmed, x) == 6 / 50
    assert breakdown_point(lambda x: np.ptp(np.quantile(x, [0.25, 0.75])), x) == pytest.approx(0.26)
    assert breakdown_point(lambda x: 0.0, x) == 1.0


def test_breakdown_refuses():
    with pytest.raises(ArgumentError, match="takes numbers in one dimension"):
        breakdown_point(np.mean, np.zeros((2, 2)))


# ---- the table -------------------------------------------------------------------------


def test_the_table_is_computed():
    table = efficiency_table(efficiency=0.9)
    rows = {row["loss"]: row for row in table.rows}
    assert rows["HuberLoss"]["threshold"] == pytest.approx(tuning_constant(nn.HuberLoss, 0.9))
    assert rows["TukeyBiweightLoss"]["efficiency"] == pytest.approx(0.9, rel=1e-9)
    assert rows["MSELoss"]["breakdown"] == 0.01
    assert rows["L1Loss"]["sensitivity"] == pytest.approx(math.sqrt(math.pi / 2), rel=1e-9)
    assert rows["CauchyLoss"]["influence"] == "redescending"
    assert rows["MSELoss"]["threshold"] is None
    lines = repr(table).splitlines()
    assert len(lines) == len(rows) + 1
    assert len({line.index("influence") for line in lines[:1]}) == 1
