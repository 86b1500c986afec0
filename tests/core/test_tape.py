"""The tape: who is recorded, what gradients are, when a graph is gone."""

import gc
import itertools
import sys
import threading
import weakref

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.autograd import grad
from lucid.core.apply import apply
from lucid.core.node import Leaf, Node
from lucid.core.primitive import Primitive
from lucid.errors import DTypeError, GradError, ShapeError


def leaf(*numbers, dtype=lucid.float64):
    return Tensor(numbers, requires_grad=True, dtype=dtype)


def primitive(forward, rule, **options):
    made = Primitive(forward, "probe", options.pop("saves", ()), False, False, 1, None, None)
    made.rule(rule)
    return made


# ---- what is recorded -------------------------------------------------------------------


def test_leaves_and_results():
    x, constant = leaf(1.0, 2.0), Tensor([1.0, 2.0], dtype=lucid.float64)
    y = x * constant
    assert x.is_leaf
    assert constant.is_leaf
    assert not y.is_leaf
    assert y.requires_grad
    assert (x.grad_fn, constant.grad_fn) == (None, None)
    assert repr(y.grad_fn) == "<mul backward>"
    assert not (constant * 2).requires_grad


def test_comparisons_and_integers_are_not_recorded():
    x = leaf(1.0, 2.0)
    assert not (x > 1).requires_grad
    assert not x.argmax().requires_grad
    assert not x.astype(lucid.int64).requires_grad


def test_requires_grad_belongs_to_floats_and_leaves():
    with pytest.raises(DTypeError, match="only floating and complex tensors"):
        lucid.tensor([1, 2]).requires_grad_()
    with pytest.raises(GradError, match=r"leaf tensors only\n  help: use x\.detach"):
        (leaf(1.0) * 2).requires_grad = False
    y = leaf(1.0) * 2
    y.requires_grad = True  # it does already
    assert not y.is_leaf


def test_detach_shares_memory_and_no_history():
    x = leaf(1.0, 2.0)
    y = (x * 2).detach()
    assert not y.requires_grad
    assert np.shares_memory(x.detach().data, x.data)
    (x * y).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


# ---- gradients --------------------------------------------------------------------------


def test_gradients_accumulate():
    x = leaf(1.0, 2.0)
    for expected in ([2.0, 4.0], [4.0, 8.0], [6.0, 12.0]):
        (x * x).sum().backward()
        assert x.grad.tolist() == expected
    x.grad = None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_accumulation_is_in_place_where_it_can_be():
    x = leaf(1.0)
    (x * 2).sum().backward()
    held = x.grad
    (x * 2).sum().backward()
    assert x.grad is held
    assert held.tolist() == [4.0]


def test_a_recorded_gradient_is_not_changed_in_place():
    x = leaf(2.0)
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    (x**3).sum().backward()
    assert first.tolist() == [12.0]
    assert x.grad.tolist() == [24.0]


def test_a_read_only_gradient_is_replaced():
    x = leaf(2.0, 3.0)
    locked = np.ones(2)
    locked.flags.writeable = False
    x.grad = lucid.from_numpy(locked)
    (x * 2).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert locked.tolist() == [1.0, 1.0]


def test_gradients_have_shape_and_dtype_of_their_tensors():
    for dtype in (lucid.float16, lucid.float32, lucid.float64):
        x = Tensor(np.ones((2, 1, 3)), requires_grad=True, dtype=dtype)
        w = Tensor(np.ones((4, 1)), requires_grad=True, dtype=lucid.float64)
        (x * w).sum().backward()
        assert (x.grad.shape, x.grad.dtype) == ((2, 1, 3), dtype)
        assert (w.grad.shape, w.grad.dtype) == ((4, 1), lucid.float64)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_tensor_beside_itself(create_graph):
    x = leaf(1.0, 2.0)
    (x + x).sum().backward(create_graph=create_graph)
    assert x.grad.tolist() == [2.0, 2.0]
    x.grad = None
    (x * x * x + x).sum().backward(create_graph=create_graph)
    assert x.grad.tolist() == [4.0, 13.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_one_gradient_for_two_leaves_shares_no_memory(create_graph):
    x, z, given = leaf(1.0, 2.0), leaf(3.0, 4.0), Tensor([1.0, 1.0], dtype=lucid.float64)
    (x + z).backward(given, create_graph=create_graph)
    arrays = [x.grad.data, z.grad.data, given.data]
    for a, b in itertools.combinations(arrays, 2):
        assert not np.shares_memory(a, b)
    x.grad.data += 1
    assert z.grad.tolist() == given.tolist() == [1.0, 1.0]


def test_a_rule_that_gives_an_array_and_a_view_of_it():
    def rule(g, y, a, b):
        whole = g * 2
        return whole, whole[::-1]

    pair = primitive(lambda a, b: a + b, rule)
    x, z = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = apply(pair, x, z) + x  # x gets a second gradient, added to the first
    y.backward(Tensor([1.0, 10.0], dtype=lucid.float64))
    assert x.grad.tolist() == [3.0, 30.0]
    assert z.grad.tolist() == [20.0, 2.0]


def test_a_rule_that_gives_away_what_it_saved():
    def rule(g, y, x):
        return (x,)

    given = primitive(lambda x: x * x / 2, rule, saves=("x",))
    x = leaf(1.0, 2.0)
    apply(given, x).sum().backward()
    assert not np.shares_memory(x.grad.data, x.data)


def test_gradients_of_zeros_never_become_read_only_views():
    x = leaf(1.0, 2.0)
    x.sum().backward()
    assert x.grad.data.flags.writeable
    x.grad.data += 1
    y = leaf(3.0)
    (y.sum() * 1).backward()
    assert y.grad.tolist() == [1.0]


def test_a_scalar_that_is_its_own_result():
    x = Tensor(3.0, requires_grad=True)
    x.backward()
    x.backward()
    assert x.grad.item() == 2.0
    x.grad.data[...] = 7  # not the engine's own constant
    y = Tensor(3.0, requires_grad=True)
    y.backward()
    assert y.grad.item() == 1.0


def test_a_leaf_that_wants_no_gradient_any_more():
    x, w = leaf(2.0), leaf(3.0)
    y = (x * w).sum()
    w.requires_grad = False
    y.backward()
    assert x.grad.tolist() == [3.0]
    assert w.grad is None


def test_gradients_by_hand():
    x = leaf(1.0, 2.0)
    (x * x).backward([10.0, 100.0])
    assert x.grad.tolist() == [20.0, 400.0]
    with pytest.raises(ShapeError, match=r"tensor: float64\[2\]\n  gradient: float64\[3\]"):
        (x * x).backward(np.ones(3))


def test_no_gradient_where_none_is_needed():
    with pytest.raises(GradError, match=r"nothing to differentiate\n  tensor: float32\[2\]"):
        Tensor([1.0, 2.0]).backward()
    with pytest.raises(GradError, match="implied for one element only"):
        (leaf(1.0, 2.0) * 2).backward()


# ---- retaining and recording ------------------------------------------------------------


def test_a_released_graph_says_so():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(GradError, match=r"the graph at sum was released.*\n.*retain_graph=True"):
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_released_part_of_a_graph_says_so():
    x = leaf(2.0)
    h = x * x
    a, b = (h * 2).sum(), (h * 3).sum()
    a.backward()
    with pytest.raises(GradError, match="the graph at mul was released"):
        b.backward()
    assert x.grad.tolist() == [8.0]  # and nothing was added by half


def test_retain_graph():
    x = leaf(3.0)
    y = (x * x).sum()
    for _ in range(3):
        y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [24.0]


def test_create_graph_retains_unless_told_otherwise():
    x = leaf(3.0)
    y = (x**3).sum()
    y.backward(create_graph=True)
    y.backward(create_graph=True, retain_graph=False)
    with pytest.raises(GradError, match="released"):
        y.backward()


def test_derivatives_of_every_order():
    x = leaf(0.5)
    y = x.sin() * x.exp()
    expected = [np.exp(0.5) * 2 ** (n / 2) * np.sin(0.5 + n * np.pi / 4) for n in range(1, 6)]
    for value in expected:
        (y,) = grad(y.sum(), x, create_graph=True)
        np.testing.assert_allclose(y.item(), value)


def test_a_gradient_penalty_reaches_other_leaves():
    x, w = leaf(2.0), leaf(3.0)
    (slope,) = grad((w * x * x).sum(), x, create_graph=True)
    (slope * slope).sum().backward()
    np.testing.assert_allclose(w.grad.data, [2 * 12 * 4])


def test_plain_backward_records_nothing():
    x = leaf(2.0)
    (x**3).sum().backward()
    assert not x.grad.requires_grad


def test_retain_grad():
    x = leaf(1.0, 2.0)
    h = x * 3
    h.retain_grad()
    h.retain_grad()
    y = (h * h).sum()
    y.backward(retain_graph=True)
    assert h.grad.tolist() == [6.0, 12.0]
    y.backward()
    assert h.grad.tolist() == [12.0, 24.0]
    x.retain_grad()  # a leaf keeps its gradient anyway
    with pytest.raises(GradError, match="none can be retained"):
        x.detach().retain_grad()


def test_retained_gradients_share_no_memory():
    x = leaf(1.0, 2.0)
    h, given = x * 1, Tensor([1.0, 1.0], dtype=lucid.float64)
    h.retain_grad()
    k = h + 0
    k.retain_grad()
    k.backward(given)
    arrays = [h.grad.data, k.grad.data, given.data, x.grad.data]
    for a, b in itertools.combinations(arrays, 2):
        assert not np.shares_memory(a, b)


def test_the_grad_of_a_middle_is_none_unless_retained():
    h = leaf(1.0) * 3
    h.sum().backward()
    assert h.grad is None


# ---- order and size ---------------------------------------------------------------------


def test_every_node_runs_once_and_after_all_that_use_it():
    calls = []

    def rule(g, y, x):
        calls.append(float(g.sum()))
        return (g,)

    probe = primitive(lambda x: x + 0, rule)
    x = leaf(1.0)
    h = apply(probe, x)
    diamond = h * 2 + (h * 3) * (h + 0) + h
    diamond.sum().backward()
    assert calls == [2 + 3 * 2 + 1]
    assert x.grad.tolist() == [9.0]


@pytest.mark.parametrize("backward", [False, True])
def test_deep_graphs_need_no_recursion(backward):
    depth = 100_000
    assert depth > 10 * sys.getrecursionlimit()
    x = leaf(1.0)
    y = x
    for _ in range(depth):
        y = y + x
    if backward:
        y.sum().backward()
        assert x.grad.tolist() == [depth + 1.0]
    else:
        grad(y.sum(), x, create_graph=True)
    del y  # freeing the chain must not recurse either


# ---- memory -----------------------------------------------------------------------------


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_graph_is_freed_with_its_result(no_collector):
    x = leaf(1.0, 2.0)
    y = (x * 2).exp()
    memory = weakref.ref(y._node.out)
    z = y.sum()
    del y
    assert memory() is not None
    del z
    assert memory() is None


def test_backward_frees_what_was_saved(no_collector):
    x = leaf(1.0, 2.0)
    h = (x * 2).exp()
    memory = weakref.ref(h.data)
    y = (h * h).sum()
    del h
    assert memory() is not None
    y.backward()
    assert memory() is None


def test_values_that_no_rule_reads_are_not_kept(no_collector):
    x = leaf(1.0, 2.0)
    h = x * 2
    memory = weakref.ref(h.data)
    y = h + 1  # a sum reads neither term
    del h
    assert memory() is None
    y.sum().backward()


@pytest.mark.parametrize("create_graph", [False, True])
def test_nothing_is_left_to_the_collector(no_collector, create_graph):
    def work():
        x, w = leaf(1.0, 2.0), Tensor(np.ones((2, 2)), requires_grad=True, dtype=lucid.float64)
        h = lucid.softmax((x @ w).tanh(), 0)
        h.retain_grad()
        handle = h.register_hook(lambda g: g * 2)
        values, _ = h.sort()
        y = (values * h[0]).sum()
        y.backward(create_graph=create_graph)
        (grad(x.grad.sum(), w) if create_graph else handle).__class__  # noqa: B018

    gc.collect()
    work()
    assert gc.collect() == 0


def test_a_dead_leaf_is_no_hindrance(no_collector):
    x, w = leaf(1.0), leaf(2.0)
    y = (x * w).sum()
    del w
    y.backward()
    assert x.grad.tolist() == [2.0]


# ---- hooks ------------------------------------------------------------------------------


def test_hooks_see_and_replace_gradients():
    x = leaf(1.0, 2.0)
    h = x * 2
    seen = []
    h.register_hook(lambda g: seen.append(g.tolist()))
    h.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: seen.append(g.tolist()))
    (h * 3 + h).sum().backward()
    assert seen == [[4.0, 4.0], [80.0, 80.0]]  # complete gradients, each once
    assert x.grad.tolist() == [80.0, 80.0]


def test_a_hook_on_a_leaf_runs_before_accumulation():
    x = leaf(1.0)
    x.register_hook(lambda g: g * 2)
    for expected in (6.0, 12.0):
        (x * 3).sum().backward()
        assert x.grad.tolist() == [expected]


def test_the_retained_gradient_is_what_the_hooks_made():
    h = leaf(1.0) * 2
    h.retain_grad()
    h.register_hook(lambda g: g * 5)
    h.sum().backward()
    assert h.grad.tolist() == [5.0]


def test_hooks_are_removed():
    x = leaf(1.0)
    handle = x.register_hook(lambda g: g * 2)
    handle.remove()
    handle.remove()
    with x.register_hook(lambda g: g * 3):
        (x * 1).sum().backward()
    (x * 1).sum().backward()
    assert x.grad.tolist() == [4.0]


def test_hooks_may_remove_themselves():
    x = leaf(1.0)
    handle = x.register_hook(lambda g: handle.remove())
    for _ in range(2):
        (x * 1).sum().backward()
    assert x.grad.tolist() == [2.0]


def test_hooks_take_part_in_higher_derivatives():
    x = leaf(2.0)
    h = x * x
    h.register_hook(lambda g: g * x)
    (slope,) = grad(h.sum(), x, create_graph=True)
    assert slope.tolist() == [8.0]  # x * 2x
    assert grad(slope.sum(), x)[0].tolist() == [8.0]  # 4x


@pytest.mark.parametrize("wrong", [1.0, "shape"])
def test_a_wrong_hook_is_refused_and_changes_no_gradient(wrong):
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    w.register_hook(lambda g: g[:1] if wrong == "shape" else wrong)
    with pytest.raises(ShapeError, match="register_hook: a hook must return None or a tensor"):
        (x * w).sum().backward()
    assert (x.grad, w.grad) == (None, None)


def test_a_hook_needs_a_gradient():
    with pytest.raises(GradError, match="requires a gradient"):
        Tensor([1.0]).register_hook(print)


# ---- threads ----------------------------------------------------------------------------


def test_threads_differentiate_side_by_side():
    results = [None] * 8

    def work(i):
        x = leaf(float(i + 1))
        for _ in range(50):
            x.grad = None
            y = x
            for _ in range(10):
                y = y * x
            y.sum().backward()
        results[i] = x.grad.item()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [11.0 * (i + 1) ** 10 for i in range(8)]


def test_an_error_in_a_rule_names_the_op():
    def rule(g, y, x):
        raise ShapeError("something is wrong")

    y = apply(primitive(lambda x: x + 0, rule), leaf(1.0))
    with pytest.raises(ShapeError) as caught:
        y.sum().backward()
    assert "while differentiating probe" in caught.value.__notes__[0]
    assert lucid.is_grad_enabled()


def test_nodes_know_no_tensors():
    y = leaf(1.0) * 2
    for node in (y._node, y._node.edges[0]):
        assert isinstance(node, Node | Leaf)
    assert not any(isinstance(r, Tensor) for r in gc.get_referents(y._node))
