"""Activations at their kinks, at NaN, and their refusals."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, ShapeError

INF, NAN = float("inf"), float("nan")


def slopes(function, values: list[float]) -> list[float]:
    x = lucid.tensor(values).requires_grad_()
    function(x).sum().backward()
    return x.grad.tolist()


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("relu", [-1.0, -0.0, 0.0, 1.0, NAN, INF], [0, 0, 0, 1, 1, 1]),
        ("relu6", [-1.0, 0.0, 3.0, 6.0, 7.0], [0, 0, 1, 0, 0]),
        ("hardtanh", [-1.0, 0.5, 1.0, NAN], [0, 1, 0, 1]),
        ("hardsigmoid", [-3.0, 0.0, 3.0, NAN], [0, 1 / 6, 0, 0]),
        ("hardswish", [-3.0, 0.0, 3.0, NAN], [0, 0.5, 1, 1]),
        ("leaky_relu", [-1.0, 0.0, 1.0], [0.01, 0.01, 1]),
        ("elu", [0.0, 1.0, -INF, NAN], [1, 1, 0, 1]),
    ],
)
def test_slopes_at_the_kinks(name: str, values: list[float], wanted: list[float]) -> None:
    np.testing.assert_allclose(slopes(getattr(lucid, name), values), wanted, rtol=1e-6)


@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "leaky_relu", "elu", "selu", "celu"])
def test_nan_stays_nan(name: str) -> None:
    assert np.isnan(getattr(lucid, name)(lucid.tensor([NAN])).item())


def test_relu_gives_an_exact_zero_where_an_infinite_gradient_enters() -> None:
    x = lucid.tensor([-1.0, 1.0]).requires_grad_()
    lucid.relu(x).backward(lucid.tensor([INF, INF]))
    assert x.grad.tolist() == [0.0, INF]


def test_relu_keeps_integers_and_only_its_output() -> None:
    assert lucid.relu(lucid.tensor([-1, 2])).dtype == lucid.int64
    x = lucid.tensor([1.0]).requires_grad_()
    y = lucid.relu(x)
    assert not isinstance(y.grad_fn.saved[0], np.ndarray)


def test_relu_of_a_strided_view() -> None:
    values = np.arange(-8.0, 8.0).reshape(4, 4)
    x = lucid.tensor(values).requires_grad_()
    y = lucid.relu(x.transpose(0, 1))
    y.backward(lucid.tensor(np.broadcast_to(np.array(2.0), (4, 4))))
    np.testing.assert_array_equal(y.detach().numpy(), np.maximum(values.T, 0))
    np.testing.assert_array_equal(x.grad.numpy(), 2.0 * (values > 0))


def test_elu_far_to_the_right_is_smooth_to_second_order() -> None:
    x = lucid.tensor([1000.0]).requires_grad_()
    lucid.elu(x).sum().backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.sum().backward()
    assert slope.item() == 1.0
    assert x.grad.item() == 0.0


def test_prelu_slopes_by_channel() -> None:
    x = lucid.tensor([[[-1.0, 2.0], [-3.0, -4.0]]]).requires_grad_()  # (N=1, C=2, L=2)
    w = lucid.tensor([0.5, 0.1]).requires_grad_()
    y = lucid.prelu(x, w)
    y.sum().backward()
    np.testing.assert_allclose(y.tolist(), [[[-0.5, 2.0], [-0.3, -0.4]]], rtol=1e-6)
    assert w.grad.tolist() == [-1.0, -7.0]
    np.testing.assert_allclose(x.grad.tolist(), [[[0.5, 1.0], [0.1, 0.1]]], rtol=1e-6)
    assert lucid.prelu(lucid.tensor(-2.0), lucid.tensor([0.5])).shape == ()


def test_threshold_keeps_the_dtype() -> None:
    assert lucid.threshold(lucid.tensor([1, 5]), 2, 0).dtype == lucid.int64


def test_refusals() -> None:
    x = lucid.ones(2, 3)
    with pytest.raises(ShapeError, match=r"prelu: needs one slope, or 3.*\n.*float32\[2, 3\]"):
        lucid.prelu(x, lucid.ones(2))
    with pytest.raises(ArgumentError, match="hardtanh: min_val must not exceed max_val"):
        lucid.hardtanh(x, 1, -1)
    with pytest.raises(ArgumentError, match="celu: alpha must not be 0"):
        lucid.celu(x, 0)
    with pytest.raises(DTypeError, match="elu: takes a tensor, not list"):
        lucid.elu([1.0])
