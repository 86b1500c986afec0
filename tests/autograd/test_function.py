"""`Function`: rules of the user's own, at every order."""

import gc
import weakref

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.autograd import Function, grad, gradcheck, gradgradcheck, once_differentiable
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError, UnimplementedError


def leaf(*numbers):
    return Tensor(numbers, requires_grad=True, dtype=lucid.float64)


class Exp(Function):
    """Saves its output."""

    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class Scaled(Function):
    """Two outputs, one of them saved; an argument that is no tensor between two that are."""

    @staticmethod
    def forward(ctx, x, k, w):
        a = x * w
        b = (a * k).exp()
        ctx.save_for_backward(x, w, b)
        ctx.k = k
        return a, b

    @staticmethod
    def backward(ctx, ga, gb):
        x, w, b = ctx.saved_tensors
        g = ga + gb * b * ctx.k
        return g * w, None, g * x


def make(forward, backward):
    members = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Made", (Function,), members)


def test_first_and_second_order():
    x, w = leaf(0.5, -1.0), leaf(0.3, 0.7)
    assert gradcheck(Exp.apply, x)
    assert gradgradcheck(Exp.apply, x)
    assert gradcheck(lambda x, w: Scaled.apply(x, 0.7, w), (x, w))
    assert gradgradcheck(lambda x, w: Scaled.apply(x, 0.7, w), (x, w))


def test_third_order():
    x = leaf(0.5)
    y = Exp.apply(x)
    for _ in range(3):
        (y,) = grad(y.sum(), x, create_graph=True)
    np.testing.assert_allclose(y.data, np.exp([0.5]))


def test_forward_is_not_recorded_and_backward_only_with_create_graph():
    modes = []

    def forward(ctx, x):
        modes.append(lucid.is_grad_enabled())
        return x * 2

    def backward(ctx, g):
        modes.append(lucid.is_grad_enabled())
        return g * 2

    double = make(forward, backward)
    x = leaf(1.0)
    y = double.apply(x).sum()
    grad(y, x, create_graph=True)
    grad(y, x)
    assert modes == [False, True, False]


def test_nothing_is_recorded_where_nothing_is_wanted():
    assert not Exp.apply(leaf(1.0).detach()).requires_grad
    with lucid.no_grad():
        assert not Exp.apply(leaf(1.0)).requires_grad


def test_needs_input_grad():
    seen = []

    def forward(ctx, x, w, k):
        seen.append(ctx.needs_input_grad)
        return x * w

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g, g, None

    x, w = leaf(1.0), leaf(2.0)
    made = make(forward, backward)
    made.apply(x, w.detach(), 3).sum().backward()
    grad(made.apply(x, w, 3).sum(), w)
    both, one, other = (True, True, False), (True, False, False), (False, True, False)
    assert seen == [one, one, both, other]


def test_unused_outputs_bring_zeros_or_none():
    seen = []

    def forward(ctx, x, materialize):
        ctx.set_materialize_grads(materialize)
        return x * 1, x * 2

    def backward(ctx, a, b):
        seen.append(None if b is None else b.tolist())
        return a, None

    x = leaf(1.0, 2.0)
    made = make(forward, backward)
    for materialize in (True, False):
        made.apply(x, materialize)[0].sum().backward()
    assert seen == [[0.0, 0.0], None]


def test_outputs_that_are_no_results():
    def forward(ctx, x):
        order = lucid.argsort(x)
        sign = x.sign()
        ctx.mark_non_differentiable(sign)
        return x * 2, order, sign, "note"

    def backward(ctx, g, *others):
        return g * 2

    x = leaf(2.0, 1.0)
    y, order, sign, note = make(forward, backward).apply(x)
    assert y.requires_grad
    assert not order.requires_grad
    assert not sign.requires_grad
    assert note == "note"
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_gradient_that_broadcast_is_summed():
    made = make(lambda ctx, x, w: x * w, lambda ctx, g: (g, g))
    x, w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), Tensor([1.0, 1.0])
    w.requires_grad = True
    made.apply(x, w).sum().backward()
    assert w.grad.tolist() == [2.0, 2.0]


def test_a_saved_tensor_is_not_given_away_as_a_gradient():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x / 2

    x = leaf(1.0, 2.0)
    y = make(forward, lambda ctx, g: ctx.saved_tensors[0]).apply(x).sum()
    y.backward(retain_graph=True)
    assert not np.shares_memory(x.grad.data, x.data)


def test_a_changed_saved_tensor_is_noticed():
    x = leaf(1.0, 2.0)
    h = x * 1
    y = make(
        lambda ctx, h: ctx.save_for_backward(h) or h * h,
        lambda ctx, g: g * 2 * ctx.saved_tensors[0],
    ).apply(h)
    h += 1
    with pytest.raises(GradError, match=r"saved_tensors\[0\] was changed in place"):
        y.sum().backward()


def test_a_changed_output_is_noticed():
    y = Exp.apply(leaf(1.0, 2.0))
    y += 1
    with pytest.raises(GradError, match="changed in place"):
        y.sum().backward()


def test_none_can_be_saved():
    seen = []

    def forward(ctx, x):
        ctx.save_for_backward(None, x)
        return x * 1

    def backward(ctx, g):
        seen.extend(ctx.saved_tensors)
        return g

    make(forward, backward).apply(leaf(1.0)).sum().backward()
    assert seen[0] is None
    assert seen[1].tolist() == [1.0]


def test_once_differentiable():
    class Sine(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.sin()

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            assert not lucid.is_grad_enabled()
            return g * np.cos(ctx.saved_tensors[0].detach().numpy())

    x = leaf(0.5)
    Sine.apply(x).sum().backward()
    np.testing.assert_allclose(x.grad.data, np.cos([0.5]))
    (slope,) = grad(Sine.apply(x).sum(), x, create_graph=True)
    np.testing.assert_allclose(slope.data, np.cos([0.5]))
    with pytest.raises(GradError, match=r"Sine: .* differentiated a second time"):
        grad(slope.sum(), x)


@pytest.mark.parametrize(
    ("backward", "error", "match"),
    [
        (lambda ctx, g: (g, g), ArgumentError, "must return 1 gradients.* not 2"),
        (lambda ctx, g: (), ArgumentError, "not 0"),
        (lambda ctx, g: 1.0, DTypeError, "returned float for argument 0"),
        (lambda ctx, g: g[:1].expand(3, 1), ShapeError, "another shape than argument 0"),
    ],
)
def test_wrong_results_of_backward(backward, error, match):
    y = make(lambda ctx, x: x * 2, backward).apply(leaf(1.0, 2.0))
    with pytest.raises(error, match=match):
        y.sum().backward()


def test_trailing_nones_are_allowed():
    x = leaf(1.0)
    make(lambda ctx, x: x * 2, lambda ctx, g: (g, None, None)).apply(x).sum().backward()
    assert x.grad.tolist() == [1.0]


def test_refusals():
    with pytest.raises(DTypeError, match="forward must return a tensor or a tuple, not float"):
        make(lambda ctx, x: 1.0, None).apply(leaf(1.0))
    with pytest.raises(DTypeError, match=r"keeps tensors, not int\n  help: ctx.name = value"):
        make(lambda ctx, x: ctx.save_for_backward(1), None).apply(leaf(1.0))
    with pytest.raises(UnimplementedError, match="define forward"):
        Function.forward(None)
    with pytest.raises(UnimplementedError, match="define backward"):
        type("Half", (Function,), {"forward": Exp.forward}).apply(leaf(1.0)).sum().backward()


def test_the_graph_is_released_and_freed_by_reference_count():
    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0)
        y = Exp.apply(x * 2).sum()
        memory = weakref.ref(y._node.edges[0].out)
        y.backward()
        assert memory() is None
        with pytest.raises(GradError, match="released"):
            y.backward()
        a, b = Scaled.apply(x, 1.0, x)
        memory = weakref.ref(b.data)
        del a, b
        assert memory() is None
    finally:
        gc.enable()


# ---- the context beside forward, and arguments changed in place --------------------------


class Apart(Function):
    """`Scaled` with its context kept apart."""

    @staticmethod
    def forward(x, k, w):
        a = x * w
        return a, (a * k).exp()

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.k, w = inputs
        ctx.save_for_backward(x, w, output[1])

    backward = Scaled.backward


def test_a_context_of_its_own():
    x, w = leaf(0.5, -1.0), leaf(2.0, 0.3)
    assert gradcheck(lambda x, w: Apart.apply(x, 0.5, w), (x, w))
    assert gradgradcheck(lambda x, w: Apart.apply(x, 0.5, w), (x, w))
    a, b = Apart.apply(x.detach(), 0.5, w.detach())
    assert not a.requires_grad
    assert not b.requires_grad


class Tripled(Function):
    """Three times its argument, in place; saves the result."""

    @staticmethod
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * 3 + 0 * y


def test_an_argument_changed_in_place():
    x = leaf(1.0, 2.0)
    y = x * 1
    y.retain_grad()
    before = y.grad_fn
    assert Tripled.apply(y) is y
    assert y.grad_fn is not before
    (y * y).sum().backward()
    assert x.grad.tolist() == [18.0, 36.0]
    assert y.grad.tolist() == [6.0, 12.0]  # of what it is now
    assert gradcheck(lambda x: Tripled.apply(x * 1), x)
    assert gradgradcheck(lambda x: Tripled.apply(x * 1) ** 2, x)


def test_a_change_in_place_is_noticed_by_what_saved_the_old_values():
    y = leaf(1.0, 2.0) * 1
    z = y * y
    Tripled.apply(y)
    with pytest.raises(GradError, match="changed in place"):
        z.sum().backward()


def test_an_argument_changed_in_place_without_recording():
    x = Tensor([1.0, 2.0])
    assert Tripled.apply(x) is x
    assert x.tolist() == [3.0, 6.0]
    assert x.is_leaf


def test_what_may_not_be_changed_in_place():
    x = leaf(1.0, 2.0)
    with pytest.raises(GradError, match="leaf that requires a gradient"):
        Tripled.apply(x)
    y = x * 1
    view = y[:1]
    with pytest.raises(GradError, match="shares memory with views"):
        Tripled.apply(view)
    with pytest.raises(GradError, match="shares memory with views"):
        Tripled.apply(y)

    def forgetful(ctx, x):
        ctx.mark_dirty(x)
        return x * 1

    with pytest.raises(ArgumentError, match="must return them"):
        make(forgetful, lambda ctx, g: g).apply(x * 1)


def test_inside_a_module():
    class Layer(lucid.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = lucid.nn.Parameter(lucid.tensor([2.0, 3.0], dtype=lucid.float64))

        def forward(self, x):
            a, b = Scaled.apply(x, 0.5, self.weight)
            return a + b

    layer, x = Layer(), leaf(0.1, 0.2)
    assert gradcheck(lambda x, w: layer(x), (x, layer.weight))
    layer(x).sum().backward()
    assert layer.weight.grad is not None


def test_against_pytorch():
    torch = pytest.importorskip("torch")

    def both(framework, Base):
        class Op(Base):
            @staticmethod
            def forward(ctx, x, w):
                y = x * w
                ctx.save_for_backward(x, w)
                ctx.mark_non_differentiable(y)
                return x * x * w, y

            @staticmethod
            def backward(ctx, g, none):
                x, w = ctx.saved_tensors
                return 2 * x * w * g, x * x * g

        x = framework.tensor([1.0, -2.0], dtype=framework.float64, requires_grad=True)
        w = framework.tensor([0.5, 3.0], dtype=framework.float64, requires_grad=True)
        value, constant = Op.apply(x, w)
        slopes = framework.autograd.grad(value.sum(), (x, w), create_graph=True)
        curves = framework.autograd.grad((slopes[0] * slopes[1]).sum(), (x, w))
        return constant.requires_grad, [t.tolist() for t in (*slopes, *curves)]

    assert both(lucid, Function) == both(torch, torch.autograd.Function)
