"""A convolutional network reads handwritten digits.

    python examples/digits_cnn.py            twenty-five epochs, half a minute
    python examples/digits_cnn.py --quick    a glimpse of it, in seconds

The 1797 pictures of 8 x 8 pixels ship with scikit-learn; two classifiers from there stand beside
the network, which sees every picture shifted by up to a pixel, each time another way. `lucid.fit`
trains it: it shows the progress and keeps the history.
"""

from time import perf_counter

import gallery
import numpy as np
from gallery import BLUE, GREY, ORANGE, PALE, VERMILION, say
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

import lucid
from lucid import nn, optim
from lucid.data import DataLoader, Dataset

BATCH = 64


class Shifted(Dataset):
    """Pictures, each moved by up to one pixel whenever it is asked for."""

    def __init__(self, pictures: np.ndarray, labels: np.ndarray) -> None:
        self.pictures = np.pad(pictures, ((0, 0), (0, 0), (1, 1), (1, 1)))
        self.labels = labels
        self.rng = np.random.default_rng(0)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[lucid.Tensor, lucid.Tensor]:
        x, y = self.batch(np.array([index]))
        return x[0], y[0]

    def batch(self, indices: np.ndarray) -> tuple[lucid.Tensor, lucid.Tensor]:
        """Pictures (n, 1, 8, 8), all moved the same way, and labels (n,)."""
        down, right = self.rng.integers(0, 3, 2)
        window = self.pictures[indices, :, down : down + 8, right : right + 8]
        return lucid.tensor(window), lucid.tensor(self.labels[indices])


def network() -> nn.Module:
    """Three convolutions, two of them halving the picture, and a classifier."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(256, 10),
    )


def train(train_set: Dataset, test: tuple, epochs: int) -> tuple[nn.Module, lucid.training.History]:
    """Train the network, with a learning rate that rises and falls."""
    lucid.manual_seed(0)
    model = network()
    print(lucid.summary(model, test[0][:1]), end="\n\n")
    loader = DataLoader(train_set, batch_size=BATCH, shuffle=True)
    optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    history = lucid.fit(
        model,
        loader,
        nn.CrossEntropyLoss(label_smoothing=0.05),
        optimizer,
        epochs=epochs,
        validation=test,
        callbacks=schedule,
        metrics="accuracy",
    )
    return model, history


def beside(x: np.ndarray, y: np.ndarray, test: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The test accuracies of two classifiers from scikit-learn."""
    models = {
        "logistic regression": LogisticRegression(max_iter=2000),
        "support vector machine": SVC(gamma="scale", C=10),
    }
    flat, flat_test = x.reshape(len(x), -1), test.reshape(len(test), -1)
    return {name: m.fit(flat, y).score(flat_test, labels) for name, m in models.items()}


# ---- the figure -----------------------------------------------------------------------


def draw(path, model: nn.Module, history, scores: dict, x: np.ndarray, labels: np.ndarray) -> None:
    """Draw the figure into a file."""
    model.eval()
    with lucid.no_grad():
        chances = model(lucid.tensor(x)).softmax(1).numpy()
    wrong = int(np.sum(chances.argmax(1) != labels))
    headline = f"{len(x) - wrong} of {len(x)} digits that it never saw, read right"
    source = (
        "A tenth of a megabyte of weights. Data: scikit-learn's digits, a fifth kept for testing."
    )
    with gallery.page(path, headline, source, (10.8, 7.8)) as figure:
        grid = figure.add_gridspec(2, 2, height_ratios=(1.15, 1))
        draw_learning(figure.add_subplot(grid[0, 0]), history, scores)
        draw_confusion(figure.add_subplot(grid[0, 1]), chances.argmax(1), labels)
        draw_hardest(figure.add_subfigure(grid[1, 0]), x, chances, labels)
        draw_maps(figure.add_subfigure(grid[1, 1]), model, x, labels)


def draw_learning(axes: Axes, history, scores: dict[str, float]) -> None:
    """The share of test pictures that is misread, after each epoch."""
    epochs = np.arange(1, len(history) + 1)
    train_error = 1 - np.array(history["accuracy"])
    test_error = 1 - np.array(history["val_accuracy"])
    axes.plot(epochs, 100 * train_error, color=PALE)
    axes.plot(epochs, 100 * test_error, color=BLUE)
    for (name, score), colour in zip(scores.items(), (ORANGE, VERMILION), strict=True):
        axes.axhline(100 * (1 - score), color=colour, linewidth=1, linestyle=(0, (4, 3)))
        say(axes, epochs[-1], 103 * (1 - score), name, colour, ha="right", va="bottom", fontsize=8)
    axes.set(xlim=(1, epochs[-1]), xlabel="epoch")
    axes.set_yscale("symlog", linthresh=1, linscale=0.6)  # a logarithm that has room for 0
    axes.set_ylim(-0.03, 100)
    axes.set_yticks([0, 1, 3, 10, 30, 100], ["0 %", "1 %", "3 %", "10 %", "30 %", "100 %"])
    axes.minorticks_off()
    axes.xaxis.get_major_locator().set_params(integer=True)
    middle = epochs[len(epochs) // 2]
    say(axes, middle, 40, "network, test pictures", BLUE)
    say(axes, middle, 24, "training pictures, shifted", GREY, weight="normal")
    axes.set_title("Misread, after each epoch")


def draw_confusion(axes: Axes, guessed: np.ndarray, labels: np.ndarray) -> None:
    """What each digit was read as."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, guessed), 1)
    axes.imshow(counts, cmap="Blues", vmax=1.4 * counts.max())
    for true, row in enumerate(counts):
        for guess, count in enumerate(row):
            if count:
                colour = "white" if true == guess else VERMILION
                say(axes, guess, true, str(count), colour, ha="center", va="center", fontsize=8)
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="is")
    axes.grid(False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("What each digit was read as")


def draw_hardest(figure: Figure, x: np.ndarray, chances: np.ndarray, labels: np.ndarray) -> None:
    """The test pictures whose right answer got least of the probability."""
    figure.suptitle("Its hardest ten", x=0.02, ha="left", fontsize=10, fontweight="bold")
    given = chances[np.arange(len(labels)), labels]
    for axes, index in zip(figure.subplots(2, 5).flat, np.argsort(given)[:10], strict=True):
        axes.imshow(x[index, 0], cmap="gray_r")
        gallery.picture(axes)
        guess = int(chances[index].argmax())
        right = guess == labels[index]
        text = (
            f"{labels[index]}, {given[index]:.0%} sure"
            if right
            else f"{labels[index]}, read {guess}"
        )
        axes.set_title(text, fontsize=8, pad=3, color=GREY if right else VERMILION)


def draw_maps(figure: Figure, model: nn.Module, x: np.ndarray, labels: np.ndarray) -> None:
    """A picture, and what some channels of the first two convolutions see in it."""
    figure.suptitle("What it looks at", x=0.02, ha="left", fontsize=10, fontweight="bold")
    chosen = x[labels == 3][:1]
    with lucid.no_grad():
        first = model[:3](lucid.tensor(chosen))
        second = model[3:6](first)
    strongest = [
        maps[0, np.argsort(-maps[0].std((1, 2)))[:5]] for maps in (first.numpy(), second.numpy())
    ]
    panels = figure.subplots(2, 6)
    for row, maps in zip(panels, strongest, strict=True):
        for axes in row:
            gallery.picture(axes)
        for axes, seen in zip(row[1:], maps, strict=True):
            axes.imshow(seen, cmap="magma")
    panels[0, 0].imshow(chosen[0, 0], cmap="gray_r")
    panels[0, 0].set_title("picture", fontsize=8, pad=3, color=GREY)
    panels[0, 1].set_title("first layer", fontsize=8, pad=3, color=GREY)
    panels[1, 1].set_title("second layer", fontsize=8, pad=3, color=GREY)


def main() -> None:
    """Train, compare, draw."""
    args = gallery.arguments(__doc__, "digits_cnn.png")
    digits = load_digits()
    pictures = (digits.images / 16).astype(np.float32)[:, None]
    parts = train_test_split(pictures, digits.target, test_size=0.2, random_state=0)
    x, test, y, labels = parts
    epochs = 3 if args.quick else 25
    start = perf_counter()
    model, history = train(Shifted(x, y), (lucid.tensor(test), lucid.tensor(labels)), epochs)
    seconds = perf_counter() - start
    scores = beside(x, y, test, labels)
    print(f"\n{'read right':<26}{'of ' + str(len(test)):>10}\n{'-' * 36}")
    for name, score in [*scores.items(), ("convolutional network", history["val_accuracy"][-1])]:
        print(f"{name:<26}{score:>10.1%}")
    print(f"\n{epochs * len(x) / seconds:,.0f} pictures a second, testing included")
    draw(args.output, model, history, scores, test, labels)


if __name__ == "__main__":
    main()
