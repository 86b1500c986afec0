"""The transformer: layers of attention and dense maps, stacks of them, and the whole.

Each sublayer stands on a residual connection and is normalised after it, or with
``norm_first=True`` before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.tensor import Tensor, wrap
from ...dtypes import resolve
from ...errors import ArgumentError, ShapeError, compose
from ...ops.activation import relu
from ...ops.smooth_activation import gelu
from .. import init
from ..module import Module
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm
from .sizes import whole

Activation = str | Callable[[Tensor], Tensor]

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": relu, "gelu": gelu}


def _activation(where: str, given: Activation) -> Callable[[Tensor], Tensor]:
    """The activation that is named, or given."""
    if callable(given):
        return given
    if given not in _ACTIVATIONS:
        problem = "activation must be 'relu', 'gelu' or a function"
        raise ArgumentError(compose(where, problem, {"activation": given}))
    return _ACTIVATIONS[given]


class TransformerEncoderLayer(Module):
    r"""Self-attention, then a dense network at every position.

    .. math::
        x &\leftarrow \mathrm{norm}(x + \mathrm{attention}(x, x, x)) \\
        x &\leftarrow \mathrm{norm}(x + W_2\, \phi(W_1 x))

    Parameters
    ----------
    d_model : int
        Width of inputs and outputs.
    nhead : int
        Heads; must divide `d_model`.
    dim_feedforward : int, default 2048
        Width of the dense network in the middle.
    dropout : float, default 0.1
    activation : {"relu", "gelu"} or callable
        :math:`\phi`.
    layer_norm_eps : float, default 1e-5
    batch_first : bool, default False
        Take and give ``(N, L, d_model)`` rather than ``(L, N, d_model)``.
    norm_first : bool, default False
        Normalise what goes into each sublayer rather than what comes out.
    bias : bool, default True
        Whether all linear and normalising layers have biases.
    device : {"cpu"}, optional
    dtype : dtype, optional

    Raises
    ------
    ArgumentError
        If a size does not fit, or the activation is another word.

    References
    ----------
    A. Vaswani et al., "Attention Is All You Need", 2017.
    R. Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> layer(lucid.randn(10, 4, 8)).shape
    (10, 4, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        layout: dict[str, Any] = {"batch_first": batch_first, "dropout": dropout}
        self.self_attn = MultiheadAttention(d_model, nhead, **layout, **made)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = bool(norm_first)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = _activation("TransformerEncoderLayer", activation)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Shape ``(L, N, d_model)``, kept; the masks are those of `MultiheadAttention`."""
        x, masks = src, (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = x + self._attend(self.norm1(x), *masks)
            return x + self._dense(self.norm2(x))
        x = self.norm1(x + self._attend(x, *masks))
        return self.norm2(x + self._dense(x))

    def _attend(self, x: Tensor, mask: Any, padding: Any, is_causal: bool) -> Tensor:
        out = self.self_attn(x, x, x, padding, False, mask, is_causal=is_causal)[0]
        return self.dropout1(out)

    def _dense(self, x: Tensor) -> Tensor:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoderLayer(Module):
    """Self-attention, attention to what an encoder gave, then a dense network.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first
        As of `TransformerEncoderLayer`.
    bias : bool, default True
    device : {"cpu"}, optional
    dtype : dtype, optional

    Raises
    ------
    ArgumentError
        If a size does not fit, or the activation is another word.

    References
    ----------
    A. Vaswani et al., "Attention Is All You Need", 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> layer(lucid.randn(5, 4, 8), lucid.randn(10, 4, 8)).shape
    (5, 4, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        layout: dict[str, Any] = {"batch_first": batch_first, "dropout": dropout}
        self.self_attn = MultiheadAttention(d_model, nhead, **layout, **made)
        self.multihead_attn = MultiheadAttention(d_model, nhead, **layout, **made)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = bool(norm_first)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **made)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _activation("TransformerDecoderLayer", activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Shapes ``(L, N, d_model)`` and ``(S, N, d_model)``; the first is kept."""
        x = tgt
        own = (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        other = (memory, memory_mask, memory_key_padding_mask, memory_is_causal)
        if self.norm_first:
            x = x + self._attend(self.norm1(x), *own)
            x = x + self._look(self.norm2(x), *other)
            return x + self._dense(self.norm3(x))
        x = self.norm1(x + self._attend(x, *own))
        x = self.norm2(x + self._look(x, *other))
        return self.norm3(x + self._dense(x))

    def _attend(self, x: Tensor, mask: Any, padding: Any, is_causal: bool) -> Tensor:
        out = self.self_attn(x, x, x, padding, False, mask, is_causal=is_causal)[0]
        return self.dropout1(out)

    def _look(self, x: Tensor, memory: Tensor, mask: Any, padding: Any, is_causal: bool) -> Tensor:
        out = self.multihead_attn(x, memory, memory, padding, False, mask, is_causal=is_causal)[0]
        return self.dropout2(out)

    def _dense(self, x: Tensor) -> Tensor:
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))


def _copies(layer: Module, count: int) -> ModuleList:
    """Layers with parameters of their own that start from the same values."""
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])


def _is_causal(mask: Tensor | None, hint: bool | None) -> bool:
    """Whether a mask is the causal one: as the hint says, or else by a look at it."""
    if hint is not None or mask is None or mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return bool(hint)
    ahead = ~np.tri(mask.shape[0], dtype=np.bool_)
    if mask.dtype == np.bool_:
        return bool((mask.data == ahead).all())
    return bool((mask.data == np.where(ahead, -np.inf, 0)).all())


class TransformerEncoder(Module):
    """A stack of encoder layers.

    Parameters
    ----------
    encoder_layer : Module
        Each layer is a copy of it.
    num_layers : int
    norm : Module, optional
        For the output of the last one.
    enable_nested_tensor, mask_check : bool, default True
        Taken for PyTorch's sake; they choose its way of computing.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> nn.TransformerEncoder(layer, num_layers=3)(lucid.randn(10, 4, 8)).shape
    (10, 4, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies(encoder_layer, whole("TransformerEncoder", "num_layers", num_layers))
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """Shape ``(L, N, d_model)``, kept."""
        causal, out = _is_causal(mask, is_causal), src
        for layer in self.layers:
            out = layer(out, mask, src_key_padding_mask, causal)
        return out if self.norm is None else self.norm(out)


class TransformerDecoder(Module):
    """A stack of decoder layers.

    Parameters
    ----------
    decoder_layer : Module
        Each layer is a copy of it.
    num_layers : int
    norm : Module, optional
        For the output of the last one.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> decoder = nn.TransformerDecoder(layer, num_layers=3)
    >>> decoder(lucid.randn(5, 4, 8), lucid.randn(10, 4, 8)).shape
    (5, 4, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies(decoder_layer, whole("TransformerDecoder", "num_layers", num_layers))
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Shapes ``(L, N, d_model)`` and ``(S, N, d_model)``; the first is kept."""
        causal, out = _is_causal(tgt_mask, tgt_is_causal), tgt
        for layer in self.layers:
            out = layer(
                out, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
                causal, memory_is_causal,
            )  # fmt: skip
        return out if self.norm is None else self.norm(out)


class Transformer(Module):
    """An encoder that reads one sequence, and a decoder that writes another.

    Parameters
    ----------
    d_model : int, default 512
    nhead : int, default 8
    num_encoder_layers, num_decoder_layers : int, default 6
    dim_feedforward : int, default 2048
    dropout : float, default 0.1
    activation : {"relu", "gelu"} or callable
    custom_encoder, custom_decoder : Module, optional
        In place of those made here.
    layer_norm_eps : float, default 1e-5
    batch_first, norm_first : bool, default False
    bias : bool, default True
    device : {"cpu"}, optional
    dtype : dtype, optional
        As of `TransformerEncoderLayer`.

    Raises
    ------
    ArgumentError
        If a size does not fit, or the activation is another word.
    ShapeError
        If the widths or batches of the two sequences differ.

    References
    ----------
    A. Vaswani et al., "Attention Is All You Need", 2017.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn as nn
    >>> model = nn.Transformer(8, 2, 1, 1, dim_feedforward=16)
    >>> model(lucid.randn(10, 4, 8), lucid.randn(5, 4, 8)).shape
    (5, 4, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        layer = (
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
            norm_first,
        )  # fmt: skip
        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*layer, **made),
            num_encoder_layers,
            LayerNorm(d_model, layer_norm_eps, **made),
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*layer, **made),
            num_decoder_layers,
            LayerNorm(d_model, layer_norm_eps, **made),
        )
        self.reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = bool(batch_first)

    def reset_parameters(self) -> None:
        """Draw all matrices anew, by Xavier's rule."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Shapes ``(S, N, d_model)`` and ``(L, N, d_model)``, to the latter."""
        batch = 0 if self.batch_first else 1
        apart = src.ndim == 3 and tgt.ndim == 3 and src.shape[batch] != tgt.shape[batch]
        if apart or src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            problem = f"src and tgt must have one batch and the width d_model={self.d_model}"
            raise ShapeError(compose("Transformer", problem, {"src": src, "tgt": tgt}))
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(
            tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
            tgt_is_causal, memory_is_causal,
        )  # fmt: skip

    @staticmethod
    def generate_square_subsequent_mask(
        sz: int, device: str | None = None, dtype: Any = None
    ) -> Tensor:
        """The mask that lets every position see itself and those before it: 0 and -inf.

        Parameters
        ----------
        sz : int
            The length of the sequence.
        device : {"cpu"}, optional
        dtype : dtype, optional

        Examples
        --------
        >>> import lucid.nn as nn
        >>> nn.Transformer.generate_square_subsequent_mask(2)
        Tensor([[0.0000, -inf],
                [0.0000, 0.0000]])
        """
        kind = resolve(dtype, "generate_square_subsequent_mask") if dtype else np.float32
        return wrap(np.where(np.tri(sz, dtype=np.bool_), 0, -np.inf).astype(kind))
