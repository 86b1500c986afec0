"""The regression losses by one table: rho, psi and weight at ordinary and special residuals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
import lucid.nn as nn
from lucid import Tensor
from lucid.autograd import grad, gradcheck, gradgradcheck
from lucid.testing.cases import kernels

INF, NAN = math.inf, math.nan
C = 1.3


def log_cosh(r):
    return np.log(np.cosh(r))


def barron(alpha):
    return lambda r: (
        abs(alpha - 2) / alpha * (((r / C) ** 2 / abs(alpha - 2) + 1) ** (alpha / 2) - 1)
    )


# The loss; its definition; psi far out, at +inf; weight at 0; the loss at inf.
TABLE = {
    "mse": (nn.MSELoss, {}, lambda r: r**2, INF, 2.0, INF),
    "l1": (nn.L1Loss, {}, np.abs, 1.0, INF, INF),
    "huber": (
        nn.HuberLoss,
        {"delta": C},
        lambda r: np.where(abs(r) < C, r**2 / 2, C * (abs(r) - C / 2)),
        C,
        1.0,
        INF,
    ),
    "smooth_l1": (
        nn.SmoothL1Loss,
        {"beta": C},
        lambda r: np.where(abs(r) < C, r**2 / 2 / C, abs(r) - C / 2),
        1.0,
        1 / C,
        INF,
    ),
    "smooth_l1 at 0": (nn.SmoothL1Loss, {"beta": 0}, np.abs, 1.0, INF, INF),
    "pseudo_huber": (
        nn.PseudoHuberLoss,
        {"delta": C},
        lambda r: C**2 * (np.sqrt(1 + (r / C) ** 2) - 1),
        C,
        1.0,
        INF,
    ),
    "log_cosh": (nn.LogCoshLoss, {}, log_cosh, 1.0, 1.0, INF),
    "quantile": (
        nn.QuantileLoss,
        {"quantile": 0.3},
        lambda r: np.maximum(0.7 * r, -0.3 * r),
        0.7,
        INF,
        INF,
    ),
    "quantile_huber": (
        nn.QuantileHuberLoss,
        {"quantile": 0.3, "delta": C},
        lambda r: np.where(r > 0, 0.7, 0.3) * np.where(abs(r) < C, r**2 / 2, C * (abs(r) - C / 2)),
        0.7 * C,
        0.7,
        INF,
    ),
    "quantile_huber / delta": (
        nn.QuantileHuberLoss,
        {"quantile": 0.3, "delta": C, "divide_by_delta": True},
        lambda r: np.where(r > 0, 0.7, 0.3) * np.where(abs(r) < C, r**2 / 2 / C, abs(r) - C / 2),
        0.7,
        0.7 / C,
        INF,
    ),
    "tukey": (
        nn.TukeyBiweightLoss,
        {"c": C},
        lambda r: C**2 / 6 * (1 - (1 - np.minimum((r / C) ** 2, 1)) ** 3),
        0.0,
        1.0,
        C**2 / 6,
    ),
    "cauchy": (
        nn.CauchyLoss,
        {"c": C},
        lambda r: C**2 / 2 * np.log(1 + (r / C) ** 2),
        0.0,
        1.0,
        INF,
    ),
    "geman_mcclure": (
        nn.GemanMcClureLoss,
        {"c": C},
        lambda r: r**2 / 2 / (1 + (r / C) ** 2),
        0.0,
        1.0,
        C**2 / 2,
    ),
    "welsch": (
        nn.WelschLoss,
        {"c": C},
        lambda r: C**2 / 2 * (1 - np.exp(-((r / C) ** 2))),
        0.0,
        1.0,
        C**2 / 2,
    ),
    "barron 1": (nn.BarronLoss, {"alpha": 1, "scale": C}, barron(1), 1 / C, 1 / C**2, INF),
    "barron 0": (
        nn.BarronLoss,
        {"alpha": 0, "scale": C},
        lambda r: np.log((r / C) ** 2 / 2 + 1),
        0.0,
        1 / C**2,
        INF,
    ),
    "barron 2": (
        nn.BarronLoss,
        {"alpha": 2, "scale": C},
        lambda r: (r / C) ** 2 / 2,
        INF,
        1 / C**2,
        INF,
    ),
    "barron -inf": (
        nn.BarronLoss,
        {"alpha": -INF, "scale": C},
        lambda r: 1 - np.exp(-((r / C) ** 2) / 2),
        0.0,
        1 / C**2,
        1.0,
    ),
    "barron -2": (nn.BarronLoss, {"alpha": -2, "scale": C}, barron(-2), 0.0, 1 / C**2, 2.0),
    "barron 0.4": (nn.BarronLoss, {"alpha": 0.4, "scale": C}, barron(0.4), 0.0, 1 / C**2, INF),
    "barron 1.7": (nn.BarronLoss, {"alpha": 1.7, "scale": C}, barron(1.7), INF, 1 / C**2, INF),
    "barron 3": (nn.BarronLoss, {"alpha": 3, "scale": C}, barron(3), INF, 1 / C**2, INF),
}
losses = pytest.mark.parametrize("name", TABLE)
ORDINARY = np.array([-30.0, -4.7, -1.6, -1.0, -0.31, -0.05, 0.05, 0.31, 1.0, 1.6, 4.7, 30.0])
EXTREME = np.array([1e-300, 1e-30, 1e-8, 1e-3, 1e3, 1e8, 1e30, 1e150, 1e200, 1.7e308])


def make(name, reduction="none", **options):
    kind, arguments, *_ = TABLE[name]
    return kind(reduction, **arguments, **options)


def tensor(values, dtype=np.float64, requires_grad=True):
    return lucid.tensor(np.array(values, dtype), requires_grad=requires_grad)


def totals(criterion, r, dtype):
    """The summed loss and its gradient, by whatever path is on, one residual at a time."""
    found = []
    for value in r:
        x = tensor([value], dtype)
        loss = criterion(x, lucid.zeros_like(x))
        loss.backward()
        found.append((loss.item(), x.grad.item()))
    return np.array(found).T


@losses
def test_rho_is_the_definition(name):
    criterion = make(name)
    assert criterion.rho(ORDINARY) == pytest.approx(TABLE[name][2](ORDINARY), rel=1e-11)
    assert criterion.rho(0.0) == 0.0
    assert math.copysign(1, criterion.rho(0.0)) == 1


@losses
def test_psi_is_the_slope(name):
    criterion, step = make(name), 1e-6
    numeric = (criterion.rho(ORDINARY + step) - criterion.rho(ORDINARY - step)) / (2 * step)
    assert criterion.psi(ORDINARY) == pytest.approx(numeric, rel=1e-7, abs=1e-8)
    assert criterion.psi(0.0) == 0.0


@losses
def test_weight_is_psi_over_r(name):
    criterion = make(name)
    assert criterion.weight(ORDINARY) * ORDINARY == pytest.approx(criterion.psi(ORDINARY))
    assert criterion.weight(0.0) == pytest.approx(TABLE[name][4])
    assert np.all(criterion.weight(np.r_[ORDINARY, EXTREME]) >= 0)


@losses
def test_special_residuals(name):
    criterion = make(name)
    far, bound = TABLE[name][3], TABLE[name][5]
    assert criterion.rho(INF) == pytest.approx(bound)
    assert criterion.psi(INF) == pytest.approx(far)
    if "quantile" not in name:
        assert criterion.rho(-INF) == pytest.approx(bound)
        assert criterion.psi(-INF) == pytest.approx(-far)
        assert np.array_equal(criterion.rho(-EXTREME), criterion.rho(EXTREME))
        assert np.array_equal(criterion.psi(-EXTREME), -criterion.psi(EXTREME))
    for curve in (criterion.rho, criterion.psi, criterion.weight):
        assert math.isnan(curve(NAN))
        assert not np.any(np.isnan(curve(np.r_[EXTREME, -EXTREME, INF, -INF])))


@losses
def test_small_residuals_keep_their_digits(name):
    """Close to zero every smooth loss is weight(0) r^2/2, to full precision."""
    criterion, r = make(name), np.array([1e-150, 1e-30, 1e-9])
    top = criterion.weight(0.0)
    if math.isfinite(top):
        assert criterion.rho(r) == pytest.approx(top * r * r / 2, rel=1e-14, abs=0)
        assert criterion.psi(r) == pytest.approx(top * r, rel=1e-14, abs=0)


@losses
@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_agree_with_the_curve(name, jit, dtype):
    with kernels(jit):
        criterion = make(name, "sum")
        r = np.r_[ORDINARY, 0.0, 1e-3, 1e8, -1e18].astype(dtype)
        value, slope = totals(criterion, r, dtype)
    # In single precision the far slopes of welsch and its like underflow to 0.
    rel, least = (1e-12, 0) if dtype == np.float64 else (1e-5, 1e-37)
    if name == "barron 3" and dtype == np.float32:
        r, value, slope = r[:-1], value[:-1], slope[:-1]  # the last one overflows
    assert value == pytest.approx(criterion.rho(r), rel=rel, abs=least)
    assert slope == pytest.approx(criterion.psi(r), rel=rel, abs=least)


@losses
@pytest.mark.parametrize("jit", [True, False])
def test_sums_of_special_residuals(name, jit):
    r = np.array([INF, -INF, NAN, 1e200, -1e200, 0.0])
    with kernels(jit):
        value, slope = totals(make(name, "sum"), r, np.float64)
    criterion = make(name)
    assert np.allclose(value, criterion.rho(r), rtol=1e-12, equal_nan=True)
    assert np.allclose(slope, criterion.psi(r), rtol=1e-12, equal_nan=True)


@losses
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_gradients_of_two_orders(name, reduction):
    criterion = make(name, reduction)
    x, t = tensor(ORDINARY[1:-1].reshape(2, 5)), tensor(np.full((2, 5), 0.007))
    assert gradcheck(criterion, (x, t))
    assert gradgradcheck(criterion, (x, t))


@losses
def test_third_derivative(name):
    criterion, step = make(name), 1e-4
    x = tensor(ORDINARY[1:-1])
    derivative = criterion.psi(x)
    for _ in range(2):
        (derivative,) = grad(derivative.sum(), [x], create_graph=True, allow_unused=True)
        if derivative is None or not derivative.requires_grad:
            return  # piecewise linear: there is no curvature
    above, below = criterion.psi(x.data + step), criterion.psi(x.data - step)
    numeric = (above - 2 * criterion.psi(x.data) + below) / step**2
    assert derivative.detach().numpy() == pytest.approx(numeric, rel=1e-4, abs=2e-6)


finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.sampled_from(sorted(TABLE)), finite, finite)
def test_properties_of_every_curve(name, a, b):
    """Never negative, growing with |r| on either side, psi never against r."""
    criterion = make(name)
    near, far = sorted((a, math.copysign(b, a)), key=abs)
    assert 0 <= criterion.rho(near) <= criterion.rho(far) * (1 + 1e-12)
    assert criterion.psi(a) * a >= 0


@losses
def test_curves_of_tensors(name):
    criterion, x = make(name), tensor(ORDINARY, np.float32)
    for curve in (criterion.rho, criterion.psi, criterion.weight):
        result = curve(x)
        assert isinstance(result, Tensor)
        assert result.dtype == np.float32
        assert result.detach().numpy() == pytest.approx(curve(x.data), rel=3e-5, abs=1e-6)


# ---- options that mean the same on every loss -----------------------------------------


@losses
def test_repr_shows_how_to_make_it(name):
    criterion = make(name)
    assert repr(criterion).startswith(f"{type(criterion).__name__}(reduction='none'")
    again = eval(repr(criterion), {**vars(nn), "inf": INF})
    assert again.rho(0.7) == criterion.rho(0.7)


@losses
@pytest.mark.parametrize("reduction", ["mean", "sum", "none", None])
def test_masks_weights_and_missing_targets(name, reduction):
    x = tensor([0.5, -2.0, 3.0, 1.0])
    t = tensor([0.1, NAN, 0.0, INF])
    criterion = make(name, reduction, nan_target="skip")
    mask, weight = lucid.tensor([True, True, True, False]), lucid.tensor([2.0, 1.0, 1.0, 1.0])
    loss = criterion(x, t, weight, mask=mask)
    kept = criterion.rho(np.array([0.4, 3.0])) * [2.0, 1.0]
    expected = {"mean": kept.sum() / 3, "sum": kept.sum()}.get(reduction)
    if expected is None:
        expected = [kept[0], 0.0, kept[1], 0.0]
    assert loss.detach().numpy() == pytest.approx(expected)
    loss.sum().backward()
    assert x.grad.numpy()[[1, 3]].tolist() == t.grad.numpy()[[1, 3]].tolist() == [0.0, 0.0]
    slope = criterion.psi(np.array([0.4, 3.0])) * [2.0, 1.0] / (3 if reduction == "mean" else 1)
    assert x.grad.numpy()[[0, 2]] == pytest.approx(slope)


@losses
def test_shapes_dtypes_and_options_are_checked(name):
    criterion = make(name, "mean")
    with pytest.raises(ValueError, match=r"squeeze\(-1\)"):
        criterion(lucid.zeros(4, 1), lucid.zeros(4))
    with pytest.raises(TypeError, match="complex"):
        criterion(lucid.tensor([1j]), lucid.zeros(1))
    with pytest.raises(ValueError, match="reduction"):
        make(name, "foo")
    with pytest.raises(ValueError, match="normalize"):
        make(name, normalize="foo")
    with pytest.raises(TypeError, match="foo"):
        make(name, foo=1)
    assert math.isnan(criterion(lucid.zeros(0), lucid.zeros(0)).item())
    assert criterion(lucid.tensor([1]), lucid.tensor([1])).dtype == np.float32


@losses
def test_half_precision(name):
    x = tensor([0.5, -2.0], np.float16)
    criterion = make(name, "mean")
    loss = criterion(x, lucid.zeros_like(x))
    loss.backward()
    assert loss.dtype == x.grad.dtype == np.float16
    assert loss.item() == pytest.approx(criterion.rho(np.array([0.5, -2.0])).mean(), rel=1e-3)


@losses
def test_ledger(name):
    criterion = make(name, "mean", track=True)
    x = tensor([0.1, 8.0, -0.2, 5.0])
    criterion(x, lucid.zeros_like(x), index=lucid.tensor([0, 1, 2, 3]))
    report = criterion.report()
    assert report.seen == 4
    if "delta" in TABLE[name][1] or "c" in TABLE[name][1] or "scale" in TABLE[name][1]:
        assert report.clipped == 2
    if name not in ("mse", "barron 2", "barron 3"):
        assert set(report.rows[:2].tolist()) == {1, 3}
    assert str(report)


# ---- thresholds read off the residuals ------------------------------------------------

AUTOMATIC = {
    nn.HuberLoss: 1.345,
    nn.SmoothL1Loss: 1.345,
    nn.PseudoHuberLoss: 1.287,
    nn.QuantileHuberLoss: 1.345,
    nn.TukeyBiweightLoss: 4.685,
    nn.CauchyLoss: 2.385,
    nn.GemanMcClureLoss: 3.787,
    nn.WelschLoss: 2.985,
    nn.BarronLoss: 1.0,
}


@pytest.mark.parametrize("kind", AUTOMATIC, ids=lambda kind: kind.__name__)
def test_automatic_thresholds(kind):
    r = np.array([0.5, -1.0, 2.0, -3.0, 50.0])
    x, t = lucid.tensor(r), lucid.tensor(np.zeros(5))
    for rule, threshold in (
        ("mad", AUTOMATIC[kind] * 2 / 0.6744897501960817),
        ("quantile:0.75", 3),
    ):
        automatic = kind("sum", **{kind.argument: rule, "track": True})
        given = kind("sum", **{kind.argument: threshold})
        assert automatic(x, t).item() == pytest.approx(given(x, t).item(), rel=1e-14)
        assert automatic.report().delta == pytest.approx(threshold)
    with pytest.raises(ValueError, match=f"{kind.argument} must be"):
        kind(**{kind.argument: -1.0})
    with pytest.raises(ValueError, match=f"{kind.argument} must be"):
        kind(**{kind.argument: "median"})


def test_tuning_constants_are_95_percent_efficient():
    """(E psi')^2 / E psi^2 under the standard normal distribution."""
    z = np.linspace(-12, 12, 480_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    for kind, constant in AUTOMATIC.items():
        if kind in (nn.BarronLoss, nn.QuantileHuberLoss):
            continue
        criterion = kind(**{kind.argument: constant})
        psi = criterion.psi(z)
        slope = np.sum(z * psi * density)  # E psi' = E z psi
        assert slope**2 / np.sum(psi**2 * density) == pytest.approx(0.95, abs=1e-4)
