"""state_dict and load_state_dict: what they hold, what they refuse, nothing half done."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid import Tensor
from lucid.errors import DTypeError, GradError, StateError


def model():
    made = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    made.register_buffer("steps", lucid.tensor(5))
    made.register_buffer("scratch", Tensor([0.0]), persistent=False)
    return made


def values_of(module):
    return {key: value.numpy().copy() for key, value in module.state_dict().items()}


def test_state_dict_holds_detached_views_in_order():
    made = model()
    state = made.state_dict()
    assert list(state) == ["steps", "0.weight", "0.bias", "1.weight", "1.bias"]
    assert not any(value.requires_grad for value in state.values())
    assert np.shares_memory(state["0.weight"].numpy(), made[0].weight.data)
    assert list(made.state_dict(prefix="net."))[1] == "net.0.weight"


def test_shared_parameters_stand_under_every_name():
    made = model()
    made[1].bias = None
    made.tied = made[0].weight
    assert {"tied", "0.weight"} < set(made.state_dict())
    assert "1.bias" not in made.state_dict()


def test_round_trip_in_place():
    source, target = model(), model()
    weight, memory = target[0].weight, target[0].weight.data
    report = target.load_state_dict(source.state_dict())
    assert repr(report) == "<All keys matched successfully>"
    assert target[0].weight is weight
    assert weight.data is memory
    for key, value in values_of(source).items():
        assert (target.state_dict()[key].numpy() == value).all()
    assert not np.shares_memory(target[0].weight.data, source[0].weight.data)


def test_arrays_and_other_float_dtypes_are_cast():
    target = model()
    state = {
        k: v.astype(np.float64) if v.dtype.kind == "f" else v for k, v in values_of(target).items()
    }
    target.load_state_dict(state)
    assert target[0].weight.dtype == lucid.float32
    target.double().load_state_dict({k: v.astype(np.int64) for k, v in state.items()})
    assert target[0].weight.dtype == lucid.float64


def test_every_misfit_is_listed_and_nothing_is_loaded():
    target = model()
    before = values_of(target)
    state = {k: v + 1 for k, v in before.items()}
    state["0.wieght"] = state.pop("0.weight")
    state["0.bias"] = np.zeros(4, np.float32)
    state["steps"] = np.array(2.5)
    state["1.bias"] = "text"
    with pytest.raises(StateError) as error:
        target.load_state_dict(state)
    assert str(error.value).split("\n") == [
        "load_state_dict: the state does not fit Sequential",
        "  missing: 0.weight",
        "  unexpected: 0.wieght (did you mean '0.weight'?)",
        "  steps: float64[] in the state, int64[] in the module",
        "  0.bias: float32[4] in the state, float32[3] in the module",
        "  1.bias: a tensor is needed, the state has str",
    ]
    for key, value in values_of(target).items():
        assert (value == before[key]).all()


def test_not_strict_reports_keys_and_still_refuses_shapes():
    target = model()
    state = {k: v * 0 for k, v in values_of(target).items() if k != "0.weight"}
    before = target[0].weight.data.copy()
    report = target.load_state_dict({**state, "more": np.ones(1)}, strict=False)
    assert report == (["0.weight"], ["more"])
    assert report.missing_keys == ["0.weight"]
    assert (target[0].weight.data == before).all()
    assert (target[1].weight.data == 0).all()
    with pytest.raises(StateError, match=r"1\.weight"):
        target.load_state_dict({"1.weight": np.ones(3, np.float32)}, strict=False)


def test_a_common_prefix_is_recognised():
    target = model()
    state = target.state_dict()
    with pytest.raises(StateError, match=r"take 'module\.' off the keys"):
        target.load_state_dict({f"module.{k}": v for k, v in state.items()})
    holder = nn.Sequential(target)
    with pytest.raises(StateError, match=r"put '0\.' before the keys"):
        holder.load_state_dict(state)


def test_what_is_no_mapping_is_refused():
    with pytest.raises(DTypeError, match="takes a dict of tensors, not list"):
        model().load_state_dict([1])


def test_loading_between_forward_and_backward_is_noticed():
    target = model()
    loss = target(lucid.ones(1, 2)).sum()
    target.load_state_dict(target.state_dict())
    with pytest.raises(GradError, match="changed in place"):
        loss.backward()


def test_loading_into_read_only_memory():
    target = nn.Linear(2, 1)
    target.weight.data = np.broadcast_to(np.float32(0), (1, 2))
    target.load_state_dict({"weight": np.ones((1, 2)), "bias": np.ones(1)})
    assert target.weight.data.tolist() == [[1, 1]]
    assert target.weight.dtype == lucid.float32
