"""Functions of Python's, element by element."""

import pytest

import lucid
from lucid import Tensor
from lucid.errors import DTypeError, GradError, ShapeError


def test_each_element_is_replaced():
    x = lucid.tensor([[1.0, 2.0], [3.0, 4.0]]).T
    memory = x.numpy()
    assert x.apply_(lambda v: v * v) is x
    assert memory.tolist() == [[1, 9], [4, 16]]
    assert x.map_(lucid.tensor([1.0, 2.0]), lambda a, b: a - b).tolist() == [[0, 7], [3, 14]]
    assert x.map2_(x, x, lambda a, b, c: a + b + c).tolist() == [[0, 21], [9, 42]]
    assert lucid.zeros(0).apply_(abs).shape == (0,)
    assert lucid.tensor([1, 2]).apply_(lambda v: v * 1.6).tolist() == [1, 3]


def test_refusals_change_nothing():
    x = lucid.tensor([1.0, 2.0])
    with pytest.raises(GradError, match="apply_: a function of Python's has no gradient"):
        Tensor([1.0], requires_grad=True).apply_(abs)
    with pytest.raises(DTypeError, match="map_: the tensors must have one dtype"):
        x.map_(lucid.tensor([1, 2]), max)
    with pytest.raises(ShapeError):
        x.map_(lucid.zeros(3), max)
    with pytest.raises(ZeroDivisionError):
        x.apply_(lambda v: v / (v - 2))
    assert x.tolist() == [1, 2]
