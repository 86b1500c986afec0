"""The checks of gradients must pass what is right and catch what is wrong, however little."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.autograd import Function, gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, GradError


def leaf(*numbers, dtype=lucid.float64):
    return Tensor(numbers, requires_grad=True, dtype=dtype)


def power(first=1.0, second=1.0):
    """x -> x**3 whose first and second derivative are wrong by a factor."""

    class Slope(Function):
        @staticmethod
        def forward(ctx, x, g):
            ctx.save_for_backward(x, g)
            return 3 * first * g * x * x

        @staticmethod
        def backward(ctx, gg):
            x, g = ctx.saved_tensors
            return 6 * first * second * gg * g * x, 3 * first * gg * x * x

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, g):
            return Slope.apply(ctx.saved_tensors[0], g)

    return Cube.apply


def test_right_gradients_pass():
    x, w = leaf(0.5, -1.0, 2.0), Tensor([[1.0], [2.0]], dtype=lucid.float64, requires_grad=True)
    constant = Tensor([1.0, 2.0, 3.0])

    def function(x, w, constant, text):
        assert text == "as it is"
        return (x * w).tanh() * constant, w.exp()

    inputs = (x, w, constant, "as it is")
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)
    assert gradcheck(power(), x)
    assert gradgradcheck(power(), x)


@pytest.mark.parametrize("factor", [1.001, 0.999, -1.0, 0.0])
@pytest.mark.parametrize("size", [1, 3, 40])  # with the whole Jacobian and without
def test_a_wrong_gradient_is_caught(factor, size):
    x = leaf(*np.linspace(0.5, 2, size))
    with pytest.raises(GradError, match=r"gradient with respect to inputs\[0\] is wrong"):
        gradcheck(power(first=factor), x)
    assert not gradcheck(power(first=factor), x, raise_exception=False)


@pytest.mark.parametrize("factor", [1.001, 0.0])
def test_a_wrong_second_order_is_caught(factor):
    x = leaf(0.5, 1.5)
    assert gradcheck(power(second=factor), x)
    with pytest.raises(GradError, match=r"gradient of order 2 with respect to inputs\[0\]"):
        gradgradcheck(power(second=factor), x)
    assert not gradgradcheck(power(second=factor), x, raise_exception=False)


def test_the_message_says_where_and_what():
    with pytest.raises(GradError) as caught:
        gradcheck(power(first=2.0), leaf(1.0))
    text = str(caught.value)
    for part in ("gradcheck:", "inputs[0]: float64[1]", "analytical:", "numerical:", "atol=1e-06"):
        assert part in text


def test_one_wrong_entry_is_named():
    class Swapped(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            wrong = g * 2
            wrong.data[1] += 1e-3 * g.data[2]
            return wrong

    with pytest.raises(GradError, match="is wrong"):
        gradcheck(Swapped.apply, leaf(1.0, 2.0, 3.0), fast_mode=True)
    with pytest.raises(GradError, match="is wrong"):
        gradcheck(Swapped.apply, leaf(1.0, 2.0, 3.0))


def test_a_wrong_dependence_on_unused_outputs_is_caught():
    class Careless(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            if a is None or b is None:
                return (a if b is None else b) * 5
            return a * 2 + b * 3

    with pytest.raises(GradError, match="wrong where output 0 is used alone"):
        gradcheck(Careless.apply, leaf(1.0))
    assert gradcheck(Careless.apply, leaf(1.0), check_undefined_grad=False)


def test_a_pass_that_changes_what_it_reads_is_caught():
    class Spoiled(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.factor = np.array(2.0)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            result = g * float(ctx.factor)
            ctx.factor += 1
            return result

    with pytest.raises(GradError, match="differs from one pass to the next"):
        gradcheck(Spoiled.apply, leaf(1.0))


def test_values_found_in_a_closure_are_moved_too():
    w = leaf(0.5, 2.0)
    assert gradcheck(lambda _: (w * w).sum(), w)
    assert w.tolist() == [0.5, 2.0]


def test_inputs_are_as_before_after_an_error():
    x = leaf(0.5)
    with pytest.raises(GradError):
        gradcheck(power(first=2.0), x)
    assert x.tolist() == [0.5]
    assert x.grad is None


def test_complex_numbers():
    z = Tensor(np.array([0.5 + 1j, -1 + 2j]), dtype=lucid.complex128, requires_grad=True)
    w = Tensor(np.array([2 - 1j, 1j]), dtype=lucid.complex128, requires_grad=True)
    assert gradcheck(lambda z, w: z * w, (z, w))
    assert gradgradcheck(lambda z, w: z * w, (z, w))


def test_integer_outputs_are_left_out():
    assert gradcheck(lambda x: x.sort(), leaf(1.0, 3.0, 2.0))


def test_functions_without_a_slope():
    assert gradcheck(lambda x: x.floor(), leaf(1.5, 2.5))
    assert gradgradcheck(lambda x: x * 3, leaf(1.5))
    with pytest.raises(GradError, match="is wrong"):
        gradcheck(lambda x: x.detach() * 2, leaf(1.5))


def test_grad_outputs_may_be_given():
    x, v = leaf(0.5, 1.0), Tensor([1.0, -2.0], dtype=lucid.float64)
    assert gradgradcheck(power(), x, v)
    assert not v.requires_grad


def test_refusals():
    with pytest.raises(DTypeError, match=r"inputs\[0\] must be float64 or complex128"):
        gradcheck(power(), leaf(1.0, dtype=lucid.float32))
    with pytest.raises(ArgumentError, match="gradgradcheck: no input requires a gradient"):
        gradgradcheck(power(), leaf(1.0).detach())
    with pytest.raises(ArgumentError, match="must return tensors, not float"):
        gradcheck(lambda x: [1.0], leaf(1.0))


def test_two_passes_may_differ_by_as_much_as_is_allowed():
    class Restless(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.passes = 0
            return x * 2

        @staticmethod
        def backward(ctx, g):
            ctx.passes += 1
            return g * 2 + 1e-9 * ctx.passes

    with pytest.raises(GradError, match="differs from one pass to the next"):
        gradcheck(Restless.apply, leaf(1.0))
    assert gradcheck(Restless.apply, leaf(1.0), nondet_tol=1e-6)


def test_fast_mode_looks_along_one_direction():
    calls = []

    def counted(x):
        calls.append(1)
        return x * x

    x = leaf(*np.linspace(0.5, 2, 10))
    counts = {}
    for mode in (True, False):
        calls.clear()
        assert gradcheck(counted, x, fast_mode=mode)
        counts[mode] = len(calls)
    assert counts[True] == 3  # the graph, and a step to either side
    assert counts[False] == 3 + 2 * 10


def test_gradients_that_enter_may_lie_anywhere():
    seen = []

    class Curious(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            seen.append(g.is_contiguous())
            return g * 1

    gradgradcheck(Curious.apply, leaf(1.0, 2.0), gen_non_contig_grad_outputs=True)
    assert not all(seen)


def test_the_second_order_checks_outputs_alone_too():
    assert gradgradcheck(lambda x: (x.sin(), x * x), leaf(1.0, 2.0), check_undefined_grad=True)
