"""Dropout of channels and for SELU: which are dropped, means, gradients, refusals."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, ShapeError


@pytest.mark.parametrize(
    ("layer", "shape", "lead"),
    [
        (nn.Dropout1d, (40, 30, 5), 2),
        (nn.Dropout1d, (500, 5), 1),
        (nn.Dropout2d, (40, 30, 3, 2), 2),
        (nn.Dropout2d, (40, 30, 5), 2),
        (nn.Dropout3d, (40, 30, 2, 2, 2), 2),
        (nn.Dropout3d, (500, 2, 2, 2), 1),
    ],
)
def test_channels_are_dropped_whole(layer, shape, lead):
    lucid.manual_seed(0)
    x = lucid.ones(shape, dtype=lucid.float64, requires_grad=True)
    y = layer(0.25)(x)
    y.sum().backward()
    rows = y.detach().numpy().reshape(int(np.prod(shape[:lead])), -1)
    assert (rows == rows[:, :1]).all()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())
    np.testing.assert_allclose(sorted(set(rows.ravel())), [0, 4 / 3])
    assert abs((rows[:, 0] == 0).mean() - 0.25) < 0.08
    assert layer(0.25).eval()(x) is x
    assert not layer(1.0)(x).detach().numpy().any()


@pytest.mark.parametrize(
    ("layer", "shape"), [(nn.AlphaDropout, (300, 300)), (nn.FeatureAlphaDropout, (300, 300, 2))]
)
def test_mean_and_variance_stay(layer, shape):
    lucid.manual_seed(1)
    x = lucid.randn(*shape, dtype=lucid.float64)
    y = layer(0.3)(x)
    assert abs(y.mean().item()) < 0.02
    assert abs(y.std().item() - 1) < 0.02
    assert layer(0.3).eval()(x) is x
    assert not layer(1.0)(x).detach().numpy().any()


def test_alpha_dropout_has_the_values_of_pytorch():
    torch = pytest.importorskip("torch")
    zeros = torch.zeros(2000, dtype=torch.float64)
    theirs = torch.nn.functional.alpha_dropout(zeros, 0.3, training=True).unique().numpy()
    mine = F.alpha_dropout(lucid.zeros(2000, dtype=lucid.float64), 0.3, training=True)
    np.testing.assert_allclose(np.unique(mine.numpy()), theirs, rtol=1e-12)


def test_seeds_repeat():
    x = lucid.ones(4, 8, 3)
    lucid.manual_seed(5)
    first = F.dropout1d(x)
    lucid.manual_seed(5)
    assert (F.dropout1d(x) == first).all()


def test_refusals():
    with pytest.raises(ShapeError, match="takes 3 or 4 dimensions"):
        F.dropout2d(lucid.ones(2, 3))
    with pytest.raises(ShapeError, match="a batch and channels"):
        F.feature_alpha_dropout(lucid.ones(2))
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        nn.Dropout3d(1.5)
