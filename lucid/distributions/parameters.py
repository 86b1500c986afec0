"""Parameters of distributions: brought to one dtype and shape, converted, and kept lean."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..config import SETTINGS
from ..core.tensor import Tensor, wrap
from ..dtypes import is_floating
from ..errors import DTypeError, ShapeError, compose, not_a_tensor
from ..ops.exponential import log, log1p
from ..ops.logistic import sigmoid
from ..ops.promotion import result_dtype
from ..ops.softmax import softmax

EULER = 0.57721566490153286  # Euler's constant, minus the derivative of the gamma function at 1


def as_tensor(where: str, name: str, value: Any) -> Tensor:
    """A parameter or value as a tensor; arrays and numbers are wrapped.

    Raises
    ------
    DTypeError
        If it is something else, or complex.
    """
    if isinstance(value, Tensor):
        if value._data.dtype.kind == "c":
            problem = f"{name} must be real"
            fix = f"{name}.real or {name}.abs()"
            raise DTypeError(compose(where, problem, {name: value}, fix))
        return value
    if isinstance(value, np.ndarray | np.generic | int | float):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            kept = array.ndim or isinstance(value, np.generic) or array.dtype.kind != "f"
            return wrap(array if kept else array.astype(SETTINGS.default_dtype))
    raise not_a_tensor(where, value, name)


def common_dtype(where: str, **parameters: Any) -> np.dtype[Any]:
    """The floating dtype that parameters promote to: numbers have no say beside tensors."""
    given = [p for p in parameters.values() if hasattr(p, "dtype")]
    dtype = result_dtype(where, *given) if given else SETTINGS.default_dtype
    return dtype if is_floating(dtype) else SETTINGS.default_dtype


def broadcast_all(where: str, **parameters: Any) -> list[Tensor]:
    """Parameters as tensors of one floating dtype and one shape.

    Parameters
    ----------
    where : str
        The class that complains, should they not fit.
    **parameters : Tensor, array or number
        By their names.

    Raises
    ------
    DTypeError
        If one is neither a tensor nor a number, or complex.
    ShapeError
        If they do not broadcast.
    """
    tensors = {name: as_tensor(where, name, value) for name, value in parameters.items()}
    dtype = common_dtype(where, **{n: v for n, v in parameters.items() if hasattr(v, "dtype")})
    shape = fitting_shape(where, {name: (t, t.shape) for name, t in tensors.items()})
    return [expanded(in_dtype(parameters[n], t, dtype), shape) for n, t in tensors.items()]


def in_dtype(given: Any, tensor: Tensor, dtype: Any) -> Tensor:
    """A parameter in a dtype: a Python number is not rounded to the default one on its way."""
    if isinstance(given, int | float) and not isinstance(given, np.generic):
        return wrap(np.asarray(given, dtype))
    return tensor.astype(dtype)


def fitting_shape(where: str, shapes: dict[str, tuple[Tensor, tuple[int, ...]]]) -> Any:
    """The shape that the (batch) shapes of parameters broadcast to.

    Raises
    ------
    ShapeError
        If they do not.
    """
    try:
        return np.broadcast_shapes(*(shape for _, shape in shapes.values()))
    except ValueError:
        seen = {name: tensor for name, (tensor, _) in shapes.items()}
        problem = f"the shapes of {' and '.join(shapes)} do not broadcast"
        fix = "lengths must be equal or 1, counted from the last dimension: x.unsqueeze(-1)"
        raise ShapeError(compose(where, problem, seen, fix)) from None


def expanded(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`x` in a larger shape, as a view; itself where it has that shape."""
    return x if x.shape == shape else x.expand(shape)


def lean(x: Tensor) -> Tensor:
    """`x` without what `expand` repeated: length 1 wherever one number stands for many.

    What is computed of it, a logarithm or a gamma function, is computed once.
    """
    strides = x._data.strides
    if 0 not in strides:
        return x
    repeated = [not step and length > 1 for step, length in zip(strides, x.shape, strict=True)]
    return x[tuple(slice(0, 1) if r else slice(None) for r in repeated)] if any(repeated) else x


class lazy_property(functools.cached_property[Any]):  # noqa: N801 - it reads as a keyword
    """A property that is computed once, recorded for differentiation, and then kept.

    >>> class Circle:
    ...     @lazy_property
    ...     def area(self):
    ...         return 3.0
    >>> circle = Circle()
    >>> circle.area, vars(circle)
    (3.0, {'area': 3.0})
    """

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with enable_grad():
            return super().__get__(instance, owner)


# ---- probabilities and logits ---------------------------------------------------------


def one_of(where: str, **given: Any) -> str:
    """The name of the one parameter that is given, where exactly one must be.

    Raises
    ------
    DTypeError
        If none is given, or several are.
    """
    names = [name for name, value in given.items() if value is not None]
    if len(names) != 1:
        problem = f"takes exactly one of {', '.join(given)}; given: {', '.join(names) or 'none'}"
        raise DTypeError(compose(where, problem, fix=f"{where}({next(iter(given))}=...)"))
    return names[0]


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities kept an epsilon away from 0 and 1, where logarithms are infinite."""
    eps = float(np.finfo(probs.dtype).eps) if probs.dtype.kind == "f" else 1e-2
    return probs.clamp(eps, 1 - eps)


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """The probabilities that belong to log-odds (binary), or to unnormalised logarithms."""
    return sigmoid(logits) if is_binary else softmax(logits, -1)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """The other way round, finite for probabilities of 0 and 1."""
    safe = clamp_probs(probs)
    return log(safe) - log1p(-safe) if is_binary else log(safe)
