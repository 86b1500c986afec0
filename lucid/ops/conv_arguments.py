"""Reads and checks the arguments of convolutions, and of the windows of `fold`."""

from __future__ import annotations

from typing import Any

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from .numbers import integers

Pads = tuple[tuple[int, int], ...]
PLACES = {1: "L", 2: "H, W", 3: "D, H, W"}


def each(where: str, name: str, value: Any, dims: int, least: int = 1) -> tuple[int, ...]:
    """One number for each dimension, from a single one or from as many.

    Raises
    ------
    DTypeError
        If they are not integers.
    ArgumentError
        If there are too few or too many, or one is below `least`.

    Examples
    --------
    >>> each("conv2d", "stride", 2, 2), each("conv2d", "stride", (2, 1), 2)
    ((2, 2), (2, 1))
    """
    if type(value) is int and value >= least:
        return (value,) * dims
    if type(value) is tuple and len(value) == dims:  # from a layer, which has had it checked
        for number in value:
            if type(number) is not int or number < least:
                break
        else:
            return value
    whole = integers(where, name, value, dims)
    if min(whole) < least:
        problem = f"{name} must be at least {least}"
        raise ArgumentError(compose(where, problem, {name: value}))
    return whole


def pads(
    where: str,
    padding: Any,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Pads:
    """Zeros before and after each dimension; ``"same"`` keeps the lengths, ``"valid"`` has none.

    Raises
    ------
    ArgumentError
        If `padding` is another string, negative, or ``"same"`` with steps above 1.

    Examples
    --------
    >>> pads("conv1d", "same", (4,), (1,), (1,))
    ((1, 2),)
    """
    dims = len(kernel)
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0),) * dims
        if padding != "same":
            problem = "padding must be 'same', 'valid', or numbers"
            raise ArgumentError(compose(where, problem, {"padding": padding}))
        if max(stride) > 1:
            problem = "padding='same' keeps the lengths only where the stride is 1"
            fix = "padding=(kernel_size - 1) // 2, as a number"
            raise ArgumentError(compose(where, problem, {"stride": stride}, fix))
        room = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple((n // 2, n - n // 2) for n in room)
    return tuple((n, n) for n in each(where, "padding", padding, dims, least=0))


def count_groups(where: str, groups: Any) -> int:
    """The number of groups.

    Raises
    ------
    DTypeError
        If it is not an integer.
    ArgumentError
        If it is not positive.
    """
    return each(where, "groups", groups, 1)[0]


def check(
    where: str, dims: int, input: Any, weight: Any, bias: Any, channels: int, out: int
) -> None:
    """Refuse operands that do not fit: numbers of dimensions, channels, the bias, dtypes.

    Parameters
    ----------
    where : str
    dims : int
        Dimensions that the kernel moves along.
    input, weight, bias
        What the user gave, checked to be tensors already.
    channels : int
        How many the input must have.
    out : int
        How many the output will have.
    """
    if input.ndim not in (dims + 1, dims + 2):
        problem = f"the input must have shape (N, C, {PLACES[dims]}) or (C, {PLACES[dims]})"
        fix = None
        if input.ndim == dims:
            fix = "one channel: input.unsqueeze(-1 - dims)".replace("-1 - dims", str(-1 - dims))
        raise ShapeError(compose(where, problem, {"input": input, "weight": weight}, fix))
    if input.shape[-1 - dims] != channels:
        problem = (
            f"the input must have {channels} channels in dimension {input.ndim - 1 - dims}, "
            f"not {input.shape[-1 - dims]}"
        )
        fix = None
        if input.shape[-1] == channels:
            fix = f"the channels stand last: input.movedim(-1, {-1 - dims})"
        raise ShapeError(compose(where, problem, {"input": input, "weight": weight}, fix))
    if bias is not None and bias.shape != (out,):
        problem = f"the bias must have shape ({out},)"
        raise ShapeError(compose(where, problem, {"bias": bias, "weight": weight}))
    _check_dtypes(where, input, weight, bias)


def check_tensors(where: str, dims: int, input: Any, weight: Any, bias: Any) -> None:
    """Refuse operands that are no tensors, and a weight of too few or too many dimensions."""
    operands = {"input": input, "weight": weight, "bias": bias}
    for name, value in operands.items():
        if not isinstance(value, Tensor) and not (name == "bias" and value is None):
            problem = f"the {name} must be a tensor, not {type(value).__name__}"
            raise DTypeError(compose(where, problem, operands, f"lucid.tensor({name})"))
    if weight.ndim != dims + 2:
        problem = f"the weight must have {dims + 2} dimensions: two of channels, {dims} of kernel"
        raise ShapeError(compose(where, problem, operands))


def _check_dtypes(where: str, input: Any, weight: Any, bias: Any) -> None:
    dtype = weight.dtype
    if input.dtype is dtype and dtype.kind not in "biu" and (bias is None or bias.dtype is dtype):
        return
    operands = {"input": input, "weight": weight, "bias": bias}
    for name, value in operands.items():
        if value is not None and value.dtype.kind in "biu":
            problem = f"the {name} has an integer dtype"
            raise DTypeError(compose(where, problem, operands, f"{name}.to(lucid.float32)"))
    if len({value.dtype for value in operands.values() if value is not None}) > 1:
        fix = "model.to(input.dtype), or input.to(weight.dtype)"
        raise DTypeError(compose(where, "the dtypes differ", operands, fix))
