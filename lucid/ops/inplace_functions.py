"""The in-place forms as functions: ``lucid.exp_(x)`` is ``x.exp_()``, and ``F.relu_(x)`` too.

PyTorch has functions for those below. Most are methods of `Tensor` by the table of
`inplace_forms` or by hand; the activations and dropouts are none, there and here, and are made
by `change` from the op of the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor
from ..errors import not_a_tensor
from . import activation, channel_dropout, dropout, embedding, random_activation
from .inplace import change

__all__ = [  # what `lucid` offers; elu_, hardtanh_ and leaky_relu_ are nn.functional's alone
    "abs_",
    "acos_",
    "acosh_",
    "addmv_",
    "alpha_dropout_",
    "arccos_",
    "arccosh_",
    "arcsin_",
    "arcsinh_",
    "arctan_",
    "arctanh_",
    "as_strided_",
    "asin_",
    "asinh_",
    "atan_",
    "atanh_",
    "ceil_",
    "celu_",
    "clamp_",
    "clamp_max_",
    "clamp_min_",
    "clip_",
    "conj_physical_",
    "cos_",
    "cosh_",
    "deg2rad_",
    "detach_",
    "dropout_",
    "embedding_renorm_",
    "erf_",
    "erfc_",
    "exp2_",
    "exp_",
    "expm1_",
    "feature_alpha_dropout_",
    "fill_",
    "fix_",
    "floor_",
    "frac_",
    "gcd_",
    "i0_",
    "index_put_",
    "lcm_",
    "ldexp_",
    "log1p_",
    "log2_",
    "log10_",
    "log_",
    "logit_",
    "nan_to_num_",
    "neg_",
    "negative_",
    "rad2deg_",
    "reciprocal_",
    "relu_",
    "resize_as_",
    "round_",
    "rrelu_",
    "rsqrt_",
    "selu_",
    "sigmoid_",
    "sin_",
    "sinc_",
    "sinh_",
    "sqrt_",
    "square_",
    "tan_",
    "tanh_",
    "threshold_",
    "trunc_",
    "xlogy_",
    "zero_",
]

_EXAMPLES = {
    "addmv_": "lucid.eye(2), lucid.ones(2)",
    "as_strided_": "(2,), (1,)",
    "clamp_": "0.0, 1.0",
    "clamp_max_": "1.0",
    "clamp_min_": "0.0",
    "clip_": "0.0, 1.0",
    "fill_": "7",
    "gcd_": "lucid.tensor([4, 6])",
    "index_put_": "(lucid.tensor([0]),), lucid.tensor(7)",
    "lcm_": "lucid.tensor([4, 6])",
    "ldexp_": "lucid.tensor([1, 2])",
    "resize_as_": "lucid.zeros(2)",
    "threshold_": "0.0, 1.0",
    "xlogy_": "lucid.ones(2)",
}
_STARTS = {
    **dict.fromkeys(("gcd_", "lcm_", "index_put_"), "[4, 9]"),
    "feature_alpha_dropout_": "[[0.5, 0.25]]",
}
_TEXT = """`{plain}` in place: the result is written into the tensor.

Parameters
----------
input : Tensor
    Changed; its shape and dtype stay.
*args, **options
    What else `{plain}` takes.

Returns
-------
Tensor
    `input` itself.

Raises
------
GradError, ArgumentError
    If `input` cannot be changed: a leaf that requires a gradient, a read-only array.
ShapeError, DTypeError
    If the result does not fit into `input`, or `input` is no tensor.

Examples
--------
>>> import lucid
>>> import lucid.nn.functional as F
>>> x = lucid.tensor({start})
>>> {page}.{name}({arguments}) is x
True
"""


def _declared(name: str, call: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function of one in-place form, with its documentation."""

    def function(input: Tensor, *args: Any, **options: Any) -> Tensor:
        if not isinstance(input, Tensor):
            raise not_a_tensor(name, input)
        return call(input, *args, **options)

    more = _EXAMPLES.get(name)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _TEXT.format(
        plain=name[:-1],
        name=name,
        page="lucid" if name in __all__ else "F",
        start=_STARTS.get(name, "[0.5, 0.25]"),
        arguments="x" if more is None else f"x, {more}",
    )
    return function


def _method(name: str) -> Callable[..., Tensor]:
    """The function that does what the method of that name does."""
    return _declared(name, getattr(Tensor, name))


def _of(op: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function that writes the result of an op into its first argument."""
    name = f"{op.__name__}_"

    def call(input: Tensor, *args: Any, **options: Any) -> Tensor:
        return change(name, op, input, *args, **options)

    return _declared(name, call)


abs_ = _method("abs_")
acos_ = _method("acos_")
acosh_ = _method("acosh_")
addmv_ = _method("addmv_")
arccos_ = _method("arccos_")
arccosh_ = _method("arccosh_")
arcsin_ = _method("arcsin_")
arcsinh_ = _method("arcsinh_")
arctan_ = _method("arctan_")
arctanh_ = _method("arctanh_")
as_strided_ = _method("as_strided_")
asin_ = _method("asin_")
asinh_ = _method("asinh_")
atan_ = _method("atan_")
atanh_ = _method("atanh_")
ceil_ = _method("ceil_")
clamp_ = _method("clamp_")
clamp_max_ = _method("clamp_max_")
clamp_min_ = _method("clamp_min_")
clip_ = _method("clip_")
conj_physical_ = _method("conj_physical_")
cos_ = _method("cos_")
cosh_ = _method("cosh_")
deg2rad_ = _method("deg2rad_")
detach_ = _method("detach_")
erf_ = _method("erf_")
erfc_ = _method("erfc_")
exp2_ = _method("exp2_")
exp_ = _method("exp_")
expm1_ = _method("expm1_")
fill_ = _method("fill_")
fix_ = _method("fix_")
floor_ = _method("floor_")
frac_ = _method("frac_")
gcd_ = _method("gcd_")
i0_ = _method("i0_")
index_put_ = _method("index_put_")
lcm_ = _method("lcm_")
ldexp_ = _method("ldexp_")
log10_ = _method("log10_")
log1p_ = _method("log1p_")
log2_ = _method("log2_")
log_ = _method("log_")
logit_ = _method("logit_")
nan_to_num_ = _method("nan_to_num_")
neg_ = _method("neg_")
negative_ = _method("negative_")
rad2deg_ = _method("rad2deg_")
reciprocal_ = _method("reciprocal_")
relu_ = _method("relu_")
resize_as_ = _method("resize_as_")
round_ = _method("round_")
rsqrt_ = _method("rsqrt_")
sigmoid_ = _method("sigmoid_")
sin_ = _method("sin_")
sinc_ = _method("sinc_")
sinh_ = _method("sinh_")
sqrt_ = _method("sqrt_")
square_ = _method("square_")
tan_ = _method("tan_")
tanh_ = _method("tanh_")
trunc_ = _method("trunc_")
xlogy_ = _method("xlogy_")
zero_ = _method("zero_")

alpha_dropout_ = _of(channel_dropout.alpha_dropout)
celu_ = _of(activation.celu)
dropout_ = _of(dropout.dropout)
elu_ = _of(activation.elu)
feature_alpha_dropout_ = _of(channel_dropout.feature_alpha_dropout)
hardtanh_ = _of(activation.hardtanh)
leaky_relu_ = _of(activation.leaky_relu)
rrelu_ = _of(random_activation.rrelu)
selu_ = _of(activation.selu)
threshold_ = _of(activation.threshold)


def embedding_renorm_(
    weight: Tensor, indices: Any, max_norm: float, norm_type: float = 2.0
) -> Tensor:
    """Shorten the rows of a table that are looked up and longer than a norm, in place.

    Parameters
    ----------
    weight : Tensor
        The table, of shape (N, D); its history is left as it is.
    indices : Tensor of int
        Which rows; of any shape.
    max_norm : float
        The largest norm that stays.
    norm_type : float, default 2.0
        The p of the norm.

    Returns
    -------
    Tensor
        `weight` itself.

    Raises
    ------
    DTypeError
        If `weight` or `indices` are no tensors, or the indices no integers.
    IndexingError
        If there is no such row.

    Examples
    --------
    >>> import lucid
    >>> table = lucid.tensor([[3.0, 4.0], [0.3, 0.4]])
    >>> lucid.embedding_renorm_(table, lucid.tensor([0, 1]), 1.0)
    Tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if not isinstance(weight, Tensor):
        raise not_a_tensor("embedding_renorm_", weight, "weight")
    index = embedding._checked("embedding_renorm_", indices, weight)
    embedding._renorm(weight, index.data, max_norm, norm_type)
    return weight
