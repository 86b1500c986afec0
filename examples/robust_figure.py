"""The figure of `robust_regression.py`: one colour a loss, names beside their lines."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from gallery import BLUE, GREEN, GREY, INK, PALE, SKY, STYLE, VERMILION, say
from gallery import PURPLE as WRONG
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from mauna_loa import UNITS, Weeks, features

from lucid import nn

MSE, L1, HUBER, FIXED = VERMILION, GREEN, BLUE, SKY
MAD = 'Huber, δ = "mad"'  # as `robust_regression.py` names it
SHOWN = {"MSE": MSE, "L1": L1, MAD: HUBER}
SHORT = {"MSE": "MSE", "L1": "L1", MAD: "Huber"}


def draw(
    path: Path, fits: dict, linear: dict, weeks: Weeks, test: Weeks, ledger: nn.HuberLoss
) -> None:
    """Draw the figure into a file.

    Parameters
    ----------
    path : Path
    fits, linear : dict
        What `compare` of `robust_regression.py` returns.
    weeks, test : Weeks
        The data of the first seed.
    ledger : nn.HuberLoss
        It has judged the labels of `weeks`.
    """
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(10.8, 10.4), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.12)
        grid = figure.add_gridspec(3, 3, height_ratios=(1.15, 1, 1))
        draw_record(figure.add_subplot(grid[0, :2]), fits, weeks)
        draw_closer(figure.add_subplot(grid[0, 2]), fits, weeks, test)
        draw_learning(figure.add_subplot(grid[1, 0]), fits, linear)
        draw_residuals(figure.add_subplot(grid[1, 1]), fits)
        draw_thresholds(figure.add_subplot(grid[1, 2]), fits, ledger)
        draw_losses(figure.add_subplot(grid[2, 0]), ledger)
        draw_influence(figure.add_subplot(grid[2, 1]), ledger)
        draw_ledger(figure.add_subplot(grid[2, 2]), weeks, ledger)
        headline = "One label in five is wrong. The squared loss believes it; Huber's does not."
        figure.suptitle(headline, x=0.01, ha="left", fontsize=15, fontweight="bold")
        seeds = len(fits["MSE", "ppm"])
        source = (
            "The same network, data and training for every loss; Huber's δ is “mad” unless said "
            f"otherwise. Errors on clean test weeks; seeds: {seeds}. Data: Keeling and Whorf, 2004."
        )
        figure.supxlabel(source, x=0.01, ha="left", fontsize=8, color=GREY)
        figure.savefig(path)
        plt.close(figure)


def say_both(axes: Axes, x: float, l1: float, huber: float) -> None:
    """Write the names of two lines that lie close to each other, here at heights l1 and huber.

    The upper name stands above its line, the lower one below.
    """
    for name, y, above in (("L1", l1, l1 > huber), (MAD, huber, l1 <= huber)):
        options = {"color": SHOWN[name], "weight": "bold", "textcoords": "offset points"}
        shift, side = (1, "bottom") if above else (-1, "top")
        axes.annotate(SHORT[name], (x, y), (0, shift), va=side, annotation_clip=False, **options)


# ---- what was learned -----------------------------------------------------------------


def draw_record(axes: Axes, fits: dict, weeks: Weeks) -> None:
    """The labels, and the curves that were learned from them."""
    wrong, top = weeks.contaminated, 424
    axes.plot(weeks.years[~wrong], weeks.labels[~wrong], ".", color=PALE, markersize=4.5)
    axes.plot(weeks.years[wrong], weeks.labels[wrong], ".", color=WRONG, markersize=4)
    years = np.linspace(weeks.years[0], weeks.years[-1], 1500)
    for name in ("MSE", MAD):
        predicted = fits[name, "ppm"][0].predict(features(years))
        axes.plot(years, predicted, color=SHOWN[name], linewidth=1)
    axes.set(xlim=(1957.5, 2002), ylim=(308, top), ylabel="CO₂, ppm")
    beyond = int(np.sum(weeks.labels > top))
    say(axes, 1958.5, 415, f"wrong labels, and {beyond} more above", WRONG)
    say(axes, 1976, 321, "right labels", GREY)
    say(axes, 2002.4, 377, "MSE", MSE)
    say(axes, 2002.4, 366, "Huber", HUBER)
    axes.set_title(
        f"{len(wrong)} weeks of air over Mauna Loa, {np.mean(wrong):.0%} of them spoiled"
    )


def draw_closer(axes: Axes, fits: dict, weeks: Weeks, test: Weeks) -> None:
    """Three years of clean test weeks beside the curves."""
    years = np.linspace(1985, 1988, 400)
    for name, colour in SHOWN.items():
        axes.plot(years, fits[name, "ppm"][0].predict(features(years)), color=colour)
    wrong = weeks.contaminated
    axes.plot(weeks.years[wrong], weeks.labels[wrong], ".", color=WRONG, markersize=7)
    axes.plot(test.years, test.measured, "o", color=INK, markersize=3.2, zorder=3)
    axes.set(xlim=(1985, 1988), xticks=range(1985, 1989), ylim=(336, 372), ylabel="CO₂, ppm")
    say(axes, 1985.05, 365, "MSE", MSE)
    say(axes, 1987.05, 341.4, "L1", L1)
    say(axes, 1987.33, 341.4, "Huber", HUBER)
    say(axes, 1987.05, 339, "● test weeks", INK, weight="normal")
    axes.set_title("MSE chases the wrong labels")


# ---- how well -------------------------------------------------------------------------


def on_error_scale(axes: Axes) -> None:
    """A logarithmic axis for errors, the same in every panel."""
    axes.set(yscale="log", ylim=(0.4, 12), ylabel="error, ppm (RMS)")
    axes.set_yticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
    axes.minorticks_off()


def draw_learning(axes: Axes, fits: dict, linear: dict) -> None:
    """The test error after each epoch: mean over the seeds, and their range."""
    ends = {}
    for name, colour in SHOWN.items():
        curves = np.array([fit.curve for fit in fits[name, "ppm"]])
        epochs = np.arange(1, curves.shape[1] + 1)
        axes.fill_between(epochs, curves.min(0), curves.max(0), color=colour, alpha=0.15, lw=0)
        axes.plot(epochs, curves.mean(0), color=colour)
        ends[name] = curves[:, -1].mean()
    last = epochs[-1]
    plain, cubic = (
        np.mean([rms(r) for r in runs]) for (_, unit), runs in linear.items() if unit == "ppm"
    )
    axes.hlines([plain, cubic], 1, last, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    say(axes, last, plain * 1.06, "scikit-learn's Huber", GREY, ha="right", weight="normal")
    say(axes, 2, cubic * 0.94, "… on cubic features", GREY, weight="normal", va="top")
    axes.set(xlim=(1, last), xlabel="epoch")
    on_error_scale(axes)
    say(axes, last * 1.03, ends["MSE"], "MSE", MSE, va="center")
    say_both(axes, last * 1.03, ends["L1"], ends[MAD])
    times = ends["MSE"] / ends[MAD]
    axes.set_title(f"Huber's error is {times:.0f} times smaller")


def rms(values: np.ndarray) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(values**2)))


def draw_residuals(axes: Axes, fits: dict) -> None:
    """How the errors are distributed over the clean test weeks of all seeds."""
    bins = np.arange(-4, 13.01, 0.25)
    for name, colour in SHOWN.items():
        residuals = np.concatenate([fit.residuals for fit in fits[name, "ppm"]])
        share = np.histogram(residuals, bins)[0] / len(residuals)
        axes.stairs(share, bins, color=colour, fill=True, alpha=0.15)
        axes.stairs(share, bins, color=colour, linewidth=1.5)
        x, y = {"MSE": (5, share.max() + 0.008), "L1": (-1.8, 0.2), MAD: (1.4, 0.14)}[name]
        mean = "" if name == "L1" else f", {residuals.mean():+.1f} ppm"
        say(axes, x, y, SHORT[name] + mean, colour)
    axes.set(xlim=(-4, 13), xlabel="predicted − measured, ppm", ylabel="share of test weeks")
    axes.set(xticks=[-3, 0, 3, 6, 9, 12], yticks=[0, 0.05, 0.1, 0.15, 0.2])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_title("MSE is off to one side")


def draw_thresholds(axes: Axes, fits: dict, ledger: nn.HuberLoss) -> None:
    """The test error against the threshold, in ppm: what a wrong unit does to a fixed one."""
    errors = {}
    for (name, unit), runs in fits.items():
        value = name.removeprefix("Huber, δ = ")
        if name not in SHOWN:
            errors[float(value) / UNITS[unit]] = np.mean([fit.curve[-1] for fit in runs])
    deltas = sorted(errors)
    axes.plot(deltas, [errors[d] for d in deltas], "o-", color=FIXED, markersize=4.5)
    found, reached = ledger.report().delta, np.mean([fit.curve[-1] for fit in fits[MAD, "ppm"]])
    axes.plot(found, reached, "D", color=HUBER, markersize=8, zorder=3)
    say(axes, found * 0.6, reached * 1.12, "“mad” finds\nits own δ", HUBER, ha="right")
    say(axes, 8e-4, errors[deltas[0]] * 0.93, "as L1", L1, va="top")
    say(axes, 1.6e3, 7.4, "as MSE", MSE, ha="right")
    say(axes, 20, 1.7, "fixed δ", FIXED)
    axes.set(xscale="log", xlim=(4e-4, 2.5e3), xlabel="threshold δ, ppm")
    axes.set_xticks([1e-3, 1e-1, 10, 1e3], ["0.001", "0.1", "10", "1000"])
    on_error_scale(axes)
    axes.set_title("δ = 1000 suits ppb, not ppm")


# ---- why ------------------------------------------------------------------------------


def curves(ledger: nn.HuberLoss) -> dict[str, nn.Module]:
    """The losses in ppm, Huber's with the threshold that "mad" found."""
    return {"MSE": nn.MSELoss(), "L1": nn.L1Loss(), MAD: nn.HuberLoss(delta=ledger.report().delta)}


def draw_losses(axes: Axes, ledger: nn.HuberLoss) -> None:
    """What a residual costs."""
    residual = np.linspace(-5, 5, 1001)
    for name, loss in curves(ledger).items():
        axes.plot(residual, loss.rho(residual), color=SHOWN[name])
    axes.set(xlim=(-5, 5), ylim=(0, 10), xlabel="residual r, ppm", ylabel="loss")
    say(axes, 2.4, 8.6, "MSE", MSE, ha="right")
    ends = curves(ledger)
    say_both(axes, 5.15, ends["L1"].rho(5.0), ends[MAD].rho(5.0))
    axes.set_title("MSE squares what is far off")


def draw_influence(axes: Axes, ledger: nn.HuberLoss) -> None:
    """How hard a residual pulls: the slope of the loss."""
    residual, plume = np.linspace(-5, 5, 1001), 30.0
    for name, loss in curves(ledger).items():
        axes.plot(residual, loss.psi(residual), color=SHOWN[name])
    axes.set(xlim=(-5, 5), ylim=(-5, 5), xlabel="residual r, ppm", ylabel="influence ψ(r)")
    say(axes, 2.0, 4.4, "MSE", MSE, ha="right")
    pulls = {name: loss.psi(plume) for name, loss in curves(ledger).items()}
    say_both(axes, 5.15, pulls["L1"], pulls[MAD])
    note = f"At r = {plume:.0f} ppm:\n" + ", ".join(
        f"{SHORT[name]} {pull:.2g}" for name, pull in pulls.items()
    )
    say(axes, 4.9, -4.6, note, GREY, ha="right", weight="normal")
    axes.set_title("Huber bounds the pull")


def draw_ledger(axes: Axes, weeks: Weeks, ledger: nn.HuberLoss) -> None:
    """The weights that the Huber loss gives to right and to wrong labels."""
    report = ledger.report(rows=len(weeks.labels))
    wrong = weeks.contaminated[report.rows]
    bins = np.linspace(0, 1, 21)
    for rows, colour in ((~wrong, GREY), (wrong, WRONG)):
        share = np.full(rows.sum(), 1 / rows.sum())
        axes.hist(report.weights[rows], bins, weights=share, color=colour, alpha=0.75)
    count = wrong.sum()
    say(axes, 0.08, 0.42, "wrong labels", WRONG)
    say(axes, 0.93, 0.8, "right labels", GREY, ha="right")
    axes.set(
        xlim=(-0.015, 1.015), ylim=(0, 1), xlabel="weight ψ(r) / r", ylabel="share of each kind"
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_title(f"The ledger: {wrong[:count].sum()} of {count} found")
