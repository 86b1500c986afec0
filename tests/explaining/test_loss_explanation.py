"""A regression loss explained: in words that are right, and as a figure of the right curves."""

import math

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, MissingPackageError
from lucid.explaining.losses import explain_loss
from lucid.nn.losses.regression_loss import RegressionLoss

LOSSES = [
    kind()
    for kind in vars(nn).values()
    if isinstance(kind, type) and issubclass(kind, RegressionLoss)
]


@pytest.fixture
def residuals():
    r = np.random.default_rng(0).standard_normal(300)
    r[:30] += 4
    return r


# ---- words -----------------------------------------------------------------------------


def test_every_regression_loss_is_among_them():
    assert len(LOSSES) >= 13


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_every_regression_loss_explains_itself(loss, residuals):
    text = str(explain_loss(loss, residuals))
    lines = text.splitlines()
    assert lines[0] == repr(loss)
    assert lines[2].startswith(("  ρ", "  L"))
    assert "\\" not in text
    assert all(len(line) <= 110 for line in lines)
    for label in ("threshold", "far out", "efficiency", "residuals"):
        assert sum(line.startswith(f"  {label}") for line in lines) == 1


def test_what_is_said_of_huber(residuals):
    told = explain_loss(nn.HuberLoss(delta=1.5), residuals)
    assert told.threshold == 1.5
    assert told.influence == "bounded"
    assert told.largest_pull == 1.5
    assert told.share_beyond == (np.abs(residuals) > 1.5).mean()
    assert told.scale == pytest.approx(np.median(np.abs(residuals)) / 0.6744897501960817)
    assert "no residual pulls harder than 1.5" in str(told)
    assert f"{round(told.share_beyond * 300)} of 300 beyond" in str(told)


def test_what_is_said_of_others():
    squared, tukey = explain_loss(nn.MSELoss()), explain_loss(nn.TukeyBiweightLoss())
    assert squared.influence == "unbounded"
    assert squared.largest_pull == math.inf
    assert squared.efficiency == pytest.approx(1)
    assert "none: no residual is an outlier" in str(squared)
    assert "the farther out, the harder" in str(squared)
    assert "redescending: the pull rises to 1.341" in str(tukey)
    assert "95.0% of the mean's, if the noise is normal and of scale 1" in str(tukey)
    assert "with r = input - target, s = " in str(explain_loss(nn.PseudoHuberLoss()))


def test_efficiency_is_that_at_the_residuals_scale(residuals):
    """In larger units the same threshold is a smaller one."""
    from lucid.robust import asymptotic_efficiency

    told = explain_loss(nn.HuberLoss(delta=1.0), residuals * 3)
    expected = asymptotic_efficiency(nn.HuberLoss(delta=1.0 / told.scale))
    assert told.efficiency == pytest.approx(expected, rel=1e-9)


def test_thresholds_that_are_read_off_the_residuals(residuals):
    loss = nn.HuberLoss(delta="mad", momentum=0.1)
    told = explain_loss(loss, residuals)
    assert told.threshold == pytest.approx(1.345 * told.scale)
    assert loss.delta == "mad"
    assert math.isnan(loss.running_delta.item())  # looking on moves nothing
    assert explain_loss(loss).threshold == 1.345


def test_kinds_of_residuals(residuals):
    shaped = residuals.reshape(10, 30)
    expected = str(explain_loss(nn.HuberLoss(), residuals))
    assert str(explain_loss(nn.HuberLoss(), shaped)) == expected
    tensor = lucid.tensor(shaped, requires_grad=True)
    assert str(explain_loss(nn.HuberLoss(), tensor)) == expected
    gaps = np.append(residuals, [np.nan, np.inf])
    assert str(explain_loss(nn.HuberLoss(), gaps)) == expected
    assert "0 of 4 beyond" in str(explain_loss(nn.HuberLoss(), np.zeros(4)))


# ---- figures ---------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_the_curves_are_the_losses(loss):
    pytest.importorskip("matplotlib")
    figure = explain_loss(loss, limits=(-3.0, 2.0)).plot()
    assert len(figure.axes) == 3
    for axes, function in zip(figure.axes, (loss.rho, loss.psi, loss.weight), strict=True):
        curve = axes.get_lines()[1]
        r, height = curve.get_data()
        assert r[0] == -3.0
        assert r[-1] == 2.0
        apart = np.abs(r) > 1e-6
        assert np.allclose(height[apart], function(r[apart]), rtol=1e-12)
        low, high = axes.get_ylim()
        drawn = height[np.isfinite(height) & (np.abs(r) > 0.5)]
        assert low < drawn.min() <= drawn.max() < high


def test_residuals_are_drawn_beneath(residuals):
    pytest.importorskip("matplotlib")
    figure = explain_loss(nn.HuberLoss(), residuals, limits=(-4, 4)).plot()
    assert len(figure.axes) == 4
    beneath = figure.axes[3]
    seen = residuals[np.abs(residuals) <= 4]
    bars = [sum(bar.get_height() for bar in part.patches) for part in beneath.containers]
    assert bars == [(np.abs(seen) <= 1).sum(), (np.abs(seen) > 1).sum()]
    for bar in beneath.containers[0].patches:  # none on both sides of the threshold
        assert bar.get_height() == 0 or abs(bar.get_x() + bar.get_width() / 2) < 1
    assert f"{(np.abs(residuals) > 4).sum()} off the axis" in beneath.get_title(loc="right")
    assert "beyond the threshold" in beneath.get_title(loc="right")


def test_a_figure_can_be_written(tmp_path, residuals):
    pytest.importorskip("matplotlib")
    path = tmp_path / "loss.png"
    told = explain_loss(nn.L1Loss(), residuals)
    told.plot(path)
    assert path.read_bytes()[1:4] == b"PNG"
    shown = told._repr_html_()
    assert shown.startswith("<pre>L1Loss")
    assert shown.rstrip().endswith("</svg>")


def test_a_missing_matplotlib_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'lucid\[training\]'"):
        explain_loss(nn.HuberLoss()).plot()
    assert explain_loss(nn.HuberLoss())._repr_html_().endswith("</pre>")


# ---- refusals --------------------------------------------------------------------------


def test_refusals():
    with pytest.raises(DTypeError, match="with rho, psi and weight of a residual, not CrossEntr"):
        explain_loss(nn.CrossEntropyLoss())
    with pytest.raises(DTypeError, match="not the class HuberLoss"):
        explain_loss(nn.HuberLoss)
    with pytest.raises(DTypeError, match="residuals must be real numbers"):
        explain_loss(nn.HuberLoss(), np.zeros(3, complex))
    with pytest.raises(ArgumentError, match="there is no finite residual"):
        explain_loss(nn.HuberLoss(), np.array([np.nan]))
    with pytest.raises(ArgumentError, match="limits must be two finite numbers that rise"):
        explain_loss(nn.HuberLoss(), limits=(2, 1))
    with pytest.raises(ArgumentError, match="HuberLoss has several"):
        explain_loss(nn.HuberLoss(delta=np.array([1.0, 2.0])))
