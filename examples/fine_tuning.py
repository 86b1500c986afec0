"""Weights from PyTorch learn on here: a network trained on good scans meets a poor camera.

    python examples/fine_tuning.py            ten draws of the examples, a minute or two
    python examples/fine_tuning.py --quick    one draw, in seconds

PyTorch trains a small network to read digits and writes its weights as safetensors. Lucid reads
them and gives the same answers. Then the pictures change: a camera blurs them and adds noise,
and a handful of its pictures of each digit is all there is to learn from. The network is used
as it came, and learns on in its last layer alone, and in everything; another one begins with
random weights. In the end the weights go back to PyTorch, which gives the answers that Lucid
gave.

The network is written once; both libraries build it. Without PyTorch there is nothing to do.
The digits ship with scikit-learn.
"""

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import gallery
import numpy as np
from gallery import BLUE, GREEN, GREY, ORANGE, say
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from tqdm import tqdm

import lucid
from lucid import nn, optim

SCANNED = 900  # pictures that PyTorch learns from; the camera takes the others
TESTED = 400  # pictures by the camera that nobody learns from
SHOTS = (1, 2, 5, 10, 20, 40)  # pictures by the camera of each digit to learn from
AS_IT_CAME = "as it came"
WAYS = {"from random weights": GREY, "last layer alone": ORANGE, "everything": BLUE}


def camera(pictures: np.ndarray) -> np.ndarray:
    """What a poor camera sees: a blur of two pixels by two, and noise."""
    blurred = pictures.copy()
    blurred[:, :, 1:] += pictures[:, :, :-1]
    blurred[:, :, :, 1:] += blurred[:, :, :, :-1].copy()
    noise = np.random.default_rng(0).normal(0, 0.15, pictures.shape)
    return (blurred / 4 + noise).astype(np.float32)


def network(lib: ModuleType) -> Any:
    """Two convolutions and a classifier, of lucid or of torch."""
    layers = lib.nn
    return layers.Sequential(
        layers.Conv2d(1, 16, 3, padding=1),
        layers.ReLU(),
        layers.Conv2d(16, 32, 3, padding=1),
        layers.ReLU(),
        layers.MaxPool2d(2),
        layers.Flatten(),
        layers.Linear(512, 64),
        layers.ReLU(),
        layers.Linear(64, 10),
    )


# ---- in PyTorch -----------------------------------------------------------------------


def pretrain(torch: ModuleType, pictures: np.ndarray, labels: np.ndarray, epochs: int) -> Any:
    """Train the network on scans, as one does in PyTorch."""
    torch.manual_seed(0)
    model = network(torch)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = torch.tensor(pictures), torch.tensor(labels)
    for _ in tqdm(range(epochs), unit=" epochs", desc="PyTorch, scans"):
        for part in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[part]), y[part]).backward()
            optimizer.step()
    return model


def carry_over(torch: ModuleType, theirs: Any, pictures: np.ndarray) -> tuple[dict, float]:
    """Take the weights to Lucid through a file; also how far the answers are apart."""
    from safetensors.torch import save_file

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.safetensors"
        save_file(theirs.state_dict(), path)
        weights = lucid.load(path)
    ours = network(lucid)
    ours.load_state_dict(weights)
    return weights, apart(torch, ours, theirs, pictures)


def carry_back(torch: ModuleType, ours: nn.Module, pictures: np.ndarray) -> float:
    """Take the weights back to PyTorch through a file; how far the answers are apart."""
    from safetensors.torch import load_file

    theirs = network(torch)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.safetensors"
        lucid.save(ours.state_dict(), path)
        theirs.load_state_dict(load_file(path))
    return apart(torch, ours, theirs, pictures)


def apart(torch: ModuleType, ours: nn.Module, theirs: Any, pictures: np.ndarray) -> float:
    """The largest difference between the scores of both."""
    with lucid.no_grad(), torch.no_grad():
        a, b = ours(lucid.tensor(pictures)).numpy(), theirs(torch.tensor(pictures)).numpy()
    return float(np.abs(a - b).max())


# ---- in Lucid -------------------------------------------------------------------------


def tune(way: str, weights: dict, x: np.ndarray, y: np.ndarray, steps: int) -> nn.Module:
    """Learn from a few pictures by the camera."""
    model = network(lucid)
    if way != "from random weights":
        model.load_state_dict(weights)
    if way == "last layer alone":
        model.requires_grad_(False)
        model[-1].requires_grad_(True)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = optim.AdamW(learned, lr=3e-3 if len(learned) == 2 else 1e-3)
    inputs, targets = lucid.tensor(x), lucid.tensor(y)
    criterion = nn.CrossEntropyLoss()
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return model


def accuracy(model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    """The share of pictures that it reads right."""
    with lucid.no_grad():
        return float((model(lucid.tensor(x)).argmax(1).numpy() == y).mean())


def compare(
    weights: dict, x: np.ndarray, y: np.ndarray, draws: int, steps: int
) -> tuple[dict[str, np.ndarray], nn.Module]:
    """Accuracies (draws, len(SHOTS)) of each way on the last TESTED pictures, and a model."""
    scores = {way: np.zeros((draws, len(SHOTS))) for way in WAYS}
    with tqdm(total=draws * len(SHOTS) * len(WAYS), unit=" runs", desc="Lucid, camera") as bar:
        for draw in range(draws):
            rng = np.random.default_rng(draw)
            order = rng.permutation(len(x) - TESTED)
            for place, shots in enumerate(SHOTS):
                chosen = np.concatenate([order[y[order] == c][:shots] for c in range(10)])
                for way in WAYS:
                    lucid.manual_seed(draw)
                    model = tune(way, weights, x[chosen], y[chosen], steps)
                    scores[way][draw, place] = accuracy(model, x[-TESTED:], y[-TESTED:])
                    bar.update()
    return scores, model


# ---- what comes of it -----------------------------------------------------------------


def table(scores: dict[str, np.ndarray], untouched: float) -> str:
    """Mean accuracies."""
    lines = [
        f"Pictures by the camera read right, of {TESTED}, by how many of each digit it saw",
        "",
        f"{'trained':<22}" + "".join(f"{shots:>8}" for shots in SHOTS),
        "-" * (22 + 8 * len(SHOTS)),
    ]
    lines.append(f"{AS_IT_CAME:<22}{untouched:>8.1%}")
    for way, values in scores.items():
        lines.append(f"{way:<22}" + "".join(f"{value:>8.1%}" for value in values.mean(0)))
    return "\n".join(lines)


def draw(path, scores: dict[str, np.ndarray], untouched: float, pairs: np.ndarray) -> None:
    """Draw the figure into a file."""
    headline = "What PyTorch learned from scans, Lucid carries over to a poor camera"
    source = (
        "Lines: mean over draws of the pictures to learn from; shaded: their range; draws: "
        f"{len(scores['everything'])}. Data: scikit-learn's digits."
    )
    with gallery.page(path, headline, source, (10.8, 5.4)) as figure:
        left, right = figure.subfigures(1, 2, width_ratios=(1.75, 1))
        draw_accuracies(left.add_subplot(), scores, untouched)
        draw_pictures(right, pairs)


def draw_accuracies(axes: Axes, scores: dict[str, np.ndarray], untouched: float) -> None:
    """The accuracy by the number of pictures of each digit."""
    for way, values in scores.items():
        axes.fill_between(SHOTS, values.min(0), values.max(0), color=WAYS[way], alpha=0.13, lw=0)
        axes.plot(SHOTS, values.mean(0), "o-", color=WAYS[way], markersize=4)
    axes.axhline(untouched, color=GREEN, linewidth=1.2, linestyle=(0, (4, 3)))
    say(axes, SHOTS[-1], untouched - 0.008, AS_IT_CAME, GREEN, ha="right", va="top")
    for place, (way, colour) in enumerate(reversed(WAYS.items())):
        say(axes, 0.98, 0.3 - 0.06 * place, way, colour, ha="right", transform=axes.transAxes)
    lowest = min(untouched, *(values.min() for values in scores.values()))
    axes.set(xscale="log", xlim=(0.95, SHOTS[-1] * 1.05), ylim=(lowest - 0.04, None))
    axes.set_xticks(SHOTS, [str(shots) for shots in SHOTS])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set(xlabel="pictures of each digit to learn from", ylabel="read right")
    gained = scores["everything"].mean(0)[0] - scores["from random weights"].mean(0)[0]
    axes.set_title(f"From one picture of each digit: {100 * gained:+.0f} points")


def draw_pictures(figure: Figure, pairs: np.ndarray) -> None:
    """Scans, each beside what the camera makes of it."""
    figure.suptitle("Scans and camera", x=0.05, ha="left", fontsize=10, fontweight="bold")
    panels = figure.subplots(5, 4)
    for axes, picture in zip(panels.flat, pairs, strict=True):
        axes.imshow(picture, cmap="gray_r")
        gallery.picture(axes)


def main(find: Callable[[str], Any] = importlib.util.find_spec) -> None:
    """Train in PyTorch, carry over, learn on, carry back."""
    args = gallery.arguments(__doc__, "fine_tuning.png")
    missing = [name for name in ("torch", "safetensors") if find(name) is None]
    if missing:
        packages = " ".join(missing)
        print(
            f"This example takes weights from PyTorch. To run it: python -m pip install {packages}"
        )
        return
    import torch

    digits = load_digits()
    pictures = (digits.images / 16).astype(np.float32)[:, None]
    scans, labels = pictures[:SCANNED], digits.target[:SCANNED]
    x, y = camera(pictures)[SCANNED:], digits.target[SCANNED:]
    theirs = pretrain(torch, scans, labels, 10 if args.quick else 30)
    weights, over = carry_over(torch, theirs, pictures)
    untouched = accuracy(tune("everything", weights, x, y, steps=0), x[-TESTED:], y[-TESTED:])
    scores, model = compare(weights, x, y, *((1, 40) if args.quick else (10, 100)))
    back = carry_back(torch, model, pictures)
    print(f"\n{table(scores, untouched)}\n")
    print(f"PyTorch's weights here:  answers differ by {over:.1e} at most")
    print(f"Lucid's weights there:   answers differ by {back:.1e} at most")
    both = np.stack([pictures[SCANNED:, 0], x[:, 0]], axis=1)  # a scan, what the camera sees
    draw(args.output, scores, untouched, both[:10].reshape(20, 8, 8))


if __name__ == "__main__":
    main()
