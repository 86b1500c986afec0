"""What can be set on a tensor and what cannot; arrays beside tensors; copies."""

import copy
import operator

import numpy as np
import pytest

import lucid
from lucid import Tensor, nn
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError

# ---- x.data = ... and x.grad = ... ---------------------------------------------------------


def test_manual_descent_on_data():
    expected = np.array([0.8, 1.6], np.float32)
    for update in ("in place", "anew", "arrays"):
        w = Tensor([1.0, 2.0], requires_grad=True)
        (w * w).sum().backward()
        if update == "in place":
            w.data -= 0.1 * w.grad
        elif update == "anew":
            w.data = w.data - 0.1 * w.grad
        else:
            w.data -= 0.1 * w.grad.data
        assert type(w.data) is np.ndarray
        assert w.requires_grad
        assert w.is_leaf
        np.testing.assert_allclose(w.data, expected)


def test_data_takes_a_tensor_an_array_or_a_numpy_number():
    w = Tensor(3.0, requires_grad=True)
    w.data = w.data * 2  # NumPy makes a scalar of a 0-d array
    assert type(w.data) is np.ndarray
    assert w.item() == 6
    model = nn.Linear(2, 1)
    values = lucid.ones(1, 2)
    model.weight.data = values
    assert model.weight.data is values.data
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.5)
    model(lucid.ones(1, 2)).sum().backward()
    optimizer.step()
    assert model.weight.tolist() == [[0.5, 0.5]]
    for value in ([1.0], 1.0, None):
        with pytest.raises(DTypeError, match=r"Tensor\.data.*array or a tensor"):
            model.weight.data = value
    assert model.weight.tolist() == [[0.5, 0.5]]


def test_grad_takes_a_tensor_of_the_shape_or_none():
    w = Tensor([1.0, 2.0], requires_grad=True)
    w.grad = lucid.ones(2)
    w.sum().backward()
    assert w.grad.tolist() == [2, 2]
    for value in (np.ones(2), 3.0, [1.0, 1.0]):
        with pytest.raises(DTypeError, match=r"Tensor\.grad: a gradient is a tensor or None"):
            w.grad = value
    with pytest.raises(ShapeError, match=r"(?s)Tensor\.grad.*float32\[2\].*float32\[3\]"):
        w.grad = lucid.ones(3)
    assert w.grad.tolist() == [2, 2]
    w.grad = None
    assert w.grad is None


def test_unknown_attributes_are_refused():
    with pytest.raises(AttributeError):
        lucid.ones(2).gard = None


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


def test_arrays_change_in_place_by_tensors_without_history():
    a = np.ones(2, np.float32)
    a -= lucid.tensor([1.0, 2.0])
    assert a.tolist() == [0, -1]
    with pytest.raises(GradError, match="detach"):
        a += lucid.tensor([1.0, 2.0], requires_grad=True)
    assert a.tolist() == [0, -1]


def test_functions_of_numpy_say_what_to_call_instead():
    with pytest.raises(DTypeError, match=r"np\.exp.*(?s:.*)lucid\.exp\(x\)"):
        np.exp(lucid.ones(2))
    with pytest.raises(DTypeError, match=r"np\.add"):
        np.add(lucid.ones(2), 1)


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
