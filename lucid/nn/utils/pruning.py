"""Methods of pruning: classes that choose what of a parameter is held at zero.

One's own is a `BasePruningMethod` with a `compute_mask`; `PruningContainer` holds those that have
pruned one parameter in turn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ...ops.random import rng_of
from ..parameter import Parameter
from .recomputed import Recomputed, attached, detach


class BasePruningMethod(Recomputed, ABC):
    """A method of pruning, and the hook that applies its mask before every call of a module.

    A subclass says in `compute_mask` what goes. `PRUNING_TYPE` says what it is shown of a
    parameter that is pruned already: "unstructured", the elements that are left, in a row;
    "structured", the slices along its attribute `dim` that are not all gone; "global", all.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> from lucid.nn.utils import prune
    >>> class EveryOther(prune.BasePruningMethod):
    ...     PRUNING_TYPE = "unstructured"
    ...
    ...     def compute_mask(self, t, default_mask):
    ...         mask = default_mask.clone()
    ...         mask.view(-1)[::2] = 0
    ...         return mask
    >>> layer = nn.Linear(4, 1)
    >>> method = EveryOther.apply(layer, "weight")
    >>> (layer.weight == 0).tolist()
    [[True, False, True, False]]
    """

    PRUNING_TYPE = "unstructured"
    dim: int

    @abstractmethod
    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The new mask: zeros where `t` is pruned, or was.

        Parameters
        ----------
        t : Tensor
            What is ranked: the parameter, or scores in its place.
        default_mask : Tensor
            Of the same shape: the mask so far.
        """

    def compute(self, module: Any) -> Tensor:
        """The pruned parameter."""
        return self.apply_mask(module)

    def apply_mask(self, module: Any) -> Tensor:
        """The pruned parameter: what is trained, times the mask."""
        weight: Tensor = getattr(module, self.name + "_orig") * getattr(module, self.name + "_mask")
        return weight

    @classmethod
    def apply(
        cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any
    ) -> BasePruningMethod:
        """Prune a parameter of a module.

        Parameters
        ----------
        module : Module
        name : str
            One that is pruned already is pruned further.
        *args, **kwargs
            Those of the class.
        importance_scores : Tensor, optional
            Ranked in place of the parameter.

        Returns
        -------
        BasePruningMethod
            The hook: this method, or a `PruningContainer` of all that were applied.

        Raises
        ------
        ArgumentError
            If there is no such parameter.
        ShapeError
            If scores, or the mask, have another shape.
        """
        method: BasePruningMethod = cls(*args, **kwargs)
        method.name = name
        before = attached(module, BasePruningMethod, name)
        if before is None:
            weight = module._parameters.get(name)
            if not isinstance(weight, Parameter):
                problem = f"{type(module).__name__} has no parameter {name!r}"
                seen = {"has": list(module._parameters)}
                raise ArgumentError(compose(f"{cls.__name__}.apply", problem, seen))
            mask, ranked = wrap(np.ones(weight.shape, weight.dtype)), weight.detach()
        else:
            weight, mask = getattr(module, name + "_orig"), getattr(module, name + "_mask")
            ranked = (weight * mask).detach()
        if importance_scores is not None:
            ranked = wrap(np.asarray(values(importance_scores)))
        _same_shape(cls.__name__, "importance_scores", ranked, weight)
        if before is None:
            new = method.compute_mask(ranked, mask)
        else:
            new = method._further(ranked, mask)
        _same_shape(cls.__name__, "the mask", new, weight)
        new = wrap(np.array(new.data, weight.dtype))
        if before is None:
            delattr(module, name)
            module.register_parameter(name + "_orig", weight)
            module.register_buffer(name + "_mask", new)
            method.attach(module)
            return method
        setattr(module, name + "_mask", new)
        container = before
        if not isinstance(before, PruningContainer):
            detach(cls.__name__, module, BasePruningMethod, name)
            container = PruningContainer(before)
            container.attach(module)
        assert isinstance(container, PruningContainer)
        container.add_pruning_method(method)
        container(module, ())
        return container

    def _further(self, t: Tensor, mask: Tensor) -> Tensor:
        """The mask after one more pruning of what is left."""
        held, scores = mask.data, t.data
        chosen: Any
        if self.PRUNING_TYPE == "unstructured":
            chosen = held == 1
        elif self.PRUNING_TYPE == "structured":
            rows = np.moveaxis(held, self.dim, 0).reshape(held.shape[self.dim], -1)
            chosen = [slice(None)] * held.ndim
            chosen[self.dim] = np.flatnonzero(rows.any(axis=1))
            chosen = tuple(chosen)
        elif self.PRUNING_TYPE == "global":
            chosen = ...
        else:
            problem = "PRUNING_TYPE must be 'unstructured', 'structured' or 'global'"
            seen = {"PRUNING_TYPE": self.PRUNING_TYPE}
            raise ArgumentError(compose(type(self).__name__, problem, seen))
        part = self.compute_mask(wrap(scores[chosen]), wrap(held[chosen]))
        _same_shape(type(self).__name__, "the mask", part, wrap(held[chosen]))
        new = held.copy()
        new[chosen] = part.data
        return wrap(new)

    def prune(
        self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Any = None
    ) -> Tensor:
        """A tensor with what the method chooses set to zero.

        Parameters
        ----------
        t : Tensor
        default_mask : Tensor, optional
            What is left of it; all, unless given.
        importance_scores : Tensor, optional
            Ranked in place of `t`.

        Raises
        ------
        ShapeError
            If the scores have another shape.
        """
        ranked = t.detach()
        if importance_scores is not None:
            ranked = wrap(np.asarray(values(importance_scores)))
            _same_shape(type(self).__name__, "importance_scores", ranked, t)
        if default_mask is None:
            default_mask = wrap(np.ones(t.shape, t.dtype))
        pruned: Tensor = t * self.compute_mask(ranked, default_mask).to(t.dtype)
        return pruned

    def remove(self, module: Any) -> None:
        """Make the pruning permanent: the zeros stay, mask and hook go.

        Raises
        ------
        ArgumentError
            If it does not prune a parameter of this module.
        """
        name = self.name
        hook = detach(f"{type(self).__name__}.remove", module, BasePruningMethod, name)
        weight = hook.compute(module).detach()
        original = getattr(module, name + "_orig")
        for part in (name, name + "_orig", name + "_mask"):
            delattr(module, part)
        original.data = weight.data
        module.register_parameter(name, original)


def _same_shape(where: str, what: str, value: Any, weight: Any) -> None:
    if value.shape != weight.shape:
        problem = f"{what} must have the parameter's shape"
        raise ShapeError(compose(where, problem, {"parameter": weight, "given": value}))


class PruningContainer(BasePruningMethod):
    """The methods that have pruned one parameter, in turn.

    Parameters
    ----------
    *args : BasePruningMethod
        Or one iterable of them, all for one parameter.

    Raises
    ------
    DTypeError
        If one is no method of pruning.
    ArgumentError
        If they are for different parameters.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> from lucid.nn.utils import prune
    >>> layer = nn.Linear(4, 5)
    >>> _ = prune.L1Unstructured.apply(layer, "weight", amount=5)
    >>> hook = prune.LnStructured.apply(layer, "weight", amount=1, n=2, dim=0)
    >>> [type(method).__name__ for method in hook]
    ['L1Unstructured', 'LnStructured']
    """

    PRUNING_TYPE = "global"

    def __init__(self, *args: Any) -> None:
        self._methods: list[BasePruningMethod] = []
        given: Iterable[Any] = args
        if len(args) == 1 and not isinstance(args[0], BasePruningMethod):
            given = args[0]
        for method in given:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Take one more; it is the one that `compute_mask` asks.

        Raises
        ------
        DTypeError
            If it is no method of pruning.
        ArgumentError
            If it is for another parameter.
        """
        if not isinstance(method, BasePruningMethod):
            problem = f"takes methods of pruning, not {type(method).__name__}"
            raise DTypeError(compose("PruningContainer", problem))
        named = getattr(method, "name", None)
        if self._methods and named != self.name:
            problem = f"holds methods for {self.name!r}, and this one is for {named!r}"
            raise ArgumentError(compose("PruningContainer", problem))
        if named is not None:
            self.name = named
        self._methods.append(method)

    def __len__(self) -> int:
        return len(self._methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._methods)

    def __getitem__(self, index: int) -> BasePruningMethod:
        return self._methods[index]

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """What the last method chooses among what `default_mask` leaves."""
        return self._methods[-1]._further(t, default_mask)


# ---- choices --------------------------------------------------------------------------


def _count(where: str, amount: Any, total: int) -> int:
    """How many of `total` an amount is: a share, if it is a float, or their number."""
    share = isinstance(amount, float)
    if isinstance(amount, bool) or not isinstance(amount, float | int) or not amount >= 0:
        raise ArgumentError(compose(where, f"amount must not be negative, not {amount!r}"))
    if amount > (1 if share else total):
        problem = f"amount must be a share between 0 and 1, or a number of at most {total}"
        raise ArgumentError(compose(where, problem, {"amount": amount}))
    return round(amount * total) if share else int(amount)


class _Elements(BasePruningMethod):
    """Single elements, in an order that the subclass gives."""

    def __init__(self, amount: float | int) -> None:
        self.amount = amount

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        left = np.flatnonzero(default_mask.data)
        count = _count(type(self).__name__, self.amount, left.size)
        new = default_mask.data.copy()
        new.reshape(-1)[left[self._order(t.data.reshape(-1)[left])[:count]]] = 0
        return wrap(new)

    def _order(self, scores: Any) -> Any:
        """The places of what goes first, second, and so on."""
        raise NotImplementedError


class L1Unstructured(_Elements):
    """The elements of least absolute value; see `l1_unstructured`.

    Parameters
    ----------
    amount : float or int
        A share between 0 and 1 of what is left, or a number.

    Examples
    --------
    >>> import lucid
    >>> from lucid.nn.utils import prune
    >>> prune.L1Unstructured(amount=1).prune(lucid.tensor([3.0, -1.0, 2.0]))
    Tensor([3.0000, -0.0000, 2.0000])
    """

    def _order(self, scores: Any) -> Any:
        return np.argsort(np.abs(scores), kind="stable")


class RandomUnstructured(_Elements):
    """Elements at random; see `random_unstructured`.

    Parameters
    ----------
    amount : float or int
        A share between 0 and 1 of what is left, or a number.

    Examples
    --------
    >>> import lucid
    >>> from lucid.nn.utils import prune
    >>> int(prune.RandomUnstructured(amount=0.5).prune(lucid.ones(6)).sum())
    3
    """

    def _order(self, scores: Any) -> Any:
        return rng_of(None).permutation(scores.size)


class _Slices(BasePruningMethod):
    """Whole slices along a dimension, those of least rank first."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: float | int, dim: int = -1) -> None:
        self.amount = amount
        self.dim = dim

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        scores, dim = t.data, self.dim
        if scores.ndim < 2 or not -scores.ndim <= dim < scores.ndim:
            problem = "needs two dimensions at least, and `dim` among them"
            raise ShapeError(compose(type(self).__name__, problem, {"parameter": t, "dim": dim}))
        rows = np.moveaxis(scores, dim, 0).reshape(scores.shape[dim], -1)
        count = _count(type(self).__name__, self.amount, len(rows))
        new = default_mask.data.copy()
        np.moveaxis(new, dim, 0)[np.argsort(self._ranks(rows), kind="stable")[:count]] = 0
        return wrap(new)

    def _ranks(self, rows: Any) -> Any:
        """The rank of every slice, given as rows."""
        raise NotImplementedError


class LnStructured(_Slices):
    """The slices along a dimension that have the least norm; see `ln_structured`.

    Parameters
    ----------
    amount : float or int
        A share of the slices that are left, or their number.
    n : float
        Order of the norm, as ``numpy.linalg.norm`` takes it.
    dim : int, default -1
        The dimension that counts the slices.

    Examples
    --------
    >>> import lucid
    >>> from lucid.nn.utils import prune
    >>> prune.LnStructured(1, n=2, dim=0).prune(lucid.tensor([[1.0, 1.0], [2.0, 2.0]]))
    Tensor([[0.0000, 0.0000],
            [2.0000, 2.0000]])
    """

    def __init__(self, amount: float | int, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def _ranks(self, rows: Any) -> Any:
        return np.linalg.norm(rows, self.n, axis=1)


class RandomStructured(_Slices):
    """Slices along a dimension at random; see `random_structured`.

    Parameters
    ----------
    amount : float or int
        A share of the slices that are left, or their number.
    dim : int, default -1
        The dimension that counts the slices.

    Examples
    --------
    >>> import lucid
    >>> from lucid.nn.utils import prune
    >>> int(prune.RandomStructured(1, dim=0).prune(lucid.ones(3, 2)).sum())
    4
    """

    def _ranks(self, rows: Any) -> Any:
        return rng_of(None).permutation(len(rows))


class Identity(BasePruningMethod):
    """Nothing at all, but mask and hook are made; see `identity`.

    Examples
    --------
    >>> import lucid
    >>> from lucid.nn.utils import prune
    >>> prune.Identity().prune(lucid.tensor([1.0]))
    Tensor([1.0000])
    """

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask so far."""
        return default_mask


class CustomFromMask(BasePruningMethod):
    """Where a mask is 0; see `custom_from_mask`.

    Parameters
    ----------
    mask : Tensor

    Examples
    --------
    >>> import lucid
    >>> from lucid.nn.utils import prune
    >>> prune.CustomFromMask(lucid.tensor([1, 0])).prune(lucid.tensor([3.0, 4.0]))
    Tensor([3.0000, 0.0000])
    """

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        mask = np.asarray(values(self.mask))
        _same_shape("CustomFromMask", "the mask", mask, default_mask)
        return wrap(default_mask.data * (mask != 0))
