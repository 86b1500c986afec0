"""Schedulers: refusals, and states that go on alike. Rates are held to PyTorch in parity."""

import pytest

import lucid
from lucid import optim
from lucid.errors import ArgumentError, StateError


def optimizer(groups=1):
    leaves = [lucid.Tensor([1.0], requires_grad=True) for _ in range(groups)]
    return optim.SGD([{"params": [p]} for p in leaves], lr=0.5)


def sequence(o):
    return optim.SequentialLR(o, [optim.LinearLR(o), optim.ExponentialLR(o, 0.5)], [3])


MAKERS = [
    lambda o: optim.LambdaLR(o, lambda epoch: 0.5**epoch),
    lambda o: optim.StepLR(o, 2),
    lambda o: optim.MultiStepLR(o, [2, 4]),
    lambda o: optim.ExponentialLR(o, 0.9),
    lambda o: optim.CosineAnnealingLR(o, 5),
    lambda o: optim.LinearLR(o),
    sequence,
]


@pytest.mark.parametrize("make", MAKERS)
def test_state_round_trip(make):
    a, b = optimizer(), optimizer()
    first, second = make(a), make(b)
    for _ in range(4):
        first.step()
    second.load_state_dict(first.state_dict())
    b.load_state_dict(a.state_dict())
    for _ in range(4):
        first.step()
        second.step()
        assert a.param_groups[0]["lr"] == b.param_groups[0]["lr"]
        assert first.get_last_lr() == second.get_last_lr()


def test_plateau_state():
    a, b = optimizer(), optimizer()
    first, second = (optim.ReduceLROnPlateau(o, patience=2) for o in (a, b))
    for _ in range(3):
        first.step(1.0)
    second.load_state_dict(first.state_dict())
    first.step(1.0)
    second.step(1.0)
    assert a.param_groups[0]["lr"] == b.param_groups[0]["lr"] == 0.05


def test_a_state_of_another_kind():
    with pytest.raises(StateError, match=r"StepLR\.load_state_dict"):
        optim.StepLR(optimizer(), 2).load_state_dict(
            optim.ExponentialLR(optimizer(), 0.5).state_dict()
        )


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: optim.StepLR("optimizer", 2), "must be an Optimizer, not str"),
        (lambda: optim.StepLR(optimizer(), 0), "step_size must be at least 1"),
        (lambda: optim.CosineAnnealingLR(optimizer(), 0), "T_max must be at least 1"),
        (lambda: optim.LinearLR(optimizer(), start_factor=0.0), "start_factor"),
        (lambda: optim.LambdaLR(optimizer(2), [abs]), "one function for each of 2 groups"),
        (lambda: optim.ReduceLROnPlateau(optimizer(), mode="low"), "mode must be"),
        (lambda: optim.ReduceLROnPlateau(optimizer(), factor=1.0), "factor must be"),
        (lambda: optim.ReduceLROnPlateau(optimizer(2), min_lr=[0.1]), "min_lr must name"),
        (lambda: optim.SequentialLR(optimizer(), [], [1]), "one milestone fewer"),
        (
            lambda: optim.SequentialLR(optimizer(), [optim.StepLR(optimizer(), 1)], []),
            "optimizers differ",
        ),
    ],
)
def test_refusals(make, match):
    with pytest.raises(ArgumentError, match=match):
        make()
