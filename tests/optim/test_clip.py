"""Clipping: accuracy, special values, refusals."""

import math

import numpy as np
import pytest

import lucid
from lucid import optim
from lucid.errors import ArgumentError, GradError


def with_grad(values, dtype=np.float32):
    w = lucid.tensor(np.zeros(np.shape(values), dtype), requires_grad=True)
    w.grad = lucid.tensor(np.array(values, dtype))
    return w


def test_many_float32_squares_are_summed_accurately():
    values = np.full(3_000_000, 0.1, np.float32)
    norm = optim.get_total_norm(lucid.tensor(values))
    assert norm.dtype == np.float32
    assert norm.item() == pytest.approx(float(np.float32(0.1)) * math.sqrt(values.size), rel=1e-7)


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1e-320])
@pytest.mark.parametrize("order", [2.0, 3.0])
def test_no_overflow_where_the_norm_is_finite(scale, order):
    norm = optim.get_total_norm([lucid.tensor(np.array([3.0, 4.0]) * scale)], order)
    expected = (3.0**order + 4.0**order) ** (1 / order) * scale
    assert norm.item() == pytest.approx(expected, rel=1e-3 if scale < 1e-310 else 1e-14)


def test_nothing_to_clip():
    assert optim.clip_grad_norm_([lucid.zeros(2)], 1.0).item() == 0.0
    assert optim.clip_grad_norm_([], 1.0, math.inf).item() == 0.0
    assert optim.get_total_norm([lucid.zeros(0, 3)]).item() == 0.0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_error_if_nonfinite_changes_nothing(bad):
    ws = [with_grad([3.0, 4.0]), with_grad([1.0, bad])]
    with pytest.raises(GradError, match="the norm of the gradients is"):
        optim.clip_grad_norm_(ws, 1.0, error_if_nonfinite=True)
    assert ws[0].grad.tolist() == [3.0, 4.0]


def test_infinite_gradients_clip_to_zero_and_nan():
    w = with_grad([1.0, math.inf])
    assert optim.clip_grad_norm_(w, 1.0).item() == math.inf
    assert w.grad.tolist()[0] == 0.0
    assert math.isnan(w.grad.tolist()[1])


def test_shared_read_only_gradients_are_replaced():
    w = with_grad([0.0, 0.0])
    w.grad = lucid.Tensor([5.0]).broadcast_to((2,))
    optim.clip_grad_value_(w, 1.0)
    assert w.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda w: optim.clip_grad_norm_(w, -1.0), "max_norm"),
        (lambda w: optim.clip_grad_norm_(w, math.nan), "max_norm"),
        (lambda w: optim.clip_grad_norm_(w, 1.0, 0.0), "norm_type"),
        (lambda w: optim.clip_grad_value_(w, -1.0), "clip_value"),
    ],
)
def test_refusals(call, match):
    with pytest.raises(ArgumentError, match=match):
        call(with_grad([1.0]))
