"""A hundred steps of training a CNN, an LSTM and a Transformer stay with PyTorch's.

Each network is written once, for both libraries. Both start from the same weights, see the same
batches, and are compared by the loss of every step and by the weights at the end: tightly in
float64, and in float32 within what its rounding grows to over the steps.
"""

import numpy as np
import pytest

import lucid

torch = pytest.importorskip("torch")

STEPS = 100
CLASSES = 5
TOLERANCES = {"float64": 1e-11, "float32": 2e-4}  # relative, over all steps


def convolutional(lib):
    """Two convolutions, each with pooling, batch norm between them; momentum, as of old."""
    nn = lib.nn
    model = nn.Sequential(
        nn.Conv2d(2, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3, stride=2, groups=2),
        nn.GELU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(48, CLASSES),
    )
    optimizer = lib.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    return model, optimizer, lib.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)


def recurrent(lib):
    """Embedded symbols through two layers in both directions; Adam with decoupled decay."""
    nn = lib.nn

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 8, padding_idx=0)
            self.lstm = nn.LSTM(8, 12, num_layers=2, bidirectional=True, batch_first=True)
            self.head = nn.Linear(24, CLASSES)

        def forward(self, x):
            output, (hidden, _) = self.lstm(self.embedding(x))
            return self.head(output.mean(1) + lib.cat([hidden[2], hidden[3]], 1))

    model = Reader()
    optimizer = lib.optim.AdamW(model.parameters(), lr=2e-2, weight_decay=0.01, eps=1e-4)
    return model, optimizer, lib.optim.lr_scheduler.StepLR(optimizer, 40, 0.5)


def transformer(lib):
    """Embedded symbols through a causal encoder, the last place answers; Adam, clipped, warmed up.

    The bias of the keys has no effect, so its gradient is rounding: `eps` keeps Adam from
    making steps of that.
    """
    nn = lib.nn

    class Attending(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 16)
            self.place = nn.Embedding(10, 16)
            layer = nn.TransformerEncoderLayer(
                16, 4, 32, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            self.encoder = nn.TransformerEncoder(
                layer, 2, norm=nn.LayerNorm(16), enable_nested_tensor=False
            )
            self.head = nn.Linear(16, CLASSES)

        def forward(self, x):
            length = x.shape[1]
            ahead = lib.ones(length, length, dtype=lib.bool).triu(1)
            placed = self.embedding(x) + self.place(lib.arange(length))
            return self.head(self.encoder(placed, mask=ahead)[:, -1])

    model = Attending()
    optimizer = lib.optim.Adam(model.parameters(), lr=1e-2, eps=1e-4)
    return model, optimizer, lib.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=20)


NETWORKS = {
    "convolutional": (convolutional, lambda rng: rng.standard_normal((16, 2, 10, 10))),
    "recurrent": (recurrent, lambda rng: rng.integers(0, 20, (16, 10))),
    "transformer": (transformer, lambda rng: rng.integers(0, 20, (16, 10))),
}


def batches(draw, dtype):
    """Batches whose targets can be learned: the class is what a sum of the inputs falls into."""
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        x = draw(rng)
        score = x.reshape(len(x), -1).mean(1)
        y = np.searchsorted(np.quantile(score, [0.2, 0.4, 0.6, 0.8]), score)
        yield x.astype(dtype) if x.dtype.kind == "f" else x, y


def train(lib, build, draw, dtype, state=None):
    """The losses of all steps, the first weights and the last."""
    lib.manual_seed(0)
    model, optimizer, schedule = build(lib)
    model = model.double() if dtype == "float64" else model
    if state is not None:
        model.load_state_dict({name: lib.tensor(value) for name, value in state.items()})
    first, losses = values(model), []
    for x, y in batches(draw, dtype):
        optimizer.zero_grad()
        loss = lib.nn.functional.cross_entropy(
            model(lib.tensor(x)), lib.tensor(y), label_smoothing=0.1
        )
        loss.backward()
        lib.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return np.array(losses), first, values(model)


def values(model):
    return {name: np.array(value.detach().numpy()) for name, value in model.state_dict().items()}


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_hundred_steps(name, dtype):
    theirs, state, their_end = train(torch, *NETWORKS[name], dtype)
    ours, first, our_end = train(lucid, *NETWORKS[name], dtype, state)
    assert list(first) == list(state)
    tolerance = TOLERANCES[dtype]
    np.testing.assert_allclose(ours, theirs, rtol=tolerance)
    for key, value in their_end.items():
        scale = max(np.abs(value).max(), 0.1)
        np.testing.assert_allclose(our_end[key], value, atol=tolerance * scale, err_msg=key)
    assert theirs[-10:].mean() < theirs[:10].mean()  # something was learned
