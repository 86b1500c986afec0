"""Every stream of random numbers that a training run draws from: to keep, and to set back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import StateError, compose
from ..nn.module import Module
from ..random import Generator, default_generator


def generators(model: Module, *data: Any) -> list[Generator]:
    """The default generator, and those that a model and its data hold, each once."""
    found = [default_generator]
    holders: list[Any] = [*model.modules()]
    for source in data:
        holders += _within(source, [])
    for holder in holders:
        for value in getattr(holder, "__dict__", {}).values():
            if isinstance(value, Generator) and not any(value is known for known in found):
                found.append(value)
    return found


def _within(source: Any, seen: list[Any]) -> list[Any]:
    """A loader, and the samplers and datasets that it is made of."""
    if source is None or any(source is known for known in seen):
        return seen
    seen.append(source)
    for name in ("batch_sampler", "sampler", "dataset", "data_source"):
        _within(getattr(source, name, None), seen)
    for part in getattr(source, "datasets", ()):
        _within(part, seen)
    return seen


def capture(streams: list[Generator]) -> dict[str, Any]:
    """Where every stream stands: those given, Python's own, and NumPy's old global one."""
    version, words, gauss = random.getstate()
    kind, key, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "generators": [stream.get_state() for stream in streams],
        "python": {"version": version, "words": np.array(words, np.uint64), "gauss": gauss},
        "numpy": {
            "kind": kind,
            "key": np.array(key),
            "position": position,
            "has_gauss": has_gauss,
            "cached": cached,
        },
    }


def restore(streams: list[Generator], state: Mapping[str, Any]) -> None:
    """Set every stream to where `capture` found it.

    Raises
    ------
    StateError
        If there are more streams or fewer.
    """
    saved = state["generators"]
    if len(saved) != len(streams):
        problem = "the checkpoint holds the state of another number of random generators"
        seen = {"saved": len(saved), "found": len(streams)}
        fix = "the same loaders with the same generator arguments as in the run that was saved"
        raise StateError(compose("fit", problem, seen, fix))
    for stream, words in zip(streams, saved, strict=True):
        stream.set_state(words)
    python, numpy = state["python"], state["numpy"]
    words = tuple(map(int, _array(python["words"])))
    random.setstate((python["version"], words, python["gauss"]))
    rest = (numpy["position"], numpy["has_gauss"], numpy["cached"])
    np.random.set_state((numpy["kind"], _array(numpy["key"]), *rest))


def _array(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value
