"""`autocast`: regions in which products are computed in half precision."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from contextlib import ContextDecorator
from threading import get_ident
from typing import Any, Self

from ..dtypes import bfloat16, float16, resolve
from ..errors import ArgumentError, compose
from ..ops.autocasting import Region, casting
from ..ops.casting import astype


class autocast(ContextDecorator):  # noqa: N801  (PyTorch's name)
    """A region, or decorated function, in which products are computed in half precision.

    What PyTorch's autocast does on a CPU, with the same dtypes of results. Operands of products
    (`matmul` and ``@``, `mm`, `bmm`, `addmm`, `addbmm`, `baddbmm`, `einsum`, `tensordot`,
    `inner`, `linalg.vecdot`, `linear`), convolutions, `prelu`, attention and recurrent layers
    are rounded to the half precision, multiplied and added up in float32, and the result is
    rounded again. Operands of losses, Fourier transforms, `prod`, `cdist` and `quantile` are
    taken to float32. Everything else computes in the dtype it is given. float64 is never
    touched; parameters stay in float32, and so do their gradients.

    Parameters
    ----------
    device_type : str, default "cpu"
        Where tensors lie. For another than "cpu" a warning says that nothing changes.
    dtype : dtype, default bfloat16
        bfloat16 (which needs the package `ml_dtypes`) or float16.
    enabled : bool, default True
        False: a region within another one where nothing is cast.
    cache_enabled : bool, default True
        Cast a parameter once within the outermost region, not at each use; once more after it
        was changed.

    Raises
    ------
    ArgumentError
        If `dtype` is no half precision.
    DTypeError
        If bfloat16 is wanted and `ml_dtypes` is not there.

    Notes
    -----
    A processor has no half precision that NumPy could use: this saves no time but costs that of
    the casts. A step of a small network takes two to three times as long in bfloat16, and far
    longer in float16 where gradients are below 6e-5. It is for running a program that uses it,
    and for seeing what training in half precision does to the numbers; activations take half
    the memory.
    In float16 use `GradScaler` beside it. The region belongs to its thread, and `backward`
    computes in the dtypes of the forward pass wherever it is called. Functions of `linalg`
    refuse half precision, here as elsewhere.

    References
    ----------
    Micikevicius et al., "Mixed precision training", ICLR 2018.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.ones(2, 2, requires_grad=True)
    >>> with lucid.amp.autocast("cpu", dtype=lucid.float16):
    ...     y = lucid.ones(3, 2) @ w
    ...     loss = lucid.nn.functional.mse_loss(y, lucid.zeros(3, 2))
    >>> loss.backward()
    >>> y.dtype, loss.dtype, w.grad.dtype
    (dtype('float16'), dtype('float32'), dtype('float32'))
    """

    def __init__(
        self,
        device_type: str = "cpu",
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            problem = f"device_type must be a string such as 'cpu', not {device_type!r}"
            raise ArgumentError(compose("autocast", problem))
        if enabled and not is_autocast_available(device_type):
            text = f"there is no {device_type!r} here, so autocast({device_type!r}) changes nothing"
            warnings.warn(text, stacklevel=2)
            enabled = False
        self.device = device_type
        self.enabled = bool(enabled)
        self.dtype = _half("autocast", dtype) if enabled else dtype
        self.cache_enabled = cache_enabled is None or bool(cache_enabled)
        self._before: list[Region | None] = []

    def _recreate_cm(self) -> autocast:
        """For each call of a decorated function its own, so that threads can share it."""
        twin = object.__new__(autocast)
        twin.__dict__.update(self.__dict__, _before=[])
        return twin

    def __enter__(self) -> Self:
        thread = get_ident()
        before = casting.pop(thread, None)
        self._before.append(before)
        if self.enabled:
            casting[thread] = Region(self.dtype, self.cache_enabled, before)
        return self

    def __exit__(self, *error: object) -> None:
        casting.pop(get_ident(), None)
        before = self._before.pop()
        if before is not None:
            casting[get_ident()] = before


def _half(where: str, dtype: Any) -> Any:
    """The half precision that is meant.

    Raises
    ------
    ArgumentError
        If the dtype is another.
    """
    if dtype is None:
        return bfloat16()
    resolved = resolve(dtype() if dtype is bfloat16 else dtype, where)
    if resolved != float16 and resolved.name != "bfloat16":
        problem = f"dtype must be a half precision, not {resolved}"
        fix = "dtype=lucid.float16 or lucid.bfloat16(); enabled=False to cast nothing"
        raise ArgumentError(compose(where, problem, fix=fix))
    return resolved


def is_autocast_available(device_type: str) -> bool:
    """Whether `autocast` does anything for a kind of device.

    Parameters
    ----------
    device_type : str

    Returns
    -------
    bool
        True for "cpu".

    Examples
    --------
    >>> import lucid
    >>> lucid.amp.is_autocast_available("cpu"), lucid.amp.is_autocast_available("cuda")
    (True, False)
    """
    return device_type == "cpu"


def is_autocast_enabled(device_type: str = "cpu") -> bool:
    """Whether this thread is within a region of `autocast`.

    Parameters
    ----------
    device_type : str, default "cpu"

    Returns
    -------
    bool

    Examples
    --------
    >>> import lucid
    >>> with lucid.amp.autocast(dtype=lucid.float16):
    ...     lucid.amp.is_autocast_enabled()
    True
    """
    return device_type == "cpu" and get_ident() in casting


def custom_fwd(
    fwd: Callable[..., Any] | None = None, *, device_type: str = "cpu", cast_inputs: Any = None
) -> Any:
    """Decorate the `forward` of a `Function`, to say what `autocast` means to it.

    Parameters
    ----------
    fwd : callable
        ``forward(ctx, ...)``.
    device_type : str, default "cpu"
    cast_inputs : dtype, optional
        Within a region, take floating tensors among the arguments to this dtype, and run
        without the region. Without it the region goes on inside.

    Returns
    -------
    callable

    See Also
    --------
    custom_bwd : goes on `backward`.

    Examples
    --------
    >>> import lucid
    >>> class Double(lucid.autograd.Function):
    ...     @staticmethod
    ...     @lucid.amp.custom_fwd(device_type="cpu", cast_inputs=lucid.float32)
    ...     def forward(ctx, x):
    ...         return x * 2
    ...
    ...     @staticmethod
    ...     @lucid.amp.custom_bwd(device_type="cpu")
    ...     def backward(ctx, g):
    ...         return g * 2
    >>> with lucid.amp.autocast(dtype=lucid.float16):
    ...     Double.apply(lucid.ones(2, dtype=lucid.float16)).dtype
    dtype('float32')
    """
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorated(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        ctx._region = casting.get(get_ident())
        if cast_inputs is None or ctx._region is None:
            return fwd(ctx, *args, **kwargs)
        dtype, ctx._region = resolve(cast_inputs, "custom_fwd"), None
        with autocast(enabled=False):
            return fwd(
                ctx,
                *(_cast(value, dtype) for value in args),
                **{name: _cast(value, dtype) for name, value in kwargs.items()},
            )

    return decorated


def _cast(value: Any, dtype: Any) -> Any:
    """A floating tensor in another dtype; float64 and everything else as it is."""
    floating = hasattr(value, "is_floating_point") and value.is_floating_point()
    return astype(value, dtype) if floating and value.dtype.itemsize < 8 else value


def custom_bwd(bwd: Callable[..., Any] | None = None, *, device_type: str = "cpu") -> Any:
    """Decorate the `backward` of a `Function`: run it in the region that `forward` ran in.

    Parameters
    ----------
    bwd : callable
        ``backward(ctx, ...)``.
    device_type : str, default "cpu"

    Returns
    -------
    callable

    See Also
    --------
    custom_fwd : goes on `forward`.

    Examples
    --------
    >>> import lucid
    >>> class Product(lucid.autograd.Function):
    ...     @staticmethod
    ...     @lucid.amp.custom_fwd
    ...     def forward(ctx, x, w):
    ...         ctx.save_for_backward(x, w)
    ...         return x @ w
    ...
    ...     @staticmethod
    ...     @lucid.amp.custom_bwd
    ...     def backward(ctx, g):
    ...         x, w = ctx.saved_tensors
    ...         return g @ w.mT, x.mT @ g
    >>> w = lucid.ones(2, 2, requires_grad=True)
    >>> with lucid.amp.autocast(dtype=lucid.float16):
    ...     y = Product.apply(lucid.ones(1, 2), w)
    >>> y.sum().backward()
    >>> y.dtype, w.grad.dtype
    (dtype('float16'), dtype('float32'))
    """
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorated(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        region = getattr(ctx, "_region", None)
        with autocast(dtype=region and region.dtype, enabled=region is not None):
            return bwd(ctx, *args, **kwargs)

    return decorated
