"""Recurrent cells: one step at a time, for loops of one's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.tensor import Tensor, wrap
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ...ops.autocasting import lowered
from ...ops.creation import empty
from ...ops.recurrent import gru_layer, lstm_layer, rnn_layer
from .. import init
from ..module import Module
from ..parameter import Parameter
from .recurrent import check_nonlinearity, refuse_other_dtype
from .sizes import whole


class RNNCellBase(Module):
    """What the cells share: their parameters, and how a step is taken.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool
    num_chunks : int
        Rows of the weights for each element of the state.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Examples
    --------
    >>> import lucid.nn as nn
    >>> sorted(nn.GRUCell(2, 3).state_dict())
    ['bias_hh', 'bias_ih', 'weight_hh', 'weight_ih']
    """

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        where = type(self).__name__
        self.input_size = whole(where, "input_size", input_size)
        self.hidden_size = whole(where, "hidden_size", hidden_size, 1)
        self.bias = bool(bias)
        rows, made = num_chunks * self.hidden_size, {"device": device, "dtype": dtype}
        self.weight_ih = Parameter(empty(rows, self.input_size, **made))
        self.weight_hh = Parameter(empty(rows, self.hidden_size, **made))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(rows, **made)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        r"""Draw all anew, uniformly within :math:`\pm 1 / \sqrt{\mathrm{hidden\_size}}`."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    @property
    def _weights(self) -> list[Tensor | None]:
        return [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]

    def _rows(self, input: Tensor, states: Any, count: int = 1) -> list[Tensor]:
        """The input and the states with a dimension for the batch; zeros for missing states."""
        where = type(self).__name__
        if not isinstance(input, Tensor):
            problem = f"the input must be a tensor, not {type(input).__name__}"
            raise DTypeError(compose(where, problem, {"input": input}, "lucid.tensor(input)"))
        if input.ndim not in (1, 2) or input.shape[-1] != self.input_size:
            size = self.input_size
            problem = f"the input must have shape (B, {size}), or ({size},) without a batch"
            raise ShapeError(compose(where, problem, {"input": input}))
        refuse_other_dtype(where, input, self.weight_ih)
        shape = (*input.shape[:-1], self.hidden_size)
        if states is None:
            states = [wrap(np.zeros(shape, input.dtype))] * count
        elif len(states) != count:
            raise ArgumentError(compose(where, "hx must be a pair (h, c)", {"hx": states}))
        for state in states:
            if not isinstance(state, Tensor) or state.shape != shape:
                problem = f"the state must be a tensor of shape {shape}"
                raise ShapeError(compose(where, problem, {"input": input, "hx": state}))
            refuse_other_dtype(where, state, self.weight_ih, "hx")
        rows = [input, *states]
        return [row.unsqueeze(0) for row in rows] if input.ndim == 1 else rows

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias else f"{text}, bias=False"


class RNNCell(RNNCellBase):
    r"""One step of `RNN`: :math:`h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})`.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool, default True
    nonlinearity : {"tanh", "relu"}
    device : {"cpu"}, optional
    dtype : dtype, optional

    Raises
    ------
    ArgumentError
        If the nonlinearity is another word.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> cell, h = nn.RNNCell(10, 20), lucid.zeros(3, 20)
    >>> for x in lucid.randn(6, 3, 10):
    ...     h = cell(x, h)
    >>> h.shape
    (3, 20)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_nonlinearity("RNNCell", nonlinearity)
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Shapes ``(B, D)`` and ``(B, H)``, or without the B; the new state."""
        x, h = self._rows(input, None if hx is None else [hx])
        relu = self.nonlinearity == "relu"
        x, h, *weights = lowered(x, h, *self._weights)
        new = rnn_layer(x, h, weights, (len(x),), relu=relu)[1]
        return new if input.ndim == 2 else new.squeeze(0)

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = super().extra_repr()
        usual = self.nonlinearity == "tanh"
        return text if usual else f"{text}, nonlinearity={self.nonlinearity}"


class LSTMCell(RNNCellBase):
    r"""One step of `LSTM`: from :math:`(h, c)` to the next.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool, default True
    device : {"cpu"}, optional
    dtype : dtype, optional

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> h, c = nn.LSTMCell(10, 20)(lucid.randn(3, 10))
    >>> h.shape, c.shape
    ((3, 20), (3, 20))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Shapes ``(B, D)`` and twice ``(B, H)``, or without the B; the new states."""
        x, h, c = self._rows(input, hx, 2)
        dtype = h.dtype
        x, h, c, *weights = lowered(x, h, c, *self._weights, None)
        _, h, c = lstm_layer(x, h, c, weights, (len(x),))
        h, c = h.astype(dtype), c.astype(dtype)  # autocast keeps the states' own
        return (h, c) if input.ndim == 2 else (h.squeeze(0), c.squeeze(0))


class GRUCell(RNNCellBase):
    r"""One step of `GRU`.

    Parameters
    ----------
    input_size, hidden_size : int
    bias : bool, default True
    device : {"cpu"}, optional
    dtype : dtype, optional

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> nn.GRUCell(10, 20)(lucid.randn(3, 10)).shape
    (3, 20)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Shapes ``(B, D)`` and ``(B, H)``, or without the B; the new state."""
        x, h = self._rows(input, None if hx is None else [hx])
        dtype = h.dtype
        x, h, *weights = lowered(x, h, *self._weights)
        new = gru_layer(x, h, weights, (len(x),))[1].astype(dtype)
        return new if input.ndim == 2 else new.squeeze(0)
