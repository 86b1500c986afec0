"""The networks of the textbooks, written once for Lucid and PyTorch, and a step of training each.

A network has a size as it is spoken of, and a smaller one that shows that everything runs.
Nothing in them is random, or its noise is given: both libraries compute the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

Step = Callable[[], Any]
Network = tuple[Any, Callable[..., Any], tuple[Any, ...]]  # the model, its loss, its inputs


def cnn(lib: ModuleType, rows: int, small: bool) -> Network:
    """LeNet-5 with ReLU, on pictures of CIFAR's shape."""
    nn = lib.nn
    model = nn.Sequential(
        nn.Conv2d(3, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )
    return model, nn.functional.cross_entropy, _pictures(rows, 32)


def resnet(lib: ModuleType, rows: int, small: bool) -> Network:
    """ResNet-18 in CIFAR's form: four stages of two blocks, 64 to 512 channels."""
    nn = lib.nn

    def convolution(before: int, after: int, size: int, stride: int = 1) -> Any:
        padding = size // 2
        return nn.Conv2d(before, after, size, stride=stride, padding=padding, bias=False)

    class Block(nn.Module):  # type: ignore[name-defined, misc]
        """Two convolutions, and a way around them."""

        def __init__(self, before: int, after: int, stride: int) -> None:
            super().__init__()
            self.conv1, self.bn1 = convolution(before, after, 3, stride), nn.BatchNorm2d(after)
            self.conv2, self.bn2 = convolution(after, after, 3), nn.BatchNorm2d(after)
            around = []
            if stride != 1 or before != after:
                around = [convolution(before, after, 1, stride), nn.BatchNorm2d(after)]
            self.around = nn.Sequential(*around)

        def forward(self, x: Any) -> Any:
            y = self.bn1(self.conv1(x)).relu()
            return (self.bn2(self.conv2(y)) + self.around(x)).relu()

    first = 4 if small else 64
    blocks: list[Any] = []
    before = first
    for stage in range(4):
        after = first * 2**stage
        blocks += [Block(before, after, 1 if stage == 0 else 2), Block(after, after, 1)]
        before = after
    model = nn.Sequential(
        convolution(3, first, 3),
        nn.BatchNorm2d(first),
        nn.ReLU(),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(before, 10),
    )
    return model, nn.functional.cross_entropy, _pictures(rows, 32)


def lstm(lib: ModuleType, rows: int, small: bool) -> Network:
    """An LSTM of 256 units over 64 steps of 64 numbers; its last state gives ten scores."""
    nn = lib.nn
    width, length = (16, 8) if small else (256, 64)

    class Recurrent(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(64, width, batch_first=True)
            self.head = nn.Linear(width, 10)

        def forward(self, x: Any) -> Any:
            output, _ = self.lstm(x)
            return self.head(output[:, -1])

    rng = np.random.default_rng(rows)
    inputs = rng.standard_normal((rows, length, 64), dtype=np.float32)
    return Recurrent(), nn.functional.cross_entropy, (inputs, rng.integers(0, 10, rows))


def transformer(lib: ModuleType, rows: int, small: bool) -> Network:
    """An encoder of four layers, 256 wide, eight heads, over 128 places; ten scores a place."""
    nn = lib.nn
    width, length = (32, 16) if small else (256, 128)
    layer = nn.TransformerEncoderLayer(
        width, 8, 4 * width, dropout=0.0, batch_first=True, norm_first=True
    )
    model = nn.Sequential(
        nn.TransformerEncoder(layer, 4, enable_nested_tensor=False), nn.Linear(width, 10)
    )
    rng = np.random.default_rng(rows)
    inputs = rng.standard_normal((rows, length, width), dtype=np.float32)
    targets = rng.integers(0, 10, (rows, length))

    def loss(scores: Any, target: Any) -> Any:
        return nn.functional.cross_entropy(scores.reshape(-1, 10), target.reshape(-1))

    return model, loss, (inputs, targets)


def vae(lib: ModuleType, rows: int, small: bool) -> Network:
    """A variational autoencoder of pictures of 28 x 28 pixels: 400 units, 20 numbers a code."""
    nn = lib.nn
    width, latent = (16, 2) if small else (400, 20)

    class Autoencoder(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Linear(784, width)
            self.mean, self.log_variance = nn.Linear(width, latent), nn.Linear(width, latent)
            self.decoder = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, 784))

        def forward(self, x: Any) -> Any:
            hidden = self.encoder(x).relu()
            mean, log_variance = self.mean(hidden), self.log_variance(hidden)
            code = mean + (0.5 * log_variance).exp() * noise
            return self.decoder(code), mean, log_variance

    def loss(output: Any, target: Any) -> Any:
        logits, mean, log_variance = output
        lost = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum")
        cost = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (lost + cost) / rows

    rng = np.random.default_rng(rows)
    noise = lib.tensor(rng.standard_normal((rows, latent), dtype=np.float32))
    pictures = rng.random((rows, 784), dtype=np.float32)
    return Autoencoder(), loss, (pictures, pictures)


@dataclass(frozen=True)
class Kind:
    """One network.

    Attributes
    ----------
    title : str
    build : callable
        ``build(lib, rows, small)``: the model, its loss, and a batch of inputs and targets.
    hold : float
        The ratio of our time to PyTorch's that is to be held.
    """

    title: str
    build: Callable[[ModuleType, int, bool], Network]
    hold: float = 1.0


NETWORKS = {
    "cnn": Kind("CNN, LeNet-size", cnn),
    "resnet": Kind("CNN, ResNet-18-size", resnet, hold=1.5),
    "lstm": Kind("LSTM, hidden 256, length 64", lstm),
    "transformer": Kind("Transformer encoder, 4 layers, d 256, length 128", transformer),
    "vae": Kind("VAE, 784-400-20", vae),
}


def training_step(
    lib: ModuleType, name: str, rows: int, small: bool = False, warm: bool = False
) -> Step:
    """A step of training: forward, loss, backward, Adam; with `warm`, all code is loaded first."""
    if warm and hasattr(lib, "warmup"):
        lib.warmup()
    model, criterion, batch = NETWORKS[name].build(lib, rows, small)
    _fill(lib, model)
    inputs, targets = (lib.tensor(part) for part in batch)
    optimizer = lib.optim.Adam(model.parameters(), lr=1e-4, eps=1e-4)

    def step() -> Any:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss

    return step


def answer(lib: ModuleType, name: str, small: bool = False) -> Step:
    """The model's answer to one input, under ``no_grad``, in evaluation mode."""
    model, _, batch = NETWORKS[name].build(lib, 1, small)
    _fill(lib, model)
    model.eval()
    inputs = lib.tensor(batch[0])

    def step() -> Any:
        output = model(inputs)
        return (output[0] if isinstance(output, tuple) else output).reshape(-1)

    return step


def _pictures(rows: int, side: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(rows)
    pictures = rng.standard_normal((rows, 3, side, side), dtype=np.float32)
    return pictures, rng.integers(0, 10, rows)


def _fill(lib: ModuleType, model: Any) -> None:
    """Give every weight its values: the same under each name, whatever the library drew."""
    rng = np.random.default_rng(0)
    state = {}
    for name, value in sorted(model.named_parameters()):
        shape = tuple(value.shape)
        if len(shape) > 1:
            scale = np.float32(1 / math.sqrt(math.prod(shape[1:])))
            state[name] = lib.tensor(rng.standard_normal(shape, dtype=np.float32) * scale)
        else:  # the scales and shifts of the norms, biases
            constant = 1.0 if "weight" in name else 0.0
            state[name] = lib.tensor(np.full(shape, constant, np.float32))
    model.load_state_dict(state, strict=False)
