"""Buffers by assignment, buffers without a shape, and lazy norms that load their running values."""

import copy

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.errors import DTypeError, StateError


def test_a_buffer_is_registered_by_assignment():
    module = nn.Module()
    values = lucid.tensor([1.0, 2.0])
    module.mean = nn.Buffer(values)
    module.table = nn.Buffer([3.0], persistent=False)
    module.none = nn.Buffer()
    assert [name for name, _ in module.named_buffers()] == ["mean", "table", "none"]
    assert list(module.state_dict()) == ["mean", "none"]
    assert not list(module.parameters())
    assert module.mean.data is values.data
    assert isinstance(module.mean, nn.Buffer)
    assert type(module.mean * 2) is lucid.Tensor
    module.mean = lucid.zeros(2)  # a plain tensor stays the buffer
    assert list(module.state_dict()) == ["mean", "none"]
    module.table = nn.Buffer([4.0])
    assert list(module.state_dict()) == ["mean", "table", "none"]
    module.mean = nn.Parameter([1.0])
    assert [name for name, _ in module.named_parameters()] == ["mean"]
    assert "mean" not in dict(module.named_buffers())


def test_buffers_are_copied_and_cast():
    module = nn.Module()
    module.table = nn.Buffer([3.0], persistent=False)
    twin = copy.deepcopy(module)
    assert not twin.table.persistent
    assert not twin.state_dict()
    assert not copy.copy(module.table).persistent
    twin.table.data[0] = 5
    assert module.table.item() == 3
    assert module.double().table.dtype == np.float64
    assert dict(module.named_buffers())["table"] is module.table


def test_the_same_as_pytorch():
    torch = pytest.importorskip("torch")
    for m in (torch, lucid):
        module = m.nn.Module()
        module.a = m.nn.Buffer(m.tensor([1.0]))
        module.b = m.nn.Buffer(m.tensor([1.0]), persistent=False)
        assert (list(module.state_dict()), [n for n, _ in module.named_buffers()]) == (
            ["a"],
            ["a", "b"],
        )
        assert m.nn.parameter.is_lazy(m.nn.UninitializedBuffer())
        assert not m.nn.parameter.is_lazy(module.a)


def test_an_uninitialized_buffer():
    buffer = nn.UninitializedBuffer(dtype=lucid.float64)
    same = buffer
    assert repr(buffer) == "<UninitializedBuffer>"
    buffer.materialize((2, 3))
    assert (type(same), same.shape, same.dtype) == (lucid.Tensor, (2, 3), np.float64)
    assert not same.requires_grad


NORMS = {
    "BatchNorm1d": ({}, (4, 3, 5)),
    "BatchNorm2d": ({"affine": False}, (4, 3, 2, 5)),
    "BatchNorm3d": ({"momentum": None}, (4, 3, 2, 2, 2)),
    "InstanceNorm1d": ({"affine": True, "track_running_stats": True}, (4, 3, 5)),
    "InstanceNorm2d": ({"affine": True, "track_running_stats": False}, (4, 3, 2, 5)),
}


@pytest.mark.parametrize("name", NORMS)
def test_lazy_norms_take_a_state_before_their_first_call(name):
    options, shape = NORMS[name]
    lucid.manual_seed(0)
    ready = getattr(nn, name)(3, **options)
    for _ in range(2):
        ready(lucid.randn(*shape))
    if ready.affine:
        ready.weight.data[...] = [1.0, 2.0, 3.0]
    lazy = getattr(nn, f"Lazy{name}")(**options)
    assert lazy.has_uninitialized_params() == (ready.affine or ready.track_running_stats)
    lazy.load_state_dict(ready.state_dict())
    assert not lazy.has_uninitialized_params()
    x = lucid.randn(*shape)
    out = lazy.eval()(x)
    np.testing.assert_array_equal(out.detach().numpy(), ready.eval()(x).detach().numpy())
    assert type(lazy) is type(ready)
    assert lazy.num_features == 3
    for key, value in ready.state_dict().items():
        np.testing.assert_array_equal(lazy.state_dict()[key].numpy(), value.numpy())


@pytest.mark.parametrize("name", NORMS)
def test_lazy_norms_beside_pytorch(name):
    torch = pytest.importorskip("torch")
    options, shape = NORMS[name]
    x = np.random.default_rng(0).standard_normal(shape)
    found = []
    for m in (torch, lucid):
        norm = getattr(m.nn, f"Lazy{name}")(**options).double()
        outs = [norm(m.tensor(x * k)).detach().numpy() for k in (1, 2)]
        state = {key: np.asarray(value.tolist()) for key, value in norm.state_dict().items()}
        found.append((type(norm).__name__, outs, state))
    (kind, theirs, state), (mine, ours, own) = found
    assert mine == kind == name
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    assert list(own) == list(state)
    for key, value in state.items():
        np.testing.assert_allclose(own[key], value, rtol=1e-9, err_msg=key)


def test_half_a_state_keeps_what_it_holds():
    lazy = nn.LazyBatchNorm1d()
    lazy.load_state_dict({"running_mean": lucid.tensor([5.0, 6.0])}, strict=False)
    lazy.eval()(lucid.zeros(3, 2))
    assert lazy.running_mean.tolist() == [5.0, 6.0]
    assert lazy.running_var.tolist() == [1.0, 1.0]
    assert lazy.weight.tolist() == [1.0, 1.0]


def test_refusals():
    with pytest.raises(StateError, match="running_mean: complex64"):
        nn.LazyBatchNorm1d().load_state_dict({"running_mean": lucid.tensor([1j])}, strict=False)
    module = nn.Module()
    module.mean = nn.Buffer([1.0])
    with pytest.raises(DTypeError, match="is a buffer, so it takes a tensor"):
        module.mean = 3
