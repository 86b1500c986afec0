"""Indexing: every index expression reads and writes as NumPy's, and gradients follow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, GradError, IndexingError, ShapeError


def numbered(*shape):
    return np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape)


def tensor(*shape, grad=False):
    return Tensor(numbered(*shape), dtype=lucid.float64, requires_grad=grad)


# ---- random index expressions ---------------------------------------------------


def slices(length):
    bound = st.none() | st.integers(-length - 1, length + 1)
    step = st.none() | st.integers(-3, 3).filter(bool)
    return st.builds(slice, bound, bound, step)


@st.composite
def expressions(draw):
    """A shape and an index for it; now and then one that NumPy refuses."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    array_shape = draw(st.sampled_from([(), (1,), (3,), (2, 1), (0,)]))
    parts, dim = [], 0
    while dim < len(shape):
        length = shape[dim]
        kind = draw(st.sampled_from(["slice", "int", "none", "ints", "mask", "stop", "dots"]))
        if kind == "stop":
            break
        if kind == "none":
            parts.append(None)
            continue
        if kind == "dots":
            if not any(part is Ellipsis for part in parts):
                parts.append(Ellipsis)
                dim += draw(st.integers(0, len(shape) - dim))
            continue
        if kind == "slice":
            parts.append(draw(slices(length)))
        elif kind == "int":
            parts.append(draw(st.integers(-length, max(0, length - 1))))
        elif kind == "ints":
            inside = st.integers(-length, max(0, length - 1))
            parts.append(draw(hnp.arrays(np.int64, array_shape, elements=inside)))
        else:
            width = draw(st.integers(1, min(2, len(shape) - dim)))
            parts.append(draw(hnp.arrays(np.bool_, shape[dim : dim + width])))
            dim += width - 1
        dim += 1
    return shape, parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


def in_another_dress(index, dress):
    """The same index with its arrays as tensors or as lists."""
    if isinstance(index, tuple):
        return tuple(in_another_dress(part, dress) for part in index)
    if not isinstance(index, np.ndarray):
        return index
    if dress == "tensor":
        return lucid.tensor(index)
    return index.tolist() if dress == "list" and index.dtype.kind != "b" else index


def parts_of(index):
    return index if isinstance(index, tuple) else (index,)


@settings(max_examples=400, deadline=None)
@given(expressions(), st.sampled_from(["array", "tensor", "list"]))
def test_reading_equals_numpy_and_its_gradient_counts_the_reads(drawn, dress):
    shape, index = drawn
    x = tensor(*shape, grad=True)
    mine = in_another_dress(index, dress)
    try:
        expected = numbered(*shape)[index]
    except IndexError:
        with pytest.raises(IndexingError):
            x[mine]
        return
    read = x[mine]
    np.testing.assert_array_equal(read.detach().numpy(), expected)
    assert read.shape == np.shape(expected)
    if read.numel() and not any(isinstance(part, np.ndarray) for part in parts_of(index)):
        assert np.shares_memory(read.detach().numpy(), x.data)  # basic indexing gives views
    read.sum().backward()
    count = np.zeros(shape)
    np.add.at(count, index, 1.0)
    np.testing.assert_array_equal(x.grad.numpy(), count)


@settings(max_examples=400, deadline=None)
@given(expressions(), st.sampled_from(["array", "tensor", "list"]), st.booleans())
def test_writing_equals_numpy_and_the_last_value_has_the_gradient(drawn, dress, scalar):
    shape, index = drawn
    base, mine = tensor(*shape, grad=True), in_another_dress(index, dress)
    x, expected = base * 1, numbered(*shape)
    try:
        region = np.shape(expected[index])
    except IndexError:
        with pytest.raises(IndexingError):
            x[mine] = 0.0
        np.testing.assert_array_equal(x.detach().numpy(), expected)
        return
    values = -1.0 - numbered(*(() if scalar else region))
    value = Tensor(values, dtype=lucid.float64, requires_grad=True)
    expected[index] = values
    x[mine] = value
    np.testing.assert_array_equal(x.detach().numpy(), expected)
    weights = np.random.default_rng(0).standard_normal(shape)
    (x * Tensor(weights, dtype=lucid.float64)).sum().backward()
    kept = expected >= 0
    np.testing.assert_array_equal(base.grad.numpy(), np.where(kept, weights, 0.0))
    toward_value = np.zeros(values.shape).ravel()
    np.add.at(toward_value, (-1 - expected[~kept]).astype(int), weights[~kept])
    np.testing.assert_allclose(value.grad.numpy(), toward_value.reshape(values.shape), atol=1e-12)


def test_second_derivatives_pass_through_indexing():
    x = tensor(4, grad=True)
    y = (x[[1, 1, 3]] ** 3).sum()
    y.backward(create_graph=True)
    g, x.grad = x.grad, None
    (g * g).sum().backward()  # g = 3 n x^2, so that d(g^2) = 36 n^2 x^3
    np.testing.assert_allclose(x.grad.numpy(), [0, 36 * 4 * 1, 0, 36 * 27])


# ---- kinds of index -------------------------------------------------------------


def test_tensors_as_integers_and_in_slices():
    x, one = tensor(4, 3), lucid.tensor(1)
    assert x[one].tolist() == [3, 4, 5]
    assert np.shares_memory(x[one].numpy(), x.numpy())
    assert x[one : lucid.tensor(3)].shape == (2, 3)
    assert x[np.int64(2), np.int8(0)].item() == 6
    assert x[True].shape == (1, 4, 3)
    assert x[False].shape == (0, 4, 3)
    assert x[[]].shape == (0, 3)
    assert x[[lucid.tensor(0), lucid.tensor(2)]].shape == (2, 3)


def test_a_0d_result_of_integers_is_a_view():
    x = tensor(2, 2)
    element = x[1, 0]
    element.fill_(9.0)
    assert x[1, 0].item() == 9


def test_later_changes_of_an_index_array_do_not_matter():
    x, index = tensor(3, grad=True), np.array([0, 0])
    y = x[index]
    index[:] = 2
    y.sum().backward()
    assert x.grad.tolist() == [2, 0, 0]


def test_later_changes_of_an_index_tensor_are_caught():
    x, index = tensor(3, grad=True), lucid.tensor([0, 0])
    y = x[index]
    index.fill_(2)
    with pytest.raises(GradError, match="indices, which was changed in place"):
        y.sum().backward()


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (5, "out of bounds"),
        ((0, 0, 0), "too many indices"),
        ([5], "out of bounds"),
        (1.0, "float cannot index"),
        ("a", "str cannot index"),
        ([0.5], "integer dtype or bool"),
        (slice(0.5), "bounds of a slice"),
        ((Ellipsis, Ellipsis), "single ellipsis"),
        (np.array([True]), "boolean index"),
        (([0, 1], [0, 1, 1]), "could not be broadcast"),
        ({0}, "set cannot index"),
    ],
)
def test_indices_that_are_refused(index, words):
    x = tensor(3, 2)
    with pytest.raises(IndexingError, match=words):
        x[index]
    with pytest.raises(IndexingError, match=words):
        x[index] = 0.0


def test_float_tensor_index_is_refused():
    with pytest.raises(IndexingError, match="float32"):
        tensor(3)[lucid.tensor([0.0])]


# ---- along one dimension ---------------------------------------------------------


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_gather_and_scatter_undo_each_other(dim):
    x = tensor(3, 4, grad=True)
    order = np.argsort(np.random.default_rng(0).random((3, 4)), dim)
    gathered = x.gather(dim, lucid.tensor(order))
    expected = np.take_along_axis(x.detach().numpy(), order, dim)
    np.testing.assert_array_equal(gathered.detach().numpy(), expected)
    np.testing.assert_array_equal(lucid.take_along_dim(x, lucid.tensor(order), dim).data, expected)
    back = lucid.zeros(3, 4, dtype=lucid.float64).scatter(dim, lucid.tensor(order), gathered)
    np.testing.assert_array_equal(back.detach().numpy(), x.detach().numpy())
    (back * back).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * numbered(3, 4))


def test_scatter_add_collects_and_its_gradient_gathers():
    src, x = tensor(2, 3, grad=True), tensor(2, 2, grad=True)
    index = lucid.tensor([[0, 0, 1], [1, 1, 1]])
    y = x.scatter_add(1, index, src)
    assert y.tolist() == [[0 + 0 + 1, 1 + 2], [2, 3 + 3 + 4 + 5]]
    (y * Tensor([[1.0, 2.0], [3.0, 4.0]], dtype=lucid.float64)).sum().backward()
    assert src.grad.tolist() == [[1, 1, 2], [4, 4, 4]]
    assert x.grad.tolist() == [[1, 2], [3, 4]]


def test_smaller_index_than_input():
    x = tensor(3, 4)
    assert x.gather(0, lucid.tensor([[2, 1]])).tolist() == [[8, 5]]
    assert x.scatter(0, lucid.tensor([[2, 1]]), 0).tolist()[2][0] == 0
    assert lucid.tensor(3.0).gather(0, lucid.tensor(0)).item() == 3


def test_take_along_dim_broadcasts():
    x = tensor(3, 4)
    assert lucid.take_along_dim(x, lucid.tensor([[1]]), 1).tolist() == [[1], [5], [9]]
    assert lucid.take_along_dim(x[:1], lucid.tensor([[1], [2]]), 1).tolist() == [[1], [2]]
    assert lucid.take_along_dim(x, lucid.tensor([11, 0])).tolist() == [11, 0]


def test_choosing_along_a_dimension():
    x = tensor(3, 4)
    assert x.index_select(1, lucid.tensor([3, 3])).tolist() == [[3, 3], [7, 7], [11, 11]]
    assert x.select(1, -1).tolist() == [3, 7, 11]
    assert x.narrow(0, 1, 2).shape == (2, 4)
    assert x.narrow(0, -1, 1).tolist() == [[8, 9, 10, 11]]
    assert lucid.take(x, lucid.tensor([[0], [-1]])).tolist() == [[0], [11]]
    added = x.index_add(0, lucid.tensor([0, 0]), tensor(2, 4), alpha=2)
    assert added[0].tolist() == [8, 13, 18, 23]


def test_masks():
    x = tensor(2, 3, grad=True)
    mask = lucid.tensor([True, False, True])
    chosen = lucid.masked_select(x, mask)
    assert chosen.tolist() == [0, 2, 3, 5]
    chosen.sum().backward()
    assert x.grad.tolist() == [[1, 0, 1], [1, 0, 1]]
    assert lucid.nonzero(x).tolist() == [[0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    rows, columns = lucid.nonzero(x, as_tuple=True)
    assert x[rows, columns].tolist() == [1, 2, 3, 4, 5]
    assert lucid.argwhere(lucid.tensor(0)).shape == (0, 0)


INDEX = lucid.tensor([[0, 1]])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.gather(1, INDEX[0]), ShapeError, "fit inside"),
        (lambda x: x.gather(0, INDEX.repeat(1, 3)), ShapeError, "fit inside"),
        (lambda x: x.gather(1, INDEX + 5), IndexingError, r"outside \[0, 3\)"),
        (lambda x: x.gather(1, INDEX - 1), IndexingError, "outside"),
        (lambda x: x.gather(1, x), DTypeError, "integer dtype"),
        (lambda x: x.scatter(1, INDEX, x[:, :1]), ShapeError, "fit inside"),
        (lambda x: x.index_select(0, INDEX), ShapeError, "vector"),
        (lambda x: x.index_select(0, INDEX[0] + 2), IndexingError, "out of bounds"),
        (lambda x: x.index_add(0, INDEX[0], x[:1]), ShapeError, r"must have shape \(2, 3\)"),
        (lambda x: x.select(2, 0), IndexingError, "no dimension 2"),
        (lambda x: x.narrow(0, 1, 2), IndexingError, "length 2"),
        (lambda x: x[0, 0].select(0, 0), IndexingError, "0-d"),
        (lambda x: lucid.take_along_dim(x, INDEX[0], 1), ShapeError, "equally many"),
        (lambda x: lucid.take_along_dim(x, INDEX.expand(3, 2), 1), ShapeError, "dimension 0"),
        (lambda x: lucid.masked_select(x, x), DTypeError, "bool"),
        (lambda x: x.take(lucid.tensor([6])), IndexingError, "out of bounds"),
    ],
)
def test_refusals_along_a_dimension(call, error, words):
    with pytest.raises(error, match=words):
        call(tensor(2, 3))


# ---- what is written ------------------------------------------------------------


def test_written_values_are_cast_and_broadcast():
    x = lucid.tensor([[1, 2], [3, 4]])
    x[0] = 2.9
    x[1, :] = [5, 6]
    x[:, 1] = np.array([[7], [8]])[:, 0]
    assert x.tolist() == [[2, 7], [5, 8]]
    y = Tensor([0.0], dtype=lucid.float64)
    y[0] = [0.1]
    assert y.item() == 0.1  # not through float32


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        ([1.0, 2.0, 3.0], ShapeError, "could not broadcast"),
        (1j, DTypeError, "complex"),
        (np.array(1j), DTypeError, "complex"),
        ("a", ArgumentError, "could not convert"),
        ([Tensor(1.0, requires_grad=True)] * 2, GradError, "stack"),
    ],
)
def test_values_that_are_refused(value, error, words):
    x = tensor(2, 2)
    with pytest.raises(error, match=words):
        x[0] = value
    assert x.tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shape", [(50,), (50, 3), (7, 2, 3)])
def test_many_repeated_reads_and_additions(shape, sign):
    rng = np.random.default_rng(0)
    x, rows = tensor(*shape, grad=True), sign * rng.integers(0 if sign == 1 else 1, shape[0], 200)
    weights = rng.standard_normal((200, *shape[1:]))
    (x[rows] * Tensor(weights, dtype=lucid.float64)).sum().backward()
    expected = np.zeros(shape)
    np.add.at(expected, rows, weights)
    np.testing.assert_allclose(x.grad.numpy(), expected)
    added = x.detach().index_add(0, lucid.tensor(rows), Tensor(weights, dtype=lucid.float64))
    np.testing.assert_allclose(added.numpy(), numbered(*shape) + expected)
    with pytest.raises(IndexingError, match="out of bounds"):
        x.index_add(0, lucid.tensor([shape[0]]), x[:1])
