"""`lucid.special` beside `torch.special`: values, gradients, special values, dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import lucid
from lucid import special as ours

torch = pytest.importorskip("torch")
theirs = torch.special

INF, NAN = float("inf"), float("nan")
SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, -2.0, -2.5, 1e-40, -1e-40, 1e-6, 30.0]


class Case(NamedTuple):
    """The interval on which a function is compared, and the special values left out.

    Those are where PyTorch has NaN and the function a limit, or is wrong by its arithmetic.
    """

    low: float = -4.0
    high: float = 4.0
    skip: tuple[float, ...] = ()
    order: int = 2  # how often PyTorch can differentiate
    half: bool = False  # whether PyTorch takes float16 and bfloat16
    digits: int = 9  # of which PyTorch is sure: its Bessel functions and trigamma know few


UNARY = {
    "airy_ai": Case(-9, 5, skip=(INF,), order=0, digits=4),
    "bessel_j0": Case(-20, 20, skip=(INF, -INF), order=0, digits=4),
    "bessel_j1": Case(-20, 20, skip=(INF, -INF), order=0, digits=4),
    "bessel_y0": Case(0.1, 20, skip=(INF,), order=0, digits=4),
    "bessel_y1": Case(0.1, 20, skip=(INF,), order=0, digits=4),
    "digamma": Case(half=True, digits=8),
    "entr": Case(0.01, 4, half=True),
    "erf": Case(half=True),
    "erfc": Case(half=True),
    "erfcx": Case(),
    "erfinv": Case(-0.99, 0.99, half=True),
    "exp2": Case(half=True),
    "expit": Case(half=True),
    "expm1": Case(half=True),
    "gammaln": Case(half=True, digits=8),
    "i0": Case(-10, 10, skip=(INF, -INF), half=True),
    "i0e": Case(-10, 10, half=True),
    "i1": Case(-10, 10, skip=(INF, -INF), half=True),
    "i1e": Case(-10, 10, half=True),
    "log1p": Case(-0.9, half=True),
    "log_ndtr": Case(-40, 5),
    "logit": Case(0.01, 0.99, half=True),
    "modified_bessel_i0": Case(-10, 10, skip=(INF, -INF), order=0),
    "modified_bessel_i1": Case(-10, 10, skip=(INF, -INF), order=0),
    "modified_bessel_k0": Case(0.1, 20, order=0),
    "modified_bessel_k1": Case(0.1, 20, order=0),
    "ndtr": Case(half=True),
    "ndtri": Case(0.001, 0.999),
    "psi": Case(digits=8),
    "round": Case(half=True),
    "scaled_modified_bessel_k0": Case(0.1, 20, order=0),
    "scaled_modified_bessel_k1": Case(0.1, 20, order=0),
    "sinc": Case(skip=(1e-6,), half=True),
    "spherical_bessel_j0": Case(-20, 20, order=0),
}
NEEDS_SCIPY = ("airy", "bessel_j", "bessel_y", "_k0", "_k1", "gammainc")
POLYNOMIALS = [
    *(f"chebyshev_polynomial_{kind}" for kind in "tuvw"),
    *(f"shifted_chebyshev_polynomial_{kind}" for kind in "tuvw"),
    *("hermite_polynomial_h", "hermite_polynomial_he"),
    *("laguerre_polynomial_l", "legendre_polynomial_p"),
]


@pytest.fixture(autouse=True)
def scipy_where_needed(request: pytest.FixtureRequest) -> None:
    name = str(getattr(request.node, "callspec", None) and request.node.callspec.params)
    if any(part in name for part in NEEDS_SCIPY) and "spherical" not in name:
        pytest.importorskip("scipy")


def draw(low: float, high: float, *shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    return np.asarray(np.random.default_rng(seed).uniform(low, high, shape)).astype(dtype)


def gradients(
    function: Callable[..., Any], other: Callable[..., Any], *arrays: Any, order: int
) -> tuple[list[Any], list[Any]]:
    """Values and gradients up to an order, here and in PyTorch, along the same directions."""
    mine = [lucid.Tensor(a, dtype=a.dtype, requires_grad=order > 0) for a in arrays]
    torchs = [torch.tensor(a.copy(), requires_grad=order > 0) for a in arrays]
    y, z = function(*mine), other(*torchs)
    found, wanted = [y.detach().numpy()], [z.numpy(force=True)]
    for _ in range(order):
        way = draw(0.5, 1.5, *y.shape).astype(y.dtype)
        firsts = lucid.autograd.grad(y, mine, lucid.tensor(way), create_graph=True)
        wants = torch.autograd.grad(z, torchs, torch.tensor(way), create_graph=True)
        found += [t.detach().numpy() for t in firsts]
        wanted += [t.numpy(force=True) for t in wants]
        y, z = sum(t.sum() for t in firsts), sum(t.sum() for t in wants)
        if not getattr(z, "requires_grad", False):
            break
    return found, wanted


def assert_equal(found: list[Any], wanted: list[Any], rtol: float, atol: float = 0.0) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


def test_every_name_is_there() -> None:
    names = {n for n in theirs.__all__ if n not in ("Tensor", "common_args", "multi_dim_common")}
    assert names <= set(vars(ours))


@pytest.mark.parametrize("name", UNARY)
def test_values_and_gradients(name: str) -> None:
    case, pair = UNARY[name], (getattr(ours, name), getattr(theirs, name))
    near = {"rtol": 10.0**-case.digits, "atol": 10.0 ** (-case.digits - 2)}
    x = draw(case.low, case.high, 6, 7)
    assert_equal(*gradients(*pair, x, order=case.order), **near)
    narrow = draw(case.low, case.high, 40, 50, dtype=np.float32)
    assert_equal(*gradients(*pair, narrow, order=0), rtol=2e-4, atol=2e-5)
    for shape in ((), (0, 3)):
        x = draw(case.low, case.high, *shape)
        assert_equal(*gradients(*pair, x, order=min(case.order, 1)), **near)
    x = draw(case.low, case.high, 6, 8)[::2, ::-2].T
    assert_equal(*gradients(*pair, x, order=min(case.order, 1)), **near)


@pytest.mark.parametrize("name", UNARY)
def test_special_values(name: str) -> None:
    case = UNARY[name]
    for value in SPECIAL:
        if any(value == s or (value != value and s != s) for s in case.skip):
            continue
        x = np.array([value])
        found, wanted = gradients(
            getattr(ours, name), getattr(theirs, name), x, order=min(case.order, 1)
        )
        message = f"{name} at {value}"
        rtol = 10.0**-case.digits
        np.testing.assert_allclose(found[0], wanted[0], rtol=rtol, atol=1e-16, err_msg=message)
        if np.isfinite(wanted[0]).all():
            for a, b in zip(found[1:], wanted[1:], strict=True):
                np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-14, err_msg=message)


@pytest.mark.parametrize("name", [n for n in UNARY if n != "round"])
def test_integers_and_bools(name: str) -> None:
    for array in (np.arange(1, 4), np.array([1, 1], np.uint8), np.array([True])):
        found, wanted = (
            getattr(ours, name)(lucid.tensor(array)),
            getattr(theirs, name)(torch.tensor(array)),
        )
        assert str(found.dtype) == str(wanted.dtype).removeprefix("torch.")
        np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", [n for n, case in UNARY.items() if case.half])
def test_halves(name: str, dtype: str) -> None:
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    case = UNARY[name]
    x = torch.tensor(draw(case.low, case.high, 40)).to(getattr(torch, dtype))
    found = getattr(ours, name)(lucid.tensor(x.float().numpy()).to(dtype))
    assert found.dtype == dtype
    wanted = getattr(theirs, name)(x).double().numpy()
    tolerance = 2e-3 if dtype == "float16" else 1.6e-2
    np.testing.assert_allclose(found.double().numpy(), wanted, rtol=tolerance, atol=tolerance)


# ---- two arguments -----------------------------------------------------------------------


@pytest.mark.parametrize("shapes", [((4, 5), (4, 5)), ((4, 1), (1, 5)), ((), (3,))])
@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_products_with_logarithms(name: str, shapes: Any) -> None:
    a, b = draw(0.2, 3, *shapes[0]), draw(0.2, 3, *shapes[1], seed=1)
    pair = getattr(ours, name), getattr(theirs, name)
    assert_equal(*gradients(*pair, a, b, order=2), rtol=1e-10)


def test_xlog1py_at_special_values() -> None:
    values = [NAN, INF, -INF, 0.0, 1.0, -1.0, -2.0]
    a, b = (m.ravel() for m in np.meshgrid(values, values))
    assert_equal(*gradients(ours.xlog1py, theirs.xlog1py, a, b, order=1), rtol=1e-12)


@pytest.mark.parametrize("name", ["gammainc", "gammaincc", "zeta"])
def test_gradients_towards_the_second_argument(name: str) -> None:
    a, x = draw(1.2, 6, 4, 1), draw(0.1, 8, 4, 5, seed=1)
    mine, other = getattr(ours, name), getattr(theirs, name)
    found, wanted = gradients(
        lambda v: mine(lucid.tensor(a), v), lambda v: other(torch.tensor(a), v), x, order=2
    )
    assert_equal(found, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["gammainc", "gammaincc"])
def test_incomplete_gamma_at_special_values(name: str) -> None:
    values = [INF, 0.0, 1.0, 2.0, -1.0]
    a, x = (m.ravel() for m in np.meshgrid(values, values))
    found = getattr(ours, name)(lucid.tensor(a), lucid.tensor(x)).numpy()
    wanted = getattr(theirs, name)(torch.tensor(a), torch.tensor(x)).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_zeta_at_special_values() -> None:
    s, q = (
        m.ravel() for m in np.meshgrid([-1.0, 0.5, 1.0, 2.0, 2.5, 3.0, 8.0], [0.0, -1, -1.5, 1])
    )
    found = ours.zeta(lucid.tensor(s), lucid.tensor(q)).numpy()
    np.testing.assert_allclose(found, theirs.zeta(torch.tensor(s), torch.tensor(q)), rtol=1e-12)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6])
def test_polygamma(n: int) -> None:
    def mine(x: Any) -> Any:
        return ours.polygamma(n, x)

    def other(x: Any) -> Any:
        return theirs.polygamma(n, x)

    assert_equal(*gradients(mine, other, draw(0.1, 9, 20), order=2), rtol=1e-8)
    assert_equal(*gradients(mine, other, draw(-3.8, -3.2, 20), order=2), rtol=1e-8)
    assert_equal(*gradients(mine, other, np.array([NAN, 0.0]), order=0), rtol=0)


@pytest.mark.parametrize("p", [1, 2, 5])
def test_multigammaln(p: int) -> None:
    found, wanted = gradients(
        lambda x: ours.multigammaln(x, p),
        lambda x: theirs.multigammaln(x, p),
        draw(2.1, 9, 3, 4),
        order=2,
    )
    assert_equal(found, wanted, rtol=1e-8)


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials(name: str) -> None:
    mine, other = getattr(ours, name), getattr(theirs, name)
    x = np.array([-2.5, -1.0, -0.7, 0.0, 0.3, 1.0, 2.0])
    for n in (-2, 0, 1, 2, 3, 9, 12):
        found = mine(lucid.tensor(x), n).numpy()
        np.testing.assert_allclose(found, other(torch.tensor(x), n), rtol=1e-9, atol=1e-12)
    degrees = np.arange(-1, 6)
    found = mine(lucid.tensor(x[:, None]), lucid.tensor(degrees)).numpy()
    wanted = other(torch.tensor(x[:, None]), torch.tensor(degrees)).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
    found, wanted = mine(0.5, lucid.tensor([2.0, 3.7])), other(0.5, torch.tensor([2.0, 3.7]))
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6)
    assert mine(lucid.tensor([1, 2]), 2).dtype == lucid.float32


@pytest.mark.parametrize("dim", [0, 1])
def test_what_other_pages_have_too(dim: int) -> None:
    x = draw(-3, 3, 4, 5)
    for name in ("softmax", "log_softmax", "logsumexp"):
        found = getattr(ours, name)(lucid.tensor(x), dim).numpy()
        np.testing.assert_allclose(found, getattr(theirs, name)(torch.tensor(x), dim), rtol=1e-12)
    found = ours.softmax(lucid.tensor(x, dtype="float32"), dim, dtype=lucid.float64)
    assert found.dtype == lucid.float64
    found = ours.logit(lucid.tensor(x), eps=0.1).numpy()
    np.testing.assert_allclose(found, theirs.logit(torch.tensor(x), eps=0.1), rtol=1e-12)
    found = ours.round(lucid.tensor(x), decimals=1).numpy()
    np.testing.assert_allclose(found, theirs.round(torch.tensor(x), decimals=1), rtol=1e-12)
