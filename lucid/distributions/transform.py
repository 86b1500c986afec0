"""`Transform`: an invertible map with the logarithm of its Jacobian, and maps made of maps."""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, ShapeError, UnimplementedError, compose
from ..ops.creation import lengths
from . import constraints
from .constraints import Constraint
from .parameters import as_tensor


def sum_rightmost(value: Any, count: int) -> Any:
    """The sum over the last `count` dimensions."""
    return value.sum(dim=tuple(range(-count, 0))) if count else value


class Transform:
    """Base of the maps that carry one distribution into another.

    A map of one's own defines `domain`, `codomain`, `bijective`, ``_call(x)``, ``_inverse(y)``
    and ``log_abs_det_jacobian(x, y)``.

    Parameters
    ----------
    cache_size : {0, 1}, default 0
        1 keeps the latest pair: ``t.inv(t(x))`` is then `x` itself, and costs nothing.

    Attributes
    ----------
    domain, codomain : Constraint
        Where the map is defined, and where it leads.
    bijective : bool
        Whether ``t.inv(t(x)) == x`` for every x.
    sign : int
        1 for a rising map of numbers, -1 for a falling one.

    Raises
    ------
    ArgumentError
        If `cache_size` is neither 0 nor 1.
    UnimplementedError
        If a map has no such function: an inverse, a Jacobian.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ExpTransform
    >>> x = lucid.tensor([0.0, 1.0])
    >>> t = ExpTransform()
    >>> t(x), t.inv(t(x)), t.log_abs_det_jacobian(x, t(x))
    (Tensor([1.0000, 2.7183]), Tensor([0.0000, 1.0000]), Tensor([0.0000, 1.0000]))
    """

    bijective: Any = False
    domain: Any
    codomain: Any

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            problem = "cache_size must be 0 or 1"
            raise ArgumentError(compose(type(self).__name__, problem, {"cache_size": cache_size}))
        self._cache_size = cache_size
        self._latest: tuple[Any, Any] = (None, None)
        self._inv: Any = None

    @property
    def inv(self) -> Transform:
        """The map that leads back."""
        found = None if self._inv is None else self._inv()
        if found is None:
            found = _InverseTransform(self)
            self._inv = weakref.ref(found)
        return found

    @property
    def sign(self) -> Any:
        """Whether the map rises (1) or falls (-1)."""
        raise self._lacks("sign")

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same map, with or without a cache.

        Parameters
        ----------
        cache_size : {0, 1}, default 1
        """
        if self._cache_size == cache_size:
            return self
        if type(self).__init__ is Transform.__init__:
            return type(self)(cache_size=cache_size)
        raise UnimplementedError(compose(type(self).__name__, "define with_cache(cache_size)"))

    def __call__(self, x: Any) -> Any:
        """The image of `x`."""
        return self._through(x, 0)

    def _inv_call(self, y: Any) -> Any:
        return self._through(y, 1)

    def _through(self, value: Any, side: int) -> Any:
        """The map (side 0) or its inverse (side 1), by way of the cache."""
        if isinstance(value, np.ndarray | int | float):
            value = as_tensor(type(self).__name__, "xy"[side], value)
        if self._cache_size and self._latest[side] is value:
            return self._latest[1 - side]
        result = self._inverse(value) if side else self._call(value)
        if self._cache_size:
            self._latest = (result, value) if side else (value, result)
        return result

    def _call(self, x: Any) -> Any:
        raise self._lacks("_call")

    def _inverse(self, y: Any) -> Any:
        raise self._lacks("inverse")

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        """The logarithm of the absolute value of the Jacobian's determinant at `x`.

        Parameters
        ----------
        x, y : Tensor
            A point and its image.

        Returns
        -------
        Tensor
            One number for each event.
        """
        raise self._lacks("log_abs_det_jacobian")

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        """The shape of the image of a tensor of that shape.

        Parameters
        ----------
        shape : tuple of int
        """
        return tuple(shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        """The shape of the preimage of a tensor of that shape.

        Parameters
        ----------
        shape : tuple of int
        """
        return tuple(shape)

    def _lacks(self, function: str) -> UnimplementedError:
        return UnimplementedError(compose(type(self).__name__, f"the map has no {function}"))

    def _key(self) -> tuple[Any, ...] | None:
        """What makes two maps of one class equal; None where only identity does."""
        return None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or not isinstance(other, Transform):
            return False
        key, others = self._key(), other._key()
        return key is not None and others is not None and _same(key, others)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def _same(key: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Whether two keys hold equal values, tensors among them."""
    if len(key) != len(others):
        return False
    for a, b in zip(key, others, strict=True):
        if isinstance(a, Tensor) or isinstance(b, Tensor):
            left, right = (v.data if isinstance(v, Tensor) else np.asarray(v) for v in (a, b))
            if left.shape != right.shape or not np.all(left == right):
                return False
        elif a != b:
            return False
    return True


class _InverseTransform(Transform):
    """A map run backwards."""

    def __init__(self, transform: Transform) -> None:
        super().__init__(transform._cache_size)
        self._forth = transform

    @property
    def domain(self) -> Any:
        return self._forth.codomain

    @property
    def codomain(self) -> Any:
        return self._forth.domain

    @property
    def bijective(self) -> Any:
        return self._forth.bijective

    @property
    def sign(self) -> Any:
        return self._forth.sign

    @property
    def inv(self) -> Transform:
        return self._forth

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self._forth.with_cache(cache_size).inv

    def __call__(self, x: Any) -> Any:
        return self._forth._inv_call(x)

    def _inv_call(self, y: Any) -> Any:
        return self._forth(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return -self._forth.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        return self._forth.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self._forth.forward_shape(shape)

    def _key(self) -> tuple[Any, ...]:
        return (self._forth,)

    def __repr__(self) -> str:
        return f"{self._forth!r}.inv"


class ComposeTransform(Transform):
    """Several maps, one after another.

    Parameters
    ----------
    parts : list of Transform
        The first is applied first.
    cache_size : {0, 1}, default 0

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import AffineTransform, ComposeTransform, ExpTransform
    >>> t = ComposeTransform([AffineTransform(1.0, 2.0), ExpTransform()])
    >>> t(lucid.tensor([0.0, -0.5]))
    Tensor([2.7183, 1.0000])
    """

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else list(parts)

    def _ends(self) -> tuple[int, int]:
        """How many event dimensions go in and come out, the widest part deciding."""
        enter = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            enter += part.domain.event_dim - part.codomain.event_dim
            enter = max(enter, part.domain.event_dim)
        leave = self.parts[0].domain.event_dim
        for part in self.parts:
            leave += part.codomain.event_dim - part.domain.event_dim
            leave = max(leave, part.codomain.event_dim)
        return enter, leave

    @property
    def domain(self) -> Any:
        if not self.parts:
            return constraints.real
        return _widened(self.parts[0].domain, self._ends()[0])

    @property
    def codomain(self) -> Any:
        if not self.parts:
            return constraints.real
        return _widened(self.parts[-1].codomain, self._ends()[1])

    @property
    def bijective(self) -> Any:
        return all(part.bijective for part in self.parts)

    @property
    def sign(self) -> Any:
        return math.prod(part.sign for part in self.parts)

    @property
    def inv(self) -> Transform:
        found = None if self._inv is None else self._inv()
        if found is None:
            found = ComposeTransform([part.inv for part in reversed(self.parts)])
            self._inv, found._inv = weakref.ref(found), weakref.ref(self)
        return found

    def with_cache(self, cache_size: int = 1) -> Transform:
        return self if self._cache_size == cache_size else ComposeTransform(self.parts, cache_size)

    def __call__(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x

    def _inv_call(self, y: Any) -> Any:
        for part in reversed(self.parts):
            y = part._inv_call(y)
        return y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        if not self.parts:
            return wrap(np.zeros(x.shape, x.dtype))
        points = [x]
        for part in self.parts[:-1]:
            points.append(part(points[-1]))
        points.append(y)
        dims, total = self.domain.event_dim, None
        for i, part in enumerate(self.parts):
            term = part.log_abs_det_jacobian(points[i], points[i + 1])
            term = sum_rightmost(term, dims - part.domain.event_dim)
            total = term if total is None else total + term
            dims += part.codomain.event_dim - part.domain.event_dim
        assert total is not None
        return total

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        for part in self.parts:
            shape = part.forward_shape(shape)
        return tuple(shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return tuple(shape)

    def _key(self) -> tuple[Any, ...]:
        return tuple(self.parts)

    def __repr__(self) -> str:
        return f"ComposeTransform({self.parts!r})"


def _widened(constraint: Constraint, event_dim: int) -> Constraint:
    """The constraint with more of the dimensions counted as one event."""
    extra = event_dim - constraint.event_dim
    return constraints.independent(constraint, extra) if extra > 0 else constraint


identity_transform = ComposeTransform([])


class IndependentTransform(Transform):
    """A map whose last batch dimensions count as one event: their Jacobians are summed.

    Parameters
    ----------
    base_transform : Transform
    reinterpreted_batch_ndims : int
        How many more dimensions belong to an event.
    cache_size : {0, 1}, default 0

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ExpTransform, IndependentTransform
    >>> x = lucid.tensor([[0.0, 1.0], [2.0, 3.0]])
    >>> t = IndependentTransform(ExpTransform(), 1)
    >>> t.log_abs_det_jacobian(x, t(x))
    Tensor([1.0000, 5.0000])
    """

    def __init__(
        self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform.with_cache(cache_size)
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def domain(self) -> Any:
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @property
    def codomain(self) -> Any:
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self) -> Any:
        return self.base_transform.bijective

    @property
    def sign(self) -> Any:
        return self.base_transform.sign

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return IndependentTransform(self.base_transform, self.reinterpreted_batch_ndims, cache_size)

    def _call(self, x: Any) -> Any:
        self._enough(x, self.domain.event_dim)
        return self.base_transform(x)

    def _inverse(self, y: Any) -> Any:
        self._enough(y, self.codomain.event_dim)
        return self.base_transform.inv(y)

    def _enough(self, x: Any, count: int) -> None:
        if x.ndim < count:
            problem = f"an event has {count} dimensions, which is more than the value has"
            raise ShapeError(compose("IndependentTransform", problem, {"value": x}))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        inner = self.base_transform.log_abs_det_jacobian(x, y)
        return sum_rightmost(inner, self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self.base_transform.inverse_shape(shape)

    def _key(self) -> tuple[Any, ...]:
        return self.base_transform, self.reinterpreted_batch_ndims

    def __repr__(self) -> str:
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ReshapeTransform(Transform):
    """Another shape for the events; the Jacobian is 1.

    Parameters
    ----------
    in_shape, out_shape : tuple of int
        With equally many elements.
    cache_size : {0, 1}, default 0

    Raises
    ------
    ShapeError
        If they have not, or a value does not end in the shape.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import ReshapeTransform
    >>> ReshapeTransform((4,), (2, 2))(lucid.zeros(3, 4)).shape
    (3, 2, 2)
    """

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.in_shape = lengths("ReshapeTransform", (in_shape,))
        self.out_shape = lengths("ReshapeTransform", (out_shape,))
        if math.prod(self.in_shape) != math.prod(self.out_shape):
            problem = "in_shape and out_shape must have equally many elements"
            seen = {"in_shape": self.in_shape, "out_shape": self.out_shape}
            raise ShapeError(compose("ReshapeTransform", problem, seen))

    @property
    def domain(self) -> Any:
        return constraints.independent(constraints.real, len(self.in_shape))

    @property
    def codomain(self) -> Any:
        return constraints.independent(constraints.real, len(self.out_shape))

    def with_cache(self, cache_size: int = 1) -> Transform:
        if self._cache_size == cache_size:
            return self
        return ReshapeTransform(self.in_shape, self.out_shape, cache_size)

    def _call(self, x: Any) -> Any:
        return x.reshape(self.forward_shape(x.shape))

    def _inverse(self, y: Any) -> Any:
        return y.reshape(self.inverse_shape(y.shape))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Tensor:
        return wrap(np.zeros(x.shape[: x.ndim - len(self.in_shape)], x.dtype))

    def forward_shape(self, shape: Any) -> tuple[int, ...]:
        return self._swapped(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> tuple[int, ...]:
        return self._swapped(shape, self.out_shape, self.in_shape)

    def _swapped(self, shape: Any, old: Any, new: Any) -> tuple[int, ...]:
        own = len(shape) - len(old)
        if own < 0 or tuple(shape[own:]) != old:
            problem = f"the value must end in the shape {list(old)}"
            raise ShapeError(compose("ReshapeTransform", problem, {"shape": tuple(shape)}))
        return tuple(shape[:own]) + new

    def _key(self) -> tuple[Any, ...]:
        return self.in_shape, self.out_shape
