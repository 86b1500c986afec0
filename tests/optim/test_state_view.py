"""`optimizer.state`: one mapping that follows the optimizer, and that can be written to."""

import copy

import numpy as np
import pytest

import lucid
from lucid import optim
from lucid.errors import ShapeError, StateError


def made(kind=optim.Adam, count=2, **options):
    parameters = [lucid.tensor([1.0, 2.0, 3.0], requires_grad=True) for _ in range(count)]
    return parameters, kind(parameters, lr=0.1, **options)


def step(parameters, optimizer):
    optimizer.zero_grad()
    sum(((i + 1) * (p * p).sum() for i, p in enumerate(parameters))).backward()
    optimizer.step()


def test_one_mapping_that_follows():
    parameters, optimizer = made()
    state = optimizer.state
    assert state == {}
    assert parameters[0] not in state
    step(parameters, optimizer)
    entry = state[parameters[0]]
    assert optimizer.state is state
    assert state[parameters[0]] is entry
    assert list(state) == parameters
    assert list(entry) == ["step", "exp_avg", "exp_avg_sq"]
    average = entry["exp_avg"]
    step(parameters, optimizer)
    assert entry["step"] == 2
    assert (average.numpy() == entry["exp_avg"].numpy()).all()  # shared memory
    with pytest.raises(KeyError):
        state[lucid.ones(1)]
    assert repr(state) == repr(dict(state))


def test_values_that_are_set_count():
    parameters, optimizer = made(optim.NAdam)
    twins, other = made(optim.NAdam)
    for _ in range(3):
        step(parameters, optimizer)
    step(twins, other)
    for mine, theirs in zip(parameters, twins, strict=True):
        theirs.data[...] = mine.data
        for name, value in optimizer.state[mine].items():
            other.state[theirs][name] = value
    step(parameters, optimizer)
    step(twins, other)
    for mine, theirs in zip(parameters, twins, strict=True):
        np.testing.assert_array_equal(mine.detach().numpy(), theirs.detach().numpy())


def test_a_whole_entry_is_set():
    (p,), optimizer = made(count=1)
    (q,), other = made(count=1)
    for _ in range(3):
        step([p], optimizer)
    q.data[...] = p.data
    other.state[q] = optimizer.state[p]
    for _ in range(2):
        step([p], optimizer)
        step([q], other)
    np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
    with pytest.raises(StateError, match="not what the optimizer remembers"):
        other.state[q] = {"step": 1, "exp_avg": lucid.zeros(3)}


@pytest.mark.parametrize("kind", [optim.Adam, optim.RMSprop, optim.Adafactor, optim.NAdam])
def test_what_is_forgotten_starts_anew(kind):
    parameters, optimizer = made(kind)
    fresh, other = made(kind)
    for _ in range(3):
        step(parameters, optimizer)
    optimizer.state.clear()
    assert not optimizer.state_dict()["state"]
    for mine, theirs in zip(parameters, fresh, strict=True):
        theirs.data[...] = mine.data
    for _ in range(2):
        step(parameters, optimizer)
        step(fresh, other)
    for mine, theirs in zip(parameters, fresh, strict=True):
        np.testing.assert_array_equal(mine.detach().numpy(), theirs.detach().numpy())
    del optimizer.state[parameters[0]]
    assert list(optimizer.state) == parameters[1:]


def test_a_copy_has_its_own():
    parameters, optimizer = made()
    step(parameters, optimizer)
    _ = optimizer.state[parameters[0]]
    twin = copy.deepcopy(optimizer)
    (first, _), before = twin.state, optimizer.state[parameters[0]]["exp_avg"].tolist()
    assert first is not parameters[0]
    twin.state[first]["exp_avg"] = 7.0
    assert optimizer.state[parameters[0]]["exp_avg"].tolist() == before
    assert twin.state_dict()["state"][0]["exp_avg"].tolist() == [7.0] * 3


def test_refusals():
    parameters, optimizer = made()
    step(parameters, optimizer)
    entry = optimizer.state[parameters[0]]
    with pytest.raises(StateError, match="remembers step, exp_avg, exp_avg_sq"):
        entry["momentum"] = 1
    with pytest.raises(ShapeError, match="another shape"):
        entry["exp_avg"] = lucid.ones(2)
    with pytest.raises(StateError, match=r"del optimizer.state\[parameter\]"):
        del entry["step"]
