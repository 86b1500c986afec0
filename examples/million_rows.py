"""A million rows from a file: tabular regression on data that stay on the disk.

    python examples/million_rows.py            a million rows, four epochs, half a minute
    python examples/million_rows.py --quick    fifty thousand rows, in seconds

The table is made first, so that its law is known (Friedman's, with five columns that mean nothing):

    y = 10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5 + noise,   x1 ... x10 uniform on [0, 1]

The noise has standard deviation 1; for one row in a hundred it is thirty times as large. It is
written to a file as float32, and the file is mapped into memory: training touches the rows of a
batch and no others, and the process stays small however long the table is. Nothing but the
noise stands between a perfect model and an error of 1.

J. H. Friedman, Multivariate Adaptive Regression Splines, The Annals of Statistics 19, 1991.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import ceil
from pathlib import Path
from time import perf_counter

import gallery
import numpy as np
from gallery import BLUE, GREY, INK, ORANGE, SKY, say
from matplotlib.axes import Axes
from tqdm import tqdm

import lucid
from lucid import nn, optim
from lucid.data import DataLoader, Dataset

COLUMNS = 10
CHUNK = 100_000  # rows made, or measured, at a time
TEST = 20_000  # rows, the last of the file, without the large noise


# ---- the table ------------------------------------------------------------------------


def law(x: np.ndarray) -> np.ndarray:
    """Friedman's function of the first five columns."""
    return (
        10 * np.sin(np.pi * x[:, 0] * x[:, 1])
        + 20 * (x[:, 2] - 0.5) ** 2
        + 10 * x[:, 3]
        + 5 * x[:, 4]
    )


def write_table(path: Path, rows: int) -> None:
    """Write the table, piece by piece: the columns, then y."""
    rng = np.random.default_rng(0)
    table = np.lib.format.open_memmap(path, "w+", np.float32, (rows + TEST, COLUMNS + 1))
    for start in range(0, len(table), CHUNK):
        part = table[start : start + CHUNK]
        part[:, :-1] = rng.random((len(part), COLUMNS))
        noise = rng.standard_normal(len(part))
        training = start + np.arange(len(part)) < rows
        noise[(rng.random(len(part)) < 0.01) & training] *= 30
        part[:, -1] = law(part[:, :-1]) + noise
    table.flush()


class Table(Dataset):
    """Rows of a mapped file; a batch is read at once, in the order of the file."""

    def __init__(self, path: Path, start: int, stop: int) -> None:
        self.rows = np.load(path, mmap_mode="r")[start:stop]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[lucid.Tensor, lucid.Tensor]:
        x, y = self.batch(np.array([index]))
        return x[0], y[0]

    def batch(self, indices: np.ndarray) -> tuple[lucid.Tensor, lucid.Tensor]:
        """Inputs (n, COLUMNS) and targets (n, 1)."""
        rows = self.rows[np.sort(indices)]  # within a batch the order means nothing
        return lucid.from_numpy(rows[:, :-1]), lucid.from_numpy(rows[:, -1:])

    def pieces(self, size: int = 8192) -> Iterator[tuple[lucid.Tensor, lucid.Tensor]]:
        """All rows, in order."""
        for start in range(0, len(self), size):
            yield self.batch(np.arange(start, min(start + size, len(self))))


# ---- training -------------------------------------------------------------------------


@dataclass
class History:
    """Test errors along the way.

    Attributes
    ----------
    rows : list of int
        How many rows had been trained on.
    errors : list of float
        The test error (RMS) then.
    seconds : float
        Of training, testing left out.
    """

    rows: list[int] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Rows trained on in a second."""
        return self.rows[-1] / self.seconds


class Scaled(nn.Module):
    """Brings columns and target to unit scale around the layers; a first look at some rows tells.

    Medians, of the values and of their distances from it, since some of the targets are spoiled.
    """

    def __init__(self, layers: nn.Module, rows: np.ndarray) -> None:
        super().__init__()
        centre = np.median(rows, axis=0)
        spread = np.median(np.abs(rows - centre), axis=0)
        self.layers = layers
        for name, value in (("centre", centre), ("spread", spread)):
            self.register_buffer(name, lucid.tensor(value[:-1]))
            self.register_buffer(f"target_{name}", lucid.tensor(value[-1:]))

    def forward(self, x: lucid.Tensor) -> lucid.Tensor:
        return self.target_centre + self.target_spread * self.layers(
            (x - self.centre) / self.spread
        )


def network(table: Table) -> nn.Module:
    """Ten columns in, two hidden layers, one number out."""
    layers = nn.Sequential(
        nn.Linear(COLUMNS, 128), nn.SiLU(), nn.Linear(128, 128), nn.SiLU(), nn.Linear(128, 1)
    )
    return Scaled(layers, table.rows[:10_000])


def predict(model: nn.Module, table: Table) -> np.ndarray:
    """The model's answer to all rows of a table."""
    with lucid.no_grad():
        return np.concatenate([model(x).numpy()[:, 0] for x, _ in table.pieces()])


def train(table: Table, test: Table, epochs: int) -> tuple[nn.Module, History]:
    """Train a network on the table; the test error is taken after 1, 2, 3, 5, 7 ... batches."""
    lucid.manual_seed(0)
    model, criterion = network(table), nn.HuberLoss(delta="mad")
    loader = DataLoader(table, batch_size=256, shuffle=True)
    optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    measured = test.rows[:, -1]
    history, seen, now = History(), 0, perf_counter()
    look, steps = 1, epochs * len(loader)
    with tqdm(total=epochs * len(table), unit=" rows", unit_scale=True) as bar:
        for step, (x, y) in enumerate(chain.from_iterable(repeat(loader, epochs)), start=1):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            schedule.step()
            seen += len(x)
            bar.update(len(x))
            if step in (look, steps):
                look = ceil(1.4 * look)
                history.seconds += perf_counter() - now
                history.rows.append(seen)
                history.errors.append(rms(predict(model, test) - measured))
                bar.set_postfix(test=f"{history.errors[-1]:.3f}", refresh=False)
                now = perf_counter()
    return model, history


def rms(values: np.ndarray) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(values**2)))


def reference_errors(table: Table, test: Table) -> tuple[float, float]:
    """The test errors of a linear model, by the normal equations, and of the law itself."""
    gram, moments = np.zeros((COLUMNS + 1, COLUMNS + 1)), np.zeros(COLUMNS + 1)
    for start in range(0, len(table), CHUNK):
        rows = table.rows[start : start + CHUNK].astype(float)
        inputs = np.c_[np.ones(len(rows)), rows[:, :-1]]
        gram += inputs.T @ inputs
        moments += inputs.T @ rows[:, -1]
    weights = np.linalg.solve(gram, moments)
    inputs, measured = test.rows[:, :-1].astype(float), test.rows[:, -1]
    linear = weights[0] + inputs @ weights[1:]
    return rms(linear - measured), rms(law(inputs) - measured)


# ---- the figure -----------------------------------------------------------------------


def draw(path, model: nn.Module, history: History, linear: float, test: Table) -> None:
    """Draw the figure into a file."""
    headline = f"{history.rate:,.0f} rows a second, from a file, to the floor that the noise sets"
    source = (
        "Friedman's function of five columns among ten, one row in a hundred spoiled. Huber loss."
    )
    with gallery.page(path, headline, source, (10.8, 6.8)) as figure:
        grid = figure.add_gridspec(2, 5, height_ratios=(1.3, 1))
        draw_learning(figure.add_subplot(grid[0, :3]), history, linear)
        draw_predictions(figure.add_subplot(grid[0, 3:]), model, test)
        for column in range(5):
            draw_effect(figure.add_subplot(grid[1, column]), model, column)


def draw_learning(axes: Axes, history: History, linear: float) -> None:
    """The test error by the rows trained on."""
    rows = np.array(history.rows)
    axes.plot(rows, history.errors, "o-", color=BLUE, markersize=3.5)
    axes.axhline(1, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    axes.axhline(linear, color=ORANGE, linewidth=1.4)
    axes.set(xscale="log", xlim=(rows[0], rows[-1]), xlabel="rows trained on")
    axes.set(yscale="log", ylim=(0.9, 1.1 * history.errors[0]), ylabel="test error (RMS)")
    axes.set_yticks([1, 2, 3, 5], ["1", "2", "3", "5"])
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    say(axes, rows[-1], linear * 1.05, "least squares, linear", ORANGE, ha="right")
    say(axes, rows[-1], 0.985, "the noise", GREY, ha="right", va="top")
    say(axes, rows[-1], 1.16, f"network, at last {history.errors[-1]:.3f}", BLUE, ha="right")
    axes.set_title("Down to the noise")


def draw_predictions(axes: Axes, model: nn.Module, test: Table) -> None:
    """Predictions against the law, without its noise."""
    true, predicted = law(test.rows[:, :-1].astype(float)), predict(model, test)
    axes.hexbin(true, predicted, gridsize=45, cmap="Blues", bins="log", linewidths=0.1)
    ends = [true.min(), true.max()]
    axes.plot(ends, ends, color=INK, linewidth=0.8)
    axes.set(xlabel="the law, without noise", ylabel="prediction")
    say(axes, ends[0], 0.93 * ends[1], f"off by {rms(predicted - true):.2f}", BLUE)
    axes.set_title("It has found the law")


def draw_effect(axes: Axes, model: nn.Module, column: int) -> None:
    """What one column does while the others stand still at their middle."""
    x = np.full((101, COLUMNS), 0.5, np.float32)
    x[:, column] = np.linspace(0, 1, 101)
    with lucid.no_grad():
        learned = model(lucid.tensor(x)).numpy()[:, 0]
    axes.plot(x[:, column], law(x), color=SKY, linewidth=5, alpha=0.55, solid_capstyle="butt")
    axes.plot(x[:, column], learned, color=BLUE, linewidth=1.4)
    axes.set(xlim=(0, 1), ylim=(5, 22), xlabel=f"x{column + 1}", yticks=[5, 10, 15, 20])
    axes.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    if column == 0:
        axes.set(ylabel="y")
        axes.set_title("What each column does")
        say(axes, 0.06, 20.3, "the law", SKY)
        say(axes, 0.06, 18, "learned", BLUE)


def main() -> None:
    """Make the table, train, print, draw."""
    args = gallery.arguments(__doc__, "million_rows.png")
    rows, epochs = (50_000, 3) if args.quick else (1_000_000, 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.npy"
        write_table(path, rows)
        size = path.stat().st_size / 1e6
        print(f"{path.name}: {rows:,} rows and {TEST:,} to test on, {size:.0f} MB")
        table, test = Table(path, 0, rows), Table(path, rows, rows + TEST)
        model, history = train(table, test, epochs)
        linear, noise = reference_errors(table, test)
        print(
            f"\n{'test error (RMS)':<26}\n{'-' * 34}"
            f"\n{'least squares, linear':<26}{linear:>8.3f}"
            f"\n{'network, Huber':<26}{history.errors[-1]:>8.3f}"
            f"\n{'the noise alone':<26}{noise:>8.3f}"
            f"\n\n{history.rate:,.0f} rows a second: read, forward, backward, step"
        )
        draw(args.output, model, history, linear, test)
        del table, test  # Windows cannot delete a file that is mapped


if __name__ == "__main__":
    main()
