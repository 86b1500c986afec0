"""Three centuries of sunspots, with slipped decimal points: forecasts for the next three years.

    python examples/sunspots.py            five seeds, ten seconds
    python examples/sunspots.py --quick    one seed, in seconds

Each year since 1700 has a number of sunspots. A network sees 22 years, two cycles of the sun,
and tells the next three. It learns from the years before 1945 and is asked about the years
after. One year in ten of its record is spoiled, in what it sees as in what it is told: someone
slipped the decimal point, and the number is ten times too large. The years it is tested on are
as measured.

The same network is trained under three losses, with the same data, weights and batches. Beside
them stand one that had the unspoiled record, an autoregression by least squares (statsmodels),
and the forecast that a year will be as it was eleven years before. Width, decay and rate were
chosen with the Huber loss in view.

The record ships with statsmodels: 1700 to 2008, from the Solar Influences Data Analysis Center,
Royal Observatory of Belgium.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import fmean

import gallery
import numpy as np
from gallery import BLUE, GREEN, GREY, INK, PALE, PURPLE, VERMILION, say
from matplotlib.axes import Axes
from statsmodels.datasets import sunspots
from statsmodels.tsa.ar_model import AutoReg
from tqdm import tqdm

import lucid
from lucid import nn, optim
from lucid.data import DataLoader, TensorDataset

SEEN, AHEAD = 22, 3  # years that the network sees, and years that it tells
FIRST_TEST = 1945
SHARE, SLIP = 0.1, 10.0  # of the training years, and how many times too large they are
HUBER = 'Huber, δ = "mad"'
CLEAN = "MSE, unspoiled record"
LOSSES: dict[str, Callable[[], nn.Module]] = {
    "MSE": nn.MSELoss,
    "L1": nn.L1Loss,
    HUBER: partial(nn.HuberLoss, delta="mad"),
}
AUTOREGRESSION, ELEVEN = "autoregression", "as eleven years before"
COLOURS = {"MSE": VERMILION, "L1": GREEN, HUBER: BLUE, CLEAN: GREY}


# ---- the record -----------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """The years, what was measured, and what is written down."""

    years: np.ndarray
    measured: np.ndarray
    written: np.ndarray


def spoil(seed: int) -> Record:
    """The record with some decimal points slipped, in the training years alone."""
    table = sunspots.load_pandas().data
    years, measured = table["YEAR"].to_numpy().astype(int), table["SUNACTIVITY"].to_numpy()
    early = np.flatnonzero(years < FIRST_TEST)
    wrong = np.random.default_rng(seed).choice(early, round(SHARE * len(early)), replace=False)
    written = measured.copy()
    written[wrong] *= SLIP
    return Record(years, measured, written)


def windows(years: np.ndarray, series: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every stretch of years: its first year to be told, what is seen, what is to be told."""
    rows = np.lib.stride_tricks.sliding_window_view(series, SEEN + AHEAD)
    return years[SEEN : SEEN + len(rows)], rows[:, :SEEN], rows[:, SEEN:]


# ---- the network ----------------------------------------------------------------------


class Forecaster(nn.Module):
    """Years in, years out; inside, sunspots are measured from their median in units of spread.

    Both are medians and what is seen is clamped, so that a slipped decimal point in it is no
    more than a large number.
    """

    def __init__(self, series: np.ndarray, width: int = 32) -> None:
        super().__init__()
        centre = float(np.median(series))
        spread = float(np.median(np.abs(series - centre)))
        self.register_buffer("centre", lucid.tensor(centre))
        self.register_buffer("spread", lucid.tensor(spread))
        self.layers = nn.Sequential(
            nn.Linear(SEEN, width),
            nn.Tanh(),
            nn.Dropout(0.1),
            nn.Linear(width, AHEAD),
        )

    def forward(self, seen: lucid.Tensor) -> lucid.Tensor:
        scaled = ((seen - self.centre) / self.spread).clamp(-4.0, 4.0)
        return self.centre + self.spread * self.layers(scaled)


@dataclass(frozen=True)
class Fit:
    """What a training run came to: forecasts (years, AHEAD), and test errors epoch by epoch."""

    forecast: np.ndarray
    curve: list[float]


def train(record: Record, series: np.ndarray, criterion: nn.Module, seed: int, bar: tqdm) -> Fit:
    """Train on the years before FIRST_TEST of `series`; forecast those after as measured."""
    first, seen, told = windows(record.years, series)
    early = first + AHEAD <= FIRST_TEST
    inputs, targets = (
        lucid.tensor(part[early].astype(np.float32), dtype=lucid.float32) for part in (seen, told)
    )
    test_inputs, test_targets = test_windows(record)

    lucid.manual_seed(seed)
    model = Forecaster(series[record.years < FIRST_TEST])
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=32, shuffle=True)
    optimizer = optim.AdamW(model.parameters(), lr=5e-3, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=bar.epochs)
    curve = []
    for _ in range(bar.epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with lucid.no_grad():
            forecast = model(test_inputs).numpy()
        curve.append(rms(forecast - test_targets))
        bar.set_postfix(loss=f"{loss.item():.3g}", refresh=False)
        bar.update()
    return Fit(forecast, curve)


def test_windows(record: Record) -> tuple[lucid.Tensor, np.ndarray]:
    """What is seen before the test years, and those years; both as measured."""
    first, seen, told = windows(record.years, record.measured)
    late = first >= FIRST_TEST
    return lucid.tensor(seen[late].astype(np.float32)), told[late]


def rms(errors: np.ndarray) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(errors**2)))


# ---- what stands beside it ------------------------------------------------------------


def autoregression(record: Record) -> np.ndarray:
    """Forecasts by least squares on the same spoiled years, from the same years as measured."""
    early = record.written[record.years < FIRST_TEST]
    weights = AutoReg(early, lags=SEEN).fit().params
    seen, _ = test_windows(record)
    rows = seen.numpy().astype(float)
    for _ in range(AHEAD):
        rows = np.c_[rows, weights[0] + rows[:, -1 : -SEEN - 1 : -1] @ weights[1:]]
    return rows[:, SEEN:]


def eleven_years_before(record: Record) -> np.ndarray:
    """The same years of the cycle before."""
    seen, _ = test_windows(record)
    return seen.numpy()[:, -11 : -11 + AHEAD]


# ---- the comparison -------------------------------------------------------------------


def compare(seeds: int, epochs: int) -> tuple[dict[str, list[Fit]], dict[str, list[np.ndarray]]]:
    """One `Fit` a seed for every loss, and the errors of what stands beside them."""
    runs = {**LOSSES, CLEAN: nn.MSELoss}
    fits: dict[str, list[Fit]] = {name: [] for name in runs}
    beside: dict[str, list[np.ndarray]] = {AUTOREGRESSION: [], ELEVEN: []}
    with tqdm(total=seeds * len(runs) * epochs, unit=" epochs") as bar:
        bar.epochs = epochs
        for seed in range(seeds):
            record = spoil(seed)
            for name, criterion in runs.items():
                bar.set_description(f"seed {seed}, {name}")
                series = record.measured if name == CLEAN else record.written
                fits[name].append(train(record, series, criterion(), seed, bar))
            _, told = test_windows(record)
            beside[AUTOREGRESSION].append(autoregression(record) - told)
            beside[ELEVEN].append(eleven_years_before(record) - told)
    return fits, beside


def errors(fits: dict[str, list[Fit]], beside: dict[str, list[np.ndarray]]) -> dict:
    """From each name to one array (test windows, AHEAD) of errors a seed."""
    _, told = test_windows(spoil(0))
    return {name: [fit.forecast - told for fit in runs] for name, runs in fits.items()} | beside


def table(missed: dict[str, list[np.ndarray]]) -> str:
    """Test errors by how far ahead, mean over the seeds; the spread is that of all three years."""
    lines = [
        f"Error of the forecasts for {FIRST_TEST} to 2008, in sunspots (root mean square)",
        "",
        f"{'trained with':<26}{'1 year ahead':>13}{'2 years':>10}{'3 years':>10}{'all':>15}",
        "-" * 74,
    ]
    for name, seeds in missed.items():
        by_year = [fmean(rms(e[:, ahead]) for e in seeds) for ahead in range(AHEAD)]
        whole = [rms(e) for e in seeds]
        cells = f"{by_year[0]:>13.1f}{by_year[1]:>10.1f}{by_year[2]:>10.1f}"
        lines.append(f"{name:<26}{cells}{f'{np.mean(whole):.1f} ± {np.std(whole):.1f}':>15}")
    return "\n".join(lines)


# ---- the figure -----------------------------------------------------------------------


def draw(path, fits: dict[str, list[Fit]], missed: dict[str, list[np.ndarray]]) -> None:
    """Draw the figure into a file."""
    headline = "Some decimal points slipped. The Huber loss forecasts the sun all the same."
    source = (
        f"The same network, data and training for every loss; seeds: {len(fits['MSE'])}. Tested on "
        "measured years. Data: SIDC, Royal Observatory of Belgium."
    )
    with gallery.page(path, headline, source, (10.8, 7.2)) as figure:
        grid = figure.add_gridspec(2, 3)
        draw_record(figure.add_subplot(grid[0, :2]))
        draw_learning(figure.add_subplot(grid[0, 2]), fits)
        draw_forecasts(figure.add_subplot(grid[1, :2]), fits)
        draw_horizons(figure.add_subplot(grid[1, 2]), missed)


def draw_record(axes: Axes) -> None:
    """The record as it is written, of the first seed."""
    record, top = spoil(0), 400
    shown = (record.written != record.measured) & (record.written <= top)
    axes.plot(record.years, record.measured, color=PALE, linewidth=1.2)
    axes.plot(record.years[shown], record.written[shown], ".", color=PURPLE, markersize=6)
    axes.axvspan(FIRST_TEST, 2008, color=PALE, alpha=0.25, linewidth=0)
    axes.set(xlim=(1700, 2009), ylim=(0, 1.15 * top), ylabel="sunspots in the year")
    beyond = int(np.sum(record.written > top))
    say(axes, 1702, 1.06 * top, f"ten times too large, and {beyond} more above", PURPLE)
    say(axes, 1947, 1.06 * top, "to forecast", GREY)
    axes.set_title(f"{np.sum(record.years < FIRST_TEST)} years to learn from, one in ten spoiled")


def draw_learning(axes: Axes, fits: dict[str, list[Fit]]) -> None:
    """The test error after each epoch: mean over the seeds, and their range."""
    for name, runs in fits.items():
        curves = np.array([fit.curve for fit in runs])
        epochs = np.arange(1, curves.shape[1] + 1)
        axes.fill_between(
            epochs, curves.min(0), curves.max(0), color=COLOURS[name], alpha=0.13, lw=0
        )
        axes.plot(epochs, curves.mean(0), color=COLOURS[name])
    ends = {name: fmean(fit.curve[-1] for fit in runs) for name, runs in fits.items()}
    axes.set(
        xlim=(1, epochs[-1]), ylim=(0, 1.4 * ends["MSE"]), xlabel="epoch", ylabel="error (RMS)"
    )
    say(axes, epochs[-1], 1.1 * ends["MSE"], "MSE", VERMILION, ha="right", va="bottom")
    low = min(ends.values())
    for lines, name in enumerate((HUBER, "L1", CLEAN), start=1):
        say(axes, epochs[-1], (0.98 - 0.17 * lines) * low, name, COLOURS[name], ha="right")
    axes.set_title("MSE learns the slips")


def draw_forecasts(axes: Axes, fits: dict[str, list[Fit]]) -> None:
    """One year ahead: mean forecast of the seeds beside what came."""
    record = spoil(0)
    _, told = test_windows(record)
    years = FIRST_TEST + np.arange(len(told))
    axes.plot(years, told[:, 0], "o-", color=INK, markersize=3.2, linewidth=0.8)
    for name in ("MSE", HUBER):
        forecasts = np.array([fit.forecast[:, 0] for fit in fits[name]])
        axes.fill_between(
            years, forecasts.min(0), forecasts.max(0), color=COLOURS[name], alpha=0.15, lw=0
        )
        axes.plot(years, forecasts.mean(0), color=COLOURS[name])
    axes.set(xlim=(years[0], years[-1]), ylim=(-10, None), ylabel="sunspots in the year")
    for place, (text, colour) in enumerate(
        (("MSE", VERMILION), ("Huber", BLUE), ("● measured", INK))
    ):
        say(axes, 0.64 + 0.1 * place, 0.93, text, colour, transform=axes.transAxes)
    axes.set_title("Forecasts one year ahead")


def draw_horizons(axes: Axes, missed: dict[str, list[np.ndarray]]) -> None:
    """The error by how far ahead."""
    rows = [ELEVEN, AUTOREGRESSION, "MSE", "L1", HUBER, CLEAN]
    values = [fmean(rms(e) for e in missed[name]) for name in rows]
    places = np.arange(len(rows))[::-1]
    axes.barh(places, values, 0.72, color=[COLOURS.get(name, PALE) for name in rows])
    for place, name, value in zip(places, rows, values, strict=True):
        colour = "white" if name in COLOURS else INK
        say(axes, 1, place, name, colour, va="center", fontsize=8)
        axes.text(value + 0.8, place, f"{value:.0f}", va="center", color=INK)
    axes.set(xlabel="error, all three years (RMS)", xlim=(0, 1.15 * max(values)), yticks=[])
    axes.grid(False)
    axes.spines["left"].set_visible(False)
    times = values[rows.index("MSE")] / values[rows.index(HUBER)]
    axes.set_title(f"MSE errs {times:.1f} times as much as Huber")


def main() -> None:
    """Compare, print, draw."""
    args = gallery.arguments(__doc__, "sunspots.png")
    fits, beside = compare(*((1, 60) if args.quick else (5, 150)))
    missed = errors(fits, beside)
    print(f"\n{table(missed)}")
    draw(args.output, fits, missed)


if __name__ == "__main__":
    main()
