"""Einstein summation, composed of transposes, products of matrices and sums.

Operands are contracted two at a time: three and more in the order that takes the fewest
operations, as `opt_einsum` finds it where it is installed, and NumPy where it is not. A pair
becomes one batched product of matrices: labels of both that are still wanted make the batch,
labels of both that are not are summed over, and the rest makes rows and columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from types import EllipsisType
from typing import Any, NamedTuple

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, ShapeError, compose
from .indexing import HERE, read
from .matmul import matmul
from .reduction import sum
from .shape import clone, reshape
from .transposition import permute

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order of `sorted`


class _Labelled(NamedTuple):
    """A tensor with one label, all different, for each of its dimensions."""

    tensor: Any
    labels: str


def einsum(equation: Any, *operands: Any) -> Tensor:
    """Products summed over labelled dimensions.

    Parameters
    ----------
    equation : str
        A letter for every dimension of every operand, and of the result: ``"ij,jk->ik"``.
        A label of the operands that is missing from the result is summed over; one that is
        repeated within an operand takes its diagonal. ``...`` stands for any number of
        dimensions, which broadcast. Without ``->`` the result has the labels that occur
        once, in alphabetical order.
    *operands : Tensor
        One for each term of the equation, one by one or as one sequence.

    Instead of an equation, every operand may be followed by a list of its labels, integers
    from 0 to 51 and ``...``, and the last of them by the list of those of the result:
    ``einsum(a, [0, 1], b, [1, 2], [0, 2])``.

    Returns
    -------
    Tensor

    Raises
    ------
    ArgumentError
        If the equation is malformed, or does not fit the number of operands or dimensions.
    ShapeError
        If a label stands for dimensions of different lengths.

    References
    ----------
    .. [1] D. G. A. Smith and J. Gray, "opt_einsum: a Python package for optimizing contraction
       order for einsum-like expressions", JOSS 3(26), 2018, https://doi.org/10.21105/joss.00753

    Examples
    --------
    >>> import lucid
    >>> a = lucid.tensor([[1, 2], [3, 4]])
    >>> lucid.einsum("ij,kj->ik", a, a)
    Tensor([[ 5, 11],
            [11, 25]])
    >>> lucid.einsum("ii", a)
    Tensor(5)
    """
    if not isinstance(equation, str):
        equation, operands = _from_lists((equation, *operands))
    elif len(operands) == 1 and isinstance(operands[0], tuple | list):
        operands = tuple(operands[0])
    terms, result, sizes = _understood(equation, tuple(tuple(x.shape) for x in operands))
    pairs = zip(operands, terms, strict=True)
    parts = [_simplified(x, labels, sizes) for x, labels in pairs]
    total = _summed(_contracted(parts, result), set(result))
    if total.labels == result:
        return total.tensor if total.tensor is not operands[0] else clone(operands[0])
    return permute(total.tensor, [total.labels.index(label) for label in result])


# ---- reading the equation -----------------------------------------------------


def _from_lists(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The equation that lists of labels stand for, and the operands between them."""
    operands = arguments[0 : len(arguments) // 2 * 2 : 2]
    terms = [_letters(labels) for labels in arguments[1::2]]
    equation = ",".join(terms)
    if len(arguments) % 2:
        equation += "->" + _letters(arguments[-1])
    return equation, operands


def _letters(labels: Any) -> str:
    if not isinstance(labels, tuple | list):
        problem = "takes an equation and its operands, or every operand with a list of its labels"
        raise ArgumentError(compose("einsum", problem, {"labels": labels}))
    letters = []
    for label in labels:
        if isinstance(label, EllipsisType):
            letters.append("...")
        elif hasattr(label, "__index__") and 0 <= label.__index__() < len(_LETTERS):
            letters.append(_LETTERS[label.__index__()])
        else:
            problem = f"a label must be ... or an integer from 0 to 51, not {label!r}"
            raise ArgumentError(compose("einsum", problem, {"labels": labels}))
    return "".join(letters)


Shapes = tuple[tuple[int, ...], ...]


@lru_cache(maxsize=512)
def _understood(equation: str, shapes: Shapes) -> tuple[list[str], str, dict[str, int]]:
    """The labels of every operand and of the result, and the lengths that they stand for."""
    terms, result = _parse(equation, shapes)
    return terms, result, _sizes(equation, terms, shapes)


def _parse(equation: str, shapes: Shapes) -> tuple[list[str], str]:
    """The labels of every operand and of the result, with ``...`` spelled out in letters."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        problem = f"the equation has {len(terms)} terms, but {len(shapes)} operands were given"
        raise ArgumentError(compose("einsum", problem, {"equation": equation}))
    for term in (*terms, right):
        letters = term.replace("...", "", 1)
        if not all(letter in _LETTERS for letter in letters):
            problem = f"{term!r} is no term: letters, and ... at most once"
            raise ArgumentError(compose("einsum", problem, {"equation": equation}))
    spare = "".join(letter for letter in _LETTERS if letter not in text)
    longest = 0  # of what ... stands for; shorter ones take the last letters of the longest
    for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        if "..." in term:
            count = max(0, len(shape) - len(term) + 3)
            longest = max(longest, count)
            terms[i] = term.replace("...", spare[len(spare) - count :])
        if len(terms[i]) != len(shape):
            problem = f"the term {term!r} does not fit an operand of {len(shape)} dimensions"
            raise ArgumentError(compose("einsum", problem, {"equation": equation}))
    shared = spare[len(spare) - longest :]
    if not arrow:
        joined = "".join(terms)
        once = sorted(c for c in set(joined) if joined.count(c) == 1 and c not in shared)
        return terms, shared + "".join(once)
    result = right.replace("...", shared)
    if len(set(result)) != len(result) or not set(result) <= set("".join(terms)):
        problem = "a label of the result must stand in a term, and only once in the result"
        raise ArgumentError(compose("einsum", problem, {"equation": equation}))
    return terms, result


def _sizes(equation: str, terms: list[str], shapes: Shapes) -> dict[str, int]:
    """The length that each label stands for; dimensions of length 1 broadcast."""
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for label, length in zip(term, shape, strict=True):
            known = sizes.get(label, 1)
            if length not in (1, known) and known != 1:
                problem = f"the label {label!r} stands for the lengths {known} and {length}"
                seen: dict[str, object] = {"equation": equation}
                seen.update({f"shape of operand {i}": shape for i, shape in enumerate(shapes)})
                raise ShapeError(compose("einsum", problem, seen))
            sizes[label] = length if known == 1 else known
    return sizes


# ---- the order ------------------------------------------------------------------

Path = Sequence[Sequence[int]]


@cache
def _optimizer() -> Any:
    """The package `opt_einsum` where it is installed, else None."""
    try:
        import opt_einsum
    except ImportError:
        return None
    return opt_einsum


@lru_cache(maxsize=512)
def _path(terms: tuple[str, ...], result: str, shapes: Shapes) -> Path:
    """Which operands to contract in each step; those go from the list, and what is made of them
    goes to its end."""
    equation = ",".join(terms) + "->" + result
    optimizer = _optimizer()
    if optimizer is not None:
        path: Path = optimizer.contract_path(equation, *shapes, shapes=True, optimize="auto")[0]
        return path
    operands = [np.broadcast_to(0.0, shape) for shape in shapes]
    method = ("optimal" if len(terms) < 5 else "greedy", 2**62)  # any size of intermediates
    return list(np.einsum_path(equation, *operands, optimize=method)[0][1:])


# ---- contracting ----------------------------------------------------------------


def _contracted(parts: list[_Labelled], result: str) -> _Labelled:
    """All operands multiplied, and what is not wanted in the result mostly summed over."""
    path: Path = [tuple(range(len(parts)))]
    if len(parts) > 2:
        shapes = tuple(tuple(part.tensor.shape) for part in parts)
        path = _path(tuple(part.labels for part in parts), result, shapes)
    for step in path:
        chosen = [parts[i] for i in step]
        parts = [part for i, part in enumerate(parts) if i not in step]
        left = set(result).union(*(part.labels for part in parts))
        total = chosen[0]
        for i, part in enumerate(chosen[1:], start=1):
            wanted = left.union(*(later.labels for later in chosen[i + 1 :]))
            total = _product(_summed(total, wanted | set(part.labels)), part, wanted)
        parts.append(total)
    return parts[0]


def _simplified(tensor: Any, labels: str, sizes: dict[str, int]) -> _Labelled:
    """Diagonals of repeated labels taken; dimensions that only broadcast taken out."""
    if len(set(labels)) == len(labels) and tensor.shape == tuple(map(sizes.get, labels)):
        return _Labelled(tensor, labels)
    for label in dict.fromkeys(labels):
        places = [i for i, other in enumerate(labels) if other == label]
        narrow = [i for i in places if tensor.shape[i] == 1 and sizes[label] != 1]
        if narrow:
            shape = [n for i, n in enumerate(tensor.shape) if i not in narrow]
            tensor = reshape(tensor, tuple(shape))
            labels = "".join(c for i, c in enumerate(labels) if i not in narrow)
            places = [i for i, other in enumerate(labels) if other == label]
        if len(places) > 1:
            rest = [i for i in range(len(labels)) if i not in places]
            steps = np.arange(sizes[label])
            pattern = (HERE,) * len(places)
            tensor = read(permute(tensor, places + rest), (steps,) * len(places), pattern)
            labels = label + "".join(labels[i] for i in rest)
    return _Labelled(tensor, labels)


def _summed(part: _Labelled, wanted: set[str]) -> _Labelled:
    """Summed over every label that is not wanted."""
    axes = [i for i, label in enumerate(part.labels) if label not in wanted]
    if not axes:
        return part
    labels = "".join(label for label in part.labels if label in wanted)
    return _Labelled(sum(part.tensor, axes), labels)


def _product(a: _Labelled, b: _Labelled, wanted: set[str]) -> _Labelled:
    """Two operands multiplied, and summed over what is not wanted afterwards."""
    b = _summed(b, wanted | set(a.labels))
    both = [label for label in a.labels if label in b.labels]
    batch = "".join(label for label in both if label in wanted)
    over = "".join(label for label in both if label not in wanted)
    rows = "".join(label for label in a.labels if label not in both)
    columns = "".join(label for label in b.labels if label not in both)
    if not over:
        product = _laid_out(a, batch + rows + columns) * _laid_out(b, batch + rows + columns)
        return _Labelled(product, batch + rows + columns)
    lengths = dict(zip(a.labels + b.labels, (*a.tensor.shape, *b.tensor.shape), strict=True))
    matrices = matmul(
        _grouped(a, (batch, rows, over), lengths), _grouped(b, (batch, over, columns), lengths)
    )
    labels = batch + rows + columns
    shape = tuple([lengths[label] for label in labels])
    return _Labelled(matrices if matrices.shape == shape else reshape(matrices, shape), labels)


def _laid_out(part: _Labelled, labels: str) -> Any:
    """The tensor with its dimensions in this order, and of length 1 where it has none."""
    order = sorted(range(len(part.labels)), key=lambda i: labels.index(part.labels[i]))
    lengths = dict(zip(part.labels, part.tensor.shape, strict=True))
    shape = tuple(lengths.get(label, 1) for label in labels)
    return reshape(permute(part.tensor, order), shape)


def _grouped(part: _Labelled, groups: tuple[str, str, str], lengths: dict[str, int]) -> Any:
    """The tensor with its dimensions joined to three (two without a batch)."""
    wanted = "".join(groups)
    tensor = part.tensor
    if wanted != part.labels:
        tensor = permute(tensor, [part.labels.index(label) for label in wanted])
    if len(groups[0]) <= 1 and len(groups[1]) == len(groups[2]) == 1:
        return tensor
    shape = [math.prod([lengths[label] for label in group]) for group in groups]
    return reshape(tensor, tuple(shape if groups[0] else shape[1:]))
