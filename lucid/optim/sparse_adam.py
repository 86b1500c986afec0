"""`SparseAdam`, which Lucid has not: the name exists so that it can say so."""

from __future__ import annotations

from typing import Any

from ..errors import UnimplementedError, compose


class SparseAdam:
    """Adam for sparse gradients; refused, as there are no sparse tensors here.

    Gradients of embeddings are dense. `Adam` takes them; it also moves rows that a batch does
    not use, by what is left of their momentum.

    Raises
    ------
    UnimplementedError
        Always.

    Examples
    --------
    >>> import lucid
    >>> lucid.optim.SparseAdam([])
    Traceback (most recent call last):
        ...
    lucid.errors.UnimplementedError: SparseAdam: there are no sparse gradients here
      help: lucid.optim.Adam
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        problem = "there are no sparse gradients here"
        raise UnimplementedError(compose("SparseAdam", problem, fix="lucid.optim.Adam"))
