r"""Complex numbers: their parts, their making, their angle, and the same memory seen as pairs.

Gradients follow PyTorch's convention. For a real loss :math:`L` and :math:`z = x + i y` the
gradient is :math:`\partial L / \partial x + i \, \partial L / \partial y`, the direction along
which the loss grows fastest; a holomorphic :math:`f` multiplies it by :math:`\overline{f'(z)}`.
The conjugate itself, which the rules of so many ops need, stands in `arithmetic`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import samples
from ..core.apply import apply
from ..core.primitive import primitive
from ..core.tensor import Tensor, values, wrap
from ..errors import DTypeError, ShapeError, compose
from ..kernels.complex import joined
from .arithmetic import conj, mul
from .axes import ndim_of
from .bind import method
from .out import into
from .promotion import floating, kind_of, promote
from .selection import flat_gradient, where
from .transposition import _matrix_transposed
from .trigonometric import cos, sin

# ---- the two parts --------------------------------------------------------------------


def _complex_samples(draw: samples.Draw) -> list[samples.Sample]:
    """Complex arrays, whatever the dtype that is drawn."""
    return [draw.sample(_pairs(draw, *shape)) for shape in [(3, 4), (), (0, 3)]]


def _pairs(draw: samples.Draw, *shape: int) -> Any:
    return np.asarray(draw(*shape) + 1j * draw(*shape))


@primitive("real", view=True, complex=True, samples=_complex_samples)
def _real(x: Any) -> Any:
    return x.real


@_real.rule
def _(g, y, x):  # the engine gives it an imaginary part of zero
    return (g,)


def real(input: Tensor) -> Tensor:
    """The real parts; of a real tensor the tensor itself. Also spelled ``x.real``.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import lucid
    >>> lucid.real(lucid.tensor([1 + 2j, 3 - 4j]))
    Tensor([1.0000, 3.0000])
    """
    return apply(_real, input) if kind_of("real", input) == "c" else input


@primitive("imag", view=True, complex=True, samples=_complex_samples)
def _imag(x: Any) -> Any:
    return x.imag


@_imag.rule
def _(g, y, x):
    return (mul(g, 1j),)


def imag(input: Tensor) -> Tensor:
    """The imaginary parts. Also spelled ``x.imag``.

    Parameters
    ----------
    input : Tensor
        Complex.

    Returns
    -------
    Tensor
        A view.

    Raises
    ------
    DTypeError
        If the tensor is real: there is no memory to view.

    Examples
    --------
    >>> import lucid
    >>> lucid.imag(lucid.tensor([1 + 2j, 3 - 4j]))
    Tensor([2.0000, -4.0000])
    """
    _require_complex("imag", input)
    return apply(_imag, input)


def _require_complex(where: str, input: Any) -> None:
    if kind_of(where, input) != "c":
        problem = "takes a complex tensor; a real one has no imaginary part to view"
        raise DTypeError(compose(where, problem, {"input": input}, "input.cfloat()"))


def _set_real(input: Tensor, value: Any) -> None:
    real(input).copy_(value)


def _set_imag(input: Tensor, value: Any) -> None:
    imag(input).copy_(value)


Tensor.real = property(real, _set_real)  # type: ignore[method-assign, assignment]
Tensor.imag = property(imag, _set_imag)  # type: ignore[method-assign, assignment]

# ---- made of two parts ----------------------------------------------------------------


@primitive("complex", broadcasts=True, samples=samples.binary)
def _complex(a: Any, b: Any) -> Any:
    return joined(a, b)


@_complex.rule
def _(g, y, a, b, *, needs):
    return (real(g) if needs[0] else None), (imag(g) if needs[1] else None)


def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""Complex numbers :math:`x + i y` from their parts.

    Unlike a sum with ``1j * imag`` it keeps infinities and signed zeros in their own part.

    Parameters
    ----------
    real, imag : Tensor
        Both float32 or float64 (promoted where they differ; PyTorch refuses that). They
        broadcast against each other.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    DTypeError
        If a part is neither float32 nor float64.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.complex(lucid.tensor([1.0, 3.0]), lucid.tensor([2.0, -4.0]))
    Tensor([1.0000+2.0000j, 3.0000-4.0000j])
    """
    if out is not None:
        return into(complex, locals())
    _require_parts("complex", real=real, imag=imag)
    return apply(_complex, *promote("complex", real, imag))


def _require_parts(where: str, **parts: Any) -> None:
    """Refuse parts that no complex dtype is made of."""
    for part in parts.values():
        if getattr(part, "dtype", None) not in (np.float32, np.float64):
            problem = "takes two tensors of float32 or float64"
            fix = "x.float()" if isinstance(part, Tensor) else "lucid.tensor(value)"
            raise DTypeError(compose(where, problem, parts, fix))


def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""Complex numbers from magnitude and angle: :math:`r \cos\varphi + i \, r \sin\varphi`.

    Parameters
    ----------
    abs, angle : Tensor
        Both float32 or float64. They broadcast against each other.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    DTypeError
        If an operand is neither float32 nor float64.
    ShapeError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import lucid
    >>> lucid.polar(lucid.tensor([2.0, 1.0]), lucid.tensor([0.0, lucid.pi / 4]))
    Tensor([2.0000+0.0000j, 0.7071+0.7071j])
    """
    if out is not None:
        return into(polar, locals())
    _require_parts("polar", abs=abs, angle=angle)
    return complex(mul(abs, cos(angle)), mul(abs, sin(angle)))


# ---- the angle ------------------------------------------------------------------------


def _angle_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [*samples.unary_kinked(draw), draw.sample(_pairs(draw, 3, 4))]


@primitive("angle", saves=("x",), complex=True, samples=_angle_samples)
def _angle(x: Any) -> Any:
    if x.dtype.kind == "c":
        return np.arctan2(x.imag, x.real)
    turned = np.where(x < 0, x.dtype.type(math.pi), x.dtype.type(0))
    return np.where(np.isnan(x), x, turned)


@_angle.rule
def _(g, y, x):  # i / conj(z), at right angles to z; 0 at the origin
    if x.dtype.kind != "c":
        return (flat_gradient(g),)
    origin = values(x) == 0
    return (where(origin, 0.0, mul(g, 1j) / conj(where(origin, 1.0, x))),)


@method("angle")
def angle(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    r"""The angle :math:`\operatorname{atan2}(y, x)` of :math:`x + i y`, element by element.

    Parameters
    ----------
    input : Tensor
        Negative real numbers have the angle :math:`\pi`, others 0, NaN has NaN. Integers are
        taken to the default floating dtype.
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Returns
    -------
    Tensor
        Real. The gradient at 0 is taken as 0.

    Examples
    --------
    >>> import lucid
    >>> lucid.angle(lucid.tensor([1 + 1j, -2j, -1 + 0j]))
    Tensor([0.7854, -1.5708, 3.1416])
    """
    if out is not None:
        return into(angle, locals())
    return apply(_angle, floating(input, "angle"))


# ---- the same memory as pairs of real numbers -----------------------------------------


@primitive("view_as_real", view=True, complex=True, samples=_complex_samples)
def _view_as_real(x: Any) -> Any:
    return x[..., None].view(x.real.dtype)


@_view_as_real.rule
def _(g, y, x):
    return (view_as_complex(g),)


@method("view_as_real")
def view_as_real(input: Tensor) -> Tensor:
    """Complex numbers as pairs of real ones, in a last dimension of length 2.

    Parameters
    ----------
    input : Tensor
        Complex, of any shape ``(...)``.

    Returns
    -------
    Tensor
        Shape ``(..., 2)``; a view.

    Raises
    ------
    DTypeError
        If the tensor is real.

    Examples
    --------
    >>> import lucid
    >>> lucid.view_as_real(lucid.tensor([1 + 2j, 3 - 4j]))
    Tensor([[1.0000, 2.0000],
            [3.0000, -4.0000]])
    """
    _require_complex("view_as_real", input)
    return apply(_view_as_real, input)


def _pair_samples(draw: samples.Draw) -> list[samples.Sample]:
    return [draw.sample(draw(*shape, 2)) for shape in [(3, 4), (), (0, 3)]]


@primitive("view_as_complex", view=True, samples=_pair_samples)
def _view_as_complex(x: Any) -> Any:
    dtype = np.result_type(x, np.complex64)
    steps_fit = all(step % dtype.itemsize == 0 for step in x.strides[:-1])
    if x.strides[-1] != x.itemsize or not steps_fit:
        x = np.ascontiguousarray(x)
    return x.view(dtype)[..., 0]


@_view_as_complex.rule
def _(g, y, x):
    return (view_as_real(g),)


@method("view_as_complex")
def view_as_complex(input: Tensor) -> Tensor:
    """Pairs of real numbers as complex ones.

    Parameters
    ----------
    input : Tensor
        float32 or float64, of shape ``(..., 2)``.

    Returns
    -------
    Tensor
        Shape ``(...)``; a view where pairs lie next to each other in memory, and a copy where
        they do not (PyTorch refuses those).

    Raises
    ------
    DTypeError
        If the tensor is neither float32 nor float64.
    ShapeError
        If its last dimension is not of length 2.

    Examples
    --------
    >>> import lucid
    >>> lucid.view_as_complex(lucid.tensor([[1.0, 2.0], [3.0, -4.0]]))
    Tensor([1.0000+2.0000j, 3.0000-4.0000j])
    """
    _require_parts("view_as_complex", input=input)
    if not input.ndim or input.shape[-1] != 2:
        problem = "the last dimension must be of length 2: real and imaginary part"
        raise ShapeError(compose("view_as_complex", problem, {"input": input}))
    return apply(_view_as_complex, input)


# What a tensor becomes when a view of it, made by one of these, is changed (see `inplace`).
WHOLE = {
    _real: lambda part, base: complex(part, imag(base)),
    _imag: lambda part, base: complex(real(base), part),
    _view_as_real: lambda pairs, base: view_as_complex(pairs),
    _view_as_complex: lambda numbers, base: view_as_real(numbers),
}

# ---- conjugates -----------------------------------------------------------------------


@method("conj_physical")
def conj_physical(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The conjugate; the same as `conj`, which is computed at once here.

    Parameters
    ----------
    input : Tensor
    out : Tensor, optional
        Where the result is written (see `lucid.ops.out`).

    Examples
    --------
    >>> import lucid
    >>> lucid.conj_physical(lucid.tensor([1 + 2j]))
    Tensor([1.0000-2.0000j])
    """
    if out is not None:
        return into(conj_physical, locals())
    return conj(input)


@method("resolve_conj")
def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself: no conjugation waits to be carried out (see `is_conj`).

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.resolve_conj(lucid.tensor([1 + 2j]).conj())
    Tensor([1.0000-2.0000j])
    """
    kind_of("resolve_conj", input)  # refuses what is no tensor
    return input


@method("resolve_neg")
def resolve_neg(input: Tensor) -> Tensor:
    """The tensor itself: no change of sign waits to be carried out.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.resolve_neg(lucid.tensor([1 + 2j]).conj().imag)
    Tensor([-2.0000])
    """
    kind_of("resolve_neg", input)  # refuses what is no tensor
    return input


@method("is_conj")
def is_conj(input: Tensor) -> bool:
    """False: PyTorch marks a tensor as conjugated, Lucid conjugates it.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.is_conj(lucid.tensor([1 + 2j]).conj())
    False
    """
    kind_of("is_conj", input)  # refuses what is no tensor
    return False


@method("is_neg")
def is_neg(input: Tensor) -> bool:
    """False: PyTorch marks a tensor as negated, Lucid negates it.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.is_neg(lucid.tensor([1 + 2j]).conj().imag)
    False
    """
    kind_of("is_neg", input)  # refuses what is no tensor
    return False


@method("adjoint")
def adjoint(input: Tensor) -> Tensor:
    r"""Matrices transposed and conjugated, :math:`A^H`. Also spelled ``x.mH``.

    Parameters
    ----------
    input : Tensor
        Shape ``(..., n, m)``.

    Returns
    -------
    Tensor
        Shape ``(..., m, n)``; of real matrices a view.

    Raises
    ------
    ShapeError
        If there are fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> lucid.adjoint(lucid.tensor([[1j, 2.0], [3.0, 4j]]))
    Tensor([[0.0000-1.0000j, 3.0000-0.0000j],
            [2.0000-0.0000j, 0.0000-4.0000j]])
    """
    if ndim_of("adjoint", input) < 2:
        problem = "needs matrices, of two dimensions or more"
        raise ShapeError(compose("adjoint", problem, {"input": input}, "input.conj()"))
    return conj(_matrix_transposed(input))


def _hermitian(input: Tensor) -> Tensor:
    """One matrix transposed and conjugated: ``x.H``."""
    if input.ndim != 2:
        problem = "needs one matrix, of two dimensions"
        fix = "input.mH for batches of matrices" if input.ndim > 2 else "input.conj()"
        raise ShapeError(compose("H", problem, {"input": input}, fix))
    return adjoint(input)


Tensor.mH = property(adjoint)  # type: ignore[method-assign, assignment]
Tensor.H = property(_hermitian)  # type: ignore[method-assign, assignment]

# ---- what kind of numbers these are ---------------------------------------------------


@method("isreal")
def isreal(input: Tensor) -> Tensor:
    """Where the imaginary part is zero; everywhere for a real tensor.

    Parameters
    ----------
    input : Tensor

    Returns
    -------
    Tensor of bool

    Examples
    --------
    >>> import lucid
    >>> lucid.isreal(lucid.tensor([1 + 0j, 1 + 2j]))
    Tensor([True, False])
    """
    if kind_of("isreal", input) == "c":
        return imag(input) == 0
    return wrap(np.ones(input.shape, np.bool_))


@method("is_complex")
def is_complex(input: Tensor) -> bool:
    """True for a complex dtype.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.is_complex(lucid.tensor([1j])), lucid.is_complex(lucid.tensor([1.0]))
    (True, False)
    """
    return kind_of("is_complex", input) == "c"


def is_floating_point(input: Tensor) -> bool:
    """True for a floating dtype: float16, bfloat16, float32 or float64.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.is_floating_point(lucid.tensor([1.0])), lucid.is_floating_point(lucid.tensor([1]))
    (True, False)
    """
    return kind_of("is_floating_point", input) in "fV"


@method("is_signed")
def is_signed(input: Tensor) -> bool:
    """True for a dtype with negative numbers: all but uint8 and bool.

    Parameters
    ----------
    input : Tensor

    Examples
    --------
    >>> import lucid
    >>> lucid.is_signed(lucid.tensor([1])), lucid.is_signed(lucid.tensor([True]))
    (True, False)
    """
    return kind_of("is_signed", input) not in "ub"
