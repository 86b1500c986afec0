"""A variational autoencoder of handwritten digits: 64 pixels through two numbers and back.

    python examples/vae.py            three hundred epochs, half a minute
    python examples/vae.py --quick    a glimpse of it, in seconds

The encoder turns a picture into a small cloud in the plane, the decoder turns any point of the
plane into a picture, and both are trained together on the evidence lower bound:

    loss = -log p(picture | z) + KL(q(z | picture) || N(0, 1)),   z drawn from q

Nothing tells the model which digit is which; that the digits come to lie apart is its own doing.
The 1797 pictures of 8 x 8 pixels ship with scikit-learn; a fifth of them is kept for testing.

D. P. Kingma and M. Welling, Auto-Encoding Variational Bayes, ICLR 2014.
"""

from dataclasses import dataclass
from statistics import NormalDist
from time import perf_counter

import gallery
import matplotlib.pyplot as plt
import numpy as np
from gallery import BLUE, GREY, ORANGE, say
from matplotlib.axes import Axes
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import lucid
import lucid.nn.functional as F
from lucid import Tensor, nn, optim
from lucid.data import DataLoader, TensorDataset

SIDE = 8  # pixels
STEPS = 15  # pictures along a side of the map


class VAE(nn.Module):
    """Encoder and decoder of two hidden layers each."""

    def __init__(self, pixels: int = SIDE**2, width: int = 128, latent: int = 2) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(pixels, width), nn.GELU(), nn.Linear(width, width), nn.GELU()
        )
        self.mean = nn.Linear(width, latent)
        self.log_variance = nn.Linear(width, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, width),
            nn.GELU(),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Linear(width, pixels),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the cloud for each picture."""
        hidden = self.encoder(x)
        return self.mean(hidden), self.log_variance(hidden)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the pixels from a point of each cloud, and the clouds."""
        mean, log_variance = self.encode(x)
        noise = lucid.randn_like(mean)
        return self.decoder(mean + (0.5 * log_variance).exp() * noise), mean, log_variance


def bound(logits: Tensor, mean: Tensor, log_variance: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """The two halves of the loss, each in nats a picture: what is lost, and what the code costs."""
    lost = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    cost = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
    return lost / len(x), cost / len(x)


@dataclass
class History:
    """The two halves of the loss after each epoch, over the training and the test pictures."""

    train: list[tuple[float, float]]
    test: list[tuple[float, float]]


def train(pictures: Tensor, test: Tensor, epochs: int) -> tuple[VAE, History]:
    """Train a model."""
    lucid.manual_seed(0)
    model = VAE()
    loader = DataLoader(TensorDataset(pictures), batch_size=64, shuffle=True)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    history = History([], [])
    with tqdm(total=epochs, unit=" epochs") as bar:
        for _ in range(epochs):
            for (x,) in loader:
                optimizer.zero_grad()
                lost, cost = bound(*model(x), x)
                (lost + cost).backward()
                optimizer.step()
            schedule.step()
            history.train.append(evaluate(model, pictures))
            history.test.append(evaluate(model, test))
            bar.set_postfix(test=f"{sum(history.test[-1]):.2f} nats", refresh=False)
            bar.update()
    return model, history


def evaluate(model: VAE, x: Tensor) -> tuple[float, float]:
    """The two halves of the loss, from one draw of each picture."""
    with lucid.no_grad():
        lost, cost = bound(*model(x), x)
    return lost.item(), cost.item()


# ---- the figure -----------------------------------------------------------------------


def decoded(model: VAE, points: np.ndarray) -> np.ndarray:
    """The pictures at points of the plane."""
    with lucid.no_grad():
        logits = model.decoder(lucid.tensor(points.astype(np.float32)))
        return logits.sigmoid().numpy().reshape(-1, SIDE, SIDE)


def draw(path, model: VAE, history: History, test: Tensor, digits: np.ndarray) -> None:
    """Draw the figure into a file."""
    headline = "Two numbers a digit: a plane of handwriting that nobody labelled"
    source = (
        "Colours: which digit it is, which the model was not told. Data: scikit-learn's digits."
    )
    with gallery.page(path, headline, source, (10.8, 8.6)) as figure:
        grid = figure.add_gridspec(2, 2, height_ratios=(1.9, 1))
        draw_clouds(figure.add_subplot(grid[0, 0]), model, test, digits)
        draw_map(figure.add_subplot(grid[0, 1]), model)
        draw_reconstructions(figure.add_subplot(grid[1, 0]), model, test, digits)
        draw_learning(figure.add_subplot(grid[1, 1]), history)


def draw_clouds(axes: Axes, model: VAE, test: Tensor, digits: np.ndarray) -> None:
    """Where the test pictures lie in the plane."""
    with lucid.no_grad():
        places = model.encode(test)[0].numpy()
    colours = plt.get_cmap("tab10")
    for digit in range(10):
        mine = places[digits == digit]
        axes.plot(*mine.T, ".", color=colours(digit), markersize=6, alpha=0.8)
        x, y = np.median(mine, axis=0)
        badge = {"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": colours(digit)}
        say(
            axes,
            x,
            y,
            str(digit),
            colours(digit),
            ha="center",
            va="center",
            fontsize=11,
            bbox=badge,
        )
    axes.set(xlim=(-3.4, 3.4), ylim=(-3.4, 3.4), aspect="equal", xlabel="z₁", ylabel="z₂")
    axes.grid(False)
    axes.set_title(f"Where {len(places)} test pictures lie")


def draw_map(axes: Axes, model: VAE) -> None:
    """The picture at each point of the plane, evenly by the prior's quantiles."""
    along = np.array([NormalDist().inv_cdf((i + 0.5) / STEPS) for i in range(STEPS)])
    points = np.array([(x, y) for y in along[::-1] for x in along])
    show(axes, decoded(model, points), STEPS)
    axes.set_title("What the decoder draws across the plane")


def draw_reconstructions(axes: Axes, model: VAE, test: Tensor, digits: np.ndarray) -> None:
    """Two test pictures of each digit, each above what comes back of it."""
    chosen = np.array([np.flatnonzero(digits == digit)[:2] for digit in range(10)]).T
    rows = []
    for row in chosen:
        originals = test[row]
        with lucid.no_grad():
            points = model.encode(originals)[0].numpy()
        rows += [originals.numpy().reshape(-1, SIDE, SIDE), decoded(model, points)]
    show(axes, np.concatenate(rows), 10)
    axes.set_title("Test pictures; below each, what two numbers kept")


def show(axes: Axes, pictures: np.ndarray, across: int) -> None:
    """Show pictures as a grid, so many across, a pixel apart."""
    framed = np.pad(pictures, ((0, 0), (0, 1), (0, 1)))
    rows = framed.reshape(-1, across, SIDE + 1, SIDE + 1).swapaxes(1, 2)
    whole = rows.reshape(-1, across * (SIDE + 1))
    axes.imshow(whole, cmap="gray_r", vmin=0, vmax=1)
    gallery.picture(axes)


def draw_learning(axes: Axes, history: History) -> None:
    """The two halves of the loss over the epochs."""
    epochs = np.arange(1, len(history.test) + 1)
    for half, (name, colour) in enumerate((("pixels lost", BLUE), ("cost of the code", ORANGE))):
        axes.plot(epochs, [values[half] for values in history.train], color=colour, alpha=0.35)
        axes.plot(epochs, [values[half] for values in history.test], color=colour)
        end = history.test[-1][half]
        say(axes, epochs[-1] * 0.98, end + 1.2, f"{name}, {end:.1f}", colour, ha="right")
    axes.set(xlim=(1, epochs[-1]), ylim=(0, None), xlabel="epoch", ylabel="nats a picture")
    say(axes, epochs[-1] * 0.5, 13, "pale: training pictures", GREY, ha="center", weight="normal")
    axes.set_title("What is learned")


def main() -> None:
    """Train, print, draw."""
    args = gallery.arguments(__doc__, "vae.png")
    digits = load_digits()
    pixels = (digits.data / 16).astype(np.float32)
    parts = train_test_split(pixels, digits.target, test_size=0.2, random_state=0)
    pictures, test = lucid.tensor(parts[0]), lucid.tensor(parts[1])
    epochs = 20 if args.quick else 300
    start = perf_counter()
    model, history = train(pictures, test, epochs)
    rate = epochs * len(pictures) / (perf_counter() - start)
    lines = [f"{'nats a picture':<18}{'pixels lost':>13}{'code':>8}{'together':>11}", "-" * 50]
    for name, halves in (("training", history.train[-1]), ("test", history.test[-1])):
        lines.append(f"{name:<18}{halves[0]:>13.2f}{halves[1]:>8.2f}{sum(halves):>11.2f}")
    print("\n" + "\n".join(lines) + f"\n\n{rate:,.0f} pictures a second, evaluation included")
    draw(args.output, model, history, test, parts[3])


if __name__ == "__main__":
    main()
