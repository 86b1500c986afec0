"""RReLU, the Gumbel softmax, distances as layers, and the lazy dense layer."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError


def test_rrelu():
    lucid.manual_seed(0)
    x = lucid.Tensor(np.linspace(-2, 2, 1001), requires_grad=True)
    y = nn.RReLU(0.1, 0.4)(x)
    y.sum().backward()
    slope = x.grad.numpy()
    np.testing.assert_allclose(y.detach().numpy(), slope * x.detach().numpy(), rtol=1e-6)
    left = slope[x.detach().numpy() < 0]
    assert left.min() >= 0.1
    assert left.max() <= 0.4
    assert left.std() > 0.05
    assert (slope[x.detach().numpy() > 0] == 1).all()
    still = nn.RReLU(0.1, 0.4).eval()(lucid.tensor([-1.0, 2.0]))
    np.testing.assert_allclose(still.numpy(), [-0.25, 2])
    with pytest.raises(ArgumentError, match="exceed"):
        F.rrelu(lucid.ones(1), 0.5, 0.1)


def test_gumbel_softmax():
    lucid.manual_seed(0)
    x = lucid.tensor(np.log([0.7, 0.2, 0.1]), requires_grad=True)
    many = F.gumbel_softmax(x.expand(4000, 3), hard=True)
    np.testing.assert_allclose(many.detach().numpy().mean(0), [0.7, 0.2, 0.1], atol=0.03)
    assert set(np.unique(many.detach().numpy().round(12))) == {0.0, 1.0}
    many[:, 0].sum().backward()
    assert x.grad.numpy()[0] > 0
    soft = F.gumbel_softmax(x.expand(5, 3), tau=0.5, dim=0)
    np.testing.assert_allclose(soft.detach().numpy().sum(0), 1)


def test_distances():
    torch = pytest.importorskip("torch")
    x, y = np.random.default_rng(0).standard_normal((2, 4, 3, 5))
    for name, options in [
        ("CosineSimilarity", {}),
        ("CosineSimilarity", {"dim": -1, "eps": 0.1}),
        ("PairwiseDistance", {}),
        ("PairwiseDistance", {"p": 1, "keepdim": True}),
    ]:
        mine = getattr(nn, name)(**options)(lucid.tensor(x), lucid.tensor(y))
        theirs = getattr(torch.nn, name)(**options)(torch.tensor(x), torch.tensor(y))
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_lazy_linear(bias):
    layer = nn.LazyLinear(3, bias=bias, dtype=lucid.float64)
    assert layer.has_uninitialized_params()
    weight = layer.weight
    out = layer(lucid.ones(5, 2, dtype=lucid.float64))
    assert type(layer) is nn.Linear
    assert layer.weight is weight
    assert out.shape == (5, 3)
    assert np.abs(weight.detach().numpy()).max() <= 0.7072
    assert (layer.bias is not None) == bias


def test_lazy_linear_takes_a_state():
    ready = nn.Linear(4, 3)
    layer = nn.LazyLinear(3)
    layer.load_state_dict(ready.state_dict())
    x = lucid.randn(2, 4)
    assert (layer(x) == ready(x)).all()
    assert layer.in_features == 4
