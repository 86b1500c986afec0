"""How many threads NumPy's BLAS takes for a product.

OpenBLAS wakes its threads for products that are too small to gain by it: up to some ten
million multiplications two threads take as long as one and two to three times its processor
time, and far longer where another process holds a core. The dense layers therefore ask for
one thread there. Other BLAS libraries are left alone.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np

FEW = 1 << 18  # multiplications up to which OpenBLAS stays on one thread by itself
MANY = 12_000_000  # from here on more threads are worth their time


class _Library:
    """NumPy's OpenBLAS, looked for at the first product of middling size."""

    __slots__ = ("gemm", "get", "looked", "set")

    def __init__(self) -> None:
        self.looked = False
        self.get: Any = None
        self.set: Any = None
        self.gemm: dict[str, int] = {}  # addresses of the matrix products, by dtype

    def look(self) -> None:
        self.looked = True
        folder = Path(np.__file__).parent
        for place in (folder.parent / "numpy.libs", folder / ".dylibs"):
            for path in sorted(place.glob("*openblas*")):
                self._open(path)

    def _open(self, path: Path) -> None:
        try:
            library = ctypes.CDLL(str(path))
            self.get = library.scipy_openblas_get_num_threads64_
            self.set = library.scipy_openblas_set_num_threads64_
            products = {"f": library.scipy_cblas_sgemm64_, "d": library.scipy_cblas_dgemm64_}
        except (OSError, AttributeError):  # another build: let it decide for itself
            self.get = self.set = None
            return
        for char, function in products.items():
            self.gemm[char] = ctypes.cast(function, ctypes.c_void_p).value or 0
        self.get.restype, self.set.restype = ctypes.c_int, None
        self.set.argtypes = [ctypes.c_int]


_library = _Library()


def gemm_address(char: str) -> int:
    """Where OpenBLAS's product of matrices of a dtype lies in memory; 0 if there is none."""
    if not _library.looked:
        _library.look()
    return _library.gemm.get(char, 0)


def one_thread(multiplications: int = MANY - 1) -> int:
    """Put BLAS on one thread, if that is enough for products of this size.

    Parameters
    ----------
    multiplications : int, optional
        Of the largest product that follows: rows x columns x inner length; if it is not given,
        one thread it is.

    Returns
    -------
    int
        What to give `restore` afterwards; 0 if nothing was changed.

    Examples
    --------
    >>> one_thread(1000)  # so small that BLAS needs no telling
    0
    """
    if not FEW < multiplications < MANY:
        return 0
    if not _library.looked:
        _library.look()
    if _library.get is None:
        return 0
    count = int(_library.get())
    if count <= 1:
        return 0
    _library.set(1)
    return count


def restore(count: int) -> None:
    """Give BLAS back the threads that `one_thread` took."""
    if count:
        _library.set(count)
