"""Dropout: what is dropped, how the gradient follows, that it repeats."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError
from lucid.kernels import dropout as kernels
from lucid.kernels import jit


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_share_and_scale(p):
    y = F.dropout(lucid.ones(100_000), p, generator=lucid.Generator(1)).numpy()
    assert abs((y == 0).mean() - p) < 0.01
    np.testing.assert_allclose(y[y != 0], 1 / (1 - p), rtol=1e-6)


def test_neighbours_and_successive_calls_are_independent():
    generator = lucid.Generator(2)
    a, b = (F.dropout(lucid.ones(100_000), generator=generator).numpy() > 0 for _ in range(2))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.02
    for lag in (1, 2, 3, 64):
        assert abs(np.corrcoef(a[lag:], a[:-lag])[0, 1]) < 0.02


def test_gradient_is_dropped_in_the_same_places():
    x = lucid.ones(1000, requires_grad=True)
    y = F.dropout(x, 0.3)
    y.sum().backward()
    assert (x.grad.numpy() == y.detach().numpy()).all()


def test_gradient_with_create_graph_agrees():
    x = lucid.ones(1001, requires_grad=True)
    y = F.dropout(x, 0.3)
    (y * y).sum().backward(create_graph=True)
    scale = y.detach().numpy()
    np.testing.assert_allclose(x.grad.detach().numpy(), 2 * scale * scale, rtol=1e-6)


def test_seeds_repeat_and_generators_are_separate():
    layer = nn.Dropout(0.5)
    x = lucid.ones(100)
    lucid.manual_seed(7)
    first = layer(x).numpy()
    assert not (layer(x).numpy() == first).all()
    lucid.manual_seed(7)
    F.dropout(x, generator=lucid.Generator(0))
    assert (layer(x).numpy() == first).all()


def test_evaluation_and_p_of_zero_return_the_input():
    x = lucid.ones(3)
    assert nn.Dropout(0.5).eval()(x) is x
    assert nn.Dropout(0.0)(x) is x
    assert F.dropout(x, training=False) is x


def test_p_of_one_gives_zeros():
    x = lucid.tensor([1.0, -2.0], requires_grad=True)
    y = nn.Dropout(1.0)(x)
    y.sum().backward()
    assert y.tolist() == x.grad.tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (3, 4)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_shapes_and_dtypes(shape, dtype):
    y = F.dropout(lucid.ones(*shape, dtype=dtype), 0.5)
    assert (y.shape, y.dtype) == (shape, dtype)
    assert set(np.ravel(y.numpy()).tolist()) <= {0, 2}


def test_the_place_decides_not_the_layout():
    x = lucid.ones(6, 4)
    a = F.dropout(x, generator=lucid.Generator(3)).numpy()
    b = F.dropout(lucid.ones(4, 6).T, generator=lucid.Generator(3)).numpy()
    assert (a == b).all()


@pytest.mark.parametrize("size", [0, 1, 2, 7, 1000])
@pytest.mark.parametrize("p", [0.25, 1.0])
def test_kernel_equals_reference(size, p, monkeypatch):
    x = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    got = {}
    for on in (False, True):
        monkeypatch.setattr(kernels, "wanted", lambda size, on=on: on)
        out, mask = kernels.dropout(x, p, key=99)
        got[on] = out, mask, kernels.dropout_gradient(x, mask, p)
    if jit.SETTINGS.jit == "0":
        pytest.skip("kernels are switched off")
    for a, b in zip(got[False], got[True], strict=True):
        assert (a == b).all()


@pytest.mark.parametrize("make", [nn.Dropout, lambda p: F.dropout(lucid.ones(1), p)])
@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_bad_probabilities(make, p):
    with pytest.raises(ArgumentError, match=r"[dD]ropout: p is a probability"):
        make(p)
    with pytest.raises(DTypeError, match="p must be a number"):
        make("0.5")


def test_repr():
    assert repr(nn.Dropout(0.3, inplace=True)) == "Dropout(p=0.3, inplace=True)"
