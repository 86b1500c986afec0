"""Hooks on tensors, nodes and leaves: when they run, what they see, what they may change."""

import gc
import weakref

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.autograd import Function, backward, grad
from lucid.autograd.graph import Node, increment_version, register_multi_grad_hook
from lucid.core.apply import apply
from lucid.core.primitive import Primitive
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError


def leaf(*numbers):
    return Tensor(numbers, requires_grad=True, dtype=lucid.float64)


def lists(gradients):
    return [None if g is None else g.tolist() for g in gradients]


# ---- looking at the graph ----------------------------------------------------------------


def test_the_graph_can_be_walked():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x * w + 1
    assert isinstance(y.grad_fn, Node)
    assert y.grad_fn.name() == "AddBackward0"
    (product, nr), (constant, _) = y.grad_fn.next_functions
    assert (product.name(), nr, constant) == ("MulBackward0", 0, None)
    ends = [node for node, _ in product.next_functions]
    assert [end.name() for end in ends] == ["AccumulateGrad"] * 2
    assert [end.variable is t for end, t in zip(ends, (x, w), strict=True)] == [True, True]
    assert ends[0].next_functions == ()
    assert x.grad_fn is None
    y.sum().backward()
    assert y.grad_fn.next_functions == ()  # released


def test_outputs_of_one_op_share_its_node():
    values, order = leaf(3.0, 1.0).sort()
    first, second = leaf(1.0, 2.0).unbind()
    assert first.grad_fn is second.grad_fn
    assert (first.output_nr, second.output_nr, values.output_nr, order.output_nr) == (0, 1, 0, 0)
    assert order.grad_fn is None
    ((node, nr), _) = (second * 2).grad_fn.next_functions
    assert (node, nr) == (second.grad_fn, 1)
    second.backward()
    assert second.grad_fn is first.grad_fn


def test_the_context_of_a_function_is_none_of_its_inputs():
    class Twice(Function):
        @staticmethod
        def forward(ctx, x, k):
            return x * k

        @staticmethod
        def backward(ctx, g):
            return g * 2, None

    x = leaf(1.0)
    y = Twice.apply(x, 2)
    assert y.grad_fn.name() == "TwiceBackward0"
    assert [repr(node) for node, _ in y.grad_fn.next_functions] == ["<leaf>", "None"]
    seen = []
    y.grad_fn.register_hook(lambda grad_inputs, _: seen.extend(lists(grad_inputs)))
    y.backward()
    assert seen == [[2.0], None]


# ---- nodes -------------------------------------------------------------------------------


def test_the_order_of_hooks():
    x = leaf(2.0, 3.0)
    y = x * x
    order = []
    y.grad_fn.register_hook(lambda i, o: order.append(("after", lists(i), lists(o))))
    y.grad_fn.register_prehook(lambda o: order.append(("before", lists(o))) or (o[0] * 2,))
    y.register_hook(lambda g: order.append(("tensor", g.tolist())))
    y.retain_grad()
    y.sum().backward()
    assert order == [
        ("tensor", [1.0, 1.0]),
        ("before", [[1.0, 1.0]]),
        ("after", [[4.0, 6.0], [4.0, 6.0]], [[2.0, 2.0]]),
    ]
    assert y.grad.tolist() == [1.0, 1.0]  # what the tensor's own hooks made of it
    assert x.grad.tolist() == [8.0, 12.0]


def test_a_hook_after_an_op_may_replace_gradients():
    x, w = leaf(2.0), leaf(5.0, 6.0)
    y = x * w
    y.grad_fn.register_hook(lambda i, o: (i[0] * 10, None))
    y.sum().backward()
    assert x.grad.tolist() == [110.0]  # seen in the input's own shape
    assert w.grad is None


def test_hooks_of_an_op_with_several_outputs():
    x = leaf(1.0, 2.0)
    first, second = x.unbind()
    seen = []
    first.grad_fn.register_prehook(lambda o: seen.append(lists(o)) or (None, o[1] * 3))
    first.grad_fn.register_hook(lambda i, o: seen.append((lists(i), lists(o))))
    second.backward()
    assert seen == [[None, 1.0], ([[0.0, 3.0]], [None, 3.0])]
    assert x.grad.tolist() == [0.0, 3.0]


def test_outputs_without_gradients_may_be_left_out():
    x = leaf(3.0, 1.0, 2.0)
    values, order = x.sort()
    values.grad_fn.register_prehook(lambda o: (o[0] * 2,))
    values.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    assert order.tolist() == [1, 2, 0]


def test_what_a_hook_keeps_is_not_changed_later():
    x = leaf(1.0, 2.0)
    y = x * leaf(3.0, 4.0)
    kept = []
    y.grad_fn.register_hook(lambda i, o: kept.append(i[0]))
    (y.sum() + x.sum()).backward()
    (x * 1).sum().backward()
    assert kept[0].tolist() == [3.0, 4.0]


def test_hooks_of_nodes_take_part_in_higher_derivatives():
    x = leaf(2.0)
    y = x * x
    y.grad_fn.register_prehook(lambda o: (o[0] * x,))
    (slope,) = grad(y.sum(), x, create_graph=True)
    assert slope.tolist() == [8.0]
    assert grad(slope.sum(), x)[0].tolist() == [8.0]


def test_a_gradient_asked_for_is_that_before_the_nodes_hooks():
    x = leaf(2.0)
    y = x * x
    y.grad_fn.register_prehook(lambda o: (o[0] * 10,))
    by_y, by_x = grad(y.sum(), [y, x])
    assert (by_y.tolist(), by_x.tolist()) == ([1.0], [40.0])


@pytest.mark.parametrize(
    ("hook", "error", "match"),
    [
        (lambda i, o: (i[0],), ArgumentError, "tuple of 2, not of 1"),
        (lambda i, o: (o[0][:1], None), ShapeError, "a tensor of the gradient's shape"),
        (lambda i, o: (1.0, None), ShapeError, "a tensor of the gradient's shape"),
    ],
)
def test_wrong_results_are_refused(hook, error, match):
    x = leaf(1.0, 2.0)
    y = x * x
    y.grad_fn.register_hook(hook)
    with pytest.raises(error, match=match):
        y.sum().backward()
    assert x.grad is None


def test_hooks_of_nodes_are_removed():
    x = leaf(1.0)
    y = x * 3
    handle = y.grad_fn.register_prehook(lambda o: (o[0] * 0,))
    handle.remove()
    with y.grad_fn.register_hook(lambda i, o: (i[0] * 0, None)):
        pass
    y.backward()
    assert x.grad.tolist() == [3.0]


# ---- leaves ------------------------------------------------------------------------------


def test_hooks_of_a_leaf():
    x = leaf(1.0)
    order = []
    end = (x * 1).grad_fn.next_functions[0][0]
    end.register_hook(lambda i, o: order.append(("after", i, lists(o))))
    end.register_prehook(lambda o: order.append("before") or (o[0] * 2,))
    x.register_post_accumulate_grad_hook(lambda t: order.append(("filled", t.grad.tolist())))
    x.register_hook(lambda g: order.append("tensor"))
    expected = ["tensor", "before", ("filled", [6.0]), ("after", (), [[6.0]])]
    (x * 3).backward()
    assert order == expected
    order.clear()
    x.grad = None
    backward(x * 3, inputs=x)
    assert order == expected
    order.clear()
    grad(x * 3, x)  # fills nothing
    assert order == ["tensor"]


def test_a_step_of_descent_within_backward():
    x, w = leaf(1.0), leaf(2.0)

    def descend(parameter):
        with lucid.no_grad():
            parameter -= parameter.grad
        parameter.grad = None

    for parameter in (x, w):
        parameter.register_post_accumulate_grad_hook(descend)
    (x * w).sum().backward()
    assert (x.tolist(), w.tolist()) == ([-1.0], [1.0])
    assert (x.grad, w.grad) == (None, None)


def test_refusals():
    x = leaf(1.0)
    with pytest.raises(GradError, match="accumulate in leaf tensors"):
        (x * 1).register_post_accumulate_grad_hook(print)
    with pytest.raises(DTypeError, match="must be callable"):
        x.register_post_accumulate_grad_hook(1)
    for register in ("register_hook", "register_prehook"):
        with pytest.raises(DTypeError, match=f"{register}: the hook must be callable, not int"):
            getattr((x * 1).grad_fn, register)(1)
    (x * 1).grad_fn.next_functions[0][0].register_hook(lambda i, o: ())
    with pytest.raises(ArgumentError, match="nothing to replace"):
        (x * 1).backward()


# ---- outputs of an op with several ---------------------------------------------------------


def test_a_hook_on_one_output_meets_what_the_rule_itself_adds():
    both = Primitive(
        lambda x: (np.exp(x), np.exp(2 * x)), "both", ("out",), False, False, 2, None, None
    )
    both.rule(lambda g, y, x: (g[0] * y[0],))
    x, seen = leaf(0.5), []
    first, _ = apply(both, x)
    first.retain_grad()
    first.register_hook(lambda g: seen.append(g.item()) or g * 2)
    (slope,) = grad(first.sum(), x, create_graph=True)
    assert (seen, first.grad.item()) == ([1.0], 2.0)
    first.grad = None
    slope.sum().backward()  # the rule reads the output: what that brings passes the hook too
    assert seen == [1.0, 2.0]
    assert first.grad.item() == 4.0
    np.testing.assert_allclose(x.grad.data, 4 * np.exp(0.5))


# ---- several tensors ----------------------------------------------------------------------


def test_a_hook_on_several_tensors_runs_when_the_last_is_there():
    x, w = leaf(1.0), leaf(2.0)
    y = x * w
    seen = []
    with register_multi_grad_hook([y, x, w], lambda gradients: seen.append(lists(gradients))):
        y.backward(retain_graph=True)
        y.backward()
    (x * w).backward()
    assert seen == [[[1.0], [2.0], [1.0]]] * 2


def test_what_the_pass_does_not_reach_is_none():
    x, w = leaf(1.0), leaf(2.0)
    seen = []
    register_multi_grad_hook((x, w), lambda gradients: seen.append(lists(gradients)))
    (x * 3).backward()
    assert seen == [[[3.0], None]]


def test_the_first_of_several():
    x, w = leaf(1.0), leaf(2.0)
    seen = []
    register_multi_grad_hook((x, w), lambda g: seen.append(g.tolist()), mode="any")
    (x * w).backward()
    assert len(seen) == 1


def test_a_pass_within_a_pass_has_a_collection_of_its_own():
    x, w = leaf(1.0), leaf(2.0)
    y = x * w
    seen = []
    register_multi_grad_hook((y, w), lambda gradients: seen.append(lists(gradients)))

    def within(gradient):
        with lucid.enable_grad():
            (w * 5).backward()

    y.register_hook(within)
    y.backward()
    assert seen == [[None, [5.0]], [[1.0], [1.0]]]


def test_refusals_of_several():
    with pytest.raises(ArgumentError, match="mode must be"):
        register_multi_grad_hook([leaf(1.0)], print, mode="some")
    with pytest.raises(ArgumentError, match="tensors is empty"):
        register_multi_grad_hook([], print)


def test_a_change_behind_the_back_can_be_told():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y * y
    y.data[0] = 7.0
    increment_version([y])
    with pytest.raises(GradError, match="changed in place"):
        z.sum().backward()


def test_a_hooked_graph_is_freed_by_reference_count():
    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0)
        y = x * 2
        y.grad_fn.register_hook(lambda i, o: None)
        memory = weakref.ref(y.data)
        y.backward()
        del y
        assert memory() is None
    finally:
        gc.enable()
