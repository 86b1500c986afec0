"""`summary`: shapes, parameters and multiply-adds, counted where the ops run."""

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.errors import DTypeError


def by_path(model, input):
    return {layer.path: layer for layer in lucid.summary(model, input).layers}


def test_sequential_that_runs_as_one_op():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    summary = lucid.summary(model, (5, 4))
    assert [layer.path for layer in summary.layers] == ["0", "1", "2"]
    assert [layer.shapes for layer in summary.layers] == [[(5, 8)], [(5, 8)], [(5, 3)]]
    assert [layer.multiply_adds for layer in summary.layers] == [5 * 32, 0, 5 * 24]
    assert summary.parameters == summary.trained_parameters == 40 + 27
    assert summary.parameter_bytes == 67 * 4
    assert summary.output_bytes == (40 + 40 + 15) * 4
    assert model[0]._hooks is None or not model[0]._hooks.after  # none is left behind


class Tied(nn.Module):
    """Parameters of its own, a layer that runs twice, one that is shared, one that never runs."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(lucid.ones(6, 4))
        self.twice = nn.Linear(4, 4)
        self.same = self.twice
        self.idle = nn.Linear(2, 2)

    def forward(self, x, y=None):
        return (self.twice(self.twice(x)) @ self.scale.T, y)


def test_modules_of_ones_own():
    layers = by_path(Tied(), (lucid.ones(3, 4), lucid.ones(1)))
    assert layers[""].multiply_adds == 3 * 4 * 6
    assert layers[""].parameters == 24
    assert layers[""].shapes == [(3, 6), (1,)]
    assert (layers["twice"].calls, layers["twice"].multiply_adds) == (2, 2 * 3 * 16)
    assert layers["idle"].calls == 0
    text = repr(lucid.summary(Tied(), {"x": lucid.ones(3, 4)}))
    assert "not called" in text
    assert "[3, 4] x 2" in text
    assert f"Tied: {24 + 20 + 6:,} parameters" in text


@pytest.mark.skipif(not hasattr(nn, "Conv2d"), reason="no convolutions yet")
def test_convolutions():
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, groups=4), nn.ConvTranspose2d(8, 2, 2)
    )
    layers = by_path(model, (2, 3, 8, 8))
    assert layers["0"].multiply_adds == 2 * 8 * 64 * 27
    assert layers["1"].multiply_adds == 2 * 8 * 36 * 18
    assert layers["2"].multiply_adds == 2 * 8 * 36 * 8
    assert layers["2"].shapes == [(2, 2, 7, 7)]


@pytest.mark.skipif(not hasattr(nn, "LSTM"), reason="no recurrent layers yet")
@pytest.mark.parametrize(("kind", "gates"), [("RNN", 1), ("GRU", 3), ("LSTM", 4)])
def test_recurrent_layers(kind, gates):
    layer = getattr(nn, kind)(5, 7, num_layers=2)
    found = by_path(layer, (6, 2, 5))[""]
    assert found.multiply_adds == 6 * 2 * gates * 7 * ((5 + 7) + (7 + 7))
    assert found.shapes[0] == (6, 2, 7)


def test_everything_is_left_as_it_was():
    lucid.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout(0.5)).double()
    model[1].eval()
    state = lucid.get_rng_state()
    summary = lucid.summary(model, (1, 2))  # one sample, which batch norm would not train on
    assert summary.buffer_bytes > 0
    assert summary.input_bytes == 16
    assert [m.training for m in model] == [True, False, True]
    np.testing.assert_array_equal(lucid.get_rng_state(), state)
    np.testing.assert_array_equal(model[1].running_mean.numpy(), [0, 0])
    for parameter in model[0].parameters():
        parameter.requires_grad = False
    assert "(6 of them frozen)" in repr(lucid.summary(model, (1, 2)))


def test_errors():
    with pytest.raises(DTypeError, match="class Linear"):
        lucid.summary(nn.Linear, (1, 2))
    with pytest.raises(DTypeError, match="input must be a tensor"):
        lucid.summary(nn.Linear(1, 1), "x")
    with pytest.raises(ValueError, match="linear"):
        lucid.summary(nn.Linear(4, 1), (1, 3))
