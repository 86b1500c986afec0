"""Checkpointed calls have the values and gradients of plain ones, and keep less."""

import tracemalloc

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.autograd import grad
from lucid.autograd.checkpoint import checkpoint, checkpoint_sequential
from lucid.errors import ArgumentError, DTypeError, GradError


def network():
    return nn.Sequential(
        *(nn.Linear(6, 6), nn.Tanh(), nn.Dropout(0.5), nn.Linear(6, 6), nn.ReLU()),
        *(nn.LayerNorm(6), nn.Dropout(0.3), nn.Linear(6, 2)),
    )


def results(model, call):
    """What a call gives, the gradients, and what is drawn after it."""
    x = lucid.tensor(np.random.default_rng(1).standard_normal((5, 6)), requires_grad=True)
    model.zero_grad()
    lucid.manual_seed(3)
    y = call(x)
    later = lucid.rand(2)
    (y * y).sum().backward()
    return [y, later, x.grad, *(p.grad for p in model.parameters()), lucid.rand(2)]


def check_same(found, wanted):
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a.detach().data, b.detach().data, rtol=1e-12, atol=1e-14)


def within(model):
    def halves(x):
        return checkpoint(model[4:], checkpoint(model[:4], x))

    return lambda x: checkpoint(halves, x)


@pytest.mark.parametrize(
    "form",
    [
        lambda model: lambda x: checkpoint(model, x),
        lambda model: lambda x: checkpoint(model, input=x),
        lambda model: lambda x: checkpoint_sequential(model, 3, x),
        lambda model: lambda x: checkpoint_sequential(list(model), 1, x),
        within,
        lambda model: lambda x: checkpoint(within(model), x),
    ],
)
def test_gradients_and_random_numbers(form):
    lucid.manual_seed(0)
    model = network().double()
    check_same(results(model, form(model)), results(model, model))


def test_random_numbers_that_are_not_kept():
    x = lucid.ones(200, requires_grad=True)
    drop = nn.Dropout(0.5)
    y = checkpoint(drop, x, preserve_rng_state=False)
    y.sum().backward()
    assert not lucid.equal(y.detach(), x.grad)
    x.grad = None
    y = checkpoint(drop, x)
    y.sum().backward()
    assert lucid.equal(y.detach(), x.grad)


def test_second_derivatives_and_chosen_inputs():
    def curve(x, w):
        return ((x * w).sin().exp() * x).sum()

    x, w = (lucid.tensor(v, requires_grad=True) for v in ([0.3, 0.7], [1.2, -0.4]))
    plain = grad(curve(x, w), x, create_graph=True)[0]
    again = grad(checkpoint(curve, x, w), x, create_graph=True)[0]
    check_same([again], [plain])
    check_same(grad(again.sum(), [x, w]), grad(plain.sum(), [x, w]))


def test_several_results_nests_and_kept_graphs():
    def both(pair, *, scale):
        a, b = pair["a"] * scale, pair["b"].sin()
        return {"sum": a + b, "max": (a * b).max(0)}

    a, b = (lucid.tensor(v, requires_grad=True) for v in ([0.3, 0.7], [1.2, -0.4]))
    found = []
    for call in (both, lambda *args, **options: checkpoint(both, *args, **options)):
        out = call({"a": a, "b": b}, scale=3.0)
        total = out["sum"].sum() * out["max"].values
        first = grad(total, [a, b], retain_graph=True)
        found.append([*first, *grad(total, [a, b])])
    check_same(*found)


def test_keeps_little():
    def deep(x, call):
        for _ in range(6):
            x = call(lambda x: x.sin().exp().tanh().cos().sin().tanh(), x)
        return x.sum()

    def peak(call):
        x = lucid.rand(100_000, requires_grad=True)
        tracemalloc.start()
        deep(x, call).backward()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(checkpoint)  # kernels are loaded with their first call, which takes memory of its own
    assert peak(checkpoint) < 0.5 * peak(lambda function, x: function(x))


def test_without_recording_it_is_a_plain_call():
    with lucid.no_grad():
        y = checkpoint(lambda x: x * 2, lucid.ones(2, requires_grad=True))
    assert not y.requires_grad
    assert checkpoint(lambda x: x * 2, lucid.ones(2)).tolist() == [2, 2]


def test_errors():
    x = lucid.ones(2, requires_grad=True)
    with pytest.raises(DTypeError, match=r"^checkpoint: takes a function"):
        checkpoint(x, x)
    calls = []
    y = checkpoint(lambda x: x.sin() if calls.append(1) or len(calls) == 1 else x.exp().sin(), x)
    with pytest.raises(GradError, match=r"(?s)^checkpoint: .*something else.*ops again: 2"):
        y.sum().backward()
    scale = lucid.ones(2)
    y = checkpoint(lambda x, scale: (x * scale).sin(), x, scale)
    scale += 1
    with pytest.raises(GradError, match=r"(?s)^checkpoint: argument 1 was changed in place"):
        y.sum().backward()
    with pytest.raises(ArgumentError, match="segments must be a positive integer, not 0"):
        checkpoint_sequential([nn.ReLU()], 0, x)
    with pytest.raises(ArgumentError, match="1 functions do not make 2 segments"):
        checkpoint_sequential([nn.ReLU()], 2, x)
