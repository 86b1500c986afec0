"""`Distribution`: what every probability distribution offers."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Self

import numpy as np

from ..autograd.grad_mode import no_grad
from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, ShapeError, UnimplementedError, compose, describe
from ..ops.creation import lengths
from ..ops.exponential import exp, sqrt
from . import constraints
from .constraints import Constraint
from .parameters import as_tensor, expanded, lazy_property


class Distribution:
    """Base of the probability distributions.

    A distribution is a batch of independent ones: `batch_shape` is the shape of its
    parameters, `event_shape` that of a single draw of one of them (empty for numbers).

    Parameters
    ----------
    batch_shape, event_shape : tuple of int, default ()
    validate_args : bool, optional
        Whether parameters and values are checked; by default they are (see
        `set_default_validate_args`).

    Attributes
    ----------
    has_rsample : bool
        Whether `rsample` gives draws that carry gradients to the parameters.
    has_enumerate_support : bool
        Whether `enumerate_support` lists every value.
    arg_constraints : dict of str to Constraint
        What the parameters must be.
    support : Constraint
        What the values are.

    Raises
    ------
    ArgumentError
        If a parameter does not lie where `arg_constraints` wants it, or a value does not lie in
        the `support`.
    ShapeError
        If parameters do not broadcast, or a value does not fit `batch_shape` and `event_shape`.
    DTypeError
        If a parameter or a value is neither a tensor nor a number.
    UnimplementedError
        If a distribution has no such function: not every one has a `cdf`.

    Notes
    -----
    Parameters are brought to one shape when the distribution is made, and what follows from
    them is kept. A second ``backward()`` through the same distribution therefore needs
    ``retain_graph=True`` in the first; a training step makes its distribution anew.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Normal
    >>> normal = Normal(lucid.zeros(3), 2.0)
    >>> normal.batch_shape, normal.event_shape, normal.sample((5,)).shape
    ((3,), (), (5, 3))
    >>> normal.log_prob(lucid.tensor([0.0, 1.0, 2.0]))
    Tensor([-1.6121, -1.7371, -2.1121])
    """

    has_rsample: Any = False
    has_enumerate_support: Any = False
    arg_constraints: ClassVar[dict[str, Any]] = {}
    _validate_args = True

    def __init__(
        self,
        batch_shape: tuple[int, ...] = (),
        event_shape: tuple[int, ...] = (),
        validate_args: bool | None = None,
    ) -> None:
        self._batch_shape, self._event_shape = tuple(batch_shape), tuple(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._validate_parameters()

    # ---- what it is -------------------------------------------------------------------

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Choose whether distributions check parameters and values where they are not told.

        Parameters
        ----------
        value : bool
        """
        if not isinstance(value, bool):
            problem = "value must be True or False"
            raise ArgumentError(compose("set_default_validate_args", problem, {"value": value}))
        Distribution._validate_args = value

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> tuple[int, ...]:
        """The shape of a draw of one of them."""
        return self._event_shape

    @property
    def support(self) -> Any:
        """What the values are, a `constraints.Constraint`."""
        raise self._lacks("support")

    def expand(self, batch_shape: Any) -> Self:
        """The distribution with a larger batch; parameters are expanded as views.

        Parameters
        ----------
        batch_shape : tuple of int

        Returns
        -------
        Distribution
        """
        shape = lengths("expand", (batch_shape,))
        twin = copy.copy(self)
        for name, value in list(vars(self).items()):
            if name in self.arg_constraints and isinstance(value, Tensor):
                own = value.ndim - self.arg_constraints[name].event_dim
                vars(twin)[name] = self._spread(name, value, shape + value.shape[own:])
            elif isinstance(getattr(type(self), name, None), lazy_property):
                del vars(twin)[name]
        twin._batch_shape = shape
        return twin

    def _spread(self, name: str, value: Tensor, shape: tuple[int, ...]) -> Tensor:
        try:
            return expanded(value, shape)
        except ShapeError as error:
            problem = f"{name} cannot be expanded to {list(shape)}"
            seen = {name: value, "batch_shape": self._batch_shape}
            raise ShapeError(compose(f"{type(self).__name__}.expand", problem, seen)) from error

    # ---- moments ----------------------------------------------------------------------

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise self._lacks("mean")

    @property
    def mode(self) -> Tensor:
        """The value of the highest density or probability."""
        raise self._lacks("mode")

    @property
    def variance(self) -> Tensor:
        """The variance."""
        raise self._lacks("variance")

    @property
    def stddev(self) -> Tensor:
        """The standard deviation, the root of the variance."""
        return sqrt(self.variance)

    # ---- draws ------------------------------------------------------------------------

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw values, which are constants to differentiation.

        Parameters
        ----------
        sample_shape : int or tuple of int, default ()

        Returns
        -------
        Tensor of shape ``(*sample_shape, *batch_shape, *event_shape)``
        """
        with no_grad():
            return self.rsample(sample_shape).detach()

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw values that carry gradients to the parameters (reparameterised ones).

        Parameters
        ----------
        sample_shape : int or tuple of int, default ()

        Returns
        -------
        Tensor of shape ``(*sample_shape, *batch_shape, *event_shape)``
        """
        raise self._lacks("rsample", "sample(), and log_prob for a score-function estimate")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """Every value there is, along a new first dimension.

        Parameters
        ----------
        expand : bool, default True
            Repeat them over the batch, rather than leave its dimensions at length 1.

        Returns
        -------
        Tensor
        """
        raise self._lacks("enumerate_support")

    # ---- functions of a value ---------------------------------------------------------

    def log_prob(self, value: Any) -> Tensor:
        """The logarithm of the density, or of the probability, at `value`.

        Parameters
        ----------
        value : Tensor or number
            Broadcast against the batch.

        Returns
        -------
        Tensor of shape ``(*sample_shape, *batch_shape)``
        """
        raise self._lacks("log_prob")

    def cdf(self, value: Any) -> Tensor:
        """The probability of a draw not above `value`.

        Parameters
        ----------
        value : Tensor or number

        Returns
        -------
        Tensor
        """
        raise self._lacks("cdf")

    def icdf(self, value: Any) -> Tensor:
        """The quantile: below it a draw falls with probability `value`.

        Parameters
        ----------
        value : Tensor or number
            Probabilities.

        Returns
        -------
        Tensor
        """
        raise self._lacks("icdf")

    def entropy(self) -> Tensor:
        """The expectation of ``-log_prob``, in nats.

        Returns
        -------
        Tensor of shape ``batch_shape``
        """
        raise self._lacks("entropy")

    def perplexity(self) -> Tensor:
        """The exponential of the entropy.

        Returns
        -------
        Tensor of shape ``batch_shape``
        """
        return exp(self.entropy())

    # ---- checks -----------------------------------------------------------------------

    def _batched(self, result: Tensor) -> Tensor:
        """A result computed of lean parameters, in the full shape of the batch."""
        own = result.ndim - len(self._batch_shape)
        if own >= 0 and result.shape[own:] == self._batch_shape:
            return result
        return expanded(result, np.broadcast_shapes(result.shape, self._batch_shape))

    @staticmethod
    def _refused(
        where: str, name: str, value: Any, constraint: Constraint, holds: Any
    ) -> ArgumentError:
        return _refusal(where, name, value, constraint, holds)

    def _lacks(self, function: str, fix: str | None = None) -> UnimplementedError:
        problem = f"there is no {function} in closed form"
        return UnimplementedError(compose(type(self).__name__, problem, fix=fix))

    def _extended_shape(self, sample_shape: Any = ()) -> tuple[int, ...]:
        """The shape of draws: that of the sample, the batch and the event."""
        if sample_shape == ():
            return self._batch_shape + self._event_shape
        return lengths("sample", (sample_shape,)) + self._batch_shape + self._event_shape

    def _validate_parameters(self) -> None:
        for name, constraint in self.arg_constraints.items():
            if constraints.is_dependent(constraint):
                continue
            given = name in vars(self)
            if not given and isinstance(getattr(type(self), name, None), lazy_property):
                continue  # it follows from one that is given
            value = getattr(self, name)
            holds = constraint.check(value).data
            if not holds.all():
                raise _refusal(type(self).__name__, name, value, constraint, holds)

    def _validate_sample(self, value: Any) -> Tensor:
        """`value` as a tensor; where arguments are checked, in shape and within the support.

        Raises
        ------
        ShapeError
            If it does not fit `batch_shape` and `event_shape`.
        ArgumentError
            If it lies outside of the support.
        """
        name = type(self).__name__
        tensor = as_tensor(name, "value", value)
        if not self._validate_args:
            return tensor
        self._validate_shape(tensor)
        try:
            support = self.support
        except UnimplementedError:
            return tensor
        holds = support.check(tensor).data
        if not holds.all():
            raise _refusal(name, "value", tensor, support, holds, "its support")
        return tensor

    def _validate_shape(self, value: Tensor) -> None:
        shape, event = value.shape, self._event_shape
        own = len(shape) - len(event)
        fits = own >= 0 and shape[own:] == event
        if fits:
            try:
                np.broadcast_shapes(shape[:own], self._batch_shape)
            except ValueError:
                fits = False
        if not fits:
            problem = "the shape of value does not fit the batch and the event"
            seen = {"value": value, "batch_shape": self._batch_shape, "event_shape": event}
            fix = "value has shape (*sample_shape, *batch_shape, *event_shape), or broadcasts to it"
            raise ShapeError(compose(type(self).__name__, problem, seen, fix))

    def _validate_probability(self, value: Any) -> Tensor:
        """What `icdf` is given, as a tensor of the parameters' kind; checked to lie in [0, 1].

        Raises
        ------
        ArgumentError
            If it does not.
        """
        tensor = as_tensor(type(self).__name__, "value", value)
        if self._validate_args:
            holds = constraints.unit_interval.check(tensor).data
            if not holds.all():
                unit = constraints.unit_interval
                where = f"{type(self).__name__}.icdf"
                raise _refusal(where, "value", tensor, unit, holds)
        return tensor

    def _shown(self, name: str) -> Any:
        """A parameter that is given, or that a part has; not what would have to be computed."""
        if isinstance(getattr(type(self), name, None), lazy_property):
            return vars(self).get(name)
        return getattr(self, name)

    def __repr__(self) -> str:
        shown = [
            f"{name}: {value.item() if value.numel() == 1 else describe(value)}"
            for name in self.arg_constraints
            if isinstance(value := self._shown(name), Tensor)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _refusal(
    where: str, name: str, value: Any, constraint: Constraint, holds: Any, region: str = ""
) -> ArgumentError:
    """The error for values outside of a constraint, which shows the first of them."""
    array = np.broadcast_to(value.data if isinstance(value, Tensor) else value, np.shape(value))
    count = int(np.size(holds) - np.count_nonzero(holds))
    first = np.unravel_index(int(np.argmin(holds)), np.shape(holds)) if np.ndim(holds) else ()
    shown = array[first] if np.ndim(holds) <= array.ndim else array
    place = f" at {tuple(int(i) for i in first)}" if first else ""
    if np.ndim(shown):
        said = np.array2string(shown, precision=4, threshold=6, edgeitems=2, separator=", ")
        said = said.replace("\n", "")
    else:
        said = f"{shown.item():.6g}"
    seen = {
        name: value,
        "refused": _Words(f"{said}{place} ({count} of {np.size(holds)})"),
        "expected": _Words(f"{constraint!r}: {constraint.meaning}"),
    }
    problem = f"{name} must lie in {region or repr(constraint)}"
    fix = constraint.remedy if not region else None
    switch = "validate_args=False switches the check off"
    return ArgumentError(compose(where, problem, seen, f"{fix}; {switch}" if fix else switch))


class _Words(str):
    """Text that a message shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def constant(value: Any, like: Tensor, shape: tuple[int, ...] | None = None) -> Tensor:
    """A number as a tensor of the dtype (and shape) of another: a moment that is fixed."""
    return wrap(np.full(like.shape if shape is None else shape, value, like.dtype))
