"""Arithmetic: operators, rounding quotients, refusals, complex gradients."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError


def test_operators_from_both_sides() -> None:
    x = lucid.tensor([1.0, -2.0, 4.0])
    for ours, wanted in [
        (x + 1, [2, -1, 5]),
        (1 + x, [2, -1, 5]),
        (x - 1, [0, -3, 3]),
        (1 - x, [0, 3, -3]),
        (x * 2, [2, -4, 8]),
        (2 / x, [2, -1, 0.5]),
        (x / 2, [0.5, -1, 2]),
        (x // 3, [0, -1, 1]),
        (9 // x, [9, -5, 2]),
        (x % 3, [1, 1, 1]),
        (5 % x, [0, -1, 1]),
        (-x, [-1, 2, -4]),
        (+x, [1, -2, 4]),
    ]:
        assert ours.dtype == lucid.float32
        assert ours.tolist() == wanted


def test_numpy_arrays_on_the_left_defer() -> None:
    x = lucid.tensor([1.0, 2.0])
    product = np.array([3.0, 4.0], np.float32) * x
    assert isinstance(product, lucid.Tensor)
    assert product.tolist() == [3.0, 8.0]


def test_alpha_scales_the_second_operand() -> None:
    x = lucid.tensor([1.0, 2.0])
    assert lucid.add(x, x, alpha=3).tolist() == [4.0, 8.0]
    assert lucid.sub(x, 2.0, alpha=0.5).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("a", [7, -7])
@pytest.mark.parametrize("b", [2, -2, 3])
def test_rounding_modes(a: int, b: int) -> None:
    for dtype in (lucid.int64, lucid.float32):
        x, y = lucid.tensor([a], dtype=dtype), lucid.tensor([b], dtype=dtype)
        floor = lucid.div(x, y, rounding_mode="floor")
        trunc = lucid.div(x, y, rounding_mode="trunc")
        assert floor.dtype == trunc.dtype == dtype
        assert floor.item() == a // b
        assert trunc.item() == int(a / b)
        assert (x - floor * y).item() == lucid.remainder(x, y).item()


def test_refusals() -> None:
    flags, x = lucid.tensor([True]), lucid.tensor([1])
    with pytest.raises(DTypeError, match="sub: bools have no difference"):
        flags - flags
    with pytest.raises(ArgumentError, match="rounding_mode"):
        lucid.div(x, x, rounding_mode="up")
    with pytest.raises(ArgumentError, match=r"add: Python integer 300 out of bounds for uint8"):
        lucid.tensor([1], dtype=lucid.uint8) + 300
    with pytest.raises(ZeroDivisionError):
        x // 0
    with pytest.raises(ZeroDivisionError):
        x % 0


def test_division_by_zero_of_floats_is_silent() -> None:
    x = lucid.tensor([1.0, -1.0, 0.0])
    assert str((x / 0).tolist()) == "[inf, -inf, nan]"


def test_step_functions_have_zero_gradient_even_where_it_enters_infinite() -> None:
    x = lucid.tensor([1.5, 2.5]).requires_grad_()
    (x // 1).backward(lucid.tensor([float("inf"), float("nan")]))
    assert x.grad.tolist() == [0.0, 0.0]


def test_complex_gradients_are_conjugate() -> None:
    a = lucid.tensor(np.array([1 + 2j])).requires_grad_()
    b = lucid.tensor(np.array([3 - 1j])).requires_grad_()
    (a * b).backward(lucid.tensor(np.array([1 + 0j])))
    assert a.grad.tolist() == [3 + 1j]
    assert b.grad.tolist() == [1 - 2j]


def test_conj_of_real_values_is_themselves() -> None:
    x = lucid.tensor([1.0])
    assert lucid.conj(x) is x
    assert lucid.conj(2 - 1j) == 2 + 1j
    assert lucid.tensor(np.array([1 + 2j])).conj().tolist() == [1 - 2j]


def test_aliases() -> None:
    assert lucid.multiply is lucid.mul
    assert lucid.divide is lucid.true_divide is lucid.div


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_bools_do_not_divide(name: str) -> None:
    x = lucid.tensor([True])
    with pytest.raises(DTypeError, match=f"{name}: bools do not divide"):
        getattr(lucid, name)(x, x)


def test_bools_have_no_sign_but_squares() -> None:
    x = lucid.tensor([True, False])
    with pytest.raises(DTypeError, match="positive: bools have no sign"):
        x.positive()
    assert x.square().dtype == lucid.int64
    y = lucid.tensor([-1.5])
    assert y.positive() is y
