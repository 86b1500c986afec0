"""Half precision by region: what `lucid.amp.autocast` has said about this thread's ops.

Functions that take part ask ``if casting``, an empty dict as long as nobody uses `autocast`.
They see their operands by `lowered` (products, convolutions, attention) or by `raised` (losses,
decompositions and the like), so that casts are recorded as any other op.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import numpy as np

from ..core import versions
from ..core.node import Leaf
from ..core.tensor import Tensor
from .casting import astype

casting: dict[int, Region] = {}  # by thread: the innermost region that is switched on


class Region:
    """A region in which products are computed in a half precision.

    Parameters
    ----------
    dtype : dtype
        float16 or bfloat16.
    keep : bool
        Keep what was cast already of parameters, which are used again and again.
    around : Region or None
        The one that this one lies in.
    """

    __slots__ = ("_kept", "dtype")

    def __init__(self, dtype: Any, keep: bool, around: Region | None) -> None:
        self.dtype = dtype
        self._kept: dict[int, Any] | None = {} if keep else None
        if keep and around is not None and around.dtype == dtype and around._kept is not None:
            self._kept = around._kept

    def low(self, x: Any) -> Any:
        """An operand in the region's dtype; what is double, whole or no tensor stays."""
        if not isinstance(x, Tensor) or not _narrow(x) or x._data.dtype == self.dtype:
            return x
        if self._kept is None or type(x._node) is not Leaf:
            return astype(x, self.dtype)
        known = self._kept.get(id(x))
        if known is not None:
            tensor, data, when, result = known
            changed = data is not x._data or versions.changed_since(data, when)
            if tensor() is x and not changed and result._node.saved is not None:
                return result
        result = astype(x, self.dtype)
        if result._node is not None:  # not so where nothing is recorded
            self._kept[id(x)] = (weakref.ref(x), x._data, versions.tick(), result)
        return result


def _narrow(x: Tensor) -> bool:
    """True for float32 and the halves."""
    dtype = x._data.dtype
    return dtype.char == "f" or (dtype.itemsize == 2 and dtype.kind in "fV")


def lowered(*operands: Any) -> Any:
    """Operands in the dtype of this thread's region; as they are where there is none."""
    region = casting.get(get_ident())
    return operands if region is None else tuple(map(region.low, operands))


def raised(*operands: Any) -> Any:
    """Operands in half precision taken to float32, within a region."""
    if not is_casting():
        return operands
    return tuple(
        astype(x, np.float32)
        if isinstance(x, Tensor) and _narrow(x) and x._data.dtype.itemsize == 2
        else x
        for x in operands
    )


def is_casting() -> bool:
    """True within a region of this thread; asked where half precision was met."""
    return get_ident() in casting


@contextmanager
def suspended() -> Iterator[None]:
    """Outside of every region, for the time of a ``with`` block."""
    region = casting.pop(get_ident(), None)
    try:
        yield
    finally:
        if region is not None:
            casting[get_ident()] = region
