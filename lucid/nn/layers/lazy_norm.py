"""Batch and instance norms that take the number of channels from the first input."""

from __future__ import annotations

from typing import Any

from ...errors import not_a_tensor
from .. import init
from ..lazy import LazyModuleMixin
from ..parameter import UninitializedBuffer, UninitializedParameter
from .batch_norm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    _BatchNorm,
    _ChannelNorm,
)


class _LazyNorm(LazyModuleMixin, _ChannelNorm):
    """The constructor, and what becomes of parameters and running values."""

    def __init__(
        self,
        *args: Any,
        device: str | None = None,
        dtype: Any = None,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        where = {"device": device, "dtype": dtype}
        # the finished layer's own constructor, with no channels for the time being
        super().__init__(0, *args, bias=bias, **where, **kwargs)  # type: ignore[misc]
        if self.weight is not None:
            self.weight = UninitializedParameter(**where)
        if self.bias is not None:
            self.bias = UninitializedParameter(**where)
        if self.running_mean is not None:
            self.running_mean = UninitializedBuffer(**where)
            self.running_var = UninitializedBuffer(**where)

    def initialize_parameters(self, input: Any) -> None:
        """Take the channels from an input.

        Raises
        ------
        ShapeError
            If the input has too few or too many dimensions.
        """
        if not hasattr(input, "ndim"):
            raise not_a_tensor(type(self).__name__, input)
        self._check(input)
        batched = isinstance(self, _BatchNorm) or input.ndim == max(self._dims)
        count = input.shape[1 if batched else 0]
        self.num_features = count
        for name in ("weight", "bias", "running_mean", "running_var"):
            held = getattr(self, name)
            if isinstance(held, UninitializedParameter | UninitializedBuffer):  # else from a state
                held.materialize((count,))
                init.constant_(held, 1.0 if name in ("weight", "running_var") else 0.0)


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A `BatchNorm1d` that takes `num_features` from its first input.

    Parameters
    ----------
    *args, **kwargs
        The arguments of `BatchNorm1d` after the first.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LazyBatchNorm1d()
    >>> norm(lucid.rand(5, 4, 8)).shape
    (5, 4, 8)
    >>> norm.num_features
    4
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A `BatchNorm2d` that takes `num_features` from its first input.

    Parameters
    ----------
    *args, **kwargs
        The arguments of `BatchNorm2d` after the first.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LazyBatchNorm2d()
    >>> norm(lucid.rand(5, 4, 8, 8)).shape
    (5, 4, 8, 8)
    >>> norm.num_features
    4
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A `BatchNorm3d` that takes `num_features` from its first input.

    Parameters
    ----------
    *args, **kwargs
        The arguments of `BatchNorm3d` after the first.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LazyBatchNorm3d()
    >>> norm(lucid.rand(5, 4, 8, 8, 8)).shape
    (5, 4, 8, 8, 8)
    >>> norm.num_features
    4
    """

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """A `InstanceNorm1d` that takes `num_features` from its first input.

    Parameters
    ----------
    *args, **kwargs
        The arguments of `InstanceNorm1d` after the first, with its defaults (in PyTorch
        `affine` and `track_running_stats` default to True here, against its documentation).

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LazyInstanceNorm1d()
    >>> norm(lucid.rand(5, 4, 8)).shape
    (5, 4, 8)
    >>> norm.num_features
    4
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """A `InstanceNorm2d` that takes `num_features` from its first input.

    Parameters
    ----------
    *args, **kwargs
        The arguments of `InstanceNorm2d` after the first, with its defaults (in PyTorch
        `affine` and `track_running_stats` default to True here, against its documentation).

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LazyInstanceNorm2d()
    >>> norm(lucid.rand(5, 4, 8, 8)).shape
    (5, 4, 8, 8)
    >>> norm.num_features
    4
    """

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """A `InstanceNorm3d` that takes `num_features` from its first input.

    Parameters
    ----------
    *args, **kwargs
        The arguments of `InstanceNorm3d` after the first, with its defaults (in PyTorch
        `affine` and `track_running_stats` default to True here, against its documentation).

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> norm = nn.LazyInstanceNorm3d()
    >>> norm(lucid.rand(5, 4, 8, 8, 8)).shape
    (5, 4, 8, 8, 8)
    >>> norm.num_features
    4
    """

    cls_to_become = InstanceNorm3d
