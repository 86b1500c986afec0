"""Initial values of parameters: fills tensors in place, unrecorded, from a seeded generator.

`fan_in` and `fan_out` are the numbers of inputs and outputs that one output or input of the
layer is connected to: for a weight of shape ``(out, in, *kernel)``, ``in * kernel`` and
``out * kernel`` elements.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError, compose
from ..ops import filling
from ..ops.inplace import write
from ..ops.random import rng_of
from ..random import Generator

# ---- constants ------------------------------------------------------------------------


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill `tensor` with one value, `val`.

    Examples
    --------
    >>> from lucid import Tensor
    >>> constant_(Tensor([1.0, 2.0]), 0.5)
    Tensor([0.5000, 0.5000])
    """
    return _fill("constant_", tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill `tensor` with ones.

    Examples
    --------
    >>> import lucid
    >>> ones_(lucid.empty(3))
    Tensor([1.0000, 1.0000, 1.0000])
    """
    return _fill("ones_", tensor, 1)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill `tensor` with zeros.

    Examples
    --------
    >>> import lucid
    >>> zeros_(lucid.empty(3))
    Tensor([0.0000, 0.0000, 0.0000])
    """
    return _fill("zeros_", tensor, 0)


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with ones on its diagonal: a linear layer that keeps its input.

    Raises
    ------
    ShapeError
        If `tensor` has not two dimensions.

    Examples
    --------
    >>> import lucid
    >>> eye_(lucid.empty(2, 3))
    Tensor([[1.0000, 0.0000, 0.0000],
            [0.0000, 1.0000, 0.0000]])
    """
    _need_dimensions("eye_", tensor, 2, 2)
    rows, columns = tensor.shape
    return _fill("eye_", tensor, np.eye(rows, columns))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution so that it keeps as many input channels as it can.

    Parameters
    ----------
    tensor : Tensor
        Shape ``(out_channels, in_channels, *kernel)`` with one to three kernel dimensions.
    groups : int, default 1
        Groups of the convolution; each keeps its own channels.

    Raises
    ------
    ShapeError
        If `tensor` has not three to five dimensions.
    ArgumentError
        If `groups` does not divide the output channels.

    Examples
    --------
    >>> import lucid
    >>> dirac_(lucid.empty(1, 1, 3))
    Tensor([[[0.0000, 1.0000, 0.0000]]])
    """
    _need_dimensions("dirac_", tensor, 3, 5)
    outputs, inputs, *kernel = tensor.shape
    if groups < 1 or outputs % groups:
        problem = f"groups must divide the {outputs} output channels"
        raise ArgumentError(compose("dirac_", problem, {"groups": groups, "tensor": tensor}))
    values = np.zeros(tensor.shape)
    each = outputs // groups
    middle = tuple(n // 2 for n in kernel)
    for group in range(groups):
        for channel in range(min(each, inputs)):
            values[(group * each + channel, channel, *middle)] = 1
    return _fill("dirac_", tensor, values)


# ---- plain distributions -----------------------------------------------------------------


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill from the uniform distribution on ``[a, b)``.

    Raises
    ------
    ArgumentError
        If `a` is above `b`.

    Examples
    --------
    >>> import lucid
    >>> weight = uniform_(lucid.empty(3, 4), -0.1, 0.1)
    >>> bool((abs(weight.numpy()) <= 0.1).all())
    True
    """
    filling.uniform_(tensor.detach(), a, b, generator=generator)
    return tensor


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill from the normal distribution.

    Raises
    ------
    ArgumentError
        If `std` is negative.

    Examples
    --------
    >>> import lucid
    >>> weight = normal_(lucid.empty(100, 100), std=0.02)
    >>> 0.019 < weight.std().item() < 0.021
    True
    """
    filling.normal_(tensor.detach(), mean, std, generator=generator)
    return tensor


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill from the normal distribution restricted to ``[a, b]``.

    Values outside are drawn anew: from the normal distribution where the interval holds
    enough of it, else from the uniform one, kept with a probability that follows the density.

    Parameters
    ----------
    tensor : Tensor
    mean, std : float
        Of the distribution before it is restricted.
    a, b : float
        Bounds, in the units of the values (not of `std`).
    generator : Generator, optional

    Raises
    ------
    ArgumentError
        If `std` is not positive or `a` is not below `b`.

    References
    ----------
    C. P. Robert, "Simulation of truncated normal variables", 1995.

    Examples
    --------
    >>> import lucid
    >>> weight = trunc_normal_(lucid.empty(100), std=1.0, a=-0.5, b=0.5)
    >>> weight.abs().max().item() <= 0.5
    True
    """
    if not (std > 0 and a < b):
        problem = "std must be positive and a below b"
        raise ArgumentError(compose("trunc_normal_", problem, {"std": std, "a": a, "b": b}))
    _need_floating("trunc_normal_", tensor)
    low, high = (a - mean) / std, (b - mean) / std
    share = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    draw = _normal_between if share > 0.25 else _uniform_thinned
    rng = rng_of(generator)
    values = np.empty(tensor.numel())
    filled = 0
    while filled < values.size:
        kept = draw(rng, low, high, values.size - filled)
        values[filled : filled + kept.size] = kept
        filled += kept.size
    return _fill("trunc_normal_", tensor, np.clip(values * std + mean, a, b).reshape(tensor.shape))


def _normal_between(rng: Any, low: float, high: float, count: int) -> Any:
    """Those of `count` standard normal values that lie between two bounds."""
    z = rng.standard_normal(count)
    return z[(z >= low) & (z <= high)]


def _uniform_thinned(rng: Any, low: float, high: float, count: int) -> Any:
    """Uniform values between two bounds, thinned in proportion to the normal density."""
    peak = min(max(0.0, low), high)  # the densest point of the interval
    reach = min(9.0, 40 / abs(peak)) if peak else 9.0  # further away lies less than exp(-40)
    low, high = max(low, peak - reach), min(high, peak + reach)
    z = rng.uniform(low, high, count)
    return z[rng.random(count) <= np.exp((peak * peak - z * z) / 2)]


# ---- scaled to the layer ------------------------------------------------------------------


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the variance of signals through an activation.

    Parameters
    ----------
    nonlinearity : str
        ``"linear"``, ``"conv1d"`` to ``"conv_transpose3d"``, ``"sigmoid"``, ``"tanh"``,
        ``"relu"``, ``"leaky_relu"`` or ``"selu"``.
    param : float, optional
        The negative slope of leaky ReLU, 0.01 unless given.

    Raises
    ------
    ArgumentError
        If there is no gain known for the name, or `param` is no number.

    Examples
    --------
    >>> round(calculate_gain("relu"), 4)
    1.4142
    """
    if nonlinearity in _GAINS:
        return _GAINS[nonlinearity]
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            problem = "the negative slope must be a number"
            raise ArgumentError(compose("calculate_gain", problem, {"param": param}))
        return math.sqrt(2 / (1 + slope**2))
    problem = f"no gain is known for {nonlinearity!r}"
    fix = "one of " + ", ".join([*_GAINS, "leaky_relu"])
    raise ArgumentError(compose("calculate_gain", problem, fix=fix))


_GAINS = {
    "linear": 1.0,
    **{f"conv{n}d": 1.0 for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": 1.0 for n in (1, 2, 3)},
    "sigmoid": 1.0,
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2),
    "selu": 0.75,
}


def fans(tensor: Tensor, where: str = "fans") -> tuple[int, int]:
    """`fan_in` and `fan_out` of a weight.

    Raises
    ------
    ShapeError
        If it has fewer than two dimensions.

    Examples
    --------
    >>> import lucid
    >>> fans(lucid.empty(8, 3, 5, 5))
    (75, 200)
    """
    if tensor.ndim < 2:
        problem = "a weight needs two dimensions or more to have fan-in and fan-out"
        fix = "zeros_, constant_ or uniform_ for a bias"
        raise ShapeError(compose(where, problem, {"tensor": tensor}, fix))
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    r"""Fill uniformly within :math:`\pm\mathrm{gain}\sqrt{6 / (fan_{in} + fan_{out})}`.

    Keeps the variance of signals and gradients alike; for tanh and sigmoid layers.

    Raises
    ------
    ShapeError
        If `tensor` has fewer than two dimensions.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.

    Examples
    --------
    >>> import lucid
    >>> weight = xavier_uniform_(lucid.empty(2, 4))  # the bound is 1
    >>> weight.abs().max().item() <= 1
    True
    """
    bound = gain * math.sqrt(6 / max(1, sum(fans(tensor, "xavier_uniform_"))))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Fill normally with deviation :math:`\mathrm{gain}\sqrt{2 / (fan_{in} + fan_{out})}`.

    Raises
    ------
    ShapeError
        If `tensor` has fewer than two dimensions.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.

    Examples
    --------
    >>> import lucid
    >>> weight = xavier_normal_(lucid.empty(100, 100))  # the deviation is 0.1
    >>> 0.095 < weight.std().item() < 0.105
    True
    """
    std = gain * math.sqrt(2 / max(1, sum(fans(tensor, "xavier_normal_"))))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Fill uniformly within :math:`\pm\mathrm{gain}\sqrt{3 / fan}`; for ReLU layers.

    Parameters
    ----------
    tensor : Tensor
    a : float, default 0
        Negative slope of the leaky ReLU that follows.
    mode : {"fan_in", "fan_out"}
        Keep the variance of the signals, or that of the gradients.
    nonlinearity : str, default "leaky_relu"
        What follows the layer (see `calculate_gain`).
    generator : Generator, optional

    Raises
    ------
    ShapeError
        If `tensor` has fewer than two dimensions.
    ArgumentError
        If `mode` or `nonlinearity` is not known.

    References
    ----------
    K. He et al., "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
    Classification", 2015.

    Examples
    --------
    >>> import lucid
    >>> weight = kaiming_uniform_(lucid.empty(4, 6), nonlinearity="relu")  # the bound is 1
    >>> weight.abs().max().item() <= 1
    True
    """
    std = _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""Fill normally with deviation :math:`\mathrm{gain} / \sqrt{fan}`; for ReLU layers.

    The arguments are those of `kaiming_uniform_`.

    Raises
    ------
    ShapeError
        If `tensor` has fewer than two dimensions.
    ArgumentError
        If `mode` or `nonlinearity` is not known.

    References
    ----------
    K. He et al., "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
    Classification", 2015.

    Examples
    --------
    >>> import lucid
    >>> weight = kaiming_normal_(lucid.empty(100, 50), nonlinearity="relu")
    >>> 0.19 < weight.std().item() < 0.21  # the deviation is 0.2
    True
    """
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, generator)


def _kaiming_std(where: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        problem = "mode must be 'fan_in' or 'fan_out'"
        raise ArgumentError(compose(where, problem, {"mode": mode}))
    fan = fans(tensor, where)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(max(1, fan))


# ---- structured -------------------------------------------------------------------------


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with orthonormal rows or columns, whichever are fewer, scaled by `gain`.

    Dimensions after the first are taken as one.

    Raises
    ------
    ShapeError
        If `tensor` has fewer than two dimensions.

    References
    ----------
    A. M. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", 2014.

    Examples
    --------
    >>> import lucid
    >>> q = orthogonal_(lucid.empty(3, 5)).numpy()
    >>> import numpy as np
    >>> bool(np.allclose(q @ q.T, np.eye(3), atol=1e-6))
    True
    """
    _need_floating("orthogonal_", tensor)
    _need_dimensions("orthogonal_", tensor, 2, None)
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    flat = rng_of(generator).standard_normal((rows, tensor.numel() // rows))
    wide = flat.shape[0] < flat.shape[1]
    q, r = np.linalg.qr(flat.T if wide else flat)
    q *= np.where(np.diag(r) < 0, -1, 1)  # QR alone is not uniform over the orthogonal group
    return _fill("orthogonal_", tensor, gain * (q.T if wide else q).reshape(tensor.shape))


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """Fill a matrix normally, then set a share of every column to zero.

    Parameters
    ----------
    tensor : Tensor
        Two dimensions.
    sparsity : float
        The share of zeros in each column, rounded up to whole elements.
    std : float, default 0.01
    generator : Generator, optional

    Raises
    ------
    ShapeError
        If `tensor` has not two dimensions.
    ArgumentError
        If `sparsity` is not between 0 and 1.

    References
    ----------
    J. Martens, "Deep learning via Hessian-free optimization", 2010.

    Examples
    --------
    >>> import lucid
    >>> (sparse_(lucid.empty(4, 3), sparsity=0.5) == 0).sum(0)
    Tensor([2, 2, 2])
    """
    _need_dimensions("sparse_", tensor, 2, 2)
    if not 0 <= sparsity <= 1:
        problem = "sparsity must lie between 0 and 1"
        raise ArgumentError(compose("sparse_", problem, {"sparsity": sparsity}))
    _need_floating("sparse_", tensor)
    rng = rng_of(generator)
    values = rng.standard_normal(tensor.shape) * std
    zeros = math.ceil(sparsity * tensor.shape[0])
    order = rng.random(tensor.shape).argsort(axis=0)  # a random permutation of each column
    values[order < zeros] = 0
    return _fill("sparse_", tensor, values)


# ---- shared -------------------------------------------------------------------------------


def _fill(where: str, tensor: Tensor, values: Any) -> Tensor:
    """Write values into a tensor, past its history."""
    write(where, tensor.detach(), values)
    return tensor


def _need_floating(where: str, tensor: Tensor) -> None:
    if not tensor.is_floating_point():
        raise DTypeError(compose(where, "needs a floating dtype", {"tensor": tensor}))


def _need_dimensions(where: str, tensor: Tensor, least: int, most: int | None) -> None:
    if tensor.ndim < least or (most is not None and tensor.ndim > most):
        wanted = f"{least}" if least == most else f"{least} or more"
        if most not in (None, least):
            wanted = f"{least} to {most}"
        problem = f"needs a tensor of {wanted} dimensions"
        raise ShapeError(compose(where, problem, {"tensor": tensor}))
