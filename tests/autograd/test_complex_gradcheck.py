"""`gradcheck` and `gradgradcheck` where numbers are complex, on either side of the function."""

import pytest

import lucid
from lucid.autograd import Function, gradcheck, gradgradcheck
from lucid.errors import DTypeError, GradError

Z = [[1 + 2j, 3 - 1j], [-0.5j, 2 + 0.3j]]


def numbers(dtype=lucid.complex128):
    return lucid.tensor(Z, dtype=dtype, requires_grad=True)


CASES = {
    "holomorphic": lambda z: z.exp() * z,
    "conjugate": lambda z: z.conj() * z * z,
    "complex to real": lambda z: z.abs() ** 2 + z.real * z.imag,
    "by way of real numbers": lambda z: lucid.polar(z.abs(), z.angle() * 2),
    "several outputs": lambda z: (z.real, z @ z, z.abs().sum()),
}


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_right_gradients_pass(name, full):
    assert gradcheck(CASES[name], numbers(), fast_mode=not full)
    assert gradgradcheck(CASES[name], numbers(), fast_mode=not full)


def test_real_to_complex():
    x = lucid.tensor([0.3, 1.2], dtype=lucid.float64, requires_grad=True)
    assert gradcheck(lambda x: (1j * x).exp() * x, x)
    assert gradgradcheck(lambda x: (1j * x).exp() * x, x)


class Square(Function):
    """Its gradient lacks the conjugate."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z * z

    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        return 2 * z * g


@pytest.mark.parametrize("fast_mode", [True, False])
def test_a_gradient_without_its_conjugate_is_caught(fast_mode):
    with pytest.raises(GradError, match="is wrong"):
        gradcheck(Square.apply, numbers(), fast_mode=fast_mode)


class Cube(Function):
    """Its gradient is right, and the gradient's own gradient lacks a conjugate."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z * z * z

    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        return 3 * Square.apply(z.conj()) * g


def test_a_second_order_without_its_conjugate_is_caught():
    assert gradcheck(Cube.apply, numbers())
    with pytest.raises(GradError, match="of order 2"):
        gradgradcheck(Cube.apply, numbers())


def test_few_digits_are_refused():
    with pytest.raises(DTypeError, match="complex128"):
        gradcheck(lambda z: z * z, numbers(lucid.complex64))
