"""Recurrent layers: a state that moves along a sequence.

Each layer and direction is one op over the whole sequence (`lucid.ops.recurrent`). The
parameters have PyTorch's names: ``weight_ih_l0`` for the first layer, ``weight_ih_l0_reverse``
for its other direction.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...core.tensor import Tensor, wrap
from ...errors import ArgumentError, DTypeError, ShapeError, compose
from ...ops.autocasting import is_casting, lowered
from ...ops.creation import empty
from ...ops.dropout import dropout as drop
from ...ops.dropout import probability
from ...ops.joining import cat, stack
from ...ops.recurrent import gru_layer, lstm_layer, rnn_layer
from .. import init
from ..module import Module
from ..parameter import Parameter
from ..sequences import PackedSequence
from .sizes import whole

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """What the recurrent layers share: parameters, layers, directions, packed sequences.

    Parameters
    ----------
    mode : {"LSTM", "GRU", "RNN_TANH", "RNN_RELU"}
    input_size, hidden_size : int
    num_layers : int, default 1
    bias : bool, default True
    batch_first : bool, default False
    dropout : float, default 0
    bidirectional : bool, default False
    proj_size : int, default 0
    device : {"cpu"}, optional
    dtype : dtype, optional
        As of `LSTM`.

    Raises
    ------
    ArgumentError
        If a size does not fit.

    Examples
    --------
    >>> import lucid.nn as nn
    >>> sorted(nn.GRU(2, 3).state_dict())
    ['bias_hh_l0', 'bias_ih_l0', 'weight_hh_l0', 'weight_ih_l0']
    """

    states = 1  # that move along: the hidden state, and the cell of an LSTM
    weight_ih_l0: Parameter

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        where = type(self).__name__
        self.mode = mode
        self.input_size = whole(where, "input_size", input_size)
        self.hidden_size = whole(where, "hidden_size", hidden_size, 1)
        self.num_layers = whole(where, "num_layers", num_layers, 1)
        self.bias = bool(bias)
        self.batch_first = bool(batch_first)
        probability(where, dropout)
        self.dropout = float(dropout)
        self.bidirectional = bool(bidirectional)
        self.proj_size = whole(where, "proj_size", proj_size)
        if self.proj_size and (mode != "LSTM" or self.proj_size >= self.hidden_size):
            problem = "proj_size is for LSTM, and must be less than hidden_size"
            seen = {"proj_size": proj_size, "hidden_size": hidden_size}
            raise ArgumentError(compose(where, problem, seen))
        if self.dropout > 0 and num_layers == 1:
            text = f"{where}: dropout acts between layers, and there is one layer only"
            warnings.warn(text, stacklevel=2)
        self._flat_weights_names: list[str] = []
        self._names: list[list[str | None]] = []  # w_ih, w_hh, b_ih, b_hh, w_hr of each run
        for layer in range(self.num_layers):
            for suffix in ("", "_reverse")[: self._directions]:
                self._names.append(self._add_run(layer, f"_l{layer}{suffix}", device, dtype))
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _out_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _add_run(self, layer: int, suffix: str, device: Any, dtype: Any) -> list[str | None]:
        """Make the parameters of one direction of one layer; their names."""
        rows = _GATES[self.mode] * self.hidden_size
        width = self._out_size * self._directions if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, width),
            "weight_hh": (rows, self._out_size),
        }
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        for name, shape in shapes.items():
            setattr(self, name + suffix, Parameter(empty(*shape, device=device, dtype=dtype)))
            self._flat_weights_names.append(name + suffix)
        kinds = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]
        kinds = kinds if self.mode == "LSTM" else kinds[:4]
        return [kind + suffix if kind in shapes else None for kind in kinds]

    def reset_parameters(self) -> None:
        r"""Draw all anew, uniformly within :math:`\pm 1 / \sqrt{\mathrm{hidden\_size}}`."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, in a list for every direction of every layer."""
        return [[getattr(self, name) for name in names if name] for names in self._names]

    def flatten_parameters(self) -> None:
        """Nothing: taken for PyTorch's sake, where it is for graphics processors."""

    def forward(
        self, input: Tensor | PackedSequence, hx: Any = None
    ) -> tuple[Tensor | PackedSequence, Any]:
        """The outputs of the last layer, and the last states of all layers.

        Parameters
        ----------
        input : Tensor or PackedSequence
            Shape ``(T, B, D)``, ``(B, T, D)`` with `batch_first`, or ``(T, D)``.
        hx : Tensor or pair of Tensor, optional
            The first states, ``(layers * directions, B, size)``; zeros unless given.
        """
        if isinstance(input, PackedSequence):
            sizes = tuple(input.batch_sizes.tolist())
            self._check_input(input.data, (2,))
            states = self._first_states(hx, sizes[0], input.data, input.sorted_indices)
            out, last = self._run(input.data, states, sizes)
            back = input.unsorted_indices
            if back is not None:
                last = [state[:, back] for state in last]
            return input._replace(data=out), self._shown(last)
        self._check_input(input, (2, 3))
        single, along = input.ndim == 2, self.batch_first and input.ndim == 3
        x = input.unsqueeze(1) if single else input.transpose(0, 1) if along else input
        length, batch, width = x.shape
        if not length:
            raise ShapeError(compose(type(self).__name__, "the sequence is empty", {"input": x}))
        states = self._first_states(hx, batch, x, None, single)
        out, last = self._run(x.reshape(length * batch, width), states, (batch,) * length)
        out = out.reshape(length, batch, out.shape[1])
        if single:
            return out.squeeze(1), self._shown([state.squeeze(1) for state in last])
        return (out.transpose(0, 1) if along else out), self._shown(last)

    def _run(
        self, x: Tensor, states: list[list[Tensor]], sizes: tuple[int, ...]
    ) -> tuple[Tensor, list[Tensor]]:
        """All layers, one upon the other, over rows sorted by step."""
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = drop(x, self.dropout, self.training)
            outs = []
            for direction in range(self._directions):
                run = layer * self._directions + direction
                weights = [name and getattr(self, name) for name in self._names[run]]
                out, *moved = self._one_way(x, states[run], weights, sizes, direction == 1)
                outs.append(out)
                last.append(tuple(moved))
            x = cat(outs, 1) if len(outs) > 1 else outs[0]
        return x, [stack(group) for group in zip(*last, strict=True)]

    def _one_way(
        self, x: Tensor, states: list[Tensor], weights: list[Any], sizes: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """`_layer`, in half precision within `autocast`."""
        if not is_casting():
            return self._layer(x, states, weights, sizes, reverse)
        (low,) = lowered(x)
        found = self._layer(low, list(lowered(*states)), list(lowered(*weights)), sizes, reverse)
        if self.mode != "GRU":
            return found
        return tuple(part.astype(states[0].dtype) for part in found)  # PyTorch's, being mixed

    def _layer(
        self, x: Tensor, states: list[Tensor], weights: list[Any], sizes: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """One direction of one layer: its outputs and last states."""
        relu = self.mode == "RNN_RELU"
        return rnn_layer(x, states[0], weights, sizes, reverse, relu)

    def _shown(self, last: list[Tensor]) -> Any:
        """The last states as the layer gives them back: of an LSTM a pair."""
        return tuple(last) if self.states > 1 else last[0]

    def _check_input(self, x: Any, dims: tuple[int, ...]) -> None:
        where = type(self).__name__
        if not isinstance(x, Tensor):
            problem = f"the input must be a tensor, not {type(x).__name__}"
            raise DTypeError(compose(where, problem, {"input": x}, "lucid.tensor(input)"))
        if x.ndim not in dims:
            layout = "(B, T, D)" if self.batch_first else "(T, B, D)"
            problem = f"the input must have shape {layout}, or (T, D) without a batch"
            raise ShapeError(compose(where, problem, {"input": x}))
        if x.shape[-1] != self.input_size:
            problem = f"the last dimension of the input must have input_size={self.input_size}"
            raise ShapeError(compose(where, problem, {"input": x}))
        refuse_other_dtype(where, x, self.weight_ih_l0)

    def _first_states(
        self, hx: Any, batch: int, x: Tensor, order: Tensor | None, single: bool = False
    ) -> list[list[Tensor]]:
        """The first states of every run; zeros unless given."""
        runs = len(self._names)
        widths = [self._out_size, self.hidden_size][: self.states]
        if hx is None:
            zeros = [wrap(np.zeros((batch, width), x.dtype)) for width in widths]
            return [zeros] * runs
        given = list(hx) if self.states > 1 and isinstance(hx, tuple | list) else [hx]
        where = type(self).__name__
        if len(given) != self.states:
            raise ArgumentError(compose(where, "hx must be a pair (h_0, c_0)", {"hx": hx}))
        for i, (state, width) in enumerate(zip(given, widths, strict=True)):
            expected = (runs, width) if single else (runs, batch, width)
            if not isinstance(state, Tensor) or state.shape != expected:
                problem = f"the first state must be a tensor of shape {expected}"
                raise ShapeError(compose(where, problem, {"input": x, f"hx[{i}]": state}))
            refuse_other_dtype(where, state, self.weight_ih_l0, f"hx[{i}]")
            given[i] = state.unsqueeze(1) if single else state
            if order is not None:
                given[i] = given[i][:, order]
        return [[state[run] for state in given] for run in range(runs)]

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = f"{self.input_size}, {self.hidden_size}"
        if self.proj_size:
            text += f", proj_size={self.proj_size}"
        defaults = {"num_layers": 1, "bias": True, "batch_first": False}
        for name, usual in {**defaults, "dropout": 0.0, "bidirectional": False}.items():
            value = getattr(self, name)
            text += f", {name}={value}" if value != usual else ""
        return text


def refuse_other_dtype(where: str, x: Tensor, weight: Tensor, name: str = "input") -> None:
    """Refuse an operand of another dtype than the weights: float64 would creep in silently.

    Raises
    ------
    DTypeError
    """
    if x.dtype != weight.dtype:
        if is_casting() and len({part.dtype for part in lowered(x, weight)}) == 1:
            return
        fix = f"{name}.to({where.lower()}.weight_ih.dtype), or the layer .to({name}.dtype)"
        seen = {name: x, "weight_ih": weight}
        raise DTypeError(compose(where, "the dtypes differ", seen, fix))


class RNN(RNNBase):
    r"""The plain recurrent layer.

    .. math:: h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of x and h.
    num_layers : int, default 1
        Layers, each of which takes the outputs of the one before.
    nonlinearity : {"tanh", "relu"}
    bias, batch_first, dropout, bidirectional, device, dtype
        As of `LSTM`.

    Raises
    ------
    ArgumentError
        If the nonlinearity is another word, or a size does not fit.

    References
    ----------
    J. L. Elman, "Finding Structure in Time", 1990.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> output, h_n = nn.RNN(10, 20, num_layers=2)(lucid.randn(5, 3, 10))
    >>> output.shape, h_n.shape
    ((5, 3, 20), (2, 3, 20))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_nonlinearity("RNN", nonlinearity)
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(
            mode, input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, device=device, dtype=dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


def check_nonlinearity(where: str, word: Any) -> None:
    """Refuse what is neither of the two.

    Raises
    ------
    ArgumentError
    """
    if word not in ("tanh", "relu"):
        problem = "nonlinearity must be 'tanh' or 'relu'"
        raise ArgumentError(compose(where, problem, {"nonlinearity": word}))


class LSTM(RNNBase):
    r"""The long short-term memory: gates decide what a cell takes in, keeps and shows.

    .. math::
        i, f, o &= \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}) \\
        g &= \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}) \\
        c_t &= f \odot c_{t-1} + i \odot g \\
        h_t &= o \odot \tanh c_t

    each gate with its rows of the weights, in the order i, f, g, o.

    Parameters
    ----------
    input_size, hidden_size : int
        Lengths of x and h.
    num_layers : int, default 1
        Layers, each of which takes the outputs of the one before.
    bias : bool, default True
    batch_first : bool, default False
        Take and give ``(B, T, D)`` rather than ``(T, B, D)``. The states stay as they are.
    dropout : float, default 0
        Probability that an output of a layer but the last is dropped, in training mode.
    bidirectional : bool, default False
        A second run of every layer from the last step to the first; the outputs stand side by
        side.
    proj_size : int, default 0
        If positive, h is brought to this length by another matrix.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Attributes
    ----------
    weight_ih_l[k], weight_hh_l[k] : Parameter
        Shapes ``(4 H, D)`` and ``(4 H, H)``, of layer k; of its other direction with the suffix
        ``_reverse``.
    bias_ih_l[k], bias_hh_l[k] : Parameter
        Shape ``(4 H,)``.
    weight_hr_l[k] : Parameter
        Shape ``(proj_size, H)``, if there is a projection.

    Raises
    ------
    ArgumentError
        If a size does not fit.

    Notes
    -----
    The input has shape ``(T, B, D)``, or ``(T, D)`` without a batch, or is a `PackedSequence`.
    A second argument gives the first states ``(h_0, c_0)``, each of shape
    ``(num_layers * directions, B, size)``. The result is ``output, (h_n, c_n)``.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", 1997.
    H. Sak, A. Senior and F. Beaufays, "Long Short-Term Memory Based Recurrent Neural Network
    Architectures for Large Vocabulary Speech Recognition", 2014: the projection.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> lstm = nn.LSTM(10, 20, bidirectional=True)
    >>> output, (h_n, c_n) = lstm(lucid.randn(5, 3, 10))
    >>> output.shape, h_n.shape, c_n.shape
    ((5, 3, 40), (2, 3, 20), (2, 3, 20))
    """

    states = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, proj_size, device, dtype,
        )  # fmt: skip

    def _layer(
        self, x: Tensor, states: list[Tensor], weights: list[Any], sizes: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        return lstm_layer(x, states[0], states[1], weights, sizes, reverse)


class GRU(RNNBase):
    r"""Gated recurrent units: gates decide how much of the state is read, and how much replaced.

    .. math::
        r, z &= \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}) \\
        n &= \tanh(W_{in} x_t + b_{in} + r \odot (W_{hn} h_{t-1} + b_{hn})) \\
        h_t &= (1 - z) \odot n + z \odot h_{t-1}

    each gate with its rows of the weights, in the order r, z, n.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype
        As of `LSTM`; the weights have 3 rows for each element of h.

    Raises
    ------
    ArgumentError
        If a size does not fit.

    References
    ----------
    K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", 2014.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> output, h_n = nn.GRU(10, 20, batch_first=True)(lucid.randn(3, 5, 10))
    >>> output.shape, h_n.shape
    ((3, 5, 20), (1, 3, 20))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, device=device, dtype=dtype,
        )  # fmt: skip

    def _layer(
        self, x: Tensor, states: list[Tensor], weights: list[Any], sizes: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        return gru_layer(x, states[0], weights, sizes, reverse)
