"""Maps of numbers: affine, exponential, power, sigmoid, softplus, tanh, absolute value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor, values
from ..ops.bounds import clamp
from ..ops.exponential import exp, expm1, log
from ..ops.logistic import logit, sigmoid, softplus
from ..ops.signs import abs as magnitude
from ..ops.trigonometric import atanh, tanh
from . import constraints
from .parameters import as_tensor
from .transform import Transform, sum_rightmost


class ExpTransform(Transform):
    r"""The map :math:`y = e^x`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ExpTransform
    >>> ExpTransform()(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 2.7183])
    """

    domain = constraints.real
    codomain = constraints.positive
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return exp(x)

    def _inverse(self, y: Any) -> Any:
        return log(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return x

    def _key(self) -> tuple[Any, ...]:
        return ()


class PowerTransform(Transform):
    r"""The map :math:`y = x^p` of positive numbers.

    Parameters
    ----------
    exponent : Tensor or number
        Not 0.
    cache_size : {0, 1}, default 0

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import PowerTransform
    >>> PowerTransform(2.0)(lucid.tensor([1.0, 3.0]))
    Tensor([1.0000, 9.0000])
    """

    domain = constraints.positive
    codomain = constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = as_tensor("PowerTransform", "exponent", exponent)

    @property
    def sign(self) -> Any:
        return _sign(self.exponent)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return PowerTransform(self.exponent, cache_size)

    def _call(self, x: Any) -> Any:
        return x**self.exponent

    def _inverse(self, y: Any) -> Any:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return log(magnitude(self.exponent * y / x))

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        return np.broadcast_shapes(tuple(shape), self.exponent.shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self.forward_shape(shape)

    def _key(self) -> tuple[Any, ...]:
        return (self.exponent,)

    def __repr__(self) -> str:
        return f"PowerTransform(exponent={self.exponent})"


def _sign(factor: Any) -> Any:
    """The sign of a factor: an int where it is the same for all, else an array's tensor."""
    signs = np.sign(values(factor))
    if signs.size and np.all(signs == signs.flat[0]):
        return int(signs.flat[0])
    return Tensor(signs, dtype=signs.dtype)


class SigmoidTransform(Transform):
    r"""The map :math:`y = 1 / (1 + e^{-x})`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import SigmoidTransform
    >>> SigmoidTransform()(lucid.tensor([0.0, 2.0]))
    Tensor([0.5000, 0.8808])
    """

    domain = constraints.real
    codomain = constraints.unit_interval
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        y = sigmoid(x)  # kept inside the open interval, where there is an inverse
        bound = np.finfo(y.dtype)
        return clamp(y, float(bound.tiny), 1 - float(bound.eps))

    def _inverse(self, y: Any) -> Any:
        bound = np.finfo(y.dtype)
        return logit(clamp(y, float(bound.tiny), 1 - float(bound.eps)))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return -softplus(-x) - softplus(x)

    def _key(self) -> tuple[Any, ...]:
        return ()


class SoftplusTransform(Transform):
    r"""The map :math:`y = \log(1 + e^x)`, which is the identity for large x.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import SoftplusTransform
    >>> SoftplusTransform()(lucid.tensor([0.0, 5.0]))
    Tensor([0.6931, 5.0067])
    """

    domain = constraints.real
    codomain = constraints.positive
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return softplus(x)

    def _inverse(self, y: Any) -> Any:
        return log(-expm1(-y)) + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return -softplus(-x)

    def _key(self) -> tuple[Any, ...]:
        return ()


class TanhTransform(Transform):
    r"""The map :math:`y = \tanh x`.

    Its Jacobian is computed from `x`, without the digits that :math:`1 - y^2` would lose; give
    it a cache (``cache_size=1``) where the inverse is wanted near -1 and 1.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import TanhTransform
    >>> TanhTransform()(lucid.tensor([0.0, 1.0]))
    Tensor([0.0000, 0.7616])
    """

    domain = constraints.real
    codomain = constraints.interval(-1.0, 1.0)
    bijective = True
    sign = 1

    def _call(self, x: Any) -> Any:
        return tanh(x)

    def _inverse(self, y: Any) -> Any:
        return atanh(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return (math.log(2) - x - softplus(-2 * x)) * 2  # log(1 - tanh(x)^2)

    def _key(self) -> tuple[Any, ...]:
        return ()


class AbsTransform(Transform):
    r"""The map :math:`y = |x|`, whose inverse takes the positive number.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import AbsTransform
    >>> AbsTransform()(lucid.tensor([-1.0, 2.0]))
    Tensor([1.0000, 2.0000])
    """

    domain = constraints.real
    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return magnitude(x)

    def _inverse(self, y: Any) -> Any:
        return y

    def _key(self) -> tuple[Any, ...]:
        return ()


class AffineTransform(Transform):
    r"""The map :math:`y = \text{loc} + \text{scale} \cdot x`.

    Parameters
    ----------
    loc, scale : Tensor or number
        The scale is not 0.
    event_dim : int, default 0
        How many of the last dimensions make one event: 0 for numbers, 1 for vectors.
    cache_size : {0, 1}, default 0

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import AffineTransform
    >>> AffineTransform(1.0, 2.0)(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 3.0000])
    """

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        for name, value in (("loc", loc), ("scale", scale)):
            as_tensor("AffineTransform", name, value)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @property
    def event_dim(self) -> int:
        """How many of the last dimensions make one event."""
        return self._event_dim

    @property
    def domain(self) -> Any:
        dims = self._event_dim
        return constraints.independent(constraints.real, dims) if dims else constraints.real

    @property
    def codomain(self) -> Any:
        return self.domain

    @property
    def sign(self) -> Any:
        return _sign(self.scale)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return AffineTransform(self.loc, self.scale, self._event_dim, cache_size)

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        if isinstance(self.scale, Tensor):
            slope = log(magnitude(self.scale))
        else:
            slope = x.new_full((), math.log(abs(float(self.scale))))
        shape = np.broadcast_shapes(x.shape, slope.shape)
        return sum_rightmost(slope.expand(shape), self._event_dim)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        shapes = (np.shape(values(part)) for part in (self.loc, self.scale))
        return np.broadcast_shapes(tuple(shape), *shapes)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self.forward_shape(shape)

    def _key(self) -> tuple[Any, ...]:
        return self.loc, self.scale

    def __repr__(self) -> str:
        return f"AffineTransform(loc={self.loc}, scale={self.scale})"
