"""Constraints: what values a parameter, or a sample, may have.

``constraint.check(value)`` says of every event whether it is allowed. Those that need no
arguments are objects (`positive`), the others are made by a call (``interval(-1.0, 1.0)``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.tensor import Tensor, values, wrap
from ..errors import ArgumentError, UnimplementedError, compose

_CLOSE = {2: 1e-2, 4: 1e-6, 8: 1e-6}  # how far a sum may be from 1, by bytes of an element


class Constraint:
    """A region that values must lie in.

    A constraint of one's own defines ``check(value)``, which returns a tensor of bool with one
    entry for every event.

    Attributes
    ----------
    is_discrete : bool
        The region holds whole numbers only.
    event_dim : int
        How many of the last dimensions make one event.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> constraints.positive.check(lucid.tensor([-1.0, 2.0]))
    Tensor([False, True])
    """

    is_discrete: Any = False
    event_dim: Any = 0
    _bounds: tuple[str, ...] = ()  # the attributes that the printed form shows

    def check(self, value: Any) -> Tensor:
        """Whether each event of `value` lies in the region."""
        return wrap(np.asarray(self._holds(values(value))))

    def _holds(self, x: Any) -> Any:
        """`check` on a bare array."""
        raise UnimplementedError(compose(type(self).__name__, "define check(value)"))

    @property
    def meaning(self) -> str:
        """The region in words, for messages."""
        return "values in it"

    @property
    def remedy(self) -> str | None:
        """How free numbers are brought into the region, for messages."""
        return None

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_plain(getattr(self, name))}" for name in self._bounds)
        words = type(self).__name__.split("_")  # greater_than prints as GreaterThan
        return f"{''.join(word[:1].upper() + word[1:] for word in words)}({shown})"


def _plain(value: Any) -> Any:
    """A bound as it is printed: the number of a tensor that has one, in few digits."""
    if isinstance(value, Tensor):
        return f"{value.item():.6g}" if value.numel() == 1 else f"{value.dtype}{[*value.shape]}"
    return value


def is_dependent(constraint: Constraint) -> bool:
    """Whether a constraint hangs on other arguments, so that it can only be had of an instance.

    Parameters
    ----------
    constraint : Constraint

    Examples
    --------
    >>> from lucid.distributions import constraints
    >>> constraints.is_dependent(constraints.positive)
    False
    """
    return isinstance(constraint, _Dependent)


class _Dependent(Constraint):
    """A region that hangs on other arguments; it checks nothing by itself."""

    def __init__(
        self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented
    ) -> None:
        self.is_discrete, self.event_dim = is_discrete, event_dim

    def __call__(
        self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented
    ) -> Any:
        """The same with what is known of it: ``dependent(is_discrete=False, event_dim=0)``."""
        return _Dependent(is_discrete=is_discrete, event_dim=event_dim)

    def check(self, value: Any) -> Tensor:
        problem = "the constraint hangs on other arguments and cannot be checked alone"
        raise ArgumentError(compose("dependent", problem, fix="ask the instance: dist.support"))


class dependent_property(property, _Dependent):  # noqa: N801 - PyTorch's name
    """A property whose value is a constraint: the support that hangs on parameters.

    Parameters
    ----------
    fn : callable, optional
        The method that returns the constraint.
    is_discrete : bool, optional
    event_dim : int, optional
        What is known of it on the class.

    Examples
    --------
    >>> from lucid.distributions import Uniform, constraints
    >>> constraints.is_dependent(Uniform.support), Uniform(0.0, 2.0).support
    (True, Interval(lower_bound=0, upper_bound=2))
    """

    def __init__(
        self,
        fn: Callable[..., Any] | None = None,
        *,
        is_discrete: Any = NotImplemented,
        event_dim: Any = NotImplemented,
    ) -> None:
        property.__init__(self, fn)
        _Dependent.__init__(self, is_discrete=is_discrete, event_dim=event_dim)

    def __call__(self, fn: Callable[..., Any]) -> dependent_property:  # type: ignore[override]
        return dependent_property(fn, is_discrete=self.is_discrete, event_dim=self.event_dim)


class independent(Constraint):  # noqa: N801 - PyTorch's name
    """A constraint whose last batch dimensions count as one event: all of it must hold.

    Parameters
    ----------
    base_constraint : Constraint
    reinterpreted_batch_ndims : int

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> rows = constraints.independent(constraints.positive, 1)
    >>> rows.check(lucid.tensor([[1.0, 2.0], [-1.0, 2.0]]))
    Tensor([True, False])
    """

    _bounds = ("base_constraint", "reinterpreted_batch_ndims")

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.is_discrete = base_constraint.is_discrete
        self.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims

    def check(self, value: Any) -> Tensor:
        inner = self.base_constraint.check(value).data
        count = self.reinterpreted_batch_ndims
        if inner.ndim < count:
            problem = f"an event needs {self.event_dim} dimensions"
            raise ArgumentError(compose("constraints.independent", problem, {"value": value}))
        return wrap(np.asarray(inner.all(axis=tuple(range(inner.ndim - count, inner.ndim)))))

    @property
    def meaning(self) -> str:
        return f"{self.base_constraint.meaning}, in the whole event"

    @property
    def remedy(self) -> str | None:
        return self.base_constraint.remedy


class MixtureSameFamilyConstraint(Constraint):
    """The support of a mixture: what the components, side by side, allow.

    Parameters
    ----------
    base_constraint : Constraint
        The support of the components.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> mixed = constraints.MixtureSameFamilyConstraint(constraints.positive)
    >>> mixed.check(lucid.tensor([1.0, -1.0]))
    Tensor([True, False])
    """

    _bounds = ("base_constraint",)

    def __init__(self, base_constraint: Constraint) -> None:
        self.base_constraint = base_constraint
        self.is_discrete = base_constraint.is_discrete
        self.event_dim = base_constraint.event_dim

    def check(self, value: Any) -> Tensor:
        place = -1 - self.event_dim  # a component more than the value has
        spread = wrap(np.expand_dims(values(value), place))
        return wrap(np.asarray(self.base_constraint.check(spread).data.all(axis=-1)))

    @property
    def meaning(self) -> str:
        return self.base_constraint.meaning


# ---- numbers --------------------------------------------------------------------------


class _Real(Constraint):
    """Any number but NaN."""

    def _holds(self, x: Any) -> Any:
        return ~np.isnan(x) if x.dtype.kind in "fc" else x == x

    def check(self, value: Any) -> Tensor:
        x = values(value)
        if x.size and x.dtype.char in "fd" and not np.isnan(np.min(x)):  # one pass, no array
            return wrap(np.broadcast_to(np.True_, x.shape))
        return super().check(value)

    @property
    def meaning(self) -> str:
        return "no NaN"


class _Boolean(Constraint):
    """0 or 1."""

    is_discrete = True

    def _holds(self, x: Any) -> Any:
        return (x == 0) | (x == 1)

    @property
    def meaning(self) -> str:
        return "0 or 1"


class greater_than(Constraint):  # noqa: N801 - PyTorch's name
    """Numbers above a bound.

    Parameters
    ----------
    lower_bound : number or Tensor

    Examples
    --------
    >>> from lucid.distributions import constraints
    >>> constraints.greater_than(2.0)
    GreaterThan(lower_bound=2.0)
    """

    _bounds = ("lower_bound",)

    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound

    def _holds(self, x: Any) -> Any:
        return x > values(self.lower_bound)

    @property
    def meaning(self) -> str:
        return f"greater than {_plain(self.lower_bound)}"

    @property
    def remedy(self) -> str | None:
        return _POSITIVE if type(self.lower_bound) is float and self.lower_bound == 0 else None


_POSITIVE = "lucid.exp(x) or softplus(x) makes any number positive"


class greater_than_eq(greater_than):  # noqa: N801 - PyTorch's name
    """Numbers not below a bound.

    Parameters
    ----------
    lower_bound : number or Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> constraints.greater_than_eq(2.0).check(lucid.tensor([1.0, 2.0]))
    Tensor([False, True])
    """

    def _holds(self, x: Any) -> Any:
        return x >= values(self.lower_bound)

    @property
    def meaning(self) -> str:
        return f"at least {_plain(self.lower_bound)}"


class less_than(Constraint):  # noqa: N801 - PyTorch's name
    """Numbers below a bound.

    Parameters
    ----------
    upper_bound : number or Tensor

    Examples
    --------
    >>> from lucid.distributions import constraints
    >>> constraints.less_than(2.0)
    LessThan(upper_bound=2.0)
    """

    _bounds = ("upper_bound",)

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def _holds(self, x: Any) -> Any:
        return x < values(self.upper_bound)

    @property
    def meaning(self) -> str:
        return f"less than {_plain(self.upper_bound)}"


class interval(Constraint):  # noqa: N801 - PyTorch's name
    """Numbers between two bounds, which belong to it.

    Parameters
    ----------
    lower_bound, upper_bound : number or Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> constraints.interval(0.0, 2.0).check(lucid.tensor([0.0, 3.0]))
    Tensor([True, False])
    """

    _bounds = ("lower_bound", "upper_bound")
    _ends = "[]"

    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def _holds(self, x: Any) -> Any:
        return (x >= values(self.lower_bound)) & (x <= values(self.upper_bound))

    @property
    def meaning(self) -> str:
        low, high = _plain(self.lower_bound), _plain(self.upper_bound)
        return f"within {self._ends[0]}{low}, {high}{self._ends[1]}"

    @property
    def remedy(self) -> str | None:
        unit = type(self.upper_bound) is float and (self.lower_bound, self.upper_bound) == (0, 1)
        return "lucid.sigmoid(x) brings any number there" if unit else None


class half_open_interval(interval):  # noqa: N801 - PyTorch's name
    """Numbers between two bounds, of which the lower belongs to it.

    Parameters
    ----------
    lower_bound, upper_bound : number or Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> constraints.half_open_interval(0.0, 2.0).check(lucid.tensor([0.0, 2.0]))
    Tensor([True, False])
    """

    _ends = "[)"

    def _holds(self, x: Any) -> Any:
        return (x >= values(self.lower_bound)) & (x < values(self.upper_bound))


class integer_interval(interval):  # noqa: N801 - PyTorch's name
    """Whole numbers between two bounds, which belong to it.

    Parameters
    ----------
    lower_bound, upper_bound : number or Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> constraints.integer_interval(0, 3).check(lucid.tensor([0.5, 3.0, 4.0]))
    Tensor([False, True, False])
    """

    is_discrete = True

    def _holds(self, x: Any) -> Any:
        return super()._holds(x) & (x % 1 == 0)

    @property
    def meaning(self) -> str:
        return f"whole numbers {super().meaning}"


class _IntegerGreaterThan(greater_than):
    """Whole numbers from a bound on."""

    is_discrete = True

    def _holds(self, x: Any) -> Any:
        return (x % 1 == 0) & (x >= values(self.lower_bound))

    @property
    def meaning(self) -> str:
        return f"whole numbers, at least {_plain(self.lower_bound)}"

    @property
    def remedy(self) -> str | None:
        return None


# ---- vectors --------------------------------------------------------------------------


class _Simplex(Constraint):
    """Vectors of numbers not below 0 that sum to 1."""

    event_dim = 1

    def _holds(self, x: Any) -> Any:
        close = np.abs(x.sum(-1) - 1) < _CLOSE[x.dtype.itemsize]
        return np.all(x >= 0, axis=-1) & close

    @property
    def meaning(self) -> str:
        return "vectors not below 0 that sum to 1"

    @property
    def remedy(self) -> str | None:
        return "x / x.sum(-1, keepdim=True), or lucid.softmax(x, -1)"


class _OneHot(Constraint):
    """Vectors of zeros with one 1."""

    is_discrete, event_dim = True, 1

    def _holds(self, x: Any) -> Any:
        return np.all((x == 0) | (x == 1), axis=-1) & (x.sum(-1) == 1)

    @property
    def meaning(self) -> str:
        return "vectors of zeros with one 1"

    @property
    def remedy(self) -> str | None:
        return "lucid.one_hot(classes, n)"


class multinomial(Constraint):  # noqa: N801 - PyTorch's name
    """Vectors of whole numbers not below 0 that sum to a count at most.

    Parameters
    ----------
    upper_bound : int or Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> constraints.multinomial(3).check(lucid.tensor([[1.0, 2.0], [2.0, 2.0]]))
    Tensor([True, False])
    """

    is_discrete, event_dim = True, 1
    _bounds = ("upper_bound",)

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def _holds(self, x: Any) -> Any:
        whole = np.all((x >= 0) & (x % 1 == 0), axis=-1)
        return whole & (x.sum(-1) <= values(self.upper_bound))

    @property
    def meaning(self) -> str:
        return f"vectors of counts with a sum of at most {_plain(self.upper_bound)}"


# ---- matrices -------------------------------------------------------------------------


class _Square(Constraint):
    """Square matrices."""

    event_dim = 2

    def _holds(self, x: Any) -> Any:
        if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
            return np.zeros(x.shape[:-2], np.bool_)
        return self._fits(x)

    def _fits(self, x: Any) -> Any:
        return np.ones(x.shape[:-2], np.bool_)

    @property
    def meaning(self) -> str:
        return "square matrices"


class _Symmetric(_Square):
    """Symmetric matrices."""

    def _fits(self, x: Any) -> Any:
        return np.all(np.isclose(x, np.swapaxes(x, -1, -2), atol=1e-6), axis=(-1, -2))

    @property
    def meaning(self) -> str:
        return "symmetric matrices"

    @property
    def remedy(self) -> str | None:
        return "0.5 * (A + A.mT)"


class _PositiveSemidefinite(_Symmetric):
    """Symmetric matrices without an eigenvalue below 0."""

    def _fits(self, x: Any) -> Any:
        fits = super()._fits(x) & np.all(np.isfinite(x), axis=(-1, -2))
        safe = np.where(fits[..., None, None], x, 0).astype(np.float64)
        spectrum = np.linalg.eigvalsh(safe)
        least, largest = spectrum.min(-1), np.abs(spectrum).max(-1)
        return fits & (least >= -largest * np.finfo(x.dtype).eps * x.shape[-1])

    @property
    def meaning(self) -> str:
        return "symmetric matrices without an eigenvalue below 0"

    @property
    def remedy(self) -> str | None:
        return "A @ A.mT is one"


class _PositiveDefinite(_PositiveSemidefinite):
    """Symmetric matrices with eigenvalues above 0."""

    def _fits(self, x: Any) -> Any:
        fits = _Symmetric._fits(self, x) & np.all(np.isfinite(x), axis=(-1, -2))
        safe = np.where(fits[..., None, None], x, 0).astype(np.float64)
        return fits & (np.linalg.eigvalsh(safe).min(-1, initial=np.inf) > 0)

    @property
    def meaning(self) -> str:
        return "symmetric positive-definite matrices"

    @property
    def remedy(self) -> str | None:
        return "A @ A.mT + 1e-6 * lucid.eye(n) is one"


class _LowerTriangular(_Square):
    """Square matrices with zeros above the diagonal."""

    def _fits(self, x: Any) -> Any:
        return np.all(np.triu(x, 1) == 0, axis=(-1, -2))

    @property
    def meaning(self) -> str:
        return "matrices with zeros above the diagonal"

    @property
    def remedy(self) -> str | None:
        return "A.tril()"


class _LowerCholesky(_LowerTriangular):
    """Such with a positive diagonal: Cholesky factors."""

    def _fits(self, x: Any) -> Any:
        diagonal = np.diagonal(x, axis1=-2, axis2=-1)
        return super()._fits(x) & np.all(diagonal > 0, axis=-1)

    @property
    def meaning(self) -> str:
        return "lower triangular matrices with a positive diagonal"

    @property
    def remedy(self) -> str | None:
        return "lucid.linalg.cholesky(covariance)"


class _CorrCholesky(_LowerCholesky):
    """Cholesky factors of correlation matrices: their rows have length 1."""

    def _fits(self, x: Any) -> Any:
        tolerance = np.finfo(x.dtype).eps * x.shape[-1] * 10
        unit = np.all(np.abs(np.linalg.norm(x, axis=-1) - 1) < tolerance, axis=-1)
        return super()._fits(x) & unit

    @property
    def meaning(self) -> str:
        return "Cholesky factors with rows of length 1"


# ---- several side by side -------------------------------------------------------------


class cat(Constraint):  # noqa: N801 - PyTorch's name
    """Constraints on stretches of a tensor, one after another along a dimension.

    Parameters
    ----------
    cseq : sequence of Constraint
    dim : int, default 0
    lengths : sequence of int, optional
        How long each stretch is; 1 each unless given.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> both = constraints.cat([constraints.positive, constraints.real], 0, [1, 2])
    >>> both.check(lucid.tensor([-1.0, -1.0, 1.0]))
    Tensor([False, True, True])
    """

    _bounds = ("cseq", "dim", "lengths")

    def __init__(
        self, cseq: Sequence[Constraint], dim: int = 0, lengths: Sequence[int] | None = None
    ) -> None:
        self.cseq, self.dim = list(cseq), dim
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            seen = {"cseq": self.cseq, "lengths": self.lengths}
            raise ArgumentError(compose("constraints.cat", "give each constraint a length", seen))
        self.is_discrete = any(c.is_discrete for c in self.cseq)
        self.event_dim = max(c.event_dim for c in self.cseq)

    def check(self, value: Any) -> Tensor:
        parts = np.split(values(value), np.cumsum(self.lengths)[:-1], axis=self.dim)
        checks = [c.check(wrap(part)).data for c, part in zip(self.cseq, parts, strict=True)]
        return wrap(np.concatenate(checks, axis=self.dim))


class stack(Constraint):  # noqa: N801 - PyTorch's name
    """Constraints on the slices of a tensor along a dimension.

    Parameters
    ----------
    cseq : sequence of Constraint
    dim : int, default 0

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import constraints
    >>> both = constraints.stack([constraints.positive, constraints.real], 0)
    >>> both.check(lucid.tensor([-1.0, -1.0]))
    Tensor([False, True])
    """

    _bounds = ("cseq", "dim")

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0) -> None:
        self.cseq, self.dim = list(cseq), dim
        self.is_discrete = any(c.is_discrete for c in self.cseq)
        dims = max(c.event_dim for c in self.cseq)
        self.event_dim = dims + 1 if self.dim + dims < 0 else dims

    def check(self, value: Any) -> Tensor:
        slices = np.moveaxis(values(value), self.dim, 0)
        checks = [c.check(wrap(part)).data for c, part in zip(self.cseq, slices, strict=True)]
        return wrap(np.stack(checks, self.dim))


dependent = _Dependent()
real = _Real()
real_vector = independent(real, 1)
boolean = _Boolean()
positive = greater_than(0.0)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
nonnegative_integer = _IntegerGreaterThan(0)
positive_integer = _IntegerGreaterThan(1)
simplex = _Simplex()
one_hot = _OneHot()
square = _Square()
symmetric = _Symmetric()
positive_semidefinite = _PositiveSemidefinite()
positive_definite = _PositiveDefinite()
lower_triangular = _LowerTriangular()
lower_cholesky = _LowerCholesky()
corr_cholesky = _CorrCholesky()
