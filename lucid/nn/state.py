"""The state of a module, a dict of tensors by path: taking it out, and putting one in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..core import versions
from ..core.tensor import Tensor
from ..dtypes import category
from ..errors import ArgumentError, DTypeError, StateError, compose, describe
from .parameter import is_lazy


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found no place for, and what it did not find."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self[0]}, unexpected_keys={self[1]})"


def members(module: Any, prefix: str = "") -> dict[str, Tensor]:
    """The parameters and persistent buffers of a tree of modules, by path.

    A tensor that is reached by several paths stands under each of them.
    """
    found: dict[str, Tensor] = {}
    for name, parameter in module._parameters.items():
        if parameter is not None:
            found[prefix + name] = parameter
    for name, buffer in module._buffers.items():
        if buffer is not None and name not in module._transient:
            found[prefix + name] = buffer
    for name, child in module._modules.items():
        if child is not None:
            found.update(members(child, f"{prefix}{name}."))
    return found


def load(module: Any, state: Mapping[str, Any], strict: bool) -> IncompatibleKeys:
    """Check a state against a module, and copy it in if all of it fits.

    Raises
    ------
    StateError
        If it does not fit; nothing has been copied then.
    DTypeError
        If `state` is no mapping.
    """
    if not isinstance(state, Mapping):
        problem = f"takes a dict of tensors, not {type(state).__name__}"
        raise DTypeError(compose("load_state_dict", problem, fix="model.state_dict()"))
    places = members(module)
    missing = [key for key in places if key not in state]
    unexpected = [key for key in state if key not in places]
    values = {key: _array(state[key]) for key in places if key in state}
    misfits = [
        reason
        for key, value in values.items()
        if (reason := _misfit(key, places[key], value, state[key]))
    ]
    if misfits or (strict and (missing or unexpected)):
        lines = [f"load_state_dict: the state does not fit {type(module).__name__}"]
        if strict:
            lines += [f"  missing: {key}" for key in missing]
            lines += [f"  unexpected: {key}{_did_you_mean(key, missing)}" for key in unexpected]
        lines += misfits
        if strict and (fix := _fix(missing, unexpected)):
            lines.append(f"  help: {fix}")
        raise StateError("\n".join(lines))
    for key, value in values.items():
        _copy(places[key], value)
    return IncompatibleKeys(missing, unexpected)


def _array(value: Any) -> Any:
    """The array behind a value, or None if there is none."""
    if isinstance(value, Tensor):
        return value.data
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic) else None


def _misfit(key: str, place: Tensor, value: Any, given: Any) -> str | None:
    """Why a value cannot be copied to its place, or None if it can."""
    if value is None:
        return f"  {key}: a tensor is needed, the state has {type(given).__name__}"
    # int64 would lose the fraction, and a real number the imaginary part
    narrows = value.dtype != place.dtype and category(value.dtype) > category(place.dtype)
    fits = value.shape == place.data.shape or is_lazy(place)
    if fits and not narrows:
        return None
    return f"  {key}: {describe(value)} in the state, {describe(place)} in the module"


def _copy(place: Tensor, value: Any) -> None:
    if is_lazy(place):
        place.materialize(value.shape)  # type: ignore[attr-defined]
    if place.data.flags.writeable:
        place.data[...] = value
        versions.bump(place.data)
    else:
        place.data = value.astype(place.data.dtype, copy=True)


def _fix(missing: list[str], unexpected: list[str]) -> str | None:
    """Advice for the commonest misfit: every key carries, or lacks, one prefix."""
    for longer, shorter, advice in [
        (unexpected, missing, "take {0!r} off the keys: {{k.removeprefix({0!r}): v for ...}}"),
        (missing, unexpected, "put {0!r} before the keys: {{{0!r} + k: v for ...}}"),
    ]:
        if longer and len(longer) == len(shorter) and longer[0].endswith("." + shorter[0]):
            prefix = longer[0].removesuffix(shorter[0])
            if all(a == prefix + b for a, b in zip(longer, shorter, strict=True)):
                return advice.format(prefix)
    return None


def look_up(where: str, kind: str, target: str, known: Mapping[str, Any]) -> Any:
    """The entry under a path.

    Raises
    ------
    ArgumentError
        If there is none; the closest name is suggested.
    """
    if target in known:
        return known[target]
    problem = f"there is no {kind} {target!r}{_did_you_mean(target, known)}"
    fix = f"named_{kind.removeprefix('sub')}s() lists them"
    raise ArgumentError(compose(where, problem, fix=fix))


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    import difflib  # wanted for messages only

    close = difflib.get_close_matches(str(name), list(candidates), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
