"""Ops with several outputs: one node, one slot an output, one rule."""

import gc
import weakref

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.core import versions
from lucid.core.apply import apply
from lucid.core.primitive import Primitive
from lucid.errors import GradError


def _forward(x):
    return np.sin(x), np.cos(x), np.sign(x).astype(np.int64)


sincos = Primitive(_forward, "sincos", ("out",), False, False, 3, None, None)
seen = []


@sincos.rule
def _(g, y, x):
    seen.append([part is None for part in g])
    total = None
    for part, slope in [(g[0], y[1]), (g[1], -y[0])]:
        if part is not None:
            total = part * slope if total is None else total + part * slope
    return (total,)


def _pass(g, y, x, z):
    return g[0], g[1]


pair = Primitive(lambda x, z: (x + 0, z + 0), "pair", (), False, False, 2, None, None)
pair.rule(_pass)


def leaf(*numbers):
    return Tensor(numbers, requires_grad=True, dtype=lucid.float64)


def test_outputs_of_every_kind():
    x = leaf(0.5, -1.0)
    sin, cos, sign = apply(sincos, x)
    assert sin.requires_grad
    assert cos.requires_grad
    assert not sign.requires_grad  # integers carry no gradient
    assert sign.tolist() == [1, -1]
    bare = apply(sincos, x.data)
    assert all(type(part) is np.ndarray for part in bare)
    with_none = apply(sincos, x.detach())
    assert not any(part.requires_grad for part in with_none)


@pytest.mark.parametrize("used", [(1, 0), (0, 1), (1, 1)])
def test_unused_outputs_bring_none(used):
    seen.clear()
    x = leaf(0.5, -1.0)
    sin, cos, _ = apply(sincos, x)
    result = sum(part.sum() for part, use in zip((sin, cos), used, strict=True) if use)
    result.backward()
    assert seen == [[not used[0], not used[1], True]]
    expected = used[0] * np.cos(x.data) - used[1] * np.sin(x.data)
    np.testing.assert_allclose(x.grad.data, expected)


def test_higher_orders():
    x = leaf(0.5, -1.0)
    sin, cos, _ = apply(sincos, x)
    value = (sin * sin * cos).sum()
    s, c = np.sin(x.data), np.cos(x.data)
    orders = [2 * s * c * c - s**3, 2 * c**3 - 7 * s * s * c, 7 * s**3 - 20 * s * c * c]
    for expected in orders:
        x.grad = None
        value.backward(create_graph=True)
        np.testing.assert_allclose(x.grad.data, expected)
        value = x.grad.sum()


def test_the_same_output_used_twice():
    x = leaf(0.5)
    sin, _, _ = apply(sincos, x)
    (sin + 3 * sin).sum().backward()
    np.testing.assert_allclose(x.grad.data, 4 * np.cos(0.5))


def test_a_second_pass_needs_a_retained_graph():
    x = leaf(0.5)
    sin, cos, _ = apply(sincos, x)
    sin.sum().backward(retain_graph=True)
    cos.sum().backward()
    np.testing.assert_allclose(x.grad.data, np.cos(0.5) - np.sin(0.5))
    with pytest.raises(GradError, match="released"):
        sin.sum().backward()


def test_outputs_are_roots_and_keep_their_gradients():
    x = leaf(0.5, 1.0)
    sin, _, _ = apply(sincos, x)
    sin.retain_grad()
    sin.backward(Tensor([1.0, 2.0], dtype=lucid.float64))
    assert sin.grad.tolist() == [1.0, 2.0]
    np.testing.assert_allclose(x.grad.data, np.cos(x.data) * [1, 2])


def test_a_gradient_that_passes_through_is_not_shared_with_its_giver():
    x, z = leaf(1.0), leaf(2.0)
    first, _ = apply(pair, x, z)
    given = Tensor([5.0], dtype=lucid.float64)
    first.backward(given)
    assert z.grad is None
    given.data[0] = 7.0
    assert x.grad.tolist() == [5.0]


def test_a_changed_output_is_noticed():
    x = leaf(0.5)
    sin, _, _ = apply(sincos, x)
    sin.data[:] = 0.0
    versions.bump(sin.data)
    with pytest.raises(GradError, match="changed in place"):
        sin.sum().backward()


def test_only_the_outputs_that_are_named_are_saved():
    x = leaf(3.0, 1.0, 2.0)
    values, order = x.sort()
    memory = weakref.ref(values.data)
    values += 1  # no rule reads them
    doubled = values * 2
    del values
    assert memory() is None
    doubled.sum().backward(retain_graph=True)
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    order += 1
    with pytest.raises(GradError, match="changed in place"):
        doubled.sum().backward()


def test_the_graph_goes_with_its_last_output():
    gc.collect()
    gc.disable()
    try:
        x = leaf(0.5)
        sin, cos, _ = apply(sincos, x * 2)
        memory = weakref.ref(sin._node.edges[0].out[1])
        del sin
        assert memory() is not None
        del cos
        assert memory() is None
    finally:
        gc.enable()
