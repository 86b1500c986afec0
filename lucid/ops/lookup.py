"""``lucid.ops["tanh"]``: an op by its name, to be read."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..core.primitive import REGISTRY
from ..errors import ArgumentError, DTypeError, compose

if TYPE_CHECKING:
    from ..formulas.operation import Operation

# They declare ops too, and are loaded when a name is not known without them.
ELSEWHERE = ("lucid.nn", "lucid.nn.functional", "lucid.linalg", "lucid.special", "lucid.fft")


class Operations(ModuleType):
    """The module `lucid.ops`, which is also a table of all ops.

    ``lucid.ops["tanh"]`` is the op of that name, an `Operation` that prints as its formula, its
    gradient and its source; ``"tanh" in lucid.ops`` and ``list(lucid.ops)`` are of names.

    Examples
    --------
    >>> import lucid
    >>> "tanh" in lucid.ops, lucid.ops["exp"].gradient
    (True, ['grad_x = g * y'])
    """

    def __getitem__(self, name: str) -> Operation:
        """The op of a name.

        Raises
        ------
        ArgumentError
            If there is no op of that name.
        DTypeError
            If `name` is no string.
        """
        if not isinstance(name, str):
            problem = f"an op is looked up by its name, a string, not by {type(name).__name__}"
            raise DTypeError(compose("lucid.ops", problem, {"name": name}, 'lucid.ops["tanh"]'))
        if name not in REGISTRY:
            _load_all()
        operation = importlib.import_module("lucid.formulas.operation").Operation
        if name not in REGISTRY:
            raise _unknown(name, operation)
        made: Operation = operation(REGISTRY[name])
        return made

    def __iter__(self) -> Iterator[str]:
        _load_all()
        return iter(sorted(REGISTRY))

    def __len__(self) -> int:
        _load_all()
        return len(REGISTRY)

    def __contains__(self, name: object) -> bool:
        if name not in REGISTRY:
            _load_all()
        return name in REGISTRY

    def __bool__(self) -> bool:
        return True


def _load_all() -> None:
    for module in ELSEWHERE:
        importlib.import_module(module)


def _unknown(name: str, operation: Any) -> ArgumentError:
    """The error for a name that no op has: close ones, or the ops that the function runs."""
    import difflib  # a millisecond, for those who mistype alone

    running = [op for op in REGISTRY if f".{name}" in _endings(operation(REGISTRY[op]).public)]
    close = difflib.get_close_matches(name, REGISTRY, 4, 0.6)
    problem = f"there is no op named {name!r}"
    if running:
        problem = f"{name!r} is a function that runs other ops"
    fix = ", ".join(f'lucid.ops["{each}"]' for each in running or close)
    return ArgumentError(compose("lucid.ops", problem, None, fix or "list(lucid.ops)"))


def _endings(public: list[str]) -> set[str]:
    return {f".{each.rpartition('.')[2]}" for each in public}
