"""The functions that loops compute in vector lanes, against double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lucid.config import SETTINGS
from lucid.kernels import pointwise, vector_math
from lucid.kernels.jit import kernel
from lucid.testing.cases import kernels

pytest.importorskip("numba")

SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-30, -1e-30, 89.5, -104.5, 1e30], "f4")

element = None


@kernel(cache=False)
def loop(x, out):
    for i in range(x.size):
        out[i] = element(x[i])


def computed(function, x):
    out = np.empty_like(x)
    loop.bind(function.name, element=function)(x, out)
    return out


CASES = {
    "exp": (vector_math.exp32, np.exp, -87.0, 88.7, 2.0),
    "log1p": (vector_math.log1p32, np.log1p, 0.0, 1.0, 2.0),
    "erf": (vector_math.erf32, np.vectorize(math.erf), -5.0, 5.0, 0.6),
    "erfc": (vector_math.erfc32, np.vectorize(math.erfc), -4.0, 9.0, 7.0),
}


@pytest.mark.parametrize("name", CASES)
def test_accurate_to_units_in_the_last_place(name):
    function, exact, low, high, units = CASES[name]
    x = np.linspace(low, high, 200_001).astype(np.float32)
    expected = exact(x.astype(np.float64))
    error = np.abs(computed(function, x) - expected) / np.spacing(np.abs(expected.astype("f4")))
    assert error.max() <= units


@pytest.mark.parametrize("name", ["exp", "erf", "erfc"])
def test_special_values(name):
    function, exact, *_ = CASES[name]
    with np.errstate(over="ignore", under="ignore"):
        expected = exact(SPECIAL.astype(np.float64)).astype(np.float32)
    np.testing.assert_array_equal(computed(function, SPECIAL), expected)


@pytest.mark.skipif(SETTINGS.jit == "0", reason="switched off by LUCID_JIT=0")
def test_the_normal_distribution_keeps_the_digits_of_its_tail():
    x = np.linspace(-8, 8, 4001).astype(np.float32)
    expected = [0.5 * math.erfc(-value / math.sqrt(2)) * value for value in x.tolist()]
    with kernels(True):
        np.testing.assert_allclose(pointwise.gelu(x), expected, rtol=1e-6, atol=0)


NAMES = ["sigmoid", "silu", "softplus", "erf", "erfc", "gelu"]


@pytest.mark.parametrize(
    "name", NAMES + [f"{n}_gradient" for n in [*NAMES, "tanh"] if "erf" not in n]
)
@pytest.mark.parametrize("size", [7, pointwise.THREADED + 7])
def test_kernels_agree_with_their_references(name, size):
    function = getattr(pointwise, name)
    rng = np.random.default_rng(0)
    x = (rng.standard_normal(size) * 4).astype(np.float32)
    given = (rng.standard_normal(size).astype(np.float32), x) if "gradient" in name else (x,)
    with kernels(True):
        fast = function(*given, a=3.0)
    wide = [array.astype(np.float64) for array in given]
    np.testing.assert_allclose(fast, function.reference(*wide, 3.0), rtol=3e-6, atol=3e-6)
    assert fast.dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_special_values_of_the_activations(name):
    function = getattr(pointwise, name)
    with kernels(True):
        fast = function(SPECIAL, a=20.0)
    np.testing.assert_allclose(fast, function.reference(SPECIAL, 20.0), rtol=1e-5, atol=1e-43)
