"""How tensors print: four decimals, aligned columns, long arrays summarised.

``str(x)`` of a plain tensor is its values; ``repr(x)``, and ``str(x)`` of a tensor that takes
part in differentiation, names the class, the dtype where it is not the usual one, and `grad`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any

import numpy as np

from .config import SETTINGS
from .errors import ArgumentError, compose


class _Options:
    """What `set_printoptions` sets, for the whole process."""

    __slots__ = ("edgeitems", "linewidth", "precision", "sci_mode", "threshold")

    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode: bool | None = None


_options = _Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print, for the whole process; what is None stays (but see `sci_mode`).

    Parameters
    ----------
    precision : int, optional
        Digits after the point, 4 at the start.
    threshold : int, optional
        A tensor of more elements is summarised, 1000 at the start; ``inf`` shows all.
    edgeitems : int, optional
        How many entries a summary shows at both ends of a dimension, 3 at the start.
    linewidth : int, optional
        Characters in a line, 80 at the start.
    profile : {"default", "short", "full"}, optional
        A set of the values above, of which those that are given take precedence.
    sci_mode : bool, optional
        Whether floats print in scientific notation; None lets their magnitudes decide.

    Raises
    ------
    ArgumentError
        If a value is negative, or not a whole number, or the profile is none of the three.

    Examples
    --------
    >>> import lucid
    >>> lucid.set_printoptions(precision=2)
    >>> lucid.tensor([1.0, 2.0])
    Tensor([1.00, 2.00])
    >>> lucid.set_printoptions(precision=4)
    """
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    if profile is not None and profile not in _PROFILES:
        problem = f"there is no profile {profile!r}"
        raise ArgumentError(compose("set_printoptions", problem, fix='"default", "short", "full"'))
    chosen = {} if profile is None else _PROFILES[profile].copy()
    chosen.update({name: value for name, value in given.items() if value is not None})
    for name, value in chosen.items():
        whole = name == "threshold" or isinstance(value, int)
        least = 1 if name == "edgeitems" else 0
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and whole and value >= least):
            problem = f"{name} must be a whole number, {least} or more"
            raise ArgumentError(compose("set_printoptions", problem, {name: value}))
    for name, value in chosen.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


_PROFILES: dict[str, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": inf, "edgeitems": 3, "linewidth": 80},
}


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Print differently inside a ``with`` block (see `set_printoptions` for the options).

    Examples
    --------
    >>> import lucid
    >>> with lucid.printoptions(precision=1):
    ...     print(lucid.tensor([1.0, 2.0]))
    [1.0, 2.0]
    """
    before = {name: getattr(_options, name) for name in _Options.__slots__}
    try:
        set_printoptions(**{"sci_mode": before["sci_mode"], **options})
        yield
    finally:
        set_printoptions(**before)


def show(tensor: Any) -> str:
    """``str(tensor)``: bare values, unless the tensor takes part in differentiation."""
    return represent(tensor) if tensor.requires_grad else body(tensor.data, 0)


def represent(tensor: Any) -> str:
    """``repr(tensor)``: class, values, and what the values do not show."""
    array, name = tensor.data, type(tensor).__name__
    indent = len(name) + 1
    text = f"{name}({body(array, indent)}"
    if array.size == 0 and array.ndim > 1:
        text = _joined(text, f"shape={array.shape}", indent)
    if not _is_usual(array):
        text = _joined(text, f"dtype={array.dtype.name}", indent)
    if tensor.requires_grad:
        grad = tensor.grad
        values = "None" if grad is None else body(grad.data, indent + len("grad="))
        text = _joined(text, f"grad={values}", indent)
    return text + ")"


def _is_usual(array: Any) -> bool:
    """True if the values alone tell the dtype to a reader who knows the default one."""
    default = SETTINGS.default_dtype
    if array.dtype == default:
        return True
    if array.dtype.kind == "c":
        return bool(array.dtype == np.result_type(default, np.complex64)) and array.size > 0
    return array.dtype in (np.int64, np.bool_) and array.size > 0


def _joined(text: str, part: str, indent: int) -> str:
    """`part` after `text`: on the same line if it fits there."""
    last = len(text) - (text.rfind("\n") + 1)
    if "\n" in part or last + len(part) + 3 > _options.linewidth:
        return f"{text},\n{' ' * indent}{part}"
    return f"{text}, {part}"


def body(array: Any, indent: int) -> str:
    """The values of an array, the first bracket standing in column `indent`."""
    if hasattr(array, "detached"):  # the samples of a `func.vmap`, which are told by their kind
        return repr(array)
    if array.size == 0:
        return "[]"
    edge = _options.edgeitems if array.size > _options.threshold else array.size
    shown = _edges(array, edge)
    texts = _texts(shown)
    if not array.ndim:
        return texts[0]
    columns = shown.shape[-1]
    rows = [texts[i : i + columns] for i in range(0, len(texts), columns)]
    cut = [edge if n > 2 * edge else None for n in array.shape]
    lines = iter(_lines(rows, cut[-1], indent + array.ndim))
    return _nested(lines, shown.shape, cut, indent)


def _edges(array: Any, edge: int) -> Any:
    """The array without the middle of every dimension that has more than two edges."""
    for axis, n in enumerate(array.shape):
        if n > 2 * edge:
            array = array.take([*range(edge), *range(n - edge, n)], axis)
    return array


def _texts(array: Any) -> list[str]:
    """Every element as text, in row-major order."""
    kind = array.dtype.kind
    if kind == "c":
        imaginary = (f"{'' if t[0] == '-' else '+'}{t}j" for t in _floats(array.imag))
        return [real + imag for real, imag in zip(_floats(array.real), imaginary, strict=True)]
    if kind in "biu":
        return [str(value) for value in array.ravel().tolist()]
    return _floats(array)


def _floats(array: Any) -> list[str]:
    values = array.astype(np.float64).ravel()
    style = f".{_options.precision}{'e' if _scientific(values) else 'f'}"
    return [format(value, style) for value in values.tolist()]


def _scientific(values: Any) -> bool:
    """PyTorch's rule: magnitudes that a fixed number of decimals would not show."""
    if _options.sci_mode is not None:
        return _options.sci_mode
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if not sizes.size:
        return False
    low, high = float(sizes.min()), float(sizes.max())
    return high / 1000 > low or high > 1e8 or low < 1e-4


def _lines(rows: list[list[str]], cut: int | None, indent: int) -> list[str]:
    """Rows in brackets; every column as wide as its widest entry, so that they stand aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = _options.linewidth - indent
    if sum(widths) + 2 * len(widths) + (0 if cut is None else 5) > room:
        widest = max(widths)  # one width for all keeps the lines of a folded row aligned
        widths = [widest] * len(widths)
    return [
        _row([t.rjust(w) for t, w in zip(row, widths, strict=True)], cut, indent) for row in rows
    ]


def _row(cells: list[str], cut: int | None, indent: int) -> str:
    """One row, folded where it meets the end of the line."""
    if cut is not None:
        cells = [*cells[:cut], "...", *cells[cut:]]
    room = _options.linewidth - indent
    lines, used = [[cells[0]]], len(cells[0]) + 1
    for cell in cells[1:]:
        if used + len(cell) + 2 > room:
            lines.append([])
            used = 0
        lines[-1].append(cell)
        used += len(cell) + 2
    return "[" + f",\n{' ' * indent}".join(", ".join(line) for line in lines) + "]"


def _nested(
    lines: Iterator[str], shape: tuple[int, ...], cut: Sequence[int | None], indent: int
) -> str:
    """Put rows into the brackets of the outer dimensions."""
    if len(shape) == 1:
        return next(lines)
    parts = [_nested(lines, shape[1:], cut[1:], indent + 1) for _ in range(shape[0])]
    if cut[0] is not None:
        parts.insert(cut[0], "...")
    gap = "," + "\n" * (len(shape) - 1) + " " * (indent + 1)
    return f"[{gap.join(parts)}]"
