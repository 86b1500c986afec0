"""One label in five is wrong: the same network under MSE, L1 and Huber losses.

    python examples/robust_regression.py            the whole comparison, half a minute
    python examples/robust_regression.py --short    a glimpse of it, in seconds

A small network learns the concentration of carbon dioxide over Mauna Loa from date and season.
A fifth of its training labels are too high, by 30 ppm on average (`mauna_loa.py` has the data);
the labels it is tested on are clean. The run prints a table of test errors, names the weeks
that the Huber loss did not believe, and draws a figure.

How the comparison is made:

* All losses get the same data, initial weights, order of batches, epochs, learning rate and
  optimizer. These settings were chosen with the Huber loss in view, on the seeds 0 to 3, which
  are not used here; `docs/robust_regression.rst` says what other settings do for MSE. Each seed
  changes the data split, the contamination, the weights and the order of the batches.
* The errors are root mean squares over the clean test weeks, the very thing that MSE trains
  for. The test weeks take part in nothing else; the last epoch counts, whatever came before.
* Everything is done twice, with labels in ppm and in ppb, which are 1000 times as large. The
  inputs are scaled, and the network's last layer puts its output into the units of the labels
  by their median and spread. So to the network both are one problem: only the loss can tell
  the units apart, by its threshold δ. MSE and L1 have none, and "mad" finds its own.
* scikit-learn's HuberRegressor stands beside them twice: with the network's three inputs, of
  which it is a linear function, and with all their products up to the third degree.

It needs the packages of ``pip install ".[examples]"``; ``python3 start.py demo`` sees to that.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import mauna_loa
import numpy as np
import robust_figure
from mauna_loa import UNITS, Weeks
from sklearn.linear_model import HuberRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from tqdm import tqdm

import lucid
from lucid import Tensor, nn, optim
from lucid.data import DataLoader, TensorDataset

MAD = 'Huber, δ = "mad"'
LOSSES: dict[str, Callable[[], nn.Module]] = {
    "MSE": nn.MSELoss,
    "L1": nn.L1Loss,
    "Huber, δ = 1": partial(nn.HuberLoss, delta=1.0),
    "Huber, δ = 1000": partial(nn.HuberLoss, delta=1000.0),
    MAD: partial(nn.HuberLoss, delta="mad"),
}
LINEAR = {"scikit-learn's Huber": 1, "… on cubic features": 3}  # the degree of the features
FIRST_SEED = 10
THRESHOLDS = (0.03, 0.3, 3.0, 10.0, 100.0)  # in ppm, between those of LOSSES


# ---- the network ----------------------------------------------------------------------


class InUnitsOf(nn.Module):
    """Puts a network's output into the units of the labels: centre + spread * output.

    Both are medians, of the labels and of their distances from it: the mean and the standard
    deviation would be off already, by the wrong labels among them.
    """

    def __init__(self, labels: Tensor) -> None:
        super().__init__()
        centre = labels.median()
        self.register_buffer("centre", centre)
        self.register_buffer("spread", (labels - centre).abs().median())

    def forward(self, output: Tensor) -> Tensor:
        return self.centre + self.spread * output


def network(labels: Tensor) -> nn.Module:
    """Three inputs, two hidden layers, one output."""
    return nn.Sequential(
        nn.Linear(3, 64),
        nn.Tanh(),
        nn.Linear(64, 64),
        nn.Tanh(),
        nn.Linear(64, 1),
        InUnitsOf(labels),
    )


# ---- training -------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """A trained network and how it got there.

    Attributes
    ----------
    predict : callable
        From inputs (n, 3) to concentrations (n,), in ppm.
    residuals : array
        Predicted minus measured, over the test weeks, in ppm.
    curve : list of float
        The root mean squared test error after each epoch, in ppm.
    """

    predict: Callable[[np.ndarray], np.ndarray]
    residuals: np.ndarray
    curve: list[float]


def train(
    weeks: Weeks, test: Weeks, criterion: nn.Module, unit: float, seed: int, epochs: int, bar: tqdm
) -> Fit:
    """Train a network under one loss, with labels of `unit` to the ppm."""
    lucid.manual_seed(seed)
    inputs = lucid.tensor(weeks.inputs)
    labels = lucid.tensor(weeks.labels[:, None] * unit, dtype=lucid.float32)
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=64, shuffle=True)
    model = network(labels)
    # Gradients shrink with an automatic threshold; 0.95 lets Adam forget the large ones soon.
    optimizer = optim.Adam(model.parameters(), lr=0.02, betas=(0.9, 0.95))
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)

    def predict(x: np.ndarray) -> np.ndarray:
        with lucid.no_grad():
            return model(lucid.tensor(x)).numpy()[:, 0] / unit

    curve = []
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        schedule.step()
        curve.append(rms(predict(test.inputs) - test.measured))
        bar.set_postfix(loss=f"{loss.item():.3g}", refresh=False)
        bar.update()
    return Fit(predict, predict(test.inputs) - test.measured, curve)


def fit_linear(weeks: Weeks, test: Weeks, degree: int, unit: float) -> np.ndarray:
    """The test residuals of scikit-learn's HuberRegressor on polynomial features, in ppm."""
    model = make_pipeline(
        PolynomialFeatures(degree, include_bias=False),
        StandardScaler(),
        HuberRegressor(max_iter=1000),
    )
    model.fit(weeks.inputs, weeks.labels * unit)
    return model.predict(test.inputs) / unit - test.measured


def rms(values: np.ndarray) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(values**2)))


# ---- what comes of it -----------------------------------------------------------------


def compare(seeds: int, epochs: int, thresholds: tuple[float, ...]) -> tuple[dict, dict]:
    """Train everything.

    Returns
    -------
    fits : dict
        From (loss, unit) to one `Fit` a seed.
    linear : dict
        From (name, unit) to the test residuals of HuberRegressor for each seed.
    """
    runs = [(name, unit, make) for name, make in LOSSES.items() for unit in UNITS]
    runs += [(f"Huber, δ = {d:g}", "ppm", partial(nn.HuberLoss, delta=d)) for d in thresholds]
    fits: dict = {(name, unit): [] for name, unit, _ in runs}
    linear: dict = {(name, unit): [] for name in LINEAR for unit in UNITS}
    with tqdm(total=seeds * len(runs) * epochs, unit=" epochs") as bar:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            weeks, test = mauna_loa.split(seed)
            for name, unit, make in runs:
                bar.set_description(f"seed {seed}, {name}, {unit}")
                fit = train(weeks, test, make(), UNITS[unit], seed, epochs, bar)
                fits[name, unit].append(fit)
            for name, unit in linear:
                residuals = fit_linear(weeks, test, LINEAR[name], UNITS[unit])
                linear[name, unit].append(residuals)
    return fits, linear


def table(fits: dict, linear: dict) -> str:
    """Clean test errors: mean and standard deviation over the seeds."""
    residuals = {key: [fit.residuals for fit in fits[key]] for key in fits} | linear
    lines = [
        "Error on clean test weeks, in ppm (root mean square, ± its spread over seeds)",
        "",
        f"{'trained with':<22}{'labels in ppm':>15}{'bias':>8}{'labels in ppb':>18}{'bias':>8}",
        "-" * 71,
    ]
    for name in [*LOSSES, *LINEAR]:
        cells = []
        for unit, width in zip(UNITS, (15, 18), strict=True):
            errors = [rms(r) for r in residuals[name, unit]]
            error = f"{np.mean(errors):.2f} ± {np.std(errors):.2f}"
            cells.append(f"{error:>{width}}{np.mean(residuals[name, unit]):>+8.2f}")
        lines.append(f"{name:<22}" + "".join(cells))
    return "\n".join(lines)


def judge(fit: Fit, weeks: Weeks) -> tuple[nn.HuberLoss, np.ndarray]:
    """The ledger of a finished fit, and the rows that a Huber loss believes least.

    As many rows as are truly wrong; it is not told which.
    """
    ledger = nn.HuberLoss(delta="mad", track=True)
    predicted, labels = lucid.tensor(fit.predict(weeks.inputs)), lucid.tensor(weeks.labels)
    ledger(predicted, labels, index=lucid.arange(len(labels)))
    return ledger, ledger.report(rows=int(weeks.contaminated.sum())).rows


def describe(ledger: nn.HuberLoss, suspects: np.ndarray, weeks: Weeks) -> str:
    """The ledger in words: its report, and who the least believed weeks are."""
    wrong = weeks.contaminated
    report = ledger.report(rows=5)
    lines = [
        f'The ledger of nn.HuberLoss(delta="mad", track=True), over {len(wrong)} training weeks:',
        f"{report.share:.0%} of the labels clipped, at δ = {report.delta:.2f} ppm. Of the "
        f"{wrong.sum()} wrong labels,",
        f"{wrong[suspects].sum()} are among the {len(suspects)} of smallest weight, these first:",
    ]
    for row, weight in zip(report.rows, report.weights, strict=True):
        lines.append(
            f"  {weeks.years[row]:.2f}: weight {weight:.4f}, recorded {weeks.labels[row]:.1f} ppm, "
            f"measured {weeks.measured[row]:.1f}"
        )
    return "\n".join(lines)


# ---- from the command line ------------------------------------------------------------


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description="The same network under MSE, L1 and Huber losses, on contaminated labels."
    )
    parser.add_argument("--short", "--quick", action="store_true", help="one seed, few epochs")
    parser.add_argument("--seeds", type=int, metavar="N", help="how many seeds (default: 5)")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("robust_regression.png"),
        metavar="PATH",
        help="where to draw the figure, as png, pdf or svg (default: %(default)s)",
    )
    args = parser.parse_args()
    if args.seeds is None:
        args.seeds = 1 if args.short else 5
    if args.seeds < 1:
        parser.error(f"--seeds must be at least 1, not {args.seeds}")
    if args.output.suffix not in (".png", ".pdf", ".svg"):
        parser.error(f"--output must end in .png, .pdf or .svg, not {args.output.name}")
    try:
        args.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--output: {error}")
    return args


def main() -> None:
    """Compare, print, draw."""
    args = arguments()
    sys.stdout.reconfigure(errors="replace")  # a pipe on Windows may not know the letter δ
    epochs, thresholds = (10, THRESHOLDS[1::2]) if args.short else (60, THRESHOLDS)
    fits, linear = compare(args.seeds, epochs, thresholds)
    print(f"\n{table(fits, linear)}\n")

    weeks, test = mauna_loa.split(FIRST_SEED)
    ledger, suspects = judge(fits[MAD, "ppm"][0], weeks)
    print(f"{describe(ledger, suspects, weeks)}\n")

    robust_figure.draw(args.output, fits, linear, weeks, test, ledger)
    print(f"Figure: {args.output.resolve()}")


if __name__ == "__main__":
    main()
