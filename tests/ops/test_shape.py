"""Shape, transposition and broadcasting: values against NumPy, views, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def numbered(*shape):
    return np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape)


def tensor(*shape, grad=False):
    return Tensor(numbered(*shape), dtype=lucid.float64, requires_grad=grad)


def assert_gradient_is_the_weights(function, *shape):
    """The gradient of ``(f(x) * w).sum()`` is w, carried back; f only moves elements."""
    x = tensor(*shape, grad=True)
    y = function(x)
    w = np.random.default_rng(0).standard_normal(y.shape)
    (y * Tensor(w, dtype=lucid.float64)).sum().backward()
    expected = np.zeros(x.numel())
    np.add.at(expected, y.detach().numpy().astype(int).ravel(), w.ravel())
    np.testing.assert_allclose(x.grad.numpy(), expected.reshape(shape))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.reshape(6, 4),
        lambda x: x.reshape((4, -1)),
        lambda x: x.view(2, 12),
        lambda x: x.flatten(),
        lambda x: x.flatten(1),
        lambda x: x.flatten(0, 1),
        lambda x: x.ravel(),
        lambda x: x.unflatten(2, (2, -1)),
        lambda x: x.unsqueeze(1),
        lambda x: x.unsqueeze(-1).squeeze(-1),
        lambda x: x.transpose(0, 2),
        lambda x: x.swapaxes(-1, 0),
        lambda x: x.permute(2, 0, 1),
        lambda x: x.movedim((0, 1), (-1, 0)),
        lambda x: x.T,
        lambda x: x.mT,
        lambda x: x.expand(3, -1, -1, -1),
        lambda x: x.broadcast_to((2, 2, 3, 4)),
        lambda x: x.T.contiguous(),
        lambda x: x.clone(),
        lambda x: x.T.reshape(-1),
    ],
)
def test_gradients_go_back_where_the_elements_came_from(function):
    assert_gradient_is_the_weights(function, 2, 3, 4)


@given(SHAPES, st.data())
def test_transposition_equals_numpy(shape, data):
    x, t = numbered(*shape), tensor(*shape)
    order = data.draw(st.permutations(range(len(shape))))
    np.testing.assert_array_equal(t.permute(order).numpy(), x.transpose(order))
    np.testing.assert_array_equal(t.T.numpy(), x.T)
    if shape:
        axes = st.integers(-len(shape), len(shape) - 1)
        a, b = data.draw(axes), data.draw(axes)
        np.testing.assert_array_equal(t.transpose(a, b).numpy(), np.swapaxes(x, a, b))
        np.testing.assert_array_equal(t.movedim(a, b).numpy(), np.moveaxis(x, a, b))


@given(SHAPES)
def test_squeeze_and_unsqueeze_equal_numpy(shape):
    x, t = numbered(*shape), tensor(*shape)
    np.testing.assert_array_equal(t.squeeze().numpy(), x.squeeze())
    for dim in range(-len(shape) - 1, len(shape) + 1):
        np.testing.assert_array_equal(t.unsqueeze(dim).numpy(), np.expand_dims(x, dim))


@given(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=4))
def test_broadcasting_equals_numpy(drawn):
    arrays = [numbered(*shape) for shape in drawn.input_shapes]
    tensors = lucid.broadcast_tensors(*(tensor(*shape) for shape in drawn.input_shapes))
    for mine, theirs in zip(tensors, np.broadcast_arrays(*arrays), strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs)
    assert lucid.broadcast_shapes(*drawn.input_shapes) == drawn.result_shape


def test_views_share_memory_and_copies_do_not():
    x = tensor(2, 3)
    for view in (x.T, x.reshape(6), x.view(3, 2), x[None], x.flatten(), x.expand(2, 2, 3)):
        assert np.shares_memory(view.numpy(), x.numpy())
    for copy in (x.clone(), x.T.contiguous(), x.T.reshape(6)):
        assert not np.shares_memory(copy.numpy(), x.numpy())
    assert x.contiguous() is x


def test_a_view_that_would_need_a_copy_is_refused():
    with pytest.raises(ShapeError, match=r"view: .*without a copy(.|\n)*reshape"):
        tensor(2, 3).T.view(6)
    assert tensor(0, 3).T.view(0).shape == (0,)


def test_0d_tensors():
    x = tensor()
    assert x.flatten().shape == (1,)
    assert x.T is x
    assert x.permute().shape == x.squeeze().shape == x.transpose(0, -1).shape == ()
    assert x.unsqueeze(0).shape == (1,)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.reshape(4, 4), ShapeError, "cannot reshape"),
        (lambda x: x.reshape(-1, -1), ShapeError, "one unknown dimension"),
        (lambda x: x.reshape(2.0, 3), DTypeError, "integers"),
        (lambda x: x.flatten(1, 0), ArgumentError, "end_dim comes before"),
        (lambda x: x.flatten(5), IndexingError, "no dimension 5"),
        (lambda x: x.unflatten(1, (2, 2)), ShapeError, "multiply"),
        (lambda x: x.unsqueeze(3), IndexingError, "no dimension 3"),
        (lambda x: x.permute(0), ArgumentError, "named once"),
        (lambda x: x.permute(0, 0), ArgumentError, "named once"),
        (lambda x: x.transpose(0, 2), IndexingError, "no dimension 2"),
        (lambda x: x.movedim((0, 1), 0), ArgumentError, "pair up"),
        (lambda x: x.unsqueeze(0).t(), ShapeError, "at most two"),
        (lambda x: x[0].mT, ShapeError, "at least two"),
        (lambda x: x.expand(3), ShapeError, "every dimension"),
        (lambda x: x.expand(-1, 2, 3), ShapeError, "-1 can only keep"),
        (lambda x: x.expand(4, 3), ShapeError, "broadcast"),
        (lambda x: lucid.broadcast_shapes((2,), (3,)), ShapeError, "do not broadcast"),
    ],
)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call(tensor(2, 3))
