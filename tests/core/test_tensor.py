"""What tensors are made from; arrays beside tensors; copies."""

import copy
import operator

import numpy as np
import pytest

import lucid
from lucid import Tensor, nn
from lucid.errors import ArgumentError, GradError

# ---- construction -----------------------------------------------------------------------


@pytest.mark.parametrize("make", [Tensor, lucid.tensor, nn.Parameter])
def test_requires_grad_is_a_bool(make):
    for value in (3, lucid.float64, None, "yes"):
        with pytest.raises(ArgumentError, match="requires_grad must be True or False"):
            make(2.0, requires_grad=value)
    assert make(2.0, requires_grad=np.True_).requires_grad


def test_a_shape_is_not_taken_for_data():
    with pytest.raises(ArgumentError, match=r"lucid\.zeros\(2, 3\)"):
        Tensor(2, 3)


# ---- arrays and tensors --------------------------------------------------------------------

OPERATORS = [
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv),
    *(operator.mod, operator.pow, operator.matmul, operator.lt, operator.le, operator.gt),
    *(operator.ge, operator.eq, operator.ne),
]


@pytest.mark.parametrize("op", OPERATORS)
def test_operators_with_an_array_on_the_left(op):
    a = np.array([3.0, 5.0], np.float32)
    b = lucid.tensor([2.0, 3.0])
    result = op(a, b)
    assert isinstance(result, Tensor)
    np.testing.assert_array_equal(result.numpy(), op(a, b.numpy()))


@pytest.mark.parametrize("op", [operator.and_, operator.or_, operator.xor])
def test_bit_operators_with_an_array_on_the_left(op):
    a, b = np.array([True, True, False]), np.array([True, False, False])
    assert op(a, lucid.tensor(b)).tolist() == op(a, b).tolist()
    assert op(a[0], lucid.tensor(b)).tolist() == op(a[0], b).tolist()


def test_an_array_on_the_left_is_differentiated_through():
    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    (np.array([3.0, 4.0], np.float32) * x).sum().backward()
    assert x.grad.tolist() == [3, 4]


def test_numpy_numbers_do_not_widen():
    x = lucid.tensor([1.0, 2.0])
    assert (np.float64(2) * x).dtype == (x * np.float64(2)).dtype == lucid.float32
    assert (np.float64(2) - x).tolist() == [1, 0]
    assert (np.int64(2) > x).tolist() == [True, False]


def test_other_array_types_keep_their_dtype():
    class Column:
        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0], dtype or np.float64)

    assert lucid.tensor(Column()).dtype == lucid.float64


# ---- numbers out of range ------------------------------------------------------------------


def test_numbers_out_of_a_dtypes_range():
    with pytest.raises(ArgumentError, match="tensor: has numbers out of the range of uint8"):
        lucid.tensor([300], dtype=lucid.uint8)


# ---- copies --------------------------------------------------------------------------------


def test_a_shallow_copy_shares_memory():
    for x in (lucid.ones(2), nn.Parameter([1.0, 2.0])):
        twin = copy.copy(x)
        assert type(twin) is type(x)
        assert twin.data is x.data
        assert twin.requires_grad == x.requires_grad
        assert twin is not x
    with pytest.raises(GradError, match="copy: only leaf"):
        copy.copy(nn.Parameter([1.0]) * 2)


def test_a_deep_copy_has_memory_of_its_own():
    x = nn.Parameter([1.0, 2.0])
    x.grad = lucid.ones(2)
    twin = copy.deepcopy(x)
    twin.data += 1
    assert type(twin) is nn.Parameter
    assert x.tolist() == [1, 2]
    twin.sum().backward()
    assert twin.grad.tolist() == [2, 2]
    assert x.grad.tolist() == [1, 1]
