"""SciPy, imported when a function first wants it: Lucid itself needs NumPy alone."""

from __future__ import annotations

from typing import Any

from ..errors import MissingPackageError, compose


def scipy_special(where: str) -> Any:
    """The module ``scipy.special``.

    Parameters
    ----------
    where : str
        The function that wants it, for the message.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.

    Examples
    --------
    >>> scipy_special("bessel_j0").j0(0.0).item()
    1.0
    """
    try:
        from scipy import special
    except ImportError as error:
        problem = "needs the package scipy, which is not installed"
        fix = "pip install 'lucid[scipy]'"
        raise MissingPackageError(compose(where, problem, fix=fix)) from error
    return special
