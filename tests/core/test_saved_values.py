"""What an op keeps of its inputs: no more than the gradients that are wanted read."""

import pytest

import lucid
from lucid.core.node import ShapeOnly
from lucid.errors import GradError


@pytest.mark.parametrize("product", [lambda x, c: x * c, lambda x, c: x @ c])
def test_a_factor_is_kept_only_for_the_gradient_of_the_other(product):
    x = lucid.ones(2, 2, requires_grad=True)
    node = product(x, lucid.ones(2, 2)).grad_fn
    assert isinstance(node.saved[0], ShapeOnly)
    assert not isinstance(node.saved[1], ShapeOnly)
    both = product(x, x).grad_fn
    assert not any(isinstance(value, ShapeOnly) for value in both.saved)


def test_changing_what_only_met_a_constant_is_allowed():
    x = lucid.ones(3, requires_grad=True)
    y = x + 1
    z = y * 2
    y += 1
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_changing_a_factor_that_the_other_needs_is_refused():
    x = lucid.ones(3, requires_grad=True)
    y = x + 1
    z = y * x
    y += 1
    with pytest.raises(GradError, match="gradient of mul needs a, which was changed in place"):
        z.sum().backward()


@pytest.mark.parametrize("size", [4, 9_000_000])  # the large one lies in reused memory
def test_what_the_forward_wrote_down_becomes_the_gradient_without_a_copy(size):
    x = lucid.zeros(size, requires_grad=True)
    loss = lucid.nn.HuberLoss()(x, lucid.ones(size))
    written = loss.grad_fn.residual
    loss.backward()
    assert x.grad.data is written


def test_what_the_forward_wrote_down_is_copied_while_the_graph_is_kept():
    x = lucid.zeros(4, requires_grad=True)
    loss = lucid.nn.HuberLoss()(x, lucid.ones(4))
    loss.backward(retain_graph=True)
    assert x.grad.data is not loss.grad_fn.residual
