"""`Metric`: a measure that is taken batch by batch, and the names that metrics go by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose


class Metric:
    """Base of the metrics: sums up batches, in double precision, and says what came out.

    A subclass defines `reset`, `update` and `compute`. What it remembers are numbers and
    arrays in its attributes; `state_dict` finds them there.

    Attributes
    ----------
    name : str
        What it is called in a history.
    higher_is_better : bool or None
        Which way is good; None if that is not known.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import Metric
    >>> class Bias(Metric):
    ...     name = "bias"
    ...
    ...     def reset(self):
    ...         self.total, self.count = 0.0, 0
    ...
    ...     def update(self, output, target):
    ...         self.total += float((output - target).sum())
    ...         self.count += target.numel()
    ...
    ...     def compute(self):
    ...         return self.total / self.count
    >>> bias = Bias()
    >>> bias.update(lucid.tensor([1.0, 2.0]), lucid.tensor([0.0, 2.0]))
    >>> bias.compute()
    0.5
    """

    name: str = "metric"
    higher_is_better: bool | None = None

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget every batch."""
        raise NotImplementedError

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account."""
        raise NotImplementedError

    def compute(self) -> float:
        """The measure of all batches since `reset`."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Everything that it remembers."""
        return dict(vars(self))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        for name, value in state.items():
            vars(self)[name] = value.data if isinstance(value, Tensor) else value

    def __call__(self, output: Tensor, target: Tensor) -> float:
        """The measure of one batch by itself; what was summed up so far is left alone."""
        before = dict(vars(self))
        self.reset()
        try:
            self.update(output, target)
            return self.compute()
        finally:
            vars(self).update(before)


class FunctionMetric(Metric):
    """The mean of a function over the samples; what `fit` makes of a plain function.

    Parameters
    ----------
    function : callable
        ``function(output, target) -> number``, the mean over a batch.
    name : str, optional
        By default the function's own name.

    Examples
    --------
    >>> import lucid
    >>> from lucid.training import FunctionMetric
    >>> metric = FunctionMetric(lambda output, target: (output - target).abs().max(), "worst")
    >>> metric(lucid.tensor([1.0, 5.0]), lucid.tensor([1.0, 2.0]))
    3.0
    """

    def __init__(self, function: Callable[[Any, Any], Any], name: str | None = None) -> None:
        self._function = function
        own: str = getattr(function, "__name__", type(function).__name__)
        self.name = own if name is None else name
        self.reset()

    def reset(self) -> None:
        """Forget every batch."""
        self.total, self.count = 0.0, 0

    def update(self, output: Tensor, target: Tensor) -> None:
        """Take one more batch into account, by its number of samples."""
        size = len(target) if getattr(target, "ndim", 0) else 1
        self.total += float(self._function(output, target)) * size
        self.count += size

    def compute(self) -> float:
        """The mean so far; NaN of nothing."""
        return self.total / self.count if self.count else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """The sums."""
        return {"total": self.total, "count": self.count}


def resolve(where: str, metrics: Any, known: Mapping[str, Callable[[], Metric]]) -> list[Metric]:
    """Metrics from what a user gives: names, metrics, classes of metrics, functions.

    Raises
    ------
    ArgumentError
        If a name is not known, or two metrics share one.
    DTypeError
        If something else was given.
    """
    single = isinstance(metrics, str | Metric) or callable(metrics)
    given: Iterable[Any] = [metrics] if single else metrics
    found = [_one(where, metric, known) for metric in given]
    names = [metric.name for metric in found]
    double = next((name for name in names if names.count(name) > 1 or name == "loss"), None)
    if double is not None:
        problem = f"two metrics go by the name {double!r}"
        raise ArgumentError(compose(where, problem, fix="set metric.name on one of them"))
    return found


def _one(where: str, metric: Any, known: Mapping[str, Callable[[], Metric]]) -> Metric:
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, str):
        if metric.lower() not in known:
            problem = f"there is no metric {metric!r}"
            fix = f"one of {', '.join(sorted(known))}; or a function (output, target) -> number"
            raise ArgumentError(compose(where, problem, fix=fix))
        return known[metric.lower()]()
    if callable(metric):
        return FunctionMetric(metric)
    problem = f"a metric is a name, a Metric or a function, not {type(metric).__name__}"
    raise DTypeError(compose(where, problem, {"metric": metric}))


def pair(where: str, output: Any, target: Any) -> tuple[Any, Any]:
    """The arrays of an output and a target of equal shape, as a metric compares them."""
    a, b = array(where, "output", output), array(where, "target", target)
    if a.shape != b.shape:
        problem = "output and target differ in shape"
        fix = None
        if a.size == b.size:
            fix = "output.squeeze(-1), or target.unsqueeze(-1)"
        raise ShapeError(compose(where, problem, {"output": a, "target": b}, fix))
    return a, b


def array(where: str, name: str, value: Any) -> Any:
    """The array of a tensor or array."""
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, np.ndarray):
        return value
    problem = f"{name} must be a tensor or an array, not {type(value).__name__}"
    raise DTypeError(compose(where, problem, {name: value}, "lucid.tensor(value)"))
