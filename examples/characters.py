"""Two networks learn to write like Python's manual, letter by letter: an LSTM and a Transformer.

    python examples/characters.py            fifteen hundred steps each, four minutes
    python examples/characters.py --quick    thirty steps each, in seconds

The text is what ``help("LAMBDA")`` and its like print: some 340 000 characters that ship with
Python. Both networks are given a stretch of it and tell, at every place, how likely each
character is to come next. They are judged on the last tenth of the text, which they never see,
in bits a character: what a file would take if their guesses were used to compress it. For
comparison stand there how often each character comes, a table of what followed which three
characters, and xz.
"""

import lzma
from collections import Counter
from dataclasses import dataclass, field
from math import log2
from pydoc_data.topics import topics
from time import perf_counter

import gallery
import numpy as np
from gallery import BLUE, GREY, ORANGE, say
from matplotlib.axes import Axes
from tqdm import tqdm

import lucid
import lucid.nn.functional as F
from lucid import Tensor, nn, optim

LENGTH = 96  # characters of a stretch
ROWS = 24  # stretches of a batch
PROMPT = "The statement "
COLOURS = {"LSTM": BLUE, "Transformer": ORANGE}


# ---- the text -------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """The manual as numbers.

    Attributes
    ----------
    characters : str
        The alphabet; a character's number is its place here.
    train, test : int64 array
    """

    characters: str
    train: np.ndarray
    test: np.ndarray

    @classmethod
    def load(cls) -> "Text":
        """The topics in the order of their names, ASCII alone, no tables, no paragraph twice."""
        paragraphs = "\n\n".join(topics[name].strip() for name in sorted(topics)).split("\n\n")
        prose = [p for p in paragraphs if "+--" not in p and "|  " not in p]
        whole = "\n\n".join(dict.fromkeys(prose))
        whole = "".join(c for c in whole if c.isascii() and (c.isprintable() or c == "\n"))
        characters = "".join(sorted(set(whole)))
        place = {c: i for i, c in enumerate(characters)}
        numbers = np.array([place[c] for c in whole])
        end = len(numbers) * 9 // 10
        return cls(characters, numbers[:end], numbers[end:])

    def numbers(self, text: str) -> np.ndarray:
        """A text as numbers."""
        return np.array([self.characters.index(c) for c in text])

    def words(self, numbers: np.ndarray) -> str:
        """Numbers as text."""
        return "".join(self.characters[i] for i in numbers)

    def batch(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Stretches of the training text (ROWS, LENGTH), and the same one character later."""
        starts = rng.integers(0, len(self.train) - LENGTH - 1, ROWS)
        return stretches(self.train, starts)


def stretches(numbers: np.ndarray, starts: np.ndarray) -> tuple[Tensor, Tensor]:
    """Stretches that start at some places, and the same one character later."""
    rows = numbers[starts[:, None] + np.arange(LENGTH + 1)]
    return lucid.tensor(rows[:, :-1]), lucid.tensor(rows[:, 1:])


# ---- the networks ---------------------------------------------------------------------


class LSTM(nn.Module):
    """Characters through one layer of LSTM: what it has read is in its state."""

    def __init__(self, characters: int, width: int = 256) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, 64)
        self.lstm = nn.LSTM(64, width, batch_first=True)
        self.head = nn.Linear(width, characters)

    def forward(self, x: Tensor) -> Tensor:
        output, _ = self.lstm(self.embedding(x))
        return self.head(output)


class Transformer(nn.Module):
    """Characters and their places through causal self-attention: it looks back at what it read."""

    def __init__(self, characters: int, width: int = 128, layers: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, width)
        self.place = nn.Embedding(LENGTH, width)
        layer = nn.TransformerEncoderLayer(
            width, 4, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(width))
        self.head = nn.Linear(width, characters)
        for embedding in (self.embedding, self.place):
            nn.init.normal_(embedding.weight, std=0.1)
        self.register_buffer(
            "ahead", lucid.ones(LENGTH, LENGTH, dtype=lucid.bool).triu(1), persistent=False
        )

    def forward(self, x: Tensor) -> Tensor:
        length = x.shape[1]
        placed = self.embedding(x) + self.place.weight[:length]
        mask = self.ahead[:length, :length]
        return self.head(self.encoder(placed, mask=mask, is_causal=True))


# ---- learning and writing -------------------------------------------------------------


@dataclass
class Run:
    """A network's training.

    Attributes
    ----------
    model : Module
    steps, bits : list
        Bits a character of the test text, after so many steps.
    rate : float
        Characters trained on in a second.
    """

    model: nn.Module
    steps: list[int] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)
    rate: float = 0.0


def train(name: str, model: nn.Module, text: Text, steps: int, lr: float) -> Run:
    """Train a network: Adam, a learning rate that rises and falls, clipped gradients."""
    run, rng, seconds = Run(model), np.random.default_rng(0), 0.0
    optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
    warm = max(steps // 20, 1)
    schedule = optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=warm),
            optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - warm),
        ],
        milestones=[warm],
    )
    with tqdm(total=steps, desc=f"{name:<11}", unit=" steps") as bar:
        for step in range(1, steps + 1):
            start = perf_counter()
            x, y = text.batch(rng)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x).reshape(-1, len(text.characters)), y.reshape(-1))
            loss.backward()
            nn.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            seconds += perf_counter() - start
            bar.update()
            if step % max(steps // 20, 1) == 0:
                run.steps.append(step)
                run.bits.append(float(surprise(model, text).mean()))
                bar.set_postfix(test=f"{run.bits[-1]:.2f} bits", refresh=False)
    run.rate = steps * ROWS * LENGTH / seconds
    return run


def surprise(model: nn.Module, text: Text, rows: int = 64) -> np.ndarray:
    """Bits that the characters of some test stretches cost, each known by half a stretch before.

    Returns
    -------
    float array of shape (rows, LENGTH // 2)
    """
    starts = np.linspace(0, len(text.test) - LENGTH - 1, rows).astype(int)
    x, y = stretches(text.test, starts)
    with lucid.no_grad():
        scores = model(x).log_softmax(-1)
        bits = -scores.gather(-1, y[..., None]).numpy()[..., 0] / np.log(2)
    return bits[:, LENGTH // 2 :]


def write(model: nn.Module, text: Text, length: int, temperature: float = 0.6) -> str:
    """Let a network go on from the prompt, character by character."""
    rng = np.random.default_rng(1)
    numbers = list(text.numbers(PROMPT))
    with lucid.no_grad():
        for _ in range(length):
            scores = model(lucid.tensor(np.array([numbers[-LENGTH:]])))[0, -1]
            chances = (scores / temperature).softmax(-1).numpy().astype(float)
            numbers.append(int(rng.choice(len(chances), p=chances / chances.sum())))
    return text.words(np.array(numbers))


# ---- what stands beside them ----------------------------------------------------------


def counted(text: Text, before: int) -> float:
    """Bits a character if the chances are counted: what followed so many characters.

    Each order of the table is smoothed by the one below it.
    """
    train, test = text.words(text.train), text.words(text.test)
    orders = []
    for order in range(before + 1):
        pairs = Counter(train[i - order : i + 1] for i in range(order, len(train)))
        orders.append((pairs, Counter(train[i - order : i] for i in range(order, len(train)))))
    bits = 0.0
    for i in range(before, len(test)):
        chance = 1 / len(text.characters)
        for order, (pairs, contexts) in enumerate(orders):
            context = test[i - order : i]
            chance = (pairs[context + test[i]] + 2 * chance) / (contexts[context] + 2)
        bits -= log2(chance)
    return bits / (len(test) - before)


def compressed(text: Text) -> float:
    """Bits a character that the test text adds to an xz file of the text before it."""
    before, whole = text.words(text.train), text.words(np.concatenate([text.train, text.test]))
    sizes = [len(lzma.compress(part.encode(), preset=9)) for part in (before, whole)]
    return 8 * (sizes[1] - sizes[0]) / len(text.test)


# ---- the figure -----------------------------------------------------------------------


def draw(path, runs: dict[str, Run], beside: dict[str, float], text: Text, samples: dict) -> None:
    """Draw the figure into a file."""
    headline = "Letter by letter, two networks learn to write like Python's manual"
    source = "Text: the topics of Python's help(), Python Software Foundation. Temperature 0.6."
    with gallery.page(path, headline, source, (10.8, 7.6)) as figure:
        grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.15))
        draw_learning(figure.add_subplot(grid[:, 0]), runs, beside)
        for row, name in enumerate(runs):
            draw_sample(figure.add_subplot(grid[row, 1]), name, runs[name], text, samples[name])


def draw_learning(axes: Axes, runs: dict[str, Run], beside: dict[str, float]) -> None:
    """Bits a character over the steps."""
    for name, run in runs.items():
        axes.plot(run.steps, run.bits, "o-", color=COLOURS[name], markersize=3.5)
    last = run.steps[-1]
    for name, bits in beside.items():
        axes.axhline(bits, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        say(axes, last, bits - 0.03, name, GREY, ha="right", va="top", weight="normal")
    bottom = min(*beside.values(), *(run.bits[-1] for run in runs.values()))
    top = max(beside.values()) + 0.7
    axes.set(xlim=(0, last), ylim=(bottom - 0.2, top), xlabel="steps", ylabel="bits a character")
    for place, (name, run) in enumerate(runs.items()):
        text = f"{name}, {run.bits[-1]:.2f}"
        at = (0.97, 0.97 - 0.045 * place)
        say(axes, *at, text, COLOURS[name], transform=axes.transAxes, ha="right")
    axes.set_title("How surprised they are by text they never saw")


def draw_sample(axes: Axes, name: str, run: Run, text: Text, sample: str) -> None:
    """What a network writes, set as a typewriter does; the shade is how sure it was."""
    numbers = text.numbers(sample)[: LENGTH * 9]
    chances = sureness(run.model, numbers)
    row = column = 0
    for character, sure in zip(text.words(numbers), chances, strict=True):
        if character == "\n" or column == 58:
            row, column = row + 1, 0
        if row > 13:
            break
        if character != "\n":
            colour = COLOURS[name] if sure > 0.5 else GREY
            axes.text(column, row, character, family="monospace", fontsize=8.3, color=colour)
            column += 1
    axes.set(xlim=(-0.5, 58.5), ylim=(14, -0.8))
    gallery.picture(axes)
    axes.set_title(f"{name} goes on from “{PROMPT.strip()}”; coloured: it was sure", fontsize=9)


def sureness(model: nn.Module, numbers: np.ndarray) -> np.ndarray:
    """The probability that a network gave to each character of a text, given those before it."""
    chances = np.ones(len(numbers))
    with lucid.no_grad():
        for end in range(1, len(numbers)):
            seen = numbers[max(0, end - LENGTH) : end]
            scores = model(lucid.tensor(seen[None]))[0, -1].softmax(-1).numpy()
            chances[end] = scores[numbers[end]]
    return chances


def main() -> None:
    """Train both, compare, let them write, draw."""
    args = gallery.arguments(__doc__, "characters.png")
    text, steps = Text.load(), 30 if args.quick else 1500
    print(f"{len(text.train):,} characters to learn, {len(text.test):,} to judge by", flush=True)
    beside = {
        "how often each comes": counted(text, 0),
        "what followed which three": counted(text, 3),
        "xz": compressed(text),
    }
    lucid.manual_seed(0)
    alphabet = len(text.characters)
    runs = {
        "LSTM": train("LSTM", LSTM(alphabet), text, steps, lr=4e-3),
        "Transformer": train("Transformer", Transformer(alphabet), text, steps, lr=2e-3),
    }
    print(f"\n{'bits a character':<28}{'test':>8}{'characters a second':>24}\n{'-' * 60}")
    for name, bits in beside.items():
        print(f"{name:<28}{bits:>8.2f}")
    for name, run in runs.items():
        print(f"{name:<28}{run.bits[-1]:>8.2f}{run.rate:>24,.0f}")
    samples = {
        name: write(run.model, text, 250 if args.quick else 800) for name, run in runs.items()
    }
    for name, sample in samples.items():
        print(f"\n{name}:\n{'-' * 60}\n{sample[:500]}")
    draw(args.output, runs, beside, text, samples)


if __name__ == "__main__":
    main()
