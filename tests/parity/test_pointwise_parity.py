"""Pointwise functions beside PyTorch's: values, gradients of two orders, special values, dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import lucid

torch = pytest.importorskip("torch")
F = torch.nn.functional

INF, NAN = float("inf"), float("nan")
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 1e-40, -1e-40, 1e-6, 1e30, -1e30, 88.0, -104.0]


class Case(NamedTuple):
    """A function of Lucid, its twin in PyTorch, and where they are compared."""

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    low: float = -3.0
    high: float = 3.0
    skip: tuple[float, ...] = ()  # special values at which we differ on purpose
    integers: bool = True  # whether PyTorch takes them
    order: int = 2  # how often PyTorch can differentiate


UNARY = {
    "abs": Case(lucid.abs, torch.abs),
    "neg": Case(lucid.neg, torch.neg),
    "square": Case(lucid.square, torch.square),
    "reciprocal": Case(lucid.reciprocal, torch.reciprocal),
    "sign": Case(lucid.sign, torch.sign),
    "sgn": Case(lucid.sgn, torch.sgn),
    "exp": Case(lucid.exp, torch.exp),
    "exp2": Case(lucid.exp2, torch.exp2),
    "expm1": Case(lucid.expm1, torch.expm1),
    "log": Case(lucid.log, torch.log, 0.1),
    "log2": Case(lucid.log2, torch.log2, 0.1),
    "log10": Case(lucid.log10, torch.log10, 0.1),
    "log1p": Case(lucid.log1p, torch.log1p, -0.9),
    "sqrt": Case(lucid.sqrt, torch.sqrt, 0.1),
    "rsqrt": Case(lucid.rsqrt, torch.rsqrt, 0.1),
    "sigmoid": Case(lucid.sigmoid, torch.sigmoid),
    "logit": Case(lucid.logit, torch.logit, 0.01, 0.99),
    "logit eps": Case(lambda x: lucid.logit(x, 0.1), lambda x: torch.logit(x, 0.1), -0.5, 1.5),
    "logsigmoid": Case(lucid.logsigmoid, F.logsigmoid, integers=False),
    "softplus": Case(lucid.softplus, F.softplus, integers=False),
    "softplus beta": Case(
        lambda x: lucid.softplus(x, 3.0, 4.0), lambda x: F.softplus(x, 3.0, 4.0), integers=False
    ),
    "sin": Case(lucid.sin, torch.sin, skip=(1e30, -1e30)),  # PyTorch's vector sine is lost there
    "cos": Case(lucid.cos, torch.cos, skip=(1e30, -1e30)),
    "tan": Case(lucid.tan, torch.tan, -1.4, 1.4, skip=(1e30, -1e30)),
    "asin": Case(lucid.asin, torch.asin, -0.99, 0.99),
    "acos": Case(lucid.acos, torch.acos, -0.99, 0.99),
    "atan": Case(lucid.atan, torch.atan),
    "sinh": Case(lucid.sinh, torch.sinh),
    "cosh": Case(lucid.cosh, torch.cosh),
    "tanh": Case(lucid.tanh, torch.tanh),
    "asinh": Case(lucid.asinh, torch.asinh),
    "acosh": Case(lucid.acosh, torch.acosh, 1.01, 4.0, skip=(1e30, -1e30, -INF, -1.0, -104.0)),
    "atanh": Case(lucid.atanh, torch.atanh, -0.99, 0.99),
    "erf": Case(lucid.erf, torch.erf),
    "erfc": Case(lucid.erfc, torch.erfc),
    "erfinv": Case(lucid.erfinv, torch.erfinv, -0.99, 0.99),
    "floor": Case(lucid.floor, torch.floor),
    "ceil": Case(lucid.ceil, torch.ceil),
    "trunc": Case(lucid.trunc, torch.trunc),
    "frac": Case(lucid.frac, torch.frac, integers=False),
    "round": Case(lucid.round, torch.round),
    "round 2": Case(
        lambda x: lucid.round(x, decimals=2), lambda x: torch.round(x, decimals=2), integers=False
    ),
    "nan_to_num": Case(lucid.nan_to_num, torch.nan_to_num),
    "clamp": Case(lambda x: lucid.clamp(x, -1, 1), lambda x: torch.clamp(x, -1, 1)),
    "clamp min": Case(lambda x: lucid.clamp(x, min=0.5), lambda x: torch.clamp(x, min=0.5)),
    "clamp max": Case(lambda x: lucid.clamp(x, max=1), lambda x: torch.clamp(x, max=1)),
    "clamp crossed": Case(lambda x: lucid.clamp(x, 1, -1), lambda x: torch.clamp(x, 1, -1)),
    "relu": Case(lucid.relu, F.relu),
    "relu6": Case(lucid.relu6, F.relu6),
    "leaky_relu": Case(lucid.leaky_relu, F.leaky_relu, integers=False),
    "leaky_relu 2": Case(
        lambda x: lucid.leaky_relu(x, -1.5), lambda x: F.leaky_relu(x, -1.5), integers=False
    ),
    "elu": Case(lucid.elu, F.elu, integers=False),
    "elu 2": Case(lambda x: lucid.elu(x, 2.0), lambda x: F.elu(x, 2.0), integers=False),
    "selu": Case(lucid.selu, F.selu, integers=False),
    "celu": Case(
        lambda x: lucid.celu(x, 1.3), lambda x: F.celu(x, 1.3), skip=(-104.0,), integers=False
    ),
    # PyTorch's vector gelu turns inf into NaN; ours is inf there
    "gelu": Case(lucid.gelu, F.gelu, skip=(INF,), integers=False),
    "gelu tanh": Case(
        lambda x: lucid.gelu(x, approximate="tanh"),
        lambda x: F.gelu(x, approximate="tanh"),
        skip=(1e30, -1e30),
        integers=False,
    ),
    "silu": Case(lucid.silu, F.silu, integers=False),
    "mish": Case(lucid.mish, F.mish, integers=False),
    "hardtanh": Case(lucid.hardtanh, F.hardtanh),
    "hardsigmoid": Case(lucid.hardsigmoid, F.hardsigmoid, -5, 5, integers=False, order=1),
    "hardswish": Case(lucid.hardswish, F.hardswish, -5, 5, integers=False),
    "softsign": Case(lucid.softsign, F.softsign, skip=(INF, -INF, 1e30, -1e30)),
    "tanhshrink": Case(lucid.tanhshrink, F.tanhshrink),
    "hardshrink": Case(lucid.hardshrink, F.hardshrink, integers=False),
    "softshrink": Case(
        lambda x: lucid.softshrink(x, 0.7), lambda x: F.softshrink(x, 0.7), integers=False
    ),
    "threshold": Case(lambda x: lucid.threshold(x, 0.5, -2.0), lambda x: F.threshold(x, 0.5, -2.0)),
    "softmax": Case(
        lambda x: lucid.softmax(x, -1), lambda x: torch.softmax(x, -1), skip=(NAN, INF)
    ),
    "log_softmax": Case(
        lambda x: lucid.log_softmax(x, -1), lambda x: torch.log_softmax(x, -1), skip=(NAN, INF)
    ),
    "softmin": Case(lambda x: lucid.softmin(x, 0), lambda x: F.softmin(x, 0), skip=(NAN, -INF)),
}
UNARY["softmax"] = UNARY["softmax"]._replace(integers=False)
UNARY["log_softmax"] = UNARY["log_softmax"]._replace(integers=False)
UNARY["softmin"] = UNARY["softmin"]._replace(integers=False)

BINARY = {
    "add": Case(lucid.add, torch.add),
    "sub": Case(lucid.sub, torch.sub),
    "mul": Case(lucid.mul, torch.mul),
    "div": Case(lucid.div, torch.div),
    "remainder": Case(lucid.remainder, torch.remainder),
    "fmod": Case(lucid.fmod, torch.fmod),
    "pow": Case(lucid.pow, torch.pow, 0.2),
    "maximum": Case(lucid.maximum, torch.maximum),
    "minimum": Case(lucid.minimum, torch.minimum),
    "fmax": Case(lucid.fmax, torch.fmax),
    "fmin": Case(lucid.fmin, torch.fmin),
    "clamp_min": Case(lucid.clamp_min, torch.clamp_min),
    "clamp_max": Case(lucid.clamp_max, torch.clamp_max),
    "copysign": Case(lucid.copysign, torch.copysign),
    "atan2": Case(lucid.atan2, torch.atan2),
    "hypot": Case(lucid.hypot, torch.hypot),
    "logaddexp": Case(lucid.logaddexp, torch.logaddexp),
    "logaddexp2": Case(lucid.logaddexp2, torch.logaddexp2),
    "xlogy": Case(lucid.xlogy, torch.xlogy, 0.2),
    "lerp": Case(lambda a, b: lucid.lerp(a, b, 0.7), lambda a, b: torch.lerp(a, b, 0.7)),
    "addcmul": Case(
        lambda a, b: lucid.addcmul(a, b, b, value=0.5),
        lambda a, b: torch.addcmul(a, b, b, value=0.5),
    ),
    "addcdiv": Case(
        lambda a, b: lucid.addcdiv(a, a, b, value=0.5),
        lambda a, b: torch.addcdiv(a, a, b, value=0.5),
    ),
}
COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor"]
PREDICATES = ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "logical_not"]


def both(case: Case, *arrays: Any, order: int = 1) -> tuple[list[Any], list[Any]]:
    """Values and gradients up to an order, here and in PyTorch, each along random directions."""
    rng = np.random.default_rng(7)
    ours = [lucid.Tensor(a, dtype=a.dtype, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a.copy(), requires_grad=True) for a in arrays]
    y, z = case.ours(*ours), case.theirs(*theirs)
    found, wanted = [y.detach().numpy()], [z.numpy(force=True)]
    weight = np.asarray(rng.uniform(0.5, 1.5, y.shape)).astype(y.dtype)
    again = order > 1
    y.backward(lucid.tensor(weight), create_graph=again)
    wants = torch.autograd.grad(z, theirs, torch.tensor(weight), create_graph=again)
    firsts = [t.grad for t in ours]
    found += [t.detach().numpy() for t in firsts]
    wanted += [t.numpy(force=True) for t in wants]
    if again and any(t.requires_grad for t in wants):
        for t in ours:
            t.grad = None
        ways = [np.asarray(rng.uniform(0.5, 1.5, t.shape)) for t in firsts]
        total = sum((t * lucid.tensor(w)).sum() for t, w in zip(firsts, ways, strict=True))
        seconds = sum((t * torch.tensor(w)).sum() for t, w in zip(wants, ways, strict=True))
        if total.requires_grad:
            total.backward()
        for t, want in zip(
            ours, torch.autograd.grad(seconds, theirs, allow_unused=True), strict=True
        ):
            found.append(np.zeros(t.shape) if t.grad is None else t.grad.numpy())
            wanted.append(np.zeros(t.shape) if want is None else want.numpy(force=True))
    return found, wanted


def draw(case: Case, *shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.uniform(case.low, case.high, shape)).astype(dtype)


def assert_equal(found: list[Any], wanted: list[Any], rtol: float, atol: float = 0.0) -> None:
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", UNARY)
def test_unary_values_and_gradients(name: str) -> None:
    case = UNARY[name]
    assert_equal(*both(case, draw(case, 6, 7), order=case.order), rtol=1e-7, atol=1e-9)
    assert_equal(*both(case, draw(case, 64, 64, dtype=np.float32)), rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize("name", UNARY)
def test_unary_of_0d_empty_and_strided(name: str) -> None:
    case = UNARY[name]
    assert_equal(*both(case, draw(case)), rtol=1e-7, atol=1e-9)
    assert_equal(*both(case, draw(case, 0, 3)), rtol=1e-7)
    assert_equal(*both(case, draw(case, 6, 8)[::2, ::-2].T), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", UNARY)
def test_unary_special_values(name: str) -> None:
    case = UNARY[name]
    for value in SPECIAL:
        if any(value == s or (value != value and s != s) for s in case.skip):
            continue
        array = np.array([value, 0.25], np.float32)  # one neighbour: softmax needs two
        found, wanted = both(case, array)
        for ours, theirs in zip(found, wanted, strict=True):
            message = f"{name} at {value}"
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-37, err_msg=message)


@pytest.mark.parametrize("name", [n for n, case in UNARY.items() if case.integers])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
def test_unary_of_integers(name: str, dtype: str) -> None:
    case = UNARY[name]
    if dtype == "uint8" and (name in ("hardtanh", "clamp", "clamp crossed", "threshold")):
        pytest.skip("PyTorch refuses negative numbers beside unsigned integers")
    array = np.arange(4).astype(dtype)
    ours, theirs = case.ours(lucid.tensor(array)), case.theirs(torch.tensor(array))
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", UNARY)
def test_unary_of_halves(name: str, dtype: str) -> None:
    case = UNARY[name]
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    if name == "round 2":
        pytest.skip("PyTorch multiplies by 100 in half precision, and loses the second digit")
    theirs = torch.tensor(draw(case, 40)).to(getattr(torch, dtype))
    ours = case.ours(lucid.tensor(theirs.float().numpy()).to(dtype))
    assert ours.dtype == dtype
    tolerance = 2e-3 if dtype == "float16" else 1.6e-2
    found, wanted = ours.double().numpy(), case.theirs(theirs).double().numpy()
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("shapes", [((4, 5), (4, 5)), ((4, 5), (5,)), ((4, 1), (1, 5)), ((), (3,))])
def test_binary_values_and_gradients(name: str, shapes: Any) -> None:
    case = BINARY[name]
    a, b = draw(case, *shapes[0]), draw(case, *shapes[1], seed=1)
    assert_equal(*both(case, a, b, order=2), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    "name",
    ["maximum", "minimum", "fmax", "fmin", "clamp_min", "clamp_max", "atan2", "xlogy", "pow"],
)
def test_binary_ties_and_special_values(name: str) -> None:
    values = [NAN, INF, -INF, 0.0, 1.0, -1.0, 2.0]
    a, b = (m.ravel() for m in np.meshgrid(values, values))
    found, wanted = both(BINARY[name], a, b)
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
    for ours, theirs in zip(found[1:], wanted[1:], strict=True):
        defined = ~np.isnan(theirs) if name in ("atan2", "pow") else np.full(a.shape, True)
        np.testing.assert_allclose(ours[defined], theirs[defined], rtol=1e-12)


def test_clamp_between_tensors() -> None:
    case = Case(lucid.clamp, torch.clamp)
    x = np.array([NAN, 0.0, 1.0, 1.5, 2.0, 5.0, 3.0, 1.0])
    low = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 4.0, 2.0])
    high = np.array([2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    assert_equal(*both(case, x, low, high), rtol=1e-12)


@pytest.mark.parametrize("shape", [(1,), (3,)])
def test_prelu(shape: tuple[int, ...]) -> None:
    case = Case(lucid.prelu, F.prelu)
    x, weight = draw(case, 2, 3, 4), draw(case, *shape, seed=1)
    assert_equal(*both(case, x, weight, order=2), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_glu(dim: int) -> None:
    case = Case(lambda x: lucid.glu(x, dim), lambda x: F.glu(x, dim))
    assert_equal(*both(case, draw(case, 4, 6), order=2), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dim", [0, 1, 2, -2])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_along_each_dimension(name: str, dim: int) -> None:
    ours, theirs = getattr(lucid, name), getattr(torch, name)
    case = Case(lambda x: ours(x, dim), lambda x: theirs(x, dim))
    assert_equal(*both(case, draw(case, 3, 4, 5), order=2), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_a_masked_row(name: str) -> None:
    ours, theirs = getattr(lucid, name), getattr(torch, name)
    case = Case(lambda x: ours(x, 1), lambda x: theirs(x, 1))
    x = np.array([[0.0, -INF, 1.0], [-INF, -INF, -INF], [1e30, 0.0, -1e30]])
    assert_equal(*both(case, x), rtol=1e-12)


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("second", ["float64", "float32", "int64", "uint8", "bool"])
@pytest.mark.parametrize("first", ["float32", "int64", "bool"])
def test_comparisons(name: str, first: str, second: str) -> None:
    a = np.array([0, 1, 2, 1, 0, 3]).astype(first)
    b = np.array([0, 0, 2, 3, 1, 3]).astype(second)
    ours = getattr(lucid, name)(lucid.tensor(a), lucid.tensor(b))
    theirs = getattr(torch, name)(torch.tensor(a), torch.tensor(b))
    assert ours.dtype == lucid.bool
    assert ours.tolist() == theirs.tolist()
    if "logical" not in name:
        for number in (1, 1.5, True, -1, 300):
            ours = getattr(lucid, name)(lucid.tensor(a), number)
            theirs = getattr(torch, name)(torch.tensor(a), number)
            assert ours.tolist() == theirs.tolist(), number


@pytest.mark.parametrize("name", PREDICATES)
def test_predicates(name: str) -> None:
    for array in (np.array(SPECIAL, np.float32), np.array(SPECIAL), np.arange(-2, 3)):
        ours = getattr(lucid, name)(lucid.tensor(array))
        theirs = getattr(torch, name)(torch.tensor(array))
        assert ours.dtype == lucid.bool
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("operator", ["and", "or", "xor"])
def test_bitwise(operator: str) -> None:
    pairs = [
        (np.array([0, 5, -3]), np.array([1, 3, 7])),
        (np.array([True, False, True]), np.array([True, True, False])),
        (np.array([1, 2, 255], np.uint8), np.array([-1, 4, 300], np.int16)),
    ]
    for a, b in pairs:
        ours = getattr(lucid, f"bitwise_{operator}")(lucid.tensor(a), lucid.tensor(b))
        theirs = getattr(torch, f"bitwise_{operator}")(torch.tensor(a), torch.tensor(b))
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("equal_nan", [False, True])
def test_isclose(equal_nan: bool) -> None:
    a = np.array([1.0, 1.0, INF, INF, NAN, 0.0, 100.0])
    b = np.array([1.0 + 1e-6, 1.1, INF, -INF, NAN, 1e-9, 100.001])
    ours = lucid.isclose(lucid.tensor(a), lucid.tensor(b), equal_nan=equal_nan)
    theirs = torch.isclose(torch.tensor(a), torch.tensor(b), equal_nan=equal_nan)
    assert ours.tolist() == theirs.tolist()
