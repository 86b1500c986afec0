"""`autocast`, which is here so that programs that use it run."""

from __future__ import annotations

import warnings
from contextlib import ContextDecorator
from typing import Any, Self


class autocast(ContextDecorator):  # noqa: N801  (PyTorch's name)
    """A region in which PyTorch computes products in half precision; here nothing changes.

    Results keep the dtype of their operands, so they are at least as accurate. A warning says
    so, once.

    Parameters
    ----------
    device_type : str, default "cpu"
    dtype : dtype, optional
    enabled : bool, default True
    cache_enabled : bool, optional

    Examples
    --------
    >>> import lucid
    >>> with lucid.amp.autocast("cpu", enabled=False):
    ...     (lucid.ones(2, 2) @ lucid.ones(2, 2)).dtype
    dtype('float32')
    """

    _warned = False

    def __init__(
        self,
        device_type: str = "cpu",
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        self.enabled = enabled
        if enabled and not autocast._warned:
            autocast._warned = True
            text = (
                "autocast changes nothing on a CPU: everything is computed in the dtype of its "
                "operands. model.bfloat16() stores a model in half the memory"
            )
            warnings.warn(text, stacklevel=2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return None
