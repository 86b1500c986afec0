"""Joining, splitting and rearranging: values against NumPy, gradients, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError


def numbered(*shape, start=0):
    return np.arange(start, start + int(np.prod(shape)), dtype=np.float64).reshape(shape)


def tensor(*shape, start=0, grad=False):
    return Tensor(numbered(*shape, start=start), dtype=lucid.float64, requires_grad=grad)


# ---- joining ------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(-3, 2))
def test_cat_equals_numpy_and_hands_gradients_back(sizes, dim):
    shapes = [[2, 3, 2] for _ in sizes]
    for shape, size in zip(shapes, sizes, strict=True):
        shape[dim] = size
    tensors = [tensor(*shape, grad=True) for shape in shapes]
    joined = lucid.cat(tensors, dim)
    expected = np.concatenate([t.detach().numpy() for t in tensors], dim)
    np.testing.assert_array_equal(joined.detach().numpy(), expected)
    weights = np.random.default_rng(0).standard_normal(expected.shape)
    (joined * Tensor(weights, dtype=lucid.float64)).sum().backward()
    bounds = np.cumsum(sizes)[:-1]
    for t, part in zip(tensors, np.split(weights, bounds, dim), strict=True):
        np.testing.assert_array_equal(t.grad.numpy(), part)


@pytest.mark.parametrize("dim", [-3, -1, 0, 1, 2])
def test_stack_equals_numpy(dim):
    a, b = tensor(2, 3), tensor(2, 3, start=10)
    expected = np.stack([a.numpy(), b.numpy()], dim)
    np.testing.assert_array_equal(lucid.stack([a, b], dim).numpy(), expected)
    np.testing.assert_array_equal(lucid.stack((a, b), axis=dim).numpy(), expected)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 2)])
@pytest.mark.parametrize("name", ["vstack", "hstack", "dstack"])
def test_stacks_equal_numpy(name, shape):
    a, b = tensor(*shape), tensor(*shape, start=50)
    expected = getattr(np, name)([a.numpy(), b.numpy()])
    np.testing.assert_array_equal(getattr(lucid, name)([a, b]).numpy(), expected)


def test_dtypes_of_joined_tensors_promote():
    joined = lucid.cat([lucid.tensor([1, 2]), lucid.tensor([1.5])])
    assert joined.dtype == lucid.float32
    assert joined.tolist() == [1.0, 2.0, 1.5]


def test_empty_vectors_are_left_out_as_in_pytorch():
    assert lucid.cat([lucid.tensor([]), tensor(2, 2)], 1).shape == (2, 2)


def test_block_diag():
    made = lucid.block_diag(tensor(1, 2), tensor(2, 1), tensor(2))
    expected = [[0, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]]
    assert made.tolist() == expected


@pytest.mark.parametrize("indexing", ["ij", "xy"])
def test_meshgrid_equals_numpy(indexing):
    vectors = [tensor(2), tensor(3), tensor(4)]
    for mine, theirs in zip(
        lucid.meshgrid(*vectors, indexing=indexing),
        np.meshgrid(*(v.numpy() for v in vectors), indexing=indexing),
        strict=True,
    ):
        np.testing.assert_array_equal(mine.numpy(), theirs)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: lucid.cat([]), ArgumentError, "at least one"),
        (lambda: lucid.cat([tensor()]), ShapeError, "0-d"),
        (lambda: lucid.cat([tensor(2, 3), tensor(2, 2)]), ShapeError, "equal but along"),
        (lambda: lucid.cat([tensor(2, 3), 1]), DTypeError, "number 1 is none"),
        (lambda: lucid.cat([tensor(2)], 1), IndexingError, "no dimension 1"),
        (lambda: lucid.cat([tensor(2)], dim=0, axis=0), ArgumentError, "mean the same"),
        (lambda: lucid.stack([tensor(2), tensor(3)]), ShapeError, "equal"),
        (lambda: lucid.meshgrid(tensor(2), indexing="no"), ArgumentError, "'ij' or 'xy'"),
        (lambda: lucid.meshgrid(tensor(2, 2)), ShapeError, "vectors"),
        (lambda: lucid.block_diag(tensor(2, 2, 2)), ShapeError, "matrices"),
    ],
)
def test_joining_refuses(call, error, words):
    with pytest.raises(error, match=words):
        call()


# ---- splitting ------------------------------------------------------------------


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize(
    "cut",
    [
        lambda x, dim: x.split(2, dim),
        lambda x, dim: x.split([1, 0, x.shape[dim] - 1], dim),
        lambda x, dim: x.chunk(3, dim),
        lambda x, dim: x.tensor_split(4, dim),
        lambda x, dim: x.tensor_split([1, 2], dim),
    ],
)
def test_parts_join_to_the_whole_and_gradients_with_them(cut, dim):
    x = tensor(5, 4, grad=True)
    parts = cut(x, dim)
    np.testing.assert_array_equal(lucid.cat(parts, dim).detach().numpy(), x.detach().numpy())
    assert all(np.shares_memory(p.detach().numpy(), x.data) for p in parts if p.numel())
    (parts[0].sum() * 3 + (parts[-1] * parts[-1]).sum()).backward()
    expected = np.zeros((5, 4))
    first, last = parts[0].shape[dim], parts[-1].shape[dim]
    np.moveaxis(expected, dim, 0)[:first] += 3
    moved = np.moveaxis(expected, dim, 0)
    moved[len(moved) - last :] += 2 * np.moveaxis(x.detach().numpy(), dim, 0)[len(moved) - last :]
    np.testing.assert_array_equal(x.grad.numpy(), expected)


@given(st.integers(0, 7), st.integers(1, 9))
def test_part_sizes(length, count):
    x = tensor(length)
    theirs = [len(part) for part in np.array_split(x.numpy(), count)]
    assert [len(part) for part in x.tensor_split(count)] == theirs
    sizes = [len(part) for part in x.split(count)]
    assert sum(sizes) == length
    assert all(size == count for size in sizes[:-1])


def test_bounds_of_tensor_split_as_numpy_reads_them():
    x = tensor(5)
    for bounds in ([2, 1], [-2], [7], [1, 1], []):
        mine = [part.tolist() for part in x.tensor_split(bounds)]
        assert mine == [part.tolist() for part in np.split(x.numpy(), bounds)]


def test_iteration_and_unbind():
    x = tensor(3, 2, grad=True)
    total = sum((row * (i + 1)).sum() for i, row in enumerate(x))
    total.backward()
    assert x.grad.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert [c.tolist() for c in lucid.unbind(tensor(2, 2), 1)] == [[0, 2], [1, 3]]
    assert list(tensor(0, 2)) == []


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.split(0), ArgumentError, "positive"),
        (lambda x: x.split([1, 1]), ArgumentError, "add up to 4"),
        (lambda x: x.split([5, -1]), ArgumentError, "add up to 4"),
        (lambda x: x.chunk(0), ArgumentError, "positive"),
        (lambda x: x.tensor_split(0), ArgumentError, "positive"),
        (lambda x: x[0].split(1), ShapeError, "0-d"),
        (lambda x: iter(x[0]), DTypeError, "iterated"),
    ],
)
def test_splitting_refuses(call, error, words):
    with pytest.raises(error, match=words):
        call(tensor(4))


# ---- rearranging ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (lambda x: x.repeat(2, 1, 3), lambda x: np.tile(x, (2, 1, 3))),
        (lambda x: x.repeat(1, 1), lambda x: x),
        (lambda x: x.repeat(0, 2), lambda x: np.tile(x, (0, 2))),
        (lambda x: x.tile(2), lambda x: np.tile(x, 2)),
        (lambda x: x.repeat_interleave(2), lambda x: np.repeat(x, 2)),
        (lambda x: x.repeat_interleave(2, 0), lambda x: np.repeat(x, 2, 0)),
        (
            lambda x: x.repeat_interleave(lucid.tensor([1, 0, 2]), dim=1),
            lambda x: np.repeat(x, [1, 0, 2], 1),
        ),
        (lambda x: x.flip(0), lambda x: np.flip(x, 0)),
        (lambda x: x.flip(0, 1), lambda x: np.flip(x, (0, 1))),
        (lambda x: x.fliplr(), np.fliplr),
        (lambda x: x.flipud(), np.flipud),
        (lambda x: x.roll(1), lambda x: np.roll(x, 1)),
        (lambda x: x.roll((1, -5), (0, 1)), lambda x: np.roll(x, (1, -5), (0, 1))),
        *((lambda x, k=k: x.rot90(k), lambda x, k=k: np.rot90(x, k)) for k in range(-1, 5)),
        (lambda x: x.rot90(1, (1, 0)), lambda x: np.rot90(x, 1, (1, 0))),
        (lambda x: x.tril(), np.tril),
        (lambda x: x.triu(1), lambda x: np.triu(x, 1)),
        (lambda x: x.tril(-1), lambda x: np.tril(x, -1)),
        *((lambda x, k=k: x.diag(k), lambda x, k=k: np.diag(x, k)) for k in range(-3, 5)),
        (lambda x: x[1].diag(-1), lambda x: np.diag(x[1], -1)),
        (lambda x: x.diagonal(1), lambda x: np.diagonal(x, 1)),
        (lambda x: x[None].diagonal(0, -1, 1), lambda x: np.diagonal(x[None], 0, 2, 1)),
    ],
)
def test_rearranging_equals_numpy(mine, theirs):
    x = tensor(2, 3, start=1, grad=True)
    made, expected = mine(x), theirs(numbered(2, 3, start=1))
    np.testing.assert_array_equal(made.detach().numpy(), expected)
    weights = np.random.default_rng(0).standard_normal(expected.shape)
    (made * Tensor(weights, dtype=lucid.float64)).sum().backward()
    gradient = np.zeros(7)
    np.add.at(gradient, expected.astype(int).ravel(), weights.ravel())
    np.testing.assert_allclose(x.grad.numpy().ravel(), gradient[1:])  # 0 stands for no element


def test_repeat_makes_a_copy_even_where_nothing_repeats():
    x = tensor(2, 3)
    assert not np.shares_memory(x.repeat(1, 1).numpy(), x.numpy())


def test_trace_and_kinds_of_dtype():
    assert lucid.trace(tensor(2, 3)).item() == 4
    assert lucid.tril(lucid.tensor([[1, 2], [3, 4]])).dtype == lucid.int64


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.repeat(2), ShapeError, "each of the 2"),
        (lambda x: x.repeat_interleave(lucid.tensor([1, 2]), 1), ShapeError, "or 3"),
        (lambda x: x.repeat_interleave(-1), ArgumentError, "negative"),
        (lambda x: x.flip(2), IndexingError, "no dimension 2"),
        (lambda x: x.flip(0, 0), ArgumentError, "twice"),
        (lambda x: x[0].fliplr(), ShapeError, "two dimensions"),
        (lambda x: x.roll((1, 2), 0), ArgumentError, "every dimension"),
        (lambda x: x.rot90(1, (0, 0)), ArgumentError, "different"),
        (lambda x: x[0].tril(), ShapeError, "two dimensions"),
        (lambda x: x[None].diag(), ShapeError, "vector or a matrix"),
        (lambda x: x.diagonal(0, 0, 0), ArgumentError, "different"),
        (lambda x: x[0].trace(), ShapeError, "matrix"),
    ],
)
def test_rearranging_refuses(call, error, words):
    with pytest.raises(error, match=words):
        call(tensor(2, 3))
