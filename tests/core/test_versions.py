"""In-place changes: every change of what a gradient needs is noticed, no other is refused."""

import gc

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.core import versions
from lucid.errors import GradError


def leaf(*numbers):
    return Tensor(numbers, requires_grad=True, dtype=lucid.float64)


def noticed(result):
    with pytest.raises(GradError, match="changed in place"):
        result.sum().backward()


CHANGES = {
    "+=": lambda t: t.__iadd__(1),
    "add_": lambda t: t.add_(1),
    "mul_": lambda t: t.mul_(2),
    "index": lambda t: t.__setitem__(0, 5.0),
    "zero_": lambda t: t.zero_(),
    "fill_": lambda t: t.fill_(3.0),
    "copy_": lambda t: t.copy_(lucid.ones(2, dtype=lucid.float64)),
    "through a view": lambda t: t[:1].mul_(2),
    "through a reshaped view": lambda t: t.reshape(2, 1).mul_(2),
    "through detach": lambda t: t.detach().mul_(2),
    "through numpy": lambda t: lucid.from_numpy(t.detach().numpy()).mul_(2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_saved_input_is_watched(change):
    h = leaf(1.0, 2.0) * 1
    y = h * h
    with lucid.no_grad():
        CHANGES[change](h)
    noticed(y)


@pytest.mark.parametrize("change", CHANGES)
def test_a_saved_output_is_watched(change):
    y = leaf(1.0, 2.0).exp()
    z = y * 1
    with lucid.no_grad():
        CHANGES[change](y)
    noticed(z)


def test_a_saved_constant_is_watched():
    x, w = leaf(1.0, 2.0), Tensor([1.0, 2.0], dtype=lucid.float64)
    y = x * w
    w += 1
    noticed(y)


def test_an_index_is_watched():
    x, index = leaf(1.0, 2.0), lucid.tensor([0, 0])
    y = x[index]
    index += 1
    noticed(y)


def test_what_no_gradient_needs_may_change():
    x = leaf(1.0, 2.0)
    h = x * 1
    y = h + 1  # reads neither of them
    with lucid.no_grad():
        h += 1
        y += 1
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_changes_before_the_op_do_not_matter():
    x = leaf(1.0, 2.0)
    h = x * 1
    with lucid.no_grad():
        h += 1
    (h * h).sum().backward()
    assert x.grad.tolist() == [4.0, 6.0]


def test_changes_after_backward_do_not_matter():
    x = leaf(1.0, 2.0)
    h = x * 1
    y = (h * h).sum()
    y.backward()
    with lucid.no_grad():
        h += 1


def test_an_optimizer_step_between_forward_and_backward_is_noticed():
    w, x = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = w * x
    with lucid.no_grad():
        w -= 0.1
    noticed(y)


def test_a_part_that_is_not_needed_is_no_hindrance():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y, z = x * w, x + w
    with lucid.no_grad():
        w += 1
    z.sum().backward()
    noticed(y)


def test_the_message_names_op_and_input():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x / w
    with lucid.no_grad():
        w += 1
    with pytest.raises(GradError) as caught:
        y.sum().backward()
    lines = str(caught.value).splitlines()
    assert lines[0] == "backward: the gradient of div needs b, which was changed in place"
    assert lines[1] == "  b: float64[2]"
    assert lines[2].startswith("  help: change a copy")


def test_create_graph_notices_too():
    h = leaf(1.0, 2.0) * 1
    y = (h * h).sum()
    with lucid.no_grad():
        h += 1
    with pytest.raises(GradError, match="changed in place"):
        y.backward(create_graph=True)


def test_a_change_between_two_passes_is_noticed():
    x = leaf(1.0, 2.0)
    h = x * 1
    (slope,) = lucid.autograd.grad((h**3).sum(), h, create_graph=True)
    with lucid.no_grad():
        h += 1
    noticed(slope)


def test_versions_count_changes():
    x = Tensor([1.0, 2.0])
    assert x._version == 0
    x += 1
    x[0] = 3
    assert x._version == 2
    assert x[:1]._version == x.detach()._version == 2
    assert (x + 1)._version == 0
    assert x.clone()._version == 0


def test_the_record_goes_with_the_memory():
    gc.collect()
    before = len(versions._changes)
    x = Tensor([1.0, 2.0])
    x += 1
    view = x[:1]
    assert len(versions._changes) == before + 1
    del x
    assert view._version == 1  # the memory lives in the view
    del view
    assert len(versions._changes) == before


def test_owners():
    base = np.arange(6.0)
    assert versions.owner(base) is base
    assert versions.owner(base[1:].reshape(5, 1)[::-1].T) is base
    raw = np.frombuffer(b"12345678", np.float64)
    versions.bump(raw)
    assert versions.count(raw) == 1
