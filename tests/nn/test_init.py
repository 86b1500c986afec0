"""Initial values: their distributions, their structure, what is refused."""

import math

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError
from lucid.nn import init

BIG = (400, 300)


def filled(function, *args, shape=BIG, dtype=lucid.float32, **kwargs):
    tensor = lucid.empty(*shape, dtype=dtype)
    assert function(tensor, *args, generator=lucid.Generator(5), **kwargs) is tensor
    return tensor.numpy()


@pytest.mark.parametrize(
    ("function", "value"), [(init.ones_, 1), (init.zeros_, 0), (lambda t: init.constant_(t, 3), 3)]
)
def test_constants(function, value):
    tensor = lucid.empty(2, 3)
    assert function(tensor) is tensor
    assert (tensor.numpy() == value).all()


def test_eye_and_dirac():
    assert init.eye_(lucid.empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    kernel = init.dirac_(lucid.empty(4, 2, 3, 3), groups=2).numpy()
    assert kernel.sum() == 4
    assert [kernel[i, i % 2, 1, 1] for i in range(4)] == [1, 1, 1, 1]
    with pytest.raises(ShapeError, match="eye_: needs a tensor of 2 dimensions"):
        init.eye_(lucid.empty(3))
    with pytest.raises(ShapeError, match="dirac_: needs a tensor of 3 to 5 dimensions"):
        init.dirac_(lucid.empty(3, 3))
    with pytest.raises(ArgumentError, match="groups must divide the 4 output"):
        init.dirac_(lucid.empty(4, 2, 3), groups=3)


@pytest.mark.parametrize(
    ("function", "kwargs", "bound"),
    [
        (init.uniform_, {"a": -2.0, "b": 2.0}, 2.0),
        (init.xavier_uniform_, {"gain": 2.0}, 2 * math.sqrt(6 / 700)),
        (init.kaiming_uniform_, {}, math.sqrt(6 / 300)),
        (init.kaiming_uniform_, {"a": math.sqrt(5)}, math.sqrt(1 / 300)),
        (init.kaiming_uniform_, {"mode": "fan_out", "nonlinearity": "linear"}, math.sqrt(3 / 400)),
    ],
)
def test_uniform_ones(function, kwargs, bound):
    values = filled(function, **kwargs)
    assert np.abs(values).max() <= bound * (1 + 1e-6)
    assert abs(values.std() - bound / math.sqrt(3)) < 0.01 * bound
    assert abs(values.mean()) < 0.01 * bound


@pytest.mark.parametrize(
    ("function", "kwargs", "std"),
    [
        (init.normal_, {"std": 3.0}, 3.0),
        (init.xavier_normal_, {}, math.sqrt(2 / 700)),
        (init.kaiming_normal_, {"nonlinearity": "relu"}, math.sqrt(2 / 300)),
        (init.kaiming_normal_, {"mode": "fan_out", "a": 1}, math.sqrt(1 / 400)),
    ],
)
@pytest.mark.parametrize("dtype", [lucid.float32, lucid.float64])
def test_normal_ones(function, kwargs, std, dtype):
    values = filled(function, dtype=dtype, **kwargs).astype(np.float64)
    assert abs(values.std() / std - 1) < 0.01
    kurtosis = (values**4).mean() / (values**2).mean() ** 2
    assert abs(kurtosis - 3) < 0.1


@pytest.mark.parametrize(
    ("low", "high"), [(-2, 2), (0.5, 1), (-1, math.inf), (3, 4), (8, 100), (-60, -50), (0, 0.1)]
)
def test_truncated_normal(low, high):
    values = filled(init.trunc_normal_, a=low, b=high, dtype=lucid.float64, shape=(50_000,))
    assert values.min() >= low
    assert values.max() <= high
    grid = np.linspace(max(low, -70), min(high, 70), 2_000_001)
    density = np.exp((min(x * x for x in (low, high, 0) if low <= x <= high) - grid**2) / 2)
    mean = (grid * density).sum() / density.sum()
    spread = math.sqrt(((grid - mean) ** 2 * density).sum() / density.sum())
    assert abs(values.mean() - mean) < 5 * spread / math.sqrt(values.size)


def test_truncated_normal_is_scaled_and_shifted():
    values = filled(init.trunc_normal_, mean=10.0, std=2.0, a=9.0, b=13.0)
    assert 9 <= values.min() < 9.01
    assert 12.9 < values.max() <= 13


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6), (4, 3, 5)])
def test_orthogonal(shape):
    q = filled(init.orthogonal_, gain=2.0, shape=shape).reshape(shape[0], -1) / 2
    product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-6)


def test_sparse():
    values = filled(init.sparse_, 0.25, std=0.5, shape=(40, 30))
    assert ((values == 0).sum(axis=0) == 10).all()
    assert abs(values[values != 0].std() - 0.5) < 0.05
    assert len({tuple(column) for column in (values == 0).T}) > 25


def test_gains():
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("leaky_relu", 0.5) == math.sqrt(2 / 1.25)
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / (1 + 0.01**2))
    with pytest.raises(ArgumentError, match="no gain is known for 'swish'"):
        init.calculate_gain("swish")
    with pytest.raises(ArgumentError, match="slope must be a number"):
        init.calculate_gain("leaky_relu", "steep")


def test_generators_and_the_default_seed():
    a = filled(init.normal_)
    assert (filled(init.normal_) == a).all()
    lucid.manual_seed(1)
    b = init.uniform_(lucid.empty(5)).numpy()
    lucid.manual_seed(1)
    assert (init.uniform_(lucid.empty(5)).numpy() == b).all()


def test_parameters_are_filled_unrecorded_and_the_change_is_noticed():
    layer = nn.Linear(2, 2)
    loss = (layer(lucid.ones(1, 2)) ** 2).sum()
    assert init.ones_(layer.weight) is layer.weight
    assert layer.weight.is_leaf
    with pytest.raises(GradError, match="changed in place"):
        loss.backward()


def test_refusals():
    with pytest.raises(ShapeError, match="two dimensions or more to have fan-in"):
        init.xavier_uniform_(lucid.empty(3))
    with pytest.raises(ArgumentError, match="mode must be 'fan_in' or 'fan_out'"):
        init.kaiming_normal_(lucid.empty(3, 3), mode="fan")
    with pytest.raises(ArgumentError, match="uniform_"):
        init.uniform_(lucid.empty(3), 1, 0)
    with pytest.raises(ArgumentError, match="normal_"):
        init.normal_(lucid.empty(3), std=-1)
    with pytest.raises(ArgumentError, match="std must be positive and a below b"):
        init.trunc_normal_(lucid.empty(3), a=2, b=1)
    with pytest.raises(ArgumentError, match="sparsity must lie between 0 and 1"):
        init.sparse_(lucid.empty(3, 3), 2)
    for function in (init.normal_, init.uniform_, init.orthogonal_, init.trunc_normal_):
        with pytest.raises(DTypeError, match="float"):
            function(lucid.empty(3, 3, dtype=lucid.int64))


def test_empty_tensors_pass():
    for function in (init.orthogonal_, init.kaiming_uniform_, init.xavier_normal_):
        assert function(lucid.empty(0, 3)).shape == (0, 3)
