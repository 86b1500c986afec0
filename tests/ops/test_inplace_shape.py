"""Another shape or other memory in place: views made earlier keep their shapes and gradients."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError


def leaf(*shape):
    values = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    return Tensor(values, dtype=lucid.float64, requires_grad=True)


FORMS = {
    "squeeze_": ((2, 1, 3), ()),
    "unsqueeze_": ((2, 3), (1,)),
    "t_": ((2, 3), ()),
    "transpose_": ((2, 3, 4), (0, 2)),
    "swapaxes_": ((2, 3), (0, 1)),
    "swapdims_": ((2, 3), (0, 1)),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_are_views_with_right_gradients(name):
    torch = pytest.importorskip("torch")
    shape, args = FORMS[name]
    x = leaf(*shape)
    theirs = torch.tensor(x.tolist(), dtype=torch.float64, requires_grad=True)
    grads = []
    for source in (x, theirs):
        y = source * 1
        part = y[0]
        assert getattr(y, name)(*args) is y
        y *= 2  # goes through the stand-in to the part
        (y * y).sum().backward(retain_graph=True)
        (part * 3).sum().backward()
        grads.append(source.grad.numpy())
        shape = tuple(y.shape)
    assert shape == getattr(x.detach(), name.rstrip("_"))(*args).shape
    np.testing.assert_allclose(grads[0], grads[1])


def test_memory_is_shared_and_nothing_is_written():
    x = lucid.tensor([[1.0, 2.0], [3.0, 4.0]])
    memory, row = x.numpy(), x[0]
    x.t_()
    assert np.shares_memory(x.numpy(), memory)
    x[0, 1] = 7.0
    assert memory.tolist() == [[1, 2], [7, 4]]
    p = Tensor([1.0, 1.0], requires_grad=True)
    x += p  # the row is a view of what x was, and learns of it
    row.sum().backward()
    assert p.grad.tolist() == [2, 0]
    assert lucid.zeros(3).t_().shape == (3,)


def test_saved_values_survive_a_change_of_shape():
    x = leaf(2, 3)
    y = x * 1
    z = y * y
    y.t_()
    (z.sum() + y.sum()).backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.array(x.tolist()) + 1)


def test_a_retained_gradient_follows():
    x = leaf(2, 3)
    y = x * 1
    y.retain_grad()
    y.t_()
    assert y.retains_grad
    (y * 2).sum().backward()
    assert y.grad.shape == (3, 2)


def test_leaves_change_shape_outside_of_recording_alone():
    x = leaf(2, 3)
    with pytest.raises(GradError, match="t_: a leaf"):
        x.t_()
    with lucid.no_grad():
        x.t_()
    assert (x.shape, x.is_leaf, x.requires_grad) == ((3, 2), True, True)


def test_as_strided_():
    x = lucid.arange(6)
    assert x.as_strided_((2, 2), (3, 1)).tolist() == [[0, 1], [3, 4]]


def test_detach_():
    x = leaf(2, 3)
    y = x * 2
    row = y[0]
    assert row.detach_() is row
    assert not row.requires_grad
    y *= 2  # not hindered by the row, which left
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.full((2, 3), 4.0))
    assert not x.detach_().requires_grad


def test_resize_():
    x = lucid.arange(6)
    memory = x.numpy()
    assert x.resize_(2, 2).tolist() == [[0, 1], [2, 3]]
    assert np.shares_memory(x.numpy(), memory)
    assert x.resize_((2, 3)).tolist()[0] == [0, 1, 2]
    assert x.resize_as_(lucid.zeros(1)).tolist() == [0]
    assert lucid.zeros(2).resize_(0, 3).shape == (0, 3)
    with pytest.raises(GradError, match="requires a gradient"):
        leaf(2).resize_(1)
    with pytest.raises(ShapeError, match="negative"):
        x.resize_(-1)


def test_set_():
    source, x = lucid.arange(6), lucid.tensor([0])
    assert x.set_(source).is_set_to(source)
    assert x.set_(source, 2).tolist() == [2, 3, 4, 5]
    assert x.set_(source, 1, (2, 2)).tolist() == [[1, 2], [3, 4]]
    assert x.set_(source, 0, (2, 2), (1, 3)).tolist() == [[0, 3], [1, 4]]
    assert x.set_().shape == (0,)
    with pytest.raises(DTypeError, match="dtype of the tensor"):
        x.set_(lucid.zeros(1))
    with pytest.raises(ArgumentError, match="memory of 6"):
        x.set_(source, 3, (2, 2))
    with pytest.raises(GradError, match="requires a gradient"):
        leaf(1).set_(leaf(1))
