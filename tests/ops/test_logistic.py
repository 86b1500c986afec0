"""The logistic family far from zero, where careless formulas overflow."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError

FAR = [-1e30, -1000.0, -100.0, 0.0, 100.0, 1000.0, 1e30]


@pytest.mark.parametrize("dtype", [lucid.float16, lucid.float32, lucid.float64])
@pytest.mark.parametrize("name", ["sigmoid", "logsigmoid", "softplus", "silu", "mish", "gelu"])
def test_far_from_zero_everything_is_finite(name: str, dtype: np.dtype) -> None:
    values = [v for v in FAR if abs(v) < float(np.finfo(dtype).max)]
    x = lucid.tensor(values, dtype=dtype).requires_grad_()
    y = getattr(lucid, name)(x)
    y.sum().backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.sum().backward()
    for found in (y, slope, x.grad):
        assert np.isfinite(found.detach().numpy()).all()


def test_tails_keep_their_digits() -> None:
    x = lucid.tensor([-700.0, -30.0], dtype=lucid.float64)
    np.testing.assert_allclose(lucid.sigmoid(x).numpy(), np.exp([-700.0, -30.0]), rtol=1e-12)
    np.testing.assert_allclose(lucid.softplus(x).numpy(), np.exp([-700.0, -30.0]), rtol=1e-12)
    np.testing.assert_allclose(lucid.logsigmoid(-x).numpy(), -np.exp([-700.0, -30.0]), rtol=1e-12)


def test_half_precision_is_computed_in_single() -> None:
    tiny = lucid.sigmoid(lucid.tensor([-12.0], dtype=lucid.float16))
    np.testing.assert_allclose(tiny.numpy(), [6.14e-6], rtol=0.02)  # exp(12) is no half


def test_logit_undoes_sigmoid() -> None:
    x = lucid.linspace(-5, 5, 21, dtype=lucid.float64)
    np.testing.assert_allclose(lucid.logit(lucid.sigmoid(x)).numpy(), x.numpy(), atol=1e-13)


def test_logit_outside_of_its_domain() -> None:
    x = lucid.tensor([-0.5, 0.0, 1.0, 1.5]).requires_grad_()
    lucid.logit(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [np.nan, np.inf, np.inf, np.nan])
    x.grad = None
    lucid.logit(x, eps=0.25).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0, 0.0]


def test_softplus_is_the_identity_above_its_threshold() -> None:
    x = lucid.tensor([3.0, 5.0]).requires_grad_()
    y = lucid.softplus(x, beta=2.0, threshold=8.0)
    y.sum().backward()
    assert y.tolist()[0] > 3.0
    assert y.tolist()[1] == 5.0
    assert x.grad.tolist()[1] == 1.0
    with pytest.raises(ArgumentError, match="beta must not be 0"):
        lucid.softplus(x, beta=0)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2"])
def test_log_of_a_sum_does_not_overflow(name: str) -> None:
    a = lucid.tensor([1e4, -1e4], dtype=lucid.float64).requires_grad_()
    y = getattr(lucid, name)(a, lucid.tensor([0.0, 0.0], dtype=lucid.float64))
    y.sum().backward(create_graph=True)
    assert y.tolist() == [1e4, 0.0]
    slope, a.grad = a.grad, None
    assert slope.tolist() == [1.0, 0.0]
    slope.sum().backward()
    assert a.grad.tolist() == [0.0, 0.0]
