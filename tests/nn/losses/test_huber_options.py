"""HuberLoss beyond the formula: weights, masks, missing targets, thresholds, the ledger."""

import math

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid import Tensor
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError
from lucid.testing.cases import kernels

INF, NAN = math.inf, math.nan


@pytest.fixture(params=[True, False], ids=["kernel", "reference"])
def path(request):
    """The test runs on the Numba kernel and on its NumPy reference."""
    with kernels(request.param):
        yield


def leaf(values, dtype=np.float32):
    return lucid.tensor(np.array(values, dtype), requires_grad=True)


# ---- weights --------------------------------------------------------------------------


@pytest.mark.usefixtures("path")
def test_a_constant_weight_changes_nothing():
    x, t = leaf([0.5, 3.0, -1.0]), Tensor([0.0, 0.0, 0.0])
    plain = F.huber_loss(x, t)
    for weight in (lucid.full((3,), 2.0), lucid.tensor(2.0), lucid.tensor(2)):
        weighted = F.huber_loss(x, t, weight=weight)
        assert weighted.item() == plain.item()
        x.grad = None
        weighted.backward()
        assert x.grad.numpy() == pytest.approx(np.float32([0.5, 1.0, -1.0]) / 3)


@pytest.mark.usefixtures("path")
def test_weighted_mean_divides_by_the_weights():
    x, t, w = leaf([0.5, 3.0]), Tensor([0.0, 0.0]), Tensor([3.0, 1.0])
    assert F.huber_loss(x, t, weight=w).item() == (3 * 0.125 + 2.5) / 4
    assert F.huber_loss(x, t, weight=w, normalize="count").item() == (3 * 0.125 + 2.5) / 2
    assert F.huber_loss(x, t, "sum", weight=w).item() == 3 * 0.125 + 2.5
    assert F.huber_loss(x, t, None, weight=w).tolist() == [0.375, 2.5]


@pytest.mark.usefixtures("path")
def test_zero_weights_leave_out_altogether():
    x = leaf([INF, NAN, 0.5])
    loss = F.huber_loss(x, Tensor([0.0, 0.0, 0.0]), weight=Tensor([0.0, 0.0, 1.0]))
    loss.backward()
    assert loss.item() == 0.125
    assert x.grad.tolist() == [0.0, 0.0, 0.5]


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("learned", [False, True])
def test_weights_all_zero(reduction, learned):
    x, t = leaf([1.0, 2.0]), Tensor([0.0, 0.0])
    w = lucid.zeros(2, requires_grad=learned)
    loss = F.huber_loss(x, t, reduction, weight=w)
    assert loss.sum().item() == 0.0
    loss.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_weights_broadcast_to_the_loss():
    x, t = leaf(np.arange(8.0).reshape(4, 2)), lucid.zeros(4, 2)
    rows = Tensor([[1.0], [0.0], [0.0], [0.0]])
    assert F.huber_loss(x, t, "sum", weight=rows).item() == 0.5
    assert F.huber_loss(x, t, "sum", weight=Tensor([1.0, 0.0])).item() == 0 + 1.5 + 3.5 + 5.5
    with pytest.raises(ShapeError, match=r"weight.unsqueeze\(-1\)"):
        F.huber_loss(x, t, weight=lucid.ones(4))
    with pytest.raises(ShapeError, match=r"which has shape \[4, 2\]"):
        F.huber_loss(x, t, weight=lucid.ones(3, 4, 2))


@pytest.mark.parametrize("weight", [[-1.0, 1.0], [NAN, 1.0]])
def test_bad_weights(weight):
    with pytest.raises(ArgumentError, match="none negative or NaN"):
        F.huber_loss(Tensor([1.0, 2.0]), Tensor([0.0, 0.0]), weight=Tensor(weight))


def test_learned_weights():
    x, t = leaf([0.5, 3.0, -0.2], np.float64), lucid.tensor(np.zeros(3))
    w = leaf([1.0, 0.5, 2.0], np.float64)
    for options in ({}, {"normalize": "count"}, {"reduction": "sum"}, {"reduction": None}):
        assert gradcheck(lambda x, w, o=options: F.huber_loss(x, t, weight=w, **o), (x, w))
        assert gradgradcheck(lambda x, w, o=options: F.huber_loss(x, t, weight=w, **o), (x, w))


# ---- masks and missing targets --------------------------------------------------------


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_masked_elements_have_exactly_zero_gradient(reduction, bad):
    x, t = leaf([0.5, 2.0, 3.0]), leaf([0.0, bad, 0.0])
    mask = lucid.tensor([True, False, True])
    loss = F.huber_loss(x, t, reduction, mask=mask)
    expected = {"mean": 2.625 / 2, "sum": 2.625}.get(reduction)
    assert loss.tolist() == (expected or [0.125, 0.0, 2.5])
    loss.sum().backward()
    scale = 0.5 if reduction == "mean" else 1.0
    assert x.grad.tolist() == [0.5 * scale, 0.0, scale]
    assert t.grad.tolist() == [-0.5 * scale, 0.0, -scale]


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("delta", [1.0, [1.0, 1.0, 1.0]])
def test_missing_targets_are_skipped(delta):
    x, t = leaf([0.5, 2.0, 3.0]), Tensor([0.0, NAN, 0.0])
    loss = nn.HuberLoss(delta=delta, nan_target="skip")(x, t)
    assert loss.item() == 1.3125
    loss.backward()
    assert x.grad.tolist() == [0.25, 0.0, 0.5]


def test_a_missing_input_is_not_skipped():
    assert math.isnan(F.huber_loss(Tensor([NAN]), Tensor([0.0]), nan_target="skip").item())


def test_missing_targets_are_refused():
    x, t = lucid.zeros(2, 2), Tensor([[0.0, 0.0], [NAN, NAN]])
    criterion = nn.HuberLoss(nan_target="raise")
    with pytest.raises(ArgumentError, match=r"2 targets are NaN, the first at \(1, 0\)"):
        criterion(x, t)
    seen = lucid.tensor([[True, True], [False, False]])
    assert criterion(x, t, mask=seen).item() == 0.0
    assert criterion(x, lucid.zeros(2, 2)).item() == 0.0


def test_missing_targets_propagate_by_default():
    assert math.isnan(F.huber_loss(Tensor([1.0]), Tensor([NAN])).item())


def test_nothing_left_is_zero():
    x = leaf([1.0, 2.0])
    for options in (
        {"mask": lucid.tensor([False, False])},
        {"mask": lucid.tensor(False), "weight": lucid.ones(2)},
    ):
        x.grad = None
        loss = F.huber_loss(x, Tensor([0.0, 0.0]), **options)
        loss.backward()
        assert loss.item() == 0.0
        assert x.grad.tolist() == [0.0, 0.0]


def test_masks_count_what_remains():
    x, t = Tensor([0.5, 3.0, 9.0]), lucid.zeros(3)
    mask = lucid.tensor([True, True, False])
    weight = Tensor([3.0, 0.0, 5.0])
    assert F.huber_loss(x, t, mask=mask, weight=weight).item() == 0.125
    assert F.huber_loss(x, t, mask=mask, weight=weight, normalize="count").item() == 0.375 / 2


def test_masks_must_be_bool():
    with pytest.raises(DTypeError, match="mask must be of dtype bool"):
        F.huber_loss(Tensor([1.0]), Tensor([0.0]), mask=Tensor([1.0]))
    with pytest.raises(ShapeError, match="mask must broadcast"):
        F.huber_loss(Tensor([1.0]), Tensor([0.0]), mask=lucid.tensor([True, False]))


# ---- thresholds -----------------------------------------------------------------------


def test_delta_per_output():
    x, t = Tensor([[3.0, 3.0]]), lucid.zeros(1, 2)
    for delta in ([1.0, 2.0], np.array([1.0, 2.0]), Tensor([1.0, 2.0])):
        criterion = nn.HuberLoss(None, delta)
        loss = criterion(x, t)
        assert loss.tolist() == [[2.5, 4.0]]
        assert loss.dtype == np.float32
        assert list(criterion.state_dict()) == ["delta"]
    with pytest.raises(ShapeError, match="delta must broadcast to the loss"):
        nn.HuberLoss(delta=[1.0, 2.0, 3.0])(x, t)
    with pytest.raises(ShapeError, match="delta must broadcast to the loss"):
        nn.HuberLoss(delta=lucid.ones(3, 1))(x, t)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("value", [0.7, [0.7, 1.5, 0.3]])
def test_learned_delta_gradient(reduction, value):
    x = leaf([[0.3, -2.1, 0.9], [4.0, -0.2, 1.2]], np.float64)
    delta, t = leaf(value, np.float64), lucid.zeros(2, 3, dtype=lucid.float64)
    assert gradcheck(lambda x, d: F.huber_loss(x, t, reduction, d), (x, delta))
    assert gradgradcheck(lambda x, d: F.huber_loss(x, t, reduction, d), (x, delta))


def test_learned_delta_is_a_parameter():
    criterion = nn.HuberLoss(delta=nn.Parameter(2.0))
    assert [name for name, _ in criterion.named_parameters()] == ["delta"]
    criterion(Tensor([5.0]), Tensor([0.0])).backward()
    assert criterion.delta.grad.item() == 3.0


def test_normalizer_makes_a_learned_delta_well_posed():
    rng = np.random.default_rng(0)
    noise = np.where(rng.random(2000) < 0.1, 10, 1) * rng.standard_normal(2000)
    x, t = lucid.tensor(noise), lucid.tensor(np.zeros(2000))
    criterion = nn.HuberLoss(delta=nn.Parameter(5.0), normalizer=True).double()
    best = min(np.linspace(0.1, 5, 200), key=lambda d: _likelihood(noise, d))
    optimizer = lucid.optim.Adam(criterion.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        criterion(x, t).backward()
        optimizer.step()
    assert criterion.delta.item() == pytest.approx(best, abs=0.03)


def _likelihood(noise, delta):
    grid = np.linspace(-60, 60, 200_001)
    rho = nn.HuberLoss(delta=float(delta)).rho
    log_z = np.log(np.sum(np.exp(-rho(grid))) * (grid[1] - grid[0]))
    return rho(noise).mean() + log_z


def test_normalizer_counts_what_the_reduction_counts():
    x, t = Tensor([0.5, 3.0, NAN]), lucid.zeros(3)
    each = nn.HuberLoss(None, normalizer=True)(Tensor([0.0]), Tensor([0.0])).item()
    mask, weight = lucid.tensor([True, True, False]), Tensor([2.0, 1.0, 1.0])
    options = {"mask": mask, "weight": weight}
    total = nn.HuberLoss("sum", normalizer=True)(x, t, **options).item()
    mean = nn.HuberLoss("mean", normalizer=True)(x, t, **options).item()
    assert total == pytest.approx(2 * 0.125 + 2.5 + 3 * each, rel=1e-6)
    assert mean == pytest.approx(total / 3, rel=1e-6)


def test_schedule():
    criterion = nn.HuberLoss("sum", lambda step: 1.0 + step)
    x, t = Tensor([3.0]), Tensor([0.0])
    assert [criterion(x, t).item() for _ in range(3)] == [2.5, 4.0, 4.5]
    criterion.eval()
    assert criterion(x, t).item() == criterion(x, t).item() == 4.5
    assert criterion.state_dict()["steps"].item() == 3
    later = nn.HuberLoss("sum")
    later.delta = lambda step: 2.0
    assert later(x, t).item() == 4.0
    with pytest.raises(ArgumentError, match="delta must be positive"):
        nn.HuberLoss(delta=lambda step: 0.0)(x, t)


@pytest.mark.parametrize("rule", ["mad", "quantile:0.9"])
@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e5])
def test_automatic_delta_follows_the_unit_of_the_target(rule, factor):
    rng = np.random.default_rng(0)
    r = rng.standard_normal(500)
    t = np.zeros(500)
    losses, deltas = [], []
    for scale in (1.0, factor):
        criterion = nn.HuberLoss(delta=rule, track=True)
        losses.append(criterion(lucid.tensor(r * scale), lucid.tensor(t)).item())
        deltas.append(criterion.report().delta)
    assert deltas[1] == pytest.approx(factor * deltas[0], rel=1e-12)
    assert losses[1] == pytest.approx(factor**2 * losses[0], rel=1e-12)
    assert F.huber_loss(lucid.tensor(r), lucid.tensor(t), delta=rule).item() == losses[0]


def test_automatic_delta_by_hand():
    r = np.array([1.0, -2.0, 3.0, -4.0, 100.0])
    x, t = lucid.tensor(r), lucid.tensor(np.zeros(5))
    for rule, delta in (("mad", 1.345 * 3 / 0.6744897501960817), ("quantile:0.5", 3.0)):
        criterion = nn.HuberLoss("sum", rule, track=True)
        loss = criterion(x, t).item()
        assert criterion.report().delta == pytest.approx(delta, rel=1e-15)
        assert loss == pytest.approx(nn.HuberLoss(delta=delta).rho(r).sum(), rel=1e-14)


def test_automatic_delta_looks_at_what_counts():
    r = np.array([1.0, 2.0, 3.0, 1e9, NAN, INF])
    x, t = lucid.tensor(r), lucid.tensor(np.zeros(6))
    mask = lucid.tensor([True, True, True, False, True, True])
    criterion = nn.HuberLoss("none", "quantile:0.5", track=True)
    criterion(x, t, mask=mask)
    assert criterion.report().delta == 2.0
    criterion(x, t, lucid.tensor([0.0, 0.0, 1.0, 0.0, 0.0, 0.0]))
    assert criterion.report().delta == 3.0


def test_automatic_delta_where_most_residuals_vanish():
    x = lucid.tensor([0.0, 0.0, 0.0, 4.0])
    assert F.huber_loss(x, lucid.zeros(4), None, "mad").tolist() == [0.0, 0.0, 0.0, 3.5]
    assert F.huber_loss(lucid.zeros(4), lucid.zeros(4), delta="mad").item() == 0.0
    assert math.isnan(F.huber_loss(lucid.zeros(0), lucid.zeros(0), delta="mad").item())


def test_running_delta():
    criterion = nn.HuberLoss(delta="quantile:0.5", momentum=0.1)
    with pytest.raises(ArgumentError, match="read off the residuals"):
        nn.HuberLoss(delta="mad").rho(1.0)
    t = lucid.zeros(1)
    for r in (2.0, 4.0):
        criterion(lucid.tensor([r]), t)
    running = 2.0 + 0.1 * (4.0 - 2.0)
    assert criterion.running_delta.item() == pytest.approx(running)
    criterion.eval()
    criterion(lucid.tensor([1e6]), t)
    assert criterion.running_delta.item() == pytest.approx(running)
    assert criterion.rho(10.0) == pytest.approx(running * (10 - running / 2))
    assert criterion.state_dict()["running_delta"].item() == pytest.approx(running)
    fresh = nn.HuberLoss(delta="quantile:0.5", momentum=0.1).eval()
    assert fresh(lucid.tensor([3.0]), t).item() == 4.5  # nothing known yet: the batch's own
    assert math.isnan(fresh.running_delta.item())


@pytest.mark.parametrize("momentum", [0, 1.5, "x", NAN])
def test_bad_momentum(momentum):
    with pytest.raises(ArgumentError, match="momentum must be in"):
        nn.HuberLoss(delta="mad", momentum=momentum)
    with pytest.raises(ArgumentError, match="momentum is for automatic thresholds"):
        nn.HuberLoss(delta=1.0, momentum=0.1)


def test_the_same_line_whatever_the_unit():
    """A fixed delta fits nothing where the target comes in thousands; "mad" does not care."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 3))
    y = x @ [1.0, -2.0, 0.5] + 3 + 0.1 * rng.standard_normal(200)
    y[:20] += 50
    fits = [_fit(x, y * factor) / factor for factor in (1.0, 1e3, 1e5)]
    assert fits[0] == pytest.approx([1.0, -2.0, 0.5, 3.0], abs=0.05)
    assert fits[1] == pytest.approx(fits[0], rel=1e-6)
    assert fits[2] == pytest.approx(fits[0], rel=1e-6)


def _fit(x, y):
    """Reweighted least squares with the weights of the loss itself."""
    design = np.column_stack([x, np.ones(len(x))])
    solution = np.linalg.lstsq(design, y, rcond=None)[0]
    criterion = nn.HuberLoss(delta="mad", track=True)
    for _ in range(100):
        fitted = design @ solution
        criterion(lucid.tensor(fitted), lucid.tensor(y))
        root = np.sqrt(nn.HuberLoss(delta=criterion.report().delta).weight(fitted - y))
        solution = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
    return solution


# ---- rho, psi and weight --------------------------------------------------------------


def test_curve_of_numbers_arrays_and_tensors():
    criterion = nn.HuberLoss(delta=2.0)
    assert (criterion.rho(3.0), criterion.psi(3.0), criterion.weight(4.0)) == (4.0, 2.0, 0.5)
    assert criterion.weight(0.0) == 1.0
    assert criterion.psi(np.array([1.0, -9.0])).tolist() == [1.0, -2.0]
    x = leaf([1.0, -9.0])
    psi = criterion.psi(x)
    assert (psi.tolist(), psi.dtype) == ([1.0, -2.0], np.float32)
    psi.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0]
    assert criterion.rho(x).tolist() == [0.5, 16.0]
    assert isinstance(criterion.weight(x), Tensor)


# ---- the ledger -----------------------------------------------------------------------


def test_report():
    criterion = nn.HuberLoss(delta=1.0, track=True)
    x = Tensor([[0.5, 0.0], [4.0, 0.0], [-2.0, 1.0]])
    criterion(x, lucid.zeros(3, 2), index=lucid.tensor([7, 3, 5]))
    report = criterion.report()
    assert (report.seen, report.clipped, report.share) == (6, 2, 2 / 6)
    assert report.delta == 1.0
    assert report.scale == pytest.approx(0.75 / 0.6744897501960817)
    assert report.rows.tolist() == [3, 5, 7]
    assert report.weights.tolist() == [0.25, 0.5, 1.0]
    assert criterion.report(rows=1).rows.tolist() == [3]
    assert str(criterion.report(1)) == (
        "2 of 6 residuals clipped (33.3%)\n"
        "delta 1, scale of the residuals 1.112\n"
        "rows of smallest weight:\n"
        "  row 3: weight 0.250"
    )


def test_report_goes_on_and_starts_anew():
    criterion = nn.HuberLoss(track=True)
    row = lucid.tensor([0])
    criterion(Tensor([9.0]), Tensor([0.0]), index=row)
    criterion(Tensor([0.5]), Tensor([0.0]), index=row)
    report = criterion.report()
    assert (report.seen, report.clipped, report.weights.tolist()) == (2, 1, [1.0])
    criterion.reset_report()
    assert criterion.report().seen == 0
    assert criterion.report().share == 0.0


def test_report_leaves_out_what_does_not_count():
    criterion = nn.HuberLoss(track=True, nan_target="skip")
    x, t = Tensor([9.0, 9.0, 9.0, 0.5]), Tensor([0.0, NAN, 0.0, 0.0])
    mask = lucid.tensor([True, True, False, True])
    criterion(x, t, mask=mask, index=lucid.tensor([0, 1, 2, 3]))
    report = criterion.report()
    assert (report.seen, report.clipped) == (2, 1)
    assert report.rows.tolist() == [0, 3]


def test_report_needs_a_ledger():
    with pytest.raises(GradError, match=r"HuberLoss\(track=True\)"):
        nn.HuberLoss().report()


@pytest.mark.parametrize(
    ("index", "error"),
    [([0.5], ArgumentError), ([-1], ArgumentError), ([0, 1], ShapeError)],
)
def test_bad_rows(index, error):
    criterion = nn.HuberLoss(track=True)
    with pytest.raises(error, match="index must"):
        criterion(Tensor([1.0]), Tensor([0.0]), index=lucid.tensor(index))
    assert criterion.report().seen == 0
