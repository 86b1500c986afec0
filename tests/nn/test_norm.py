"""BatchNorm1d and LayerNorm: statistics, modes, refusals, kernels."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError
from lucid.kernels import norm as kernels
from lucid.kernels.jit import SETTINGS


def arrays(*shapes, dtype=np.float32):
    rng = np.random.default_rng(0)
    return [(rng.standard_normal(shape) * 2 + 1).astype(dtype) for shape in shapes]


# ---- layer norm ---------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 3, 4)])
def test_layer_norm_brings_features_to_mean_0_and_variance_1(shape):
    (x,) = arrays(shape)
    y = nn.LayerNorm(4, eps=0)(lucid.tensor(x)).detach().numpy()
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(-1), 1, rtol=1e-5)


def test_layer_norm_over_several_dimensions():
    (x,) = arrays((3, 4, 5))
    y = nn.LayerNorm([4, 5])(lucid.tensor(x)).detach().numpy()
    np.testing.assert_allclose(y.mean((1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(y.var((1, 2)), 1, rtol=1e-3)


def test_a_large_mean_costs_no_digits():
    x = np.array([[0.0, 1.0, 2.0, 3.0]])
    want = F.layer_norm(lucid.tensor(x), 4).numpy()
    far = F.layer_norm(lucid.tensor((x + 4096).astype(np.float32)), 4).numpy()
    np.testing.assert_allclose(far, want, rtol=1e-6)
    column = lucid.tensor((x.T + 4096).astype(np.float32))
    np.testing.assert_allclose(F.batch_norm(column, None, None, training=True).numpy().T, want)


def test_half_precision_does_not_overflow():
    x = lucid.tensor(np.array([[300.0, -300.0, 300.0, -300.0]], np.float16))
    y = F.layer_norm(x, 4)
    assert y.dtype == lucid.float16
    assert y.tolist() == [[1, -1, 1, -1]]
    y = F.batch_norm(x.T, None, None, training=True)
    assert y.T.tolist() == [[1, -1, 1, -1]]


def test_layer_norm_parameters():
    assert list(nn.LayerNorm(3).state_dict()) == ["weight", "bias"]
    assert list(nn.LayerNorm(3, bias=False).state_dict()) == ["weight"]
    assert list(nn.LayerNorm(3, elementwise_affine=False).state_dict()) == []
    layer = nn.LayerNorm(3)
    nn.init.zeros_(layer.weight)
    layer.reset_parameters()
    assert layer.weight.tolist() == [1, 1, 1]


def test_layer_norm_refusals():
    with pytest.raises(ShapeError, match=r"must end in the dimensions \[3\]"):
        nn.LayerNorm(3)(lucid.ones(2, 4))
    with pytest.raises(ShapeError, match="the weight must have the shape"):
        F.layer_norm(lucid.ones(2, 3), 3, lucid.ones(2))
    with pytest.raises(DTypeError, match="the dtypes differ"):
        nn.LayerNorm(3)(lucid.ones(2, 3, dtype=lucid.float64))
    with pytest.raises(DTypeError, match="normalized_shape must be an integer"):
        nn.LayerNorm(3.5)


def test_an_empty_batch_gives_an_empty_result():
    layer = nn.LayerNorm(3)
    y = layer(lucid.ones(0, 3))
    y.sum().backward()
    assert y.shape == (0, 3)
    assert layer.weight.grad.tolist() == layer.bias.grad.tolist() == [0, 0, 0]


# ---- batch norm ---------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5)])
def test_training_uses_the_batch_and_moves_the_running_values(shape):
    (x,) = arrays(shape)
    axes = (0, 2)[: len(shape) - 1]
    layer = nn.BatchNorm1d(3, momentum=0.25)
    y = layer(lucid.tensor(x)).detach().numpy()
    np.testing.assert_allclose(y.mean(axes), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(axes), 1, rtol=1e-4)
    np.testing.assert_allclose(layer.running_mean.numpy(), 0.25 * x.mean(axes), rtol=1e-5)
    population = x.astype(np.float64).var(axes, ddof=1)
    np.testing.assert_allclose(layer.running_var.numpy(), 0.75 + 0.25 * population, rtol=1e-5)
    assert layer.num_batches_tracked.item() == 1


def test_evaluation_uses_the_running_values_and_leaves_them():
    (x,) = arrays((8, 3))
    layer = nn.BatchNorm1d(3)
    layer(lucid.tensor(x))
    before = {k: v.numpy().copy() for k, v in layer.state_dict().items()}
    y = layer.eval()(lucid.tensor(x[:1])).detach().numpy()
    want = (x[:1] - before["running_mean"]) / np.sqrt(before["running_var"] + 1e-5)
    np.testing.assert_allclose(y, want, rtol=1e-5)
    for key, value in layer.state_dict().items():
        assert (value.numpy() == before[key]).all()


def test_momentum_none_averages_all_batches():
    batches = arrays((6, 2), (6, 2), (6, 2))
    layer = nn.BatchNorm1d(2, momentum=None)
    for x in batches:
        layer(lucid.tensor(x))
    np.testing.assert_allclose(
        layer.running_mean.numpy(), np.mean([x.mean(0) for x in batches], 0), rtol=1e-5
    )
    assert layer.num_batches_tracked.item() == 3
    layer.reset_running_stats()
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.running_var.tolist() == [1, 1]
    assert layer.num_batches_tracked.item() == 0


def test_without_running_values_the_batch_is_used_in_both_modes():
    (x,) = arrays((8, 3))
    layer = nn.BatchNorm1d(3, track_running_stats=False)
    trained = layer(lucid.tensor(x)).detach().numpy()
    assert (layer.eval()(lucid.tensor(x)).detach().numpy() == trained).all()
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_batch_norm_parameters():
    assert [k for k, _ in nn.BatchNorm1d(2, affine=False).named_parameters()] == []
    assert [k for k, _ in nn.BatchNorm1d(2, bias=False).named_parameters()] == ["weight"]
    layer = nn.BatchNorm1d(2).double()
    assert layer.running_var.dtype == lucid.float64
    assert layer.num_batches_tracked.dtype == lucid.int64


def test_one_value_a_channel_is_refused_in_training_only():
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ArgumentError, match=r"more than one value for each channel(.|\n)*eval"):
        layer(lucid.ones(1, 3))
    assert layer.num_batches_tracked.item() == 0
    assert layer(lucid.ones(1, 3, 2)).shape == (1, 3, 2)
    assert layer.eval()(lucid.ones(1, 3)).shape == (1, 3)


def test_batch_norm_refusals():
    layer = nn.BatchNorm1d(3)
    for shape in [(3,), (2, 3, 4, 5)]:
        with pytest.raises(ShapeError, match=r"shape \(N, C\) or \(N, C, L\)"):
            layer(lucid.ones(*shape))
    with pytest.raises(ShapeError, match=r"running_mean must have shape \(4,\)"):
        layer(lucid.ones(2, 4))
    with pytest.raises(ArgumentError, match="running_mean and running_var are needed"):
        F.batch_norm(lucid.ones(2, 3), None, None)
    with pytest.raises(ShapeError, match="two dimensions or more"):
        F.batch_norm(lucid.ones(2), None, None, training=True)
    with pytest.raises(DTypeError, match="the dtypes differ"):
        layer(lucid.ones(2, 3, dtype=lucid.float64))


def test_moving_the_running_values_spoils_an_earlier_evaluation_graph():
    layer = nn.BatchNorm1d(2).eval()
    x = lucid.ones(3, 2, requires_grad=True)
    loss = layer(x).sum()
    layer.train()(lucid.randn(4, 2))
    with pytest.raises(GradError, match="changed in place"):
        loss.backward()


# ---- kernels ------------------------------------------------------------------------------


@pytest.mark.skipif(SETTINGS.jit == "0", reason="kernels are switched off")
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (130, 33), (2, 9000), (100_000, 6)])
@pytest.mark.parametrize("given", [True, False])
def test_kernels_equal_the_reference(shape, given, monkeypatch):
    x, g, w, b = arrays(shape, shape, shape[1:], shape[1:], dtype=np.float64)
    w, b = (w, b) if given else (None, None)
    got = {}
    for on in (False, True):
        monkeypatch.setattr(kernels, "wanted", lambda size, on=on: on)
        out, mean, scale = kernels.layer_norm(x, w, b, 1e-3)
        by_rows = kernels.layer_norm_gradient(g, x, w, mean, scale, True)
        wide = x[:, :, None]
        out2, mean2, var = kernels.batch_norm(wide, w, b, 1e-3)
        by_columns = kernels.batch_norm_gradient(g[:, :, None], wide, w, mean2, var + 0.5)
        given = kernels.batch_norm_given(wide, w, b, mean2, var, 1e-3)
        got[on] = [given, out, mean, scale, *by_rows, out2, mean2, var, *by_columns]
    for a, b in zip(got[False], got[True], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_many_rows_are_summed_exactly_enough():
    x = np.full((200_000, 2), 0.1, np.float32)
    _, mean, _ = kernels.batch_norm(x[:, :, None], None, None, 1.0)
    np.testing.assert_allclose(mean, np.float32(0.1), rtol=1e-6)
