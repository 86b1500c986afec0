"""`biject_to` and `transform_to`: for each constraint a map from free numbers into its region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor
from ..errors import DTypeError, UnimplementedError, compose
from . import constraints, transforms
from .constraints import Constraint
from .transforms import Transform


class ConstraintRegistry:
    """Maps from unconstrained numbers into the regions of constraints.

    There are two: `transform_to`, whose maps are easy on optimizers, and `biject_to`, whose
    maps are one to one and have a Jacobian.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import biject_to, constraints, transform_to
    >>> transform_to(constraints.positive)(lucid.tensor([0.0, 1.0]))
    Tensor([1.0000, 2.7183])
    >>> biject_to(constraints.simplex), transform_to(constraints.simplex)
    (StickBreakingTransform(), SoftmaxTransform())
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._registry: dict[type[Constraint], Callable[[Any], Transform]] = {}

    def register(self, constraint: Any, factory: Callable[[Any], Transform] | None = None) -> Any:
        """Say which map belongs to a constraint.

        Parameters
        ----------
        constraint : Constraint, or a class of them
        factory : callable, optional
            Takes the constraint and returns the map; without it, `register` is a decorator.

        Raises
        ------
        DTypeError
            If it is no constraint.
        """
        if factory is None:
            return lambda given: self.register(constraint, given)
        kind = type(constraint) if isinstance(constraint, Constraint) else constraint
        if not isinstance(kind, type) or not issubclass(kind, Constraint):
            problem = "register takes a constraint, or a class of them"
            raise DTypeError(compose(f"{self._name}.register", problem, {"constraint": constraint}))
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Constraint) -> Transform:
        """The map that belongs to a constraint."""
        try:
            factory = self._registry[type(constraint)]
        except KeyError:
            problem = "no map is registered for the constraint"
            fix = f"{self._name}.register(constraint, factory)"
            seen = {"constraint": constraint}
            raise UnimplementedError(compose(self._name, problem, seen, fix)) from None
        return factory(constraint)


biject_to = ConstraintRegistry("biject_to")
transform_to = ConstraintRegistry("transform_to")


def _both(constraint: Any) -> Callable[[Any], Any]:
    """Register one map with both."""

    def declare(factory: Any) -> Any:
        biject_to.register(constraint, factory)
        return transform_to.register(constraint, factory)

    return declare


@_both(constraints.real)
def _(constraint):
    return transforms.identity_transform


@biject_to.register(constraints.independent)
def _(constraint):
    base = biject_to(constraint.base_constraint)
    return transforms.IndependentTransform(base, constraint.reinterpreted_batch_ndims)


@transform_to.register(constraints.independent)
def _(constraint):
    base = transform_to(constraint.base_constraint)
    return transforms.IndependentTransform(base, constraint.reinterpreted_batch_ndims)


@_both(constraints.greater_than)
@_both(constraints.greater_than_eq)
def _(constraint):
    bound = constraint.lower_bound
    if not isinstance(bound, Tensor) and bound == 0:
        return transforms.ExpTransform()
    affine = transforms.AffineTransform(bound, 1)
    return transforms.ComposeTransform([transforms.ExpTransform(), affine])


@_both(constraints.less_than)
def _(constraint):
    affine = transforms.AffineTransform(constraint.upper_bound, -1)
    return transforms.ComposeTransform([transforms.ExpTransform(), affine])


@_both(constraints.interval)
@_both(constraints.half_open_interval)
def _(constraint):
    low, high = constraint.lower_bound, constraint.upper_bound
    if not isinstance(low, Tensor) and not isinstance(high, Tensor) and (low, high) == (0, 1):
        return transforms.SigmoidTransform()
    affine = transforms.AffineTransform(low, high - low)
    return transforms.ComposeTransform([transforms.SigmoidTransform(), affine])


@biject_to.register(constraints.simplex)
def _(constraint):
    return transforms.StickBreakingTransform()


@transform_to.register(constraints.simplex)
def _(constraint):
    return transforms.SoftmaxTransform()


@transform_to.register(constraints.lower_cholesky)
def _(constraint):
    return transforms.LowerCholeskyTransform()


@transform_to.register(constraints.positive_definite)
@transform_to.register(constraints.positive_semidefinite)
def _(constraint):
    return transforms.PositiveDefiniteTransform()


@_both(constraints.corr_cholesky)
def _(constraint):
    return transforms.CorrCholeskyTransform()


@biject_to.register(constraints.cat)
def _(constraint):
    parts = [biject_to(c) for c in constraint.cseq]
    return transforms.CatTransform(parts, constraint.dim, constraint.lengths)


@transform_to.register(constraints.cat)
def _(constraint):
    parts = [transform_to(c) for c in constraint.cseq]
    return transforms.CatTransform(parts, constraint.dim, constraint.lengths)


@biject_to.register(constraints.stack)
def _(constraint):
    return transforms.StackTransform([biject_to(c) for c in constraint.cseq], constraint.dim)


@transform_to.register(constraints.stack)
def _(constraint):
    return transforms.StackTransform([transform_to(c) for c in constraint.cseq], constraint.dim)
