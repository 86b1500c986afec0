"""Nests of tuples, lists and dicts with tensors in them: what functions take and give.

A nest stands for its own structure: `rebuilt` lays other leaves out in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..core.tensor import Tensor
from ..errors import DTypeError, compose


def leaves(tree: Any) -> list[Any]:
    """All that is no tuple, list or dict, in order.

    Examples
    --------
    >>> leaves({"a": (1, [2]), "b": 3})
    [1, 2, 3]
    """
    found: list[Any] = []
    _collect(tree, found)
    return found


def _collect(tree: Any, found: list[Any]) -> None:
    if type(tree) is Tensor:  # the usual leaf, told at a glance
        found.append(tree)
    elif isinstance(tree, tuple | list):
        for part in tree:
            _collect(part, found)
    elif isinstance(tree, dict):
        for part in tree.values():
            _collect(part, found)
    else:
        found.append(tree)


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same nest with a function applied to each leaf.

    Examples
    --------
    >>> mapped(lambda x: x + 1, {"a": (1, [2])})
    {'a': (2, [3])}
    """
    if type(tree) is Tensor:
        return function(tree)
    if isinstance(tree, tuple | list):
        parts = [mapped(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if isinstance(tree, dict):
        made = {key: mapped(function, part) for key, part in tree.items()}
        return made if type(tree) is dict else type(tree)(made)
    return function(tree)


def rebuilt(tree: Any, new: Iterator[Any] | list[Any]) -> Any:
    """The same nest with other leaves, in order.

    Examples
    --------
    >>> rebuilt({"a": (1, [2])}, [3, 4])
    {'a': (3, [4])}
    """
    remaining = iter(new)
    return mapped(lambda _: next(remaining), tree)


def tensors(where: str, what: str, tree: Any) -> list[Tensor]:
    """The leaves of a nest, all of which must be tensors.

    Raises
    ------
    DTypeError
        If one is not, or there is none.
    """
    found = leaves(tree)
    for leaf in found:
        if not isinstance(leaf, Tensor):
            problem = f"{what} must be tensors, or tuples, lists and dicts of tensors,"
            problem += f" not {type(leaf).__name__}"
            raise DTypeError(compose(where, problem, {what: leaf}))
    if not found:
        raise DTypeError(compose(where, f"{what} hold no tensor", {what: tree}))
    return found


def paired(where: str, what: str, tree: Any, like: Any, called: str) -> list[Any]:
    """The leaves of a nest that must be built like another.

    Raises
    ------
    DTypeError
        If it is not.
    """
    if not _alike(tree, like):
        problem = f"{what} must be built like {called}: the same tuples, lists and dicts"
        seen = {what: outline(tree), called: outline(like)}
        raise DTypeError(compose(where, problem, seen))
    return leaves(rebuilt(like, _in_order_of(tree, like)))


def _alike(a: Any, b: Any) -> bool:
    if isinstance(b, tuple | list):
        same = isinstance(a, tuple | list) and len(a) == len(b)
        return same and all(map(_alike, a, b))
    if isinstance(b, dict):
        same = isinstance(a, dict) and a.keys() == b.keys()
        return same and all(_alike(a[key], b[key]) for key in b)
    return not isinstance(a, tuple | list | dict)


def _in_order_of(tree: Any, like: Any) -> list[Any]:
    """The leaves of `tree`, dicts in the order of their twins in `like`."""
    if isinstance(like, dict):
        return [leaf for key in like for leaf in _in_order_of(tree[key], like[key])]
    if isinstance(like, tuple | list):
        parts = zip(tree, like, strict=True)
        return [leaf for part, twin in parts for leaf in _in_order_of(part, twin)]
    return [tree]


def outline(tree: Any) -> str:
    """A nest with ``*`` in the place of its leaves, for messages.

    Examples
    --------
    >>> outline({"a": (1, [2])})
    '{a: (*, [*])}'
    """
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {outline(part)}" for key, part in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(outline, tree)) + "]"
    if isinstance(tree, tuple):
        return "(" + ", ".join(map(outline, tree)) + ("," if len(tree) == 1 else "") + ")"
    return "*"
