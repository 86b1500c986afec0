"""The errors that Lucid raises, and how their messages are put together.

Every class also derives from the built-in error that NumPy or PyTorch would raise in its
place, so ``except ValueError`` keeps working. Messages are built on the failing path only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LucidError(Exception):
    """Base of every error that Lucid raises on purpose."""


class ArgumentError(LucidError, ValueError):
    """An argument has a value that the function cannot work with."""


class ShapeError(LucidError, ValueError):
    """Shapes do not fit each other, or do not fit the function."""


class DTypeError(LucidError, TypeError):
    """A dtype, or a Python type, that the function does not take."""


class IndexingError(LucidError, IndexError):
    """An index outside its tensor, or of a kind that cannot index."""


class LinAlgError(LucidError, RuntimeError):
    """A matrix that a decomposition cannot work with: singular, not positive definite.

    Examples
    --------
    >>> import lucid
    >>> try:
    ...     lucid.linalg.cholesky(-lucid.eye(2))
    ... except lucid.linalg.LinAlgError as error:
    ...     print(str(error).splitlines()[0])
    linalg.cholesky: the matrix is not positive-definite: its leading minor of order 1 is not
    """


class GradError(LucidError, RuntimeError):
    """Differentiation was asked for where it cannot be had."""


class NonFiniteError(LucidError, FloatingPointError):
    """A training run met NaN or infinity where numbers were wanted, and stopped."""


class AnomalyError(LucidError, RuntimeError):
    """NaN or infinity appeared in a forward or backward pass (see `lucid.detect_anomaly`).

    Attributes
    ----------
    op : str
        The op that made it, or was the first to meet it.
    phase : str
        ``"forward"`` or ``"backward"``.
    step : int
        In which forward pass of the block, or in the backward pass after which, from 1 on.
    origin : Origin or None
        The line and the module that the op belongs to (see `lucid.debug.Origin`).
    verdict : str
        In one clause what happened: ``"log made infinity from finite inputs"``.

    Examples
    --------
    >>> import lucid
    >>> x = lucid.tensor([0.0, 1.0], requires_grad=True)
    >>> try:
    ...     with lucid.detect_anomaly():
    ...         y = x.log()
    ... except lucid.errors.AnomalyError as error:
    ...     print(error.op, error.phase, error.step, error.origin.code)
    log forward 1 y = x.log()
    """

    op: str
    phase: str
    step: int
    origin: Any
    verdict: str


class StateError(LucidError, RuntimeError):
    """A saved state does not fit the object that it is loaded into."""


class UninitializedError(LucidError, AttributeError):
    """An object is used before its base class was initialised."""


class UnimplementedError(LucidError, NotImplementedError):
    """What is asked for does not exist: a method that a subclass leaves out, or an option."""


class WorkerError(LucidError, RuntimeError):
    """A worker of a loader ended before its time, or did not answer within the time given."""


class MissingPackageError(LucidError, ImportError):
    """A function needs a package that is an extra of Lucid and is not installed."""


def compose(
    where: str, problem: str, seen: Mapping[str, object] | None = None, fix: str | None = None
) -> str:
    """Put a message together: who complains, of what, what was seen, and the likely fix.

    Parameters
    ----------
    where : str
        Name of the function or class that refuses, as the user wrote it.
    problem : str
        One clause that says what is wrong and what was expected.
    seen : mapping, optional
        Argument names and what they were; arrays and tensors are shown as ``dtype[shape]``.
    fix : str, optional
        What to write instead.

    Examples
    --------
    >>> print(compose("matmul", "inner sizes differ", {"a": 3, "b": 4}, "transpose b"))
    matmul: inner sizes differ
      a: 3
      b: 4
      help: transpose b
    """
    lines = [f"{where}: {problem}"]
    lines += [f"  {name}: {describe(value)}" for name, value in (seen or {}).items()]
    if fix is not None:
        lines.append(f"  help: {fix}")
    return "\n".join(lines)


def not_a_tensor(where: str, value: object, name: str = "input") -> DTypeError:
    """The error for a list, number or the like where a tensor is wanted.

    Examples
    --------
    >>> print(not_a_tensor("sum", [1.0]))
    sum: takes tensors and numbers, not list
      input: [1.0]
      help: lucid.tensor(value)
    """
    number = isinstance(value, bool | int | float | complex)  # where even those are not enough
    problem = f"takes tensors{'' if number else ' and numbers'}, not {type(value).__name__}"
    return DTypeError(compose(where, problem, {name: value}, "lucid.tensor(value)"))


def describe(value: object) -> str:
    """Say what a value is in a few characters: ``float32[3, 4]`` for an array or tensor."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is not None and dtype is not None and not isinstance(value, type):
        return f"{dtype}[{', '.join(map(str, shape))}]"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
