"""Several maps side by side, and the map by a distribution function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from ..ops.joining import cat, stack
from . import constraints
from .distribution import Distribution
from .transform import Transform, sum_rightmost


class CatTransform(Transform):
    """Maps of stretches of a tensor, one after another along a dimension.

    Parameters
    ----------
    tseq : sequence of Transform
    dim : int, default 0
    lengths : sequence of int, optional
        How long each stretch is; 1 each unless given.
    cache_size : {0, 1}, default 0

    Raises
    ------
    ArgumentError
        If there are not as many lengths as maps.
    ShapeError
        If the lengths do not sum to that of the dimension.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import CatTransform, ExpTransform, identity_transform
    >>> t = CatTransform([ExpTransform(), identity_transform], 0, [1, 2])
    >>> t(lucid.tensor([0.0, 5.0, 6.0]))
    Tensor([1.0000, 5.0000, 6.0000])
    """

    def __init__(
        self,
        tseq: Sequence[Transform],
        dim: int = 0,
        lengths: Sequence[int] | None = None,
        cache_size: int = 0,
    ) -> None:
        super().__init__(cache_size)
        self.transforms = [t.with_cache(cache_size) for t in tseq] if cache_size else list(tseq)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        self.dim = dim
        if len(self.lengths) != len(self.transforms):
            seen = {"tseq": self.transforms, "lengths": self.lengths}
            raise ArgumentError(compose("CatTransform", "give each map a length", seen))

    @property
    def length(self) -> int:
        """The length of all stretches together."""
        return sum(self.lengths)

    @property
    def bijective(self) -> Any:
        return all(t.bijective for t in self.transforms)

    @property
    def domain(self) -> Any:
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @property
    def codomain(self) -> Any:
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return CatTransform(self.transforms, self.dim, self.lengths, cache_size)

    def _stretches(self, x: Any) -> tuple[Any, ...]:
        if not -x.ndim <= self.dim < x.ndim or x.shape[self.dim] != self.length:
            problem = f"dimension {self.dim} must be {self.length} long, the sum of the lengths"
            raise ShapeError(compose("CatTransform", problem, {"value": x}))
        return tuple(x.split(self.lengths, self.dim))

    def _call(self, x: Any) -> Any:
        pairs = zip(self.transforms, self._stretches(x), strict=True)
        return cat([t(part) for t, part in pairs], self.dim)

    def _inverse(self, y: Any) -> Any:
        pairs = zip(self.transforms, self._stretches(y), strict=True)
        return cat([t.inv(part) for t, part in pairs], self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        dims = max(t.domain.event_dim for t in self.transforms)
        found = []
        for t, a, b in zip(self.transforms, self._stretches(x), self._stretches(y), strict=True):
            found.append(sum_rightmost(t.log_abs_det_jacobian(a, b), dims - t.domain.event_dim))
        dim = (self.dim if self.dim < 0 else self.dim - x.ndim) + dims
        if dim < 0:
            return cat(found, dim)
        total = found[0]
        for term in found[1:]:
            total = total + term
        return total


class StackTransform(Transform):
    """Maps of the slices of a tensor along a dimension.

    Parameters
    ----------
    tseq : sequence of Transform
    dim : int, default 0
    cache_size : {0, 1}, default 0

    Raises
    ------
    ShapeError
        If there are not as many slices as maps.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ExpTransform, StackTransform, identity_transform
    >>> t = StackTransform([ExpTransform(), identity_transform], 0)
    >>> t(lucid.tensor([0.0, 5.0]))
    Tensor([1.0000, 5.0000])
    """

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.transforms = [t.with_cache(cache_size) for t in tseq] if cache_size else list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> Any:
        return all(t.bijective for t in self.transforms)

    @property
    def domain(self) -> Any:
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @property
    def codomain(self) -> Any:
        return constraints.stack([t.codomain for t in self.transforms], self.dim)

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return StackTransform(self.transforms, self.dim, cache_size)

    def _slices(self, x: Any) -> tuple[Any, ...]:
        if not -x.ndim <= self.dim < x.ndim or x.shape[self.dim] != len(self.transforms):
            problem = f"dimension {self.dim} must be {len(self.transforms)} long, one for each map"
            raise ShapeError(compose("StackTransform", problem, {"value": x}))
        return tuple(x.unbind(self.dim))

    def _call(self, x: Any) -> Any:
        pairs = zip(self.transforms, self._slices(x), strict=True)
        return stack([t(part) for t, part in pairs], self.dim)

    def _inverse(self, y: Any) -> Any:
        pairs = zip(self.transforms, self._slices(y), strict=True)
        return stack([t.inv(part) for t, part in pairs], self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        triples = zip(self.transforms, self._slices(x), self._slices(y), strict=True)
        return stack([t.log_abs_det_jacobian(a, b) for t, a, b in triples], self.dim)


class CumulativeDistributionTransform(Transform):
    """The map by the distribution function of a distribution of numbers, onto [0, 1].

    Parameters
    ----------
    distribution : Distribution
        With a `cdf` and an `icdf`.
    cache_size : {0, 1}, default 0

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import CumulativeDistributionTransform, Normal
    >>> CumulativeDistributionTransform(Normal(0.0, 1.0))(lucid.tensor([0.0, 1.0]))
    Tensor([0.5000, 0.8413])
    """

    bijective = True
    codomain = constraints.unit_interval
    sign = 1

    def __init__(self, distribution: Distribution, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:
        return self.distribution.support

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return CumulativeDistributionTransform(self.distribution, cache_size)

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return self.distribution.log_prob(x)

    def _key(self) -> tuple[Any, ...]:
        return (self.distribution,)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        return np.broadcast_shapes(tuple(shape), self.distribution.batch_shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self.forward_shape(shape)
