"""The in-place forms of the ops (``x.add_(y)``, ``x += y``), in one table.

Each is what `inplace.change` makes of the method of the same name: it computes like the op,
casts the result to the tensor's own dtype (within its kind, or a lower one) and writes it into
the tensor's memory. So its errors are the op's own, and those of `change`: a leaf that requires
a gradient, a result that has another shape or is of a higher kind.
"""

from __future__ import annotations

from .inplace import in_place

_OPERATORS = {
    "add": "__iadd__",
    "bitwise_and": "__iand__",
    "bitwise_left_shift": "__ilshift__",
    "bitwise_or": "__ior__",
    "bitwise_right_shift": "__irshift__",
    "bitwise_xor": "__ixor__",
    "div": "__itruediv__",
    "floor_divide": "__ifloordiv__",
    "mul": "__imul__",
    "pow": "__ipow__",
    "remainder": "__imod__",
    "sub": "__isub__",
}

_FORMS = """
arithmetic: add sub subtract mul multiply div divide true_divide floor_divide remainder fmod
    pow float_power square neg negative reciprocal conj_physical addcmul addcdiv lerp gcd lcm
signs, rounding: abs absolute sign sgn copysign heaviside ceil floor round trunc fix frac
    nan_to_num ldexp nextafter
bounds: clamp clamp_min clamp_max clip
exponential: exp exp2 expm1 log log2 log10 log1p sqrt rsqrt xlogy
logistic: sigmoid logit relu
trigonometric: sin cos tan asin acos atan atan2 arcsin arccos arctan arctan2 hypot
    sinh cosh tanh asinh acosh atanh arcsinh arccosh arctanh sinc deg2rad rad2deg
special: erf erfc erfinv lgamma digamma polygamma mvlgamma igamma igammac i0
comparison: eq ne lt le gt ge not_equal less less_equal greater greater_equal
logic: logical_and logical_or logical_xor logical_not
    bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift
products: addmm addmv addr addbmm baddbmm
scans: cumsum cumprod
triangles: tril triu
similarity: renorm
selection: masked_fill masked_scatter scatter scatter_add scatter_reduce
    index_add index_copy index_fill index_put index_reduce put
"""

for _word in _FORMS.split():
    if not _word.endswith((":", ",")):  # else part of a family's name
        in_place(_word, f"{_word}_", *filter(None, [_OPERATORS.get(_word)]))
