"""float16 and bfloat16 beside PyTorch's: dtype of results, values, gradients.

Both compute in float32 inside and round once, where it matters.
"""

from __future__ import annotations

import numpy as np
import pytest

import lucid
import lucid.nn
from lucid.dtypes import resolve

torch = pytest.importorskip("torch")
pytest.importorskip("ml_dtypes")

DTYPES = {"float16": 2.0**-11, "bfloat16": 2.0**-8}  # with the size of a rounding

INTERVALS = {  # functions of one, by where the argument lies
    (-3.0, 3.0): """abs neg square exp exp2 expm1 sin cos sinh cosh tanh asinh atan erf erfc sigmoid
        sign sgn floor ceil trunc round frac relu selu positive deg2rad rad2deg nan_to_num softmax_0
        log_softmax_0 isfinite isnan signbit logical_not gelu silu mish softplus logsigmoid
        hardswish hardsigmoid hardtanh elu celu leaky_relu softsign tanhshrink softshrink
        hardshrink relu6 i0""",
    (0.3, 4.0): "log log2 log10 sqrt rsqrt reciprocal lgamma digamma",
    (-0.9, 0.9): "asin acos atanh erfinv log1p",  # not sinc, whose slope PyTorch rounds midway
    (-1.2, 1.2): "tan",
    (1.2, 4.0): "acosh",
    (0.1, 0.9): "logit",
}
UNARY = {name: within for within, names in INTERVALS.items() for name in names.split()}
REDUCTIONS = """sum mean prod var std amax amin logsumexp_0 norm median nanmedian nansum nanmean
    cumsum_0 cumprod_0 logcumsumexp_0 cummax_0 cummin_0 max min argmax argmin any all count_nonzero
    sort argsort topk_2 kthvalue_2 mode diff roll_1 tril triu aminmax msort glu_1 normalize
    layer_norm softmin_0 fliplr"""
BINARY = """add sub mul div true_divide maximum minimum fmax fmin atan2 hypot copysign logaddexp
    logaddexp2 eq ne lt le gt ge floor_divide remainder fmod where isclose xlogy pow nextafter
    heaviside float_power"""
PRODUCTS = {
    "matmul": [(3, 4), (4, 5)],
    "mm": [(3, 4), (4, 5)],
    "bmm": [(2, 3, 4), (2, 4, 5)],
    "mv": [(3, 4), (4,)],
    "dot": [(6,), (6,)],
    "inner": [(3, 4), (5, 4)],
    "outer": [(3,), (4,)],
    "addmm": [(3, 5), (3, 4), (4, 5)],
    "addmv": [(3,), (3, 4), (4,)],
    "baddbmm": [(2, 3, 5), (2, 3, 4), (2, 4, 5)],
    "tensordot": [(3, 4, 2), (4, 2, 3)],
    "kron": [(2, 2), (2, 3)],
    "addcmul": [(3,), (3,), (3,)],
    "addcdiv": [(3,), (3,), (3,)],
    "lerp": [(3,), (3,), (3,)],
    "linear": [(3, 4), (5, 4), (5,)],
    "bilinear": [(3, 4), (3, 5), (2, 4, 5)],
    "mse_loss": [(3, 4), (3, 4)],
    "l1_loss": [(3, 4), (3, 4)],
    "smooth_l1_loss": [(3, 4), (3, 4)],
    "huber_loss": [(3, 4), (3, 4)],
    "cosine_similarity": [(3, 4), (3, 4)],
    "prelu": [(3, 4), (4,)],
    "vdot": [(6,), (6,)],
}


STEPWISE = {
    "nextafter": "a step in the dtype itself",
}


def call(m, name, *tensors):
    """``name`` of a framework or its functional; ``cumsum_0`` is ``cumsum(x, 0)``."""
    stem, _, number = name.rpartition("_")
    numbers = (int(number),) if number.isdigit() else ()
    name = stem if number.isdigit() else name
    if name == "where":
        return m.where(tensors[0] > 1, *tensors)
    if name == "layer_norm":
        return m.nn.functional.layer_norm(tensors[0], (tensors[0].shape[-1],))
    function = getattr(m, name, None) or getattr(m.nn.functional, name)
    return function(*tensors, *numbers)


def first(result):
    return result[0] if isinstance(result, tuple) else result


def outcome(m, name, arrays, dtype):
    """dtype, values and gradients of one call."""
    if m is torch:
        leaves = [torch.tensor(a).to(getattr(torch, dtype)).requires_grad_() for a in arrays]
    else:
        leaves = [lucid.tensor(a).to(resolve(dtype, "test")).requires_grad_() for a in arrays]
    result = first(call(m, name, *leaves))
    kind = str(result.dtype).replace("torch.", "")
    found = [result]
    if result.requires_grad:
        entering = m.linspace(1, 2, result.numel()).reshape(tuple(result.shape))
        result.backward(entering.to(result.dtype))
        found += [leaf.grad for leaf in leaves if leaf.grad is not None]
    if m is torch:
        values = [t.detach().to(torch.float64).numpy(force=True) for t in found]
        dtypes = {str(leaf.grad.dtype) for leaf in leaves if leaf.grad is not None}
    else:
        values = [t.detach().data.astype(np.float64) for t in found]
        dtypes = {f"torch.{leaf.grad.dtype}" for leaf in leaves if leaf.grad is not None}
    return kind, values, dtypes


def compare(name, arrays, dtype):
    """Our dtypes are PyTorch's, and our values as near to the truth as a rounding, or as its."""
    arrays = [torch.tensor(a).to(getattr(torch, dtype)).double().numpy() for a in arrays]
    try:
        kind, theirs, dtypes = outcome(torch, name, arrays, dtype)
        _, truth, _ = outcome(torch, name, arrays, "float64")
    except (RuntimeError, NotImplementedError) as error:
        pytest.skip(f"PyTorch: {error}"[:90])
    mine, ours, own = outcome(lucid, name, arrays, dtype)
    assert (mine, own) == (kind, dtypes)
    rounding = DTYPES[dtype]
    for i, (a, b, exact) in enumerate(zip(ours, theirs, truth, strict=True)):
        scale = np.max(np.abs(exact[np.isfinite(exact)]), initial=0.1)
        off = np.max(np.abs(b - exact), initial=0.0, where=np.isfinite(b) & np.isfinite(exact))
        atol = max(2 * off, 2 * rounding * scale)
        rough = name in STEPWISE or kind in ("int64", "bool")
        expected = b if rough else exact
        np.testing.assert_allclose(a, expected, 2 * rounding, atol, err_msg=f"{name}, {i}")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one(name, dtype):
    compare(name, [np.linspace(*UNARY[name], 23, dtype=np.float32)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY.split())
def test_functions_of_two(name, dtype):
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(0.4, 2.0, shape).astype(np.float32) for shape in [(3, 5), (5,)]]
    compare(name, arrays, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REDUCTIONS.split())
def test_reductions_and_scans(name, dtype):
    x = np.random.default_rng(1).permutation(24).reshape(6, 4).astype(np.float32) / 8 - 1.3
    compare(name, [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name, dtype):
    rng = np.random.default_rng(2)
    arrays = [rng.uniform(0.5, 2, shape).astype(np.float32) for shape in PRODUCTS[name]]
    compare(name, arrays, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_long_sums_do_not_lose_their_small_terms(dtype):
    x = lucid.ones(5000).to(resolve(dtype, "test"))
    for total in (x.sum(), lucid.dot(x, x), (x[None] @ x[:, None]).sum(), x.mean() * 5000):
        assert abs(float(total) - 5000) <= 5000 * DTYPES[dtype]
    assert float(x.norm()) == pytest.approx(5000**0.5, rel=2 * DTYPES[dtype])
    assert float(x.cumsum(0)[-1]) == pytest.approx(5000, rel=2 * DTYPES[dtype])


MIXED = {  # beside numbers and other dtypes
    "where number left": lambda m, x: m.where(x > 1, 0.0, x),
    "where number right": lambda m, x: m.where(x > 1, x, 1),
    "clamp numbers": lambda m, x: m.clamp(x, 0.7, 2),
    "clamp tensors": lambda m, x: m.clamp(x, x * 0.5, x * 0.9),
    "square": lambda m, x: x**2,
    "a fractional power": lambda m, x: x**2.5,
    "an inverse": lambda m, x: x**-1,
    "a number to a power": lambda m, x: 2.0**x,
    "an integer to a power": lambda m, x: 3**x,
    "a number added": lambda m, x: x + 1.5,
    "taken from a number": lambda m, x: 1.5 - x,
    "a number divided": lambda m, x: 2 / x,
    "the remainder of a number": lambda m, x: m.remainder(5.0, x),
    "floor_divide": lambda m, x: x // 2,
    "lerp": lambda m, x: m.lerp(x, x * 2, 0.3),
    "addcdiv": lambda m, x: m.addcdiv(x, x, x, value=0.5),
    "xlogy number": lambda m, x: m.xlogy(2.0, x),
    "copysign": lambda m, x: m.copysign(x, -1.0),
    "masked_fill": lambda m, x: x.masked_fill(x > 1, 0.0),
    "scatter": lambda m, x: x.scatter(0, m.tensor([0]), 2.0),
    "integers": lambda m, x: x + m.tensor([1, 2, 3]),
    "bools": lambda m, x: x * (x > 1),
    "a single, 0-d": lambda m, x: x + m.tensor(1.0),
    "singles": lambda m, x: x + m.tensor([1.0, 2.0, 3.0]),
    "cat with a single": lambda m, x: m.cat([x, m.tensor([1.0])]),
    "sum in single": lambda m, x: x.sum(dtype=m.float32),
    "in place": lambda m, x: x.clone().add_(1.5).mul_(m.tensor(2.0)).clamp_(0, 4),
    "threshold": lambda m, x: m.nn.functional.threshold(x, 1.0, 0.0),
    "vector_norm 3": lambda m, x: m.linalg.vector_norm(x, 3),
    "einsum": lambda m, x: m.einsum("i,i->", x, x),
    "dist": lambda m, x: m.dist(x, x * 2),
    "gradient": lambda m, x: m.gradient(x)[0],
    "trapezoid": lambda m, x: m.trapezoid(x),
    "full_like": lambda m, x: m.full_like(x, 2),
    "ndtr": lambda m, x: m.special.ndtr(x),
    "entr": lambda m, x: m.special.entr(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MIXED)
def test_beside_numbers_and_other_dtypes(name, dtype):
    numbers = [0.5, 1.5, 2.5]
    theirs = MIXED[name](torch, torch.tensor(numbers).to(getattr(torch, dtype)))
    ours = MIXED[name](lucid, lucid.tensor(numbers).to(resolve(dtype, "test")))
    assert f"torch.{ours.dtype}" == str(theirs.dtype)
    expected = theirs.double().numpy()
    np.testing.assert_allclose(ours.data.astype(np.float64), expected, 2 * DTYPES[dtype])
