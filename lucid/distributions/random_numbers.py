"""Random numbers that distributions are made of, from the generator that `manual_seed` seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..ops.random import normal_array, rng_of, uniform_array

_STEP = {2: 2.0**-12, 4: 2.0**-25, 8: 2.0**-54}  # half of the least number drawn above 0


def standard_normal(shape: tuple[int, ...], dtype: Any) -> Tensor:
    """Numbers of mean 0 and variance 1."""
    return wrap(normal_array(rng_of(None), shape, dtype))


def open_uniform(shape: tuple[int, ...], dtype: Any) -> Tensor:
    """Numbers spread over the open interval (0, 1): neither end is ever drawn."""
    drawn = uniform_array(rng_of(None), shape, dtype)
    return wrap(np.maximum(drawn, np.asarray(_STEP[dtype.itemsize], dtype)))


def standard_exponential(shape: tuple[int, ...], dtype: Any) -> Tensor:
    """Numbers of the exponential distribution of rate 1, above 0."""
    narrow = dtype.char not in "fd"
    drawn = rng_of(None).standard_exponential(shape, np.float32 if narrow else dtype)
    return wrap(np.maximum(drawn, np.finfo(drawn.dtype).tiny).astype(dtype, copy=False))


def standard_gumbel(shape: tuple[int, ...], dtype: Any) -> Tensor:
    """Numbers of Gumbel's distribution: minus the logarithm of exponential ones."""
    return wrap(-np.log(standard_exponential(shape, dtype).data))
