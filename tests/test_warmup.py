"""`lucid.warmup` leaves nothing to compile for a usual training run, and nothing else changed."""

import numpy as np
import pytest

import lucid
from lucid import nn, optim
from lucid.errors import DTypeError
from lucid.kernels import jit, regression


def test_training_compiles_nothing_more():
    lucid.warmup()
    if not jit.wanted(1):
        pytest.skip("kernels are switched off")
    chunk = nn.losses.huber.CURVE.fused._chunk.compiled
    before = len(chunk.signatures)
    assert before > 0
    model = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3))
    optimizer = optim.Adam(model.parameters())
    nn.HuberLoss()(model(lucid.randn(6, 5)), lucid.randn(6, 3)).backward()
    optimizer.step()
    assert len(chunk.signatures) == before
    assert regression.CHUNK > 18  # the step above took the one-chunk way


def test_the_random_streams_stay_where_they_were():
    lucid.manual_seed(3)
    want = lucid.randn(4).numpy()
    lucid.manual_seed(3)
    lucid.warmup()
    assert np.array_equal(lucid.randn(4).numpy(), want)


def test_dtypes_without_kernels_are_refused():
    with pytest.raises(DTypeError, match="float32 and float64, not in int64"):
        lucid.warmup(lucid.int64)
