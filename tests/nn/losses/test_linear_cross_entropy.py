"""A dense layer and its cross entropy in one, beside PyTorch's."""

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid import nn
from lucid.errors import ArgumentError, ShapeError

KINDS = {
    "plain": ({}, (), "classes"),
    "bias and weight": ({"weight": [0.5, 1.0, 2.0]}, (), "classes"),
    "dimensions": ({"ignore_index": 1}, (4, 2), "classes"),
    "smoothed": ({"label_smoothing": 0.2, "reduction": "sum"}, (), "classes"),
    "each": ({"reduction": "none"}, (4,), "classes"),
    "probabilities": ({"reduction": "none"}, (4,), "shares"),
    "one": ({}, None, "classes"),
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_beside_pytorch(kind, bias):
    torch = pytest.importorskip("torch")
    if not hasattr(torch.nn, "LinearCrossEntropyLoss"):
        pytest.skip("PyTorch has none")
    options, outs, targets = KINDS[kind]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5,) if outs is None else (6, 5))
    lead = () if outs is None else (6,)
    target = rng.integers(0, 3, (*lead, *(outs or ())))
    if targets == "shares":
        target = rng.dirichlet(np.ones(3), (*lead, *outs)).swapaxes(1, -1)
    found = []
    state = None
    for m in (torch, lucid):
        given = dict(options)
        if "weight" in given:
            given["weight"] = m.tensor(given["weight"], dtype=m.float64)
        head = m.nn.LinearCrossEntropyLoss(
            5, 3, out_features=outs or (), bias=bias, dtype=m.float64, **given
        )
        if state is None:
            state = {k: v.numpy() for k, v in head.state_dict().items()}
        head.load_state_dict({k: m.tensor(v) for k, v in state.items()})
        inputs = m.tensor(x, requires_grad=True)
        loss = head(inputs, m.tensor(target))
        loss.sum().backward()
        parts = [loss.detach(), inputs.grad, *(p.grad for p in head.parameters())]
        found.append([np.asarray(part.tolist()) for part in parts])
    for a, b in zip(*found, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(b, a, rtol=1e-10, atol=1e-12)


def test_refusals():
    x, w = lucid.ones(2, 3), lucid.ones(4, 3)
    with pytest.raises(ShapeError, match="in_features"):
        F.linear_cross_entropy(x[None], w, lucid.tensor([0, 1]))
    with pytest.raises(ShapeError, match=r"linear_bias must have shape \(4,\)"):
        F.linear_cross_entropy(x, w, lucid.tensor([0, 1]), linear_bias=lucid.ones(3))
    with pytest.raises(ShapeError, match="needs an input"):
        F.linear_cross_entropy(x[0], w[:, None], lucid.tensor([0]))
    with pytest.raises(ArgumentError, match="holds probabilities"):
        F.linear_cross_entropy(x, w, lucid.ones(2, 4) / 4, ignore_index=0)
    with pytest.raises(ArgumentError, match="label_smoothing"):
        nn.LinearCrossEntropyLoss(3, 4, label_smoothing=2)
