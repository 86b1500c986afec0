"""Pruning: weights that are held at zero, the smallest or random ones, single or in rows.

A pruned parameter ``weight`` becomes ``weight_orig``, which is trained, and the buffer
``weight_mask``; their product is set as ``weight`` before every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, ShapeError, compose
from ...ops.random import rng_of
from ..parameter import Parameter
from .recomputed import Recomputed, attached, detach

Choice = Callable[[Any, Any], Any]  # (scores, mask so far) -> mask of zeros and ones


class PruningMethod(Recomputed):
    """The hook: ``weight`` from ``weight_orig`` and ``weight_mask``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def compute(self, module: Any) -> Tensor:
        weight: Tensor = getattr(module, self.name + "_orig") * getattr(module, self.name + "_mask")
        return weight


def is_pruned(module: Any) -> bool:
    """Whether a parameter of a module or of one of its submodules is pruned.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> is_pruned(nn.Linear(2, 2))
    False
    """
    return any(
        isinstance(hook, PruningMethod)
        for each in module.modules()
        if each._hooks is not None
        for hook, _ in each._hooks.before.values()
    )


def remove(module: Any, name: str) -> Any:
    """Make the pruning of a parameter permanent: its zeros stay, mask and hook go.

    Raises
    ------
    ArgumentError
        If it is not pruned.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = remove(l1_unstructured(nn.Linear(2, 2), "weight", 1), "weight")
    >>> list(layer.state_dict()), int((layer.weight == 0).sum())
    (['bias', 'weight'], 1)
    """
    hook = detach("prune.remove", module, PruningMethod, name)
    weight = hook.compute(module).detach()
    original = getattr(module, name + "_orig")
    for part in (name, name + "_orig", name + "_mask"):
        delattr(module, part)
    original.data = weight.data
    module.register_parameter(name, original)
    return module


# ---- one parameter --------------------------------------------------------------------


def _prune(where: str, module: Any, name: str, choice: Choice, scores: Any = None) -> Any:
    """Prune a parameter by a choice among what is left of it."""
    if attached(module, PruningMethod, name) is None:
        weight = module._parameters.get(name)
        if not isinstance(weight, Parameter):
            problem = f"{type(module).__name__} has no parameter {name!r}"
            raise ArgumentError(compose(where, problem, {"has": list(module._parameters)}))
        before = np.ones(weight.shape, weight.dtype)
    else:
        weight = getattr(module, name + "_orig")
        before = getattr(module, name + "_mask").data
    ranked = weight.data * before if scores is None else np.asarray(values(scores))
    if ranked.shape != weight.shape:
        problem = "importance_scores must have the parameter's shape"
        raise ShapeError(compose(where, problem, {name: weight, "scores": ranked}))
    mask = np.asarray(choice(ranked, before), weight.dtype)
    if attached(module, PruningMethod, name) is not None:
        setattr(module, name + "_mask", wrap(mask))
        attached(module, PruningMethod, name)(module, ())  # type: ignore[misc]
        return module
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    module.register_buffer(name + "_mask", wrap(mask))
    PruningMethod(name).attach(module)
    return module


def _count(where: str, amount: float | int, total: int) -> int:
    """How many of `total` an amount is: a share, if it is a float, or their number."""
    share = isinstance(amount, float)
    if isinstance(amount, bool) or not isinstance(amount, float | int) or not amount >= 0:
        raise ArgumentError(compose(where, f"amount must not be negative, not {amount!r}"))
    if amount > (1 if share else total):
        problem = f"amount must be a share between 0 and 1, or a number of at most {total}"
        raise ArgumentError(compose(where, problem, {"amount": amount}))
    return round(amount * total) if share else int(amount)


def _least(where: str, amount: float | int) -> Choice:
    """The smallest absolute values among those that are left."""

    def choose(scores: Any, mask: Any) -> Any:
        left = np.flatnonzero(mask)
        count = _count(where, amount, left.size)
        order = np.argsort(np.abs(scores.reshape(-1)[left]), kind="stable")
        return _without(mask, left[order[:count]])

    return choose


def _any(where: str, amount: float | int) -> Choice:
    def choose(scores: Any, mask: Any) -> Any:
        left = np.flatnonzero(mask)
        chosen = rng_of(None).permutation(left)[: _count(where, amount, left.size)]
        return _without(mask, chosen)

    return choose


def _without(mask: Any, places: Any) -> Any:
    pruned = mask.copy().reshape(-1)
    pruned[places] = 0
    return pruned.reshape(mask.shape)


def _slices(where: str, amount: float | int, dim: int, rank: Callable[[Any], Any]) -> Choice:
    """Whole slices along a dimension, those of least rank among those that are left."""

    def choose(scores: Any, mask: Any) -> Any:
        if scores.ndim < 2 or not -scores.ndim <= dim < scores.ndim:
            problem = "needs two dimensions at least, and `dim` among them"
            raise ShapeError(compose(where, problem, {"parameter": scores, "dim": dim}))
        rows = np.moveaxis(mask, dim, 0).reshape(mask.shape[dim], -1)
        left = np.flatnonzero(rows.any(axis=1))
        count = _count(where, amount, left.size)
        ranks = rank(np.moveaxis(scores, dim, 0).reshape(len(rows), -1))[left]
        pruned = np.moveaxis(mask.copy(), dim, 0)
        pruned[left[np.argsort(ranks, kind="stable")[:count]]] = 0
        return np.moveaxis(pruned, 0, dim)

    return choose


def identity(module: Any, name: str) -> Any:
    """Prune nothing, but make mask and hook as the others do.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> list(identity(nn.Linear(2, 2), "weight").state_dict())
    ['bias', 'weight_orig', 'weight_mask']
    """
    return _prune("identity", module, name, lambda scores, mask: mask)


def random_unstructured(module: Any, name: str, amount: float | int) -> Any:
    """Prune elements at random; see `l1_unstructured` for the parameters.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> int((random_unstructured(nn.Linear(4, 5), "weight", 0.25).weight == 0).sum())
    5
    """
    return _prune("random_unstructured", module, name, _any("random_unstructured", amount))


def l1_unstructured(
    module: Any, name: str, amount: float | int, importance_scores: Any = None
) -> Any:
    """Prune the elements of least absolute value.

    Parameters
    ----------
    module : Module
        It changes in place.
    name : str
        Of a parameter; one that is pruned already is pruned further.
    amount : float or int
        A share between 0 and 1 of what is left, or a number.
    importance_scores : Tensor, optional
        Ranked in place of the parameter.

    Returns
    -------
    Module
        `module`.

    Raises
    ------
    ArgumentError
        If there is no such parameter, or the amount does not fit.
    ShapeError
        If the scores have another shape.

    References
    ----------
    S. Han et al., "Learning both Weights and Connections for Efficient Neural Networks",
    NeurIPS 2015.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.Linear(3, 1)
    >>> _ = nn.init.constant_(layer.weight, 2.0)
    >>> layer.weight.data[0, 1] = 0.5
    >>> print(l1_unstructured(layer, "weight", amount=1).weight.detach())
    [[2.0000, 0.0000, 2.0000]]
    """
    choice = _least("l1_unstructured", amount)
    return _prune("l1_unstructured", module, name, choice, importance_scores)


def random_structured(module: Any, name: str, amount: float | int, dim: int) -> Any:
    """Prune whole slices along a dimension at random; see `ln_structured`.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = random_structured(nn.Linear(4, 5), "weight", 2, dim=0)
    >>> int((layer.weight == 0).all(1).sum())
    2
    """

    def rank(rows: Any) -> Any:
        return rng_of(None).permutation(len(rows))

    choice = _slices("random_structured", amount, dim, rank)
    return _prune("random_structured", module, name, choice)


def ln_structured(
    module: Any, name: str, amount: float | int, n: Any, dim: int, importance_scores: Any = None
) -> Any:
    """Prune the slices along a dimension that have the least norm.

    Parameters
    ----------
    module : Module
    name : str
    amount : float or int
        A share of the slices that are left, or their number.
    n : float
        Order of the norm, as ``numpy.linalg.norm`` takes it.
    dim : int
        The dimension that counts the slices: 0 for outputs.
    importance_scores : Tensor, optional
        Ranked in place of the parameter.

    Returns
    -------
    Module
        `module`.

    Raises
    ------
    ArgumentError
        If there is no such parameter, or the amount does not fit.
    ShapeError
        If there is no such dimension, or but one.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = ln_structured(nn.Linear(4, 5), "weight", 0.4, n=2, dim=0)
    >>> int((layer.weight == 0).all(1).sum())
    2
    """

    def rank(rows: Any) -> Any:
        return np.linalg.norm(rows, n, axis=1)

    choice = _slices("ln_structured", amount, dim, rank)
    return _prune("ln_structured", module, name, choice, importance_scores)


def custom_from_mask(module: Any, name: str, mask: Tensor) -> Any:
    """Prune where a mask is 0.

    Parameters
    ----------
    module : Module
    name : str
    mask : Tensor
        Of the parameter's shape.

    Returns
    -------
    Module
        `module`.

    Raises
    ------
    ArgumentError
        If there is no such parameter.
    ShapeError
        If the mask has another shape.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = custom_from_mask(nn.Linear(2, 1), "weight", lucid.tensor([[1, 0]]))
    >>> (layer.weight == 0).tolist()
    [[False, True]]
    """

    def choose(scores: Any, before: Any) -> Any:
        return before * (scores != 0)

    return _prune("custom_from_mask", module, name, choose, mask)


# ---- several parameters ---------------------------------------------------------------


def global_unstructured(
    parameters: Iterable[tuple[Any, str]],
    pruning_method: Callable[..., Any] = l1_unstructured,
    importance_scores: Any = None,
    *,
    amount: float | int,
) -> None:
    """Prune the elements of least absolute value, or random ones, among several parameters.

    Parameters
    ----------
    parameters : iterable of (Module, str)
    pruning_method : callable, default l1_unstructured
        That, or `random_unstructured`.
    importance_scores : dict, optional
        From ``(module, name)`` to what is ranked in place of the parameter.
    amount : float or int
        A share of all that is left, or a number.

    Raises
    ------
    ArgumentError
        If there is no such parameter or method, or the amount does not fit.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> model = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 4))
    >>> global_unstructured([(model[0], "weight"), (model[1], "weight")], amount=0.5)
    >>> sum(int((layer.weight == 0).sum()) for layer in model)
    20
    """
    name = "global_unstructured"
    choices = {l1_unstructured: _least, random_unstructured: _any}
    if pruning_method not in choices:
        problem = "pruning_method must be l1_unstructured or random_unstructured"
        raise ArgumentError(compose(name, problem))
    places = list(parameters)
    for module, called in places:
        identity(module, called)
    masks = [getattr(module, called + "_mask").data for module, called in places]
    given = importance_scores or {}
    ranked = [
        np.asarray(values(given.get((module, called), getattr(module, called + "_orig"))))
        for module, called in places
    ]
    choose = choices[pruning_method](name, amount)
    flat = choose(
        np.concatenate([scores.reshape(-1) for scores in ranked]),
        np.concatenate([mask.reshape(-1) for mask in masks]),
    )
    start = 0
    for (module, called), mask in zip(places, masks, strict=True):
        part = flat[start : start + mask.size].reshape(mask.shape)
        start += mask.size
        custom_from_mask(module, called, wrap(part))
