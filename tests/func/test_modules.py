"""Modules within transforms: gradients of each sample, ensembles, and what is refused."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, ShapeError, StateError
from lucid.func import (
    functional_call,
    grad,
    hvp,
    jvp,
    stack_module_state,
    value_and_grad,
    vjp,
    vmap,
)


def dense():
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 3))


def convolutional():
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 4, 3, groups=2), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4, 3)),
    )


class Attentive(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 8)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.out = nn.Linear(8, 3)

    def forward(self, words):
        return self.out(self.layer(self.table(words)).mean(1))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.LSTM(6, 4, batch_first=True), nn.Linear(4, 3)

    def forward(self, x):
        return self.out(self.layer(x)[0][:, -1])


MODELS = {
    "dense": (dense, lambda: lucid.randn(4, 6)),
    "convolutional": (convolutional, lambda: lucid.randn(4, 1, 8, 8)),
    "attentive": (Attentive, lambda: lucid.randint(7, (4, 5))),
    "recurrent": (Recurrent, lambda: lucid.randn(4, 5, 6)),
}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_each_sample(name):
    lucid.manual_seed(0)
    make, draw = MODELS[name]
    model = make().double()
    x, y = draw(), lucid.tensor([0, 2, 1, 1])
    x = x.double() if x.is_floating_point() else x
    params = {path: p.detach() for path, p in model.named_parameters()}

    def loss(params, x, y):
        scores = functional_call(model, params, x.unsqueeze(0))
        return F.cross_entropy(scores, y.unsqueeze(0))

    found = vmap(grad(loss), in_dims=(None, 0, 0))(params, x, y)
    for i in range(4):
        model.zero_grad()
        F.cross_entropy(model(x[i : i + 1]), y[i : i + 1]).backward()
        for path, p in model.named_parameters():
            np.testing.assert_allclose(found[path].data[i], p.grad.data, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_ensembles(name):
    lucid.manual_seed(0)
    make, draw = MODELS[name]
    models, x = [make() for _ in range(3)], draw()
    params, buffers = stack_module_state(models)

    def call(params, buffers, x):
        return functional_call(models[0], (params, buffers), x)

    found = vmap(call, in_dims=(0, 0, None))(params, buffers, x)
    wanted = lucid.stack([model(x) for model in models])
    np.testing.assert_allclose(found.detach().data, wanted.detach().data, rtol=1e-4, atol=1e-6)
    found.sum().backward()
    wanted.sum().backward()
    for path, stacked in params.items():
        each = [dict(model.named_parameters())[path].grad.data for model in models]
        np.testing.assert_allclose(stacked.grad.data, np.stack(each), rtol=1e-3, atol=1e-5)


def test_a_training_step_as_a_function():
    model = dense()
    x, y = lucid.randn(8, 6), lucid.randn(8, 3)
    params = {path: p.detach() for path, p in model.named_parameters()}

    def loss(params):
        return F.mse_loss(functional_call(model, params, x), y)

    before, slopes = value_and_grad(loss)(params)
    after = loss({path: p - 0.01 * slopes[path] for path, p in params.items()})
    assert after.item() < before.item()
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: grad(lambda x: x)(x), ShapeError, r"^grad: .*returned\[0\]: float32\[2\]"),
        (lambda x: grad(lambda x: 3.0)(x), DTypeError, "^grad: .*not float"),
        (lambda x: grad(lambda x: x.sum())(x.long()), DTypeError, r"int64.*x\.float\(\)"),
        (lambda x: grad(lambda x: x.sum(), argnums=1)(x), ArgumentError, "argnums=1.*given 1"),
        (lambda x: grad(lambda x: x.sum())(3.0), DTypeError, "not float"),
        (lambda x: grad(lambda x: x.sum(), has_aux=True)(x), DTypeError, "pair"),
        (lambda x: hvp(lambda x: x, (x,), (x,)), ShapeError, "one number"),
        (lambda x: hvp(lambda x: x.sum(), x, x), DTypeError, r"primals must be a tuple"),
        (lambda x: jvp(lambda x: x, (x,), (x[:1],)), ShapeError, r"tangents: float32\[1\]"),
        (lambda x: jvp(lambda x: x, (x,), (x, x)), DTypeError, r"tangents: '\(\*, \*\)'"),
        (lambda x: vjp(lambda x: x, x)[1](x[:1]), ShapeError, r"cotangents: float32\[1\]"),
        (lambda x: stack_module_state([]), ArgumentError, "at least one"),
        (lambda x: stack_module_state([nn.ReLU(), nn.Tanh()]), StateError, "one class"),
        (
            lambda x: stack_module_state([nn.Linear(1, 2), nn.Linear(2, 2)]),
            StateError,
            r"weight: float32\[2, 1\]",
        ),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=f"(?s){words}"):
        call(lucid.ones(2))
