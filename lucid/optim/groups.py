"""Parameter groups: what users pass as `params`, checked and made complete."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from ..core.tensor import Tensor
from ..dtypes import is_differentiable
from ..errors import ArgumentError, DTypeError, compose


def split(where: str, params: Any) -> list[dict[str, Any]]:
    """What an optimizer was given, as a list of groups.

    Raises
    ------
    ArgumentError
        If it is no iterable of parameters or groups, or is empty.

    Examples
    --------
    >>> split("SGD", [{"params": [1, 2], "lr": 0.1}])
    [{'params': [1, 2], 'lr': 0.1}]
    >>> split("SGD", iter([1, 2]))
    [{'params': [1, 2]}]
    """
    given = _listed(where, params)
    if not given:
        problem = "params is empty: there is nothing to optimize"
        fix = "model.parameters(); an iterator can be read only once"
        raise ArgumentError(compose(where, problem, fix=fix))
    if all(isinstance(item, Mapping) for item in given):
        return [dict(item) for item in given]
    return [{"params": given}]


def complete(
    where: str,
    group: Mapping[str, Any],
    defaults: Mapping[str, Any],
    taken: list[Tensor],
    index: int,
) -> tuple[dict[str, Any], list[str]]:
    """A group with its parameters checked and all options, and a label for each parameter.

    Raises
    ------
    ArgumentError
        If the group lacks ``"params"``, misspells an option, or holds a parameter that is no
        leaf or is there twice.
    DTypeError
        If a parameter is no floating or complex tensor.
    """
    if not isinstance(group, Mapping) or "params" not in group:
        problem = 'a parameter group must be a dict with "params"'
        raise ArgumentError(compose(where, problem, {"group": group}))
    for name in group:
        if name in defaults or name in ("params", "param_names"):
            continue
        import difflib  # wanted for messages only

        near = difflib.get_close_matches(str(name), defaults, 1, 0.8)
        if near:
            problem = f"parameter group {index} sets {name!r}, which is no option"
            raise ArgumentError(compose(where, problem, fix=f"did you mean {near[0]!r}?"))
    names, parameters = _named(_listed(where, group["params"]))
    labels = []
    seen = {id(p) for p in taken}
    for i, parameter in enumerate(parameters):
        label = f"parameter {i} of group {index}" + (f" ({names[i]})" if names else "")
        _check_parameter(where, label, parameter, seen)
        seen.add(id(parameter))
        labels.append(label)
    done = {**defaults, **group, "params": tuple(parameters)}
    if names:
        done["param_names"] = tuple(names)
    return done, labels


def _listed(where: str, params: Any) -> list[Any]:
    """Parameters as a list, refusing what only looks like one."""
    fix = None
    if isinstance(params, Tensor):
        problem, fix = "params must be an iterable of tensors, not one tensor", "[tensor]"
    elif isinstance(params, Mapping):
        problem, fix = "params must be an iterable of tensors, not a dict", "params.values()"
    elif isinstance(params, set | frozenset):
        problem, fix = "params must have an order, which a set has not", "a list"
    elif not isinstance(params, Iterable):
        problem = f"params must be an iterable of tensors, not {type(params).__name__}"
        fix = "model.parameters()" if hasattr(params, "parameters") else None
    else:
        return list(params)
    raise ArgumentError(compose(where, problem, fix=fix))


def _named(given: list[Any]) -> tuple[list[str], list[Any]]:
    """Apart: the names, if pairs of name and parameter were given, and the parameters."""
    if given and all(isinstance(p, tuple) and len(p) == 2 for p in given):
        return [str(name) for name, _ in given], [parameter for _, parameter in given]
    return [], given


def _check_parameter(where: str, label: str, parameter: Any, seen: set[int]) -> None:
    if not isinstance(parameter, Tensor):
        problem = f"{label} must be a Tensor, not {type(parameter).__name__}"
        raise ArgumentError(compose(where, problem))
    if not is_differentiable(parameter.dtype):
        problem = f"{label} must be a floating or complex tensor"
        raise DTypeError(compose(where, problem, {"parameter": parameter}))
    if not parameter.is_leaf:
        problem = f"{label} is the result of an operation, and only leaf tensors can be optimized"
        fix = "parameter.detach().requires_grad_(), made before it is used"
        raise ArgumentError(compose(where, problem, {"parameter": parameter}, fix))
    if id(parameter) in seen:
        problem = f"{label} is there twice; it would be updated twice a step"
        raise ArgumentError(compose(where, problem, {"parameter": parameter}))


# ---- options --------------------------------------------------------------------------


def check_number(
    where: str, name: str, value: Any, low: float = 0.0, below: float = math.inf
) -> None:
    """Refuse an option that is no number of at least `low`, below `below`.

    Raises
    ------
    ArgumentError

    Examples
    --------
    >>> check_number("SGD", "lr", 0.1)
    >>> check_number("SGD", "lr", -1)
    Traceback (most recent call last):
        ...
    lucid.errors.ArgumentError: SGD: lr must be a finite number of at least 0, not -1
    """
    number = value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
    is_number = isinstance(number, Real) and not isinstance(number, bool)
    if is_number and low <= float(number) < below:
        return
    bound = "a finite number of at least" if below == math.inf else "a number from"
    upper = "" if below == math.inf else f" to below {below:g}"
    problem = f"{name} must be {bound} {low:g}{upper}, not {value!r}"
    raise ArgumentError(compose(where, problem))


def check_numbers(where: str, group: Mapping[str, Any], *names: str) -> None:
    """Refuse options of a group that are no numbers of at least 0.

    Raises
    ------
    ArgumentError
    """
    for name in names:
        check_number(where, name, group[name])


def check_betas(where: str, betas: Any) -> None:
    """Refuse what is not two numbers from 0 to below 1.

    Raises
    ------
    ArgumentError

    Examples
    --------
    >>> check_betas("Adam", (0.9, 0.999))
    """
    if not isinstance(betas, tuple | list) or len(betas) != 2:
        problem = f"betas must be two numbers from 0 to below 1, not {betas!r}"
        raise ArgumentError(compose(where, problem))
    for i, beta in enumerate(betas):
        check_number(where, f"betas[{i}]", beta, below=1.0)


def refuse_complex(where: str, parameters: Iterable[Tensor]) -> None:
    """Refuse complex parameters, for optimizers that look at norms of rows or matrices.

    Raises
    ------
    DTypeError
    """
    for parameter in parameters:
        if parameter.dtype.kind == "c":
            problem = "takes real parameters only"
            raise DTypeError(compose(where, problem, {"parameter": parameter}))


def decay_of(group: Mapping[str, Any]) -> tuple[float, float]:
    """How weight decay acts: the share of p that is added to g, and the factor on p itself.

    Examples
    --------
    >>> decay_of({"lr": 0.5, "weight_decay": 0.5, "decoupled_weight_decay": True})
    (0.0, 0.75)
    """
    if group["decoupled_weight_decay"]:
        return 0.0, 1.0 - float(group["lr"]) * group["weight_decay"]
    return group["weight_decay"], 1.0
