"""The bilinear map of two inputs."""

from __future__ import annotations

from ..core.tensor import Tensor
from ..errors import ShapeError, compose
from .autocasting import casting, suspended
from .axes import ndim_of
from .linear import linear


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""For every output k: :math:`y_k = x_1^\top A_k x_2 + b_k`.

    Parameters
    ----------
    input1 : Tensor
        Shape ``(..., in1_features)``.
    input2 : Tensor
        Shape ``(..., in2_features)``, the same leading dimensions.
    weight : Tensor
        :math:`A`, shape ``(out_features, in1_features, in2_features)``.
    bias : Tensor, optional
        :math:`b`, shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Shape ``(..., out_features)``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import lucid
    >>> import lucid.nn.functional as F
    >>> F.bilinear(Tensor([1.0, 2.0]), Tensor([3.0]), lucid.ones(1, 2, 1))
    Tensor([9.0000])
    """
    for name, x in (("input1", input1), ("input2", input2), ("weight", weight)):
        ndim_of("bilinear", x, name)  # refuses what is no tensor
    fits = (
        weight.ndim == 3
        and input1.ndim == input2.ndim > 0
        and input1.shape[:-1] == input2.shape[:-1]
        and (input1.shape[-1], input2.shape[-1]) == weight.shape[1:]
    )
    if not fits:
        problem = "the shapes must be (..., in1), (..., in2) and (out, in1, in2)"
        seen = {"input1": input1, "input2": input2, "weight": weight}
        raise ShapeError(compose("bilinear", problem, seen))
    pairs = input1.unsqueeze(-1) * input2.unsqueeze(-2)  # all products of two features
    flat = pairs.reshape(*input1.shape[:-1], weight.shape[1] * weight.shape[2])
    rows = weight.reshape(weight.shape[0], -1)
    if casting:  # PyTorch's autocast passes it over
        with suspended():
            return linear(flat, rows, bias)
    return linear(flat, rows, bias)
