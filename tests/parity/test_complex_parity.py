"""Complex numbers beside PyTorch: values, gradients of two orders, dtypes, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError

torch = pytest.importorskip("torch")
F = torch.nn.functional
INF, NAN = float("inf"), float("nan")
ROOM = {lucid: lucid.nn.functional, torch: F}  # where the functions of networks are


class Case(NamedTuple):
    """A function of either library and some tensors, with the shapes of those."""

    call: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = ((3, 4),)
    real: bool = False  # whether the tensors are real, and the result is complex


def named(name: str, *shapes: tuple[int, ...], **static: Any) -> Case:
    def call(m: Any, *xs: Any) -> Any:
        function = getattr(m, name, None) or getattr(ROOM[m], name)
        return function(*xs, **static)

    return Case(call, shapes or ((3, 4),))


M, V = (3, 4), (4,)
UNARY = """
    abs neg square reciprocal sgn exp exp2 expm1 log log2 log10 log1p sqrt rsqrt sigmoid sin cos
    tan asin acos atan sinh cosh tanh asinh acosh atanh angle real imag conj conj_physical
    view_as_real positive clone sum mean prod var std softsign tanhshrink
    flatten ravel t adjoint diff
"""
BINARY = "add sub mul div pow logaddexp rsub"
CASES = {name: named(name) for name in UNARY.split()}
CASES |= {name: named(name, M, M) for name in BINARY.split()}
CASES |= {f"{name}, broadcast": named(name, M, V) for name in BINARY.split()[:5]}
CASES |= {
    "add alpha": Case(lambda m, a, b: m.add(a, b, alpha=2 - 1j), (M, V)),
    "number and tensor": Case(lambda m, a: (2 + 1j) * a - 1j / a + 3 - a / 2),
    "power 2": Case(lambda m, a: a**2),
    "power 3": Case(lambda m, a: a**3),
    "power -1.5": Case(lambda m, a: a**-1.5),
    "power 1j": Case(lambda m, a: a ** (1 + 2j)),
    "2 to the": Case(lambda m, a: 2**a),
    "-2 to the": Case(lambda m, a: m.pow(-2.0, a)),
    "float_power": Case(lambda m, a, b: m.float_power(a, b), (M, V)),
    "ldexp": Case(lambda m, a, b: m.ldexp(a, b), (M, V)),
    "ldexp by whole numbers": Case(lambda m, a: m.ldexp(a, m.tensor([3, 1, 0, 2]))),
    "addcmul": Case(lambda m, a, b, c: m.addcmul(a, b, c, value=0.5), (M, V, M)),
    "addcdiv": Case(lambda m, a, b, c: m.addcdiv(a, b, c, value=0.5), (M, V, M)),
    "lerp": Case(lambda m, a, b: m.lerp(a, b, 0.3), (M, M)),
    "sum over": Case(lambda m, a: m.sum(a, 1, keepdim=True)),
    "mean over": Case(lambda m, a: m.mean(a, 0)),
    "prod over": Case(lambda m, a: m.prod(a, 1)),
    "var over": Case(lambda m, a: m.var(a, 1, correction=0)),
    "std over": Case(lambda m, a: m.std(a, 0, keepdim=True)),
    "logsumexp": Case(lambda m, a: m.logsumexp(a, 1)),
    "logcumsumexp": Case(lambda m, a: m.logcumsumexp(a, 1)),
    "cumsum": Case(lambda m, a: m.cumsum(a, 1)),
    "cumprod": Case(lambda m, a: m.cumprod(a, 0)),
    "norm": Case(lambda m, a: m.norm(a)),
    "norm 1": Case(lambda m, a: m.norm(a, 1, dim=0)),
    "norm 3": Case(lambda m, a: m.norm(a, 3, dim=1)),
    "norm inf": Case(lambda m, a: m.norm(a, float("inf"))),
    "where": Case(lambda m, a, b: m.where(a.real > 0, a, b), (M, V)),
    "masked_fill": Case(lambda m, a: a.masked_fill(a.real > 0, 1j)),
    "index": Case(lambda m, a: a[1:, ::2] * a[0, 1]),
    "index by tensor": Case(lambda m, a: a[m.tensor([0, 2, 0])]),
    "index_select": Case(lambda m, a: m.index_select(a, 1, m.tensor([0, 2, 0]))),
    "gather": Case(lambda m, a: m.gather(a, 1, m.tensor([[0, 0], [1, 3], [2, 2]]))),
    "scatter": Case(
        lambda m, a, b: m.scatter(a, 1, m.tensor([[0, 1], [1, 3], [2, 0]]), b), (M, (3, 2))
    ),
    "scatter_add": Case(
        lambda m, a, b: m.scatter_add(a, 1, m.tensor([[0, 0], [1, 3], [2, 2]]), b), (M, (3, 2))
    ),
    "index_add": Case(lambda m, a, b: m.index_add(a, 0, m.tensor([0, 0, 2]), b), (M, M)),
    "take": Case(lambda m, a: m.take(a, m.tensor([0, 5, 5]))),
    "cat": Case(lambda m, a, b: m.cat([a, b], 1), (M, (3, 2))),
    "stack": Case(lambda m, a, b: m.stack([a, b], 1), (M, M)),
    "cat with real": Case(lambda m, a, b: m.cat([a, b.real]), (M, M)),
    "unbind": Case(lambda m, a: m.unbind(a, 1)[2]),
    "split": Case(lambda m, a: m.split(a, 3, 1)[1]),
    "tile": Case(lambda m, a: m.tile(a, (2, 1))),
    "flip": Case(lambda m, a: m.flip(a, (0, 1))),
    "roll": Case(lambda m, a: m.roll(a, 1, 0)),
    "tril": Case(lambda m, a: m.tril(a)),
    "diagonal": Case(lambda m, a: m.diagonal(a)),
    "expand": Case(lambda m, a: a.expand(2, 3, 4)),
    "matmul": named("matmul", (2, 3, 4), (4, 5)),
    "matmul of batches": named("matmul", (2, 1, 3, 4), (5, 4, 2)),
    "mm": named("mm", (3, 4), (4, 5)),
    "bmm": named("bmm", (2, 3, 4), (2, 4, 5)),
    "mv": named("mv", (3, 4), (4,)),
    "dot": named("dot", (4,), (4,)),
    "vdot": named("vdot", (4,), (4,)),
    "inner": named("inner", (3, 4), (2, 4)),
    "outer": named("outer", (3,), (4,)),
    "kron": named("kron", (2, 2), (2, 3)),
    "tensordot": named("tensordot", (2, 3, 4), (4, 3, 2), dims=([1, 2], [1, 0])),
    "einsum": Case(lambda m, a, b: m.einsum("ij,kj->ik", a, b), ((3, 4), (2, 4))),
    "addmm": named("addmm", (5,), (3, 4), (4, 5), beta=0.5, alpha=2),
    "addmv": named("addmv", (3,), (3, 4), (4,)),
    "baddbmm": named("baddbmm", (3, 5), (2, 3, 4), (2, 4, 5)),
    "linear": named("linear", (2, 3), (4, 3), (4,)),
    "linear without bias": named("linear", (3,), (4, 3)),
    "mH": Case(lambda m, a: a.mH @ a),
    "H": Case(lambda m, a: a.H),
    "to real": Case(lambda m, a: a.real * a.imag),
    "from real and back": Case(lambda m, a: (a.abs() * m.exp(1j * a.angle())).real),
    "real with complex": Case(lambda m, a, b: a.real * b + b.imag, (M, V)),
    "view_as_complex": Case(lambda m, x: m.view_as_complex(x), ((3, 2),), real=True),
    "complex": Case(lambda m, x, y: m.complex(x, y), (M, M), real=True),
    "polar": Case(lambda m, x, y: m.polar(x, y), (M, M), real=True),
    "real to a power": Case(lambda m, x: x ** (1 + 2j), real=True),
    "real times 1j": Case(lambda m, x: x * 1j + 1, real=True),
}


def draw(shapes: Any, real: bool = False, dtype: Any = None) -> list[Any]:
    rng = np.random.default_rng(3)
    arrays = [np.asarray(rng.uniform(0.3, 1.3, s)) for s in shapes]
    if not real:  # on both sides of the imaginary axis, and of the real one
        arrays = [a * np.exp(1j * rng.uniform(-2.6, 2.6, a.shape)) for a in arrays]
    return [a.astype(dtype or a.dtype) for a in arrays]


def values(x: Any) -> Any:
    return x.detach().resolve_conj().resolve_neg().numpy()


def results(m: Any, case: Case, arrays: list[Any]) -> list[Any]:
    """The value, its gradients, and the gradients of what those come to, along some directions."""
    rng = np.random.default_rng(5)

    def direction(like: Any) -> Any:
        array = np.asarray(rng.uniform(0.5, 1.5, tuple(like.shape)))
        if like.is_complex():
            array = array + 1j * np.asarray(rng.uniform(0.5, 1.5, array.shape))
        return m.tensor(array)

    grad = m.autograd.grad
    xs = [m.tensor(a.copy()).requires_grad_() for a in arrays]
    y = case.call(m, *xs)
    firsts = grad(y, xs, direction(y), create_graph=True)
    total = sum((first * direction(first)).sum() for first in firsts)
    found = [values(y), *map(values, firsts)]
    if not total.requires_grad:
        return found
    seconds = grad(
        m.real(total) + 0.5 * (total.imag if total.is_complex() else total), xs, allow_unused=True
    )
    return found + [
        np.zeros(a.shape) if s is None else values(s) for s, a in zip(seconds, arrays, strict=True)
    ]


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    case = CASES[name]
    arrays = draw(case.shapes, case.real)
    ours, theirs = results(lucid, case, arrays), results(torch, case, arrays)
    zeros = [np.zeros(a.shape) for a in arrays]
    ours += zeros[: max(0, len(theirs) - len(ours))]
    theirs += zeros[: max(0, len(ours) - len(theirs))]
    for x, y in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_dtypes(name: str) -> None:
    case = CASES[name]
    arrays = draw(case.shapes, case.real, np.float32 if case.real else np.complex64)
    ours = case.call(lucid, *map(lucid.tensor, arrays))
    theirs = case.call(torch, *map(torch.tensor, arrays))
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), values(theirs), rtol=2e-4, atol=2e-5)


ORDERED = """
    floor ceil trunc frac round sign signbit relu relu6 elu selu celu leaky_relu hardtanh
    hardsigmoid hardswish hardshrink softshrink softplus logsigmoid mish gelu logit erf erfc erfinv
    max min amax amin aminmax argmax argmin sort argsort msort median nanmedian mode unique
    isposinf isneginf softmax log_softmax softmin clamp threshold
"""
OF_TWO = "lt le gt ge maximum minimum fmax fmin floor_divide remainder fmod atan2 hypot copysign"


@pytest.mark.parametrize("name", [*ORDERED.split(), *OF_TWO.split(), "logaddexp2", "xlogy"])
def test_what_complex_numbers_have_not(name: str) -> None:
    count = 1 if name in ORDERED.split() else 2
    extra = {"softmax": (0,), "log_softmax": (0,), "softmin": (0,), "clamp": (0, 1)}.get(name, ())
    extra = (0.0, 1.0) if name == "threshold" else extra
    for m, refusal in ((torch, (RuntimeError, TypeError)), (lucid, DTypeError)):
        function = getattr(m, name, None) or getattr(ROOM[m], name)
        with pytest.raises(refusal) as caught:
            function(*[m.tensor([1 + 2j, 3 - 1j])] * count, *extra)
    assert "complex64[2]" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["eq", "ne", "isclose", "logical_and", "logical_or", "logical_xor"]
)
def test_comparisons(name: str) -> None:
    a, b = [1 + 2j, 0j, 2 - 1j, 1 + 2j], [1 + 2j, 1j, 2 + 1j, 0j]
    ours = getattr(lucid, name)(lucid.tensor(a), lucid.tensor(b))
    assert ours.tolist() == getattr(torch, name)(torch.tensor(a), torch.tensor(b)).tolist()


PREDICATES = "isnan isinf isfinite isreal logical_not any all count_nonzero is_complex is_signed"


@pytest.mark.parametrize("name", PREDICATES.split())
def test_predicates(name: str) -> None:
    special = [0j, 1j, complex(NAN, 0), complex(0, INF), complex(0, NAN), complex(-INF, 1), 1 + 0j]
    ours = getattr(lucid, name)(lucid.tensor(special))
    theirs = getattr(torch, name)(torch.tensor(special))
    assert (ours if isinstance(ours, bool) else ours.tolist()) == (
        theirs if isinstance(theirs, bool) else theirs.tolist()
    )


ELEMENTARY = """
    abs angle sgn exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sigmoid sin cos tan
    sinh cosh tanh asin acos atan asinh acosh atanh square
"""


@pytest.mark.parametrize("name", ELEMENTARY.split())
def test_on_the_axes_and_far_out(name: str) -> None:
    parts = [0.0, -0.0, 1.0, -1.0, -2.0, 2.0, 1e-20, -1e-20, 800.0, -800.0]
    grid = np.array([complex(x, y) for x in parts for y in parts])
    x, z = lucid.tensor(grid).requires_grad_(), torch.tensor(grid, requires_grad=True)
    y, w = getattr(lucid, name)(x), getattr(torch, name)(z)
    ours, theirs = y.detach().numpy(), values(w)
    defined = np.isfinite(theirs)
    assert np.isfinite(ours[defined]).all()
    np.testing.assert_allclose(ours[defined], theirs[defined], rtol=1e-7)  # acos near 1 is theirs
    one = np.ones(grid.shape, ours.dtype)
    (ours,) = lucid.autograd.grad(y, [x], lucid.tensor(one))
    theirs = values(torch.autograd.grad(w, [z], torch.tensor(one))[0])
    defined = np.isfinite(theirs)
    if name == "acosh":  # PyTorch's slope jumps to the other side of the cut there
        defined &= ~(np.signbit(grid.imag) & (grid.imag == 0) & (abs(grid.real) < 1))
    np.testing.assert_allclose(ours.numpy()[defined], theirs[defined], rtol=1e-7)


def test_writing_through_views() -> None:
    found = []
    for m in (lucid, torch):
        x = m.tensor([1 + 2j, 3 - 1j, -2 + 0.5j]).requires_grad_()
        y = x * x
        y.real.mul_(3)
        y.imag = y.real.detach() * 2
        m.view_as_real(y)[0, 1] = 5.0
        loss = (y.abs() ** 2).sum() + y.imag.sum()
        loss.backward()
        found.append((values(y) if m is torch else y.detach().numpy(), x.grad.numpy()))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-6)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-6)


DTYPES = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]
DTYPES += ["complex64", "complex128"]


@pytest.mark.parametrize("first", DTYPES)
@pytest.mark.parametrize("second", DTYPES)
def test_promotion(first: str, second: str) -> None:
    ours = getattr(lucid, first), getattr(lucid, second)
    theirs = getattr(torch, first), getattr(torch, second)
    assert lucid.can_cast(*ours) == torch.can_cast(*theirs)
    names = [str(torch.promote_types(*theirs))]
    names.append(str(torch.result_type(torch.ones(2).to(theirs[0]), torch.ones(()).to(theirs[1]))))
    if "complex32" in str(names):
        pytest.skip("PyTorch has complex halves")
    found = [lucid.promote_types(*ours)]
    found.append(lucid.result_type(lucid.ones(2, dtype=ours[0]), lucid.ones((), dtype=ours[1])))
    assert [str(dtype) for dtype in found] == [name.removeprefix("torch.") for name in names]
