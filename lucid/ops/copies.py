"""Views with memory of their own: `narrow_copy`, `expand_copy` and their like.

Each is the function without ``_copy``, with the same arguments, followed by a copy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor
from ..errors import not_a_tensor
from .bind import method
from .broadcasting import expand
from .complex import view_as_complex, view_as_real
from .diagonals import diagonal
from .gathering import narrow, select
from .shape import clone, squeeze, unsqueeze, view
from .sliding import unfold
from .splitting import split, split_with_sizes, unbind
from .strided import as_strided
from .transposition import permute, t, transpose

_ABOUT = """`{name}` with memory of its own.

Takes the arguments of `{name}` and raises its errors.

Examples
--------
In place of a view::

    lucid.{name}_copy(input, ...)  # input.{name}(...).clone()
"""


def _copying(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function that returns copies of the views that another one makes."""

    @functools.wraps(function)
    def copied(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return tuple(map(clone, result)) if isinstance(result, tuple) else clone(result)

    copied.__module__ = __name__
    copied.__name__ = copied.__qualname__ = f"{function.__name__}_copy"
    copied.__doc__ = _ABOUT.format(name=function.__name__)
    return copied


def detach_copy(input: Tensor) -> Tensor:
    """The values of a tensor in memory of their own, without its history.

    Parameters
    ----------
    input : Tensor

    Raises
    ------
    DTypeError
        If it is no tensor.

    Examples
    --------
    >>> import lucid
    >>> lucid.detach_copy(lucid.ones(2, requires_grad=True))
    Tensor([1.0000, 1.0000])
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("detach_copy", input)
    return clone(input.detach())


as_strided_copy = _copying(as_strided)
diagonal_copy = _copying(diagonal)
expand_copy = _copying(expand)
narrow_copy = _copying(narrow)
permute_copy = _copying(permute)
select_copy = _copying(select)
split_copy = _copying(split)
split_with_sizes_copy = _copying(split_with_sizes)
squeeze_copy = _copying(squeeze)
t_copy = _copying(t)
transpose_copy = _copying(transpose)
unbind_copy = _copying(unbind)
unfold_copy = _copying(unfold)
unsqueeze_copy = _copying(unsqueeze)
view_as_complex_copy = _copying(view_as_complex)
view_as_real_copy = _copying(view_as_real)
view_copy = _copying(view)

method("narrow_copy")(narrow_copy)  # the one that PyTorch has as a method
