"""vmap of every primitive on its samples, against a loop over the samples."""

import warnings

import numpy as np
import pytest

import lucid.nn  # noqa: F401 - fills the registry
from lucid.core.apply import apply
from lucid.core.primitive import REGISTRY
from lucid.core.tensor import wrap
from lucid.dtypes import is_differentiable
from lucid.func import vjp, vmap
from lucid.func.batching.registry import LOWERINGS, rule_of
from lucid.samples import Draw

SIZE = 2

# Results whose shape depends on the values: no two samples need have the same.
RAGGED = {"nonzero", "unique", "unique_consecutive"}

# Ops that run on one sample after the other, after a warning.
LOOPED = {
    *("bin_edges", "bincount", "ctc_loss", "histc", "histogramdd", "isin", "lstsq_beside"),
    *("median_of_all", "nonzero", "nonzero_static", "unique", "unique_consecutive"),
    *("segment_extreme", "segment_sum"),
}

# Ops whose gradient rule reads plain numbers: within vmap(grad(...)) that is an error.
NO_GRADIENT_WITHIN = {
    *("extreme_at", "ldl_factor", "lu_factor", "multiply_at", "segment_extreme", "segment_sum"),
}

NAMES = sorted(
    name
    for name, prim in REGISTRY.items()
    if prim.samples and prim.module.startswith(("lucid.ops.", "lucid.nn."))
)


def calls(prim):
    """(function, inputs, which of them are stacked, the inputs of each sample)."""
    sets = [prim.samples(Draw(seed)) for seed in range(SIZE)]
    for group in zip(*sets, strict=True):
        first = group[0]
        places = [i for i, x in enumerate(first.inputs) if isinstance(x, np.ndarray)]
        through = first.through or (lambda op, *inputs: op(*inputs))

        def function(*inputs, static=first.static, through=through):
            out = through(lambda *xs: apply(prim, *xs, **static), *inputs)
            return out if isinstance(out, tuple) else (out,)

        choices = [places, *([i] for i in places if len(places) > 1)] if places else []
        for chosen in choices:
            inputs = [
                wrap(np.stack([sample.inputs[i] for sample in group]))
                if i in chosen
                else (wrap(x) if isinstance(x, np.ndarray) else x)
                for i, x in enumerate(first.inputs)
            ]
            each = [[x[b] if i in chosen else x for i, x in enumerate(inputs)] for b in range(SIZE)]
            yield function, inputs, chosen, each


def batched(function, inputs, chosen):
    dims = tuple(0 if i in chosen else None for i in range(len(inputs)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # ops that loop say so; tested below
        return vmap(function, in_dims=dims, randomness="same")(*inputs)


def check_equal(found, wanted):
    for j, stacked in enumerate(found):
        for b, outs in enumerate(wanted):
            assert stacked.shape[1:] == outs[j].shape
            assert stacked.dtype == outs[j].dtype
            np.testing.assert_allclose(stacked.data[b], outs[j].data, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in RAGGED])
def test_values(name):
    for function, inputs, chosen, each in calls(REGISTRY[name]):
        check_equal(batched(function, inputs, chosen), [function(*one) for one in each])


def entering_all(shape, dtype):
    """A gradient whose elements are all different."""
    return np.asarray(np.arange(int(np.prod(shape))).reshape(shape) * 0.1 + 1).astype(dtype)


def pulled(function, places):
    """The gradients of a function at its inputs, for gradients that are all different."""

    def gradients(*inputs):
        def of_floats(*floats):
            given = list(inputs)
            for i, x in zip(places, floats, strict=True):
                given[i] = x
            return function(*given)

        outs, pull = vjp(of_floats, *(inputs[i] for i in places))
        entering = tuple(wrap(entering_all(y.shape, y.dtype)) for y in outs)
        found = pull(entering)
        return found if isinstance(found, tuple) else (found,)

    return gradients


@pytest.mark.parametrize(
    "name", [n for n in NAMES if REGISTRY[n].vjp and n not in RAGGED | NO_GRADIENT_WITHIN]
)
def test_gradients_within(name):
    for function, inputs, chosen, each in calls(REGISTRY[name]):
        places = [i for i in range(len(inputs)) if hasattr(inputs[i], "dtype")]
        places = [i for i in places if is_differentiable(inputs[i].dtype)]
        if places:
            gradients = pulled(function, places)
            found = batched(gradients, inputs, chosen)
            check_equal(found, [gradients(*one) for one in each])


@pytest.mark.parametrize("name", [n for n in NAMES if REGISTRY[n].vjp and n not in RAGGED])
def test_gradients_through(name):
    for function, inputs, chosen, each in calls(REGISTRY[name]):
        places = [i for i in chosen if is_differentiable(inputs[i].dtype)]
        if not places:
            continue
        whole = pulled(lambda *xs, f=function, c=chosen: batched(f, xs, c), places)
        wanted = [pulled_alone(function, places, one, b) for b, one in enumerate(each)]
        check_equal(whole(*inputs), wanted)


def pulled_alone(function, places, inputs, b):
    """The same for one sample, whose gradients are a part of those above."""

    def of_floats(*floats):
        given = list(inputs)
        for i, x in zip(places, floats, strict=True):
            given[i] = x
        return function(*given)

    outs, pull = vjp(of_floats, *(inputs[i] for i in places))
    entering = tuple(wrap(entering_all((SIZE, *y.shape), y.dtype)[b, ...]) for y in outs)
    found = pull(entering)
    return found if isinstance(found, tuple) else (found,)


def test_what_loops_is_known():
    looping = {name for name in NAMES if rule_of(REGISTRY[name]) is None and name not in LOWERINGS}
    assert LOOPED & set(NAMES) <= looping
    assert len(looping) < 0.06 * len(NAMES)
