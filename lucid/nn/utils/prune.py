"""Pruning: weights that are held at zero, the smallest or random ones, single or in rows.

A pruned parameter ``weight`` becomes ``weight_orig``, which is trained, and the buffer
``weight_mask``; their product is set as ``weight`` before every call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...core.tensor import Tensor, values, wrap
from ...errors import ArgumentError, compose
from .pruning import BasePruningMethod as BasePruningMethod
from .pruning import CustomFromMask as CustomFromMask
from .pruning import Identity as Identity
from .pruning import L1Unstructured as L1Unstructured
from .pruning import LnStructured as LnStructured
from .pruning import PruningContainer as PruningContainer
from .pruning import RandomStructured as RandomStructured
from .pruning import RandomUnstructured as RandomUnstructured
from .recomputed import attached


def is_pruned(module: Any) -> bool:
    """Whether a parameter of a module or of one of its submodules is pruned.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> is_pruned(nn.Linear(2, 2))
    False
    """
    return any(
        isinstance(hook, BasePruningMethod)
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
    hook = attached(module, BasePruningMethod, name)
    if hook is None:
        problem = f"{name!r} of {type(module).__name__} is not pruned"
        raise ArgumentError(compose("prune.remove", problem))
    hook.remove(module)
    return module


# ---- one parameter --------------------------------------------------------------------


def identity(module: Any, name: str) -> Any:
    """Prune nothing, but make mask and hook as the others do.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> list(identity(nn.Linear(2, 2), "weight").state_dict())
    ['bias', 'weight_orig', 'weight_mask']
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: float | int) -> Any:
    """Prune elements at random; see `l1_unstructured` for the parameters.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> int((random_unstructured(nn.Linear(4, 5), "weight", 0.25).weight == 0).sum())
    5
    """
    RandomUnstructured.apply(module, name, amount)
    return module


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
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: float | int, dim: int) -> Any:
    """Prune whole slices along a dimension at random; see `ln_structured`.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> layer = random_structured(nn.Linear(4, 5), "weight", 2, dim=0)
    >>> int((layer.weight == 0).all(1).sum())
    2
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


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
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


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
    CustomFromMask.apply(module, name, mask)
    return module


# ---- several parameters ---------------------------------------------------------------


def global_unstructured(
    parameters: Iterable[tuple[Any, str]],
    pruning_method: Any = L1Unstructured,
    importance_scores: Any = None,
    **kwargs: Any,
) -> None:
    """Prune the elements of least absolute value, or random ones, among several parameters.

    Parameters
    ----------
    parameters : iterable of (Module, str)
    pruning_method : type, default L1Unstructured
        A class of methods, such as `RandomUnstructured`, that choose single elements; or the
        function `l1_unstructured` or `random_unstructured`.
    importance_scores : dict, optional
        From ``(module, name)`` to what is ranked in place of the parameter.
    **kwargs
        Those of the class, such as `amount`: a share of all that is left, or a number.

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
    of_functions = {l1_unstructured: L1Unstructured, random_unstructured: RandomUnstructured}
    kind = of_functions.get(pruning_method, pruning_method)
    if getattr(kind, "PRUNING_TYPE", None) != "unstructured":
        problem = "pruning_method must be a class of methods with PRUNING_TYPE 'unstructured'"
        seen = {"pruning_method": pruning_method}
        raise ArgumentError(compose("global_unstructured", problem, seen))
    container = PruningContainer(kind(**kwargs))
    places = list(parameters)
    for module, called in places:
        if attached(module, BasePruningMethod, called) is None:
            identity(module, called)
    masks = [getattr(module, called + "_mask").data for module, called in places]
    given = importance_scores or {}
    ranked = [
        np.asarray(values(given.get((module, called), getattr(module, called + "_orig"))))
        for module, called in places
    ]
    scores = wrap(np.concatenate([each.reshape(-1) for each in ranked]))
    left = wrap(np.concatenate([mask.reshape(-1) for mask in masks]))
    flat = container.compute_mask(scores, left).data
    start = 0
    for (module, called), mask in zip(places, masks, strict=True):
        part = flat[start : start + mask.size].reshape(mask.shape)
        start += mask.size
        custom_from_mask(module, called, wrap(part))
