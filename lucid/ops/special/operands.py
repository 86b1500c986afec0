"""Two real operands of one floating dtype, for functions that complex numbers have no part in."""

from __future__ import annotations

from typing import Any

from ..promotion import promote_floating, real_floating


def real_pair(where: str, a: Any, b: Any) -> tuple[Any, Any]:
    """`promote_floating`, and an error for complex operands.

    Raises
    ------
    DTypeError
        If an operand is complex, or neither a tensor nor a number.
    """
    a, b = promote_floating(where, a, b)
    return (
        real_floating(a, where) if hasattr(a, "dtype") else a,
        real_floating(b, where) if hasattr(b, "dtype") else b,
    )
