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


def plateau_in_a_chain():
    return optim.ChainedScheduler([optim.ReduceLROnPlateau(optimizer())])


def plain():
    return optim.Adagrad([lucid.Tensor([1.0], requires_grad=True)])


MAKERS = [
    lambda o: optim.LambdaLR(o, lambda epoch: 0.5**epoch),
    lambda o: optim.StepLR(o, 2),
    lambda o: optim.MultiStepLR(o, [2, 4]),
    lambda o: optim.ExponentialLR(o, 0.9),
    lambda o: optim.CosineAnnealingLR(o, 5),
    lambda o: optim.LinearLR(o),
    lambda o: optim.MultiplicativeLR(o, lambda epoch: 0.9),
    lambda o: optim.ConstantLR(o),
    lambda o: optim.PolynomialLR(o, 6),
    lambda o: optim.CosineAnnealingWarmRestarts(o, 3, 2),
    lambda o: optim.CyclicLR(o, 0.1, 0.3, 3),
    lambda o: optim.OneCycleLR(o, 0.3, 20),
    lambda o: optim.ChainedScheduler([optim.StepLR(o, 2), optim.ExponentialLR(o, 0.9)]),
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


def test_a_scheduler_of_ones_own_by_get_lr():
    class Inverse(optim.LRScheduler):
        def get_lr(self):
            return [rate / (1 + self.last_epoch) for rate in self.base_lrs]

    o = optimizer()
    scheduler = optim.SequentialLR(o, [optim.StepLR(o, 5), Inverse(o)], [2])
    seen = []
    for _ in range(5):
        seen += scheduler.get_last_lr()
        scheduler.step()
    assert seen == [0.5, 0.5, 0.5, 0.25, 0.5 / 3]


def test_one_cycle_ends():
    scheduler = optim.OneCycleLR(optimizer(), 0.3, 3)
    for _ in range(3):
        scheduler.step()
    with pytest.raises(ArgumentError, match="step 4 of 3: the cycle is over"):
        scheduler.step()


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
        (lambda: optim.ChainedScheduler([]), "at least one scheduler"),
        (lambda: plateau_in_a_chain(), "follows no epoch"),
        (lambda: optim.ConstantLR(optimizer(), factor=2.0), "factor must be above 0"),
        (lambda: optim.PolynomialLR(optimizer(), total_iters=0), "total_iters must be at least"),
        (lambda: optim.MultiplicativeLR(optimizer(), [3]), "must be callable, not int"),
        (lambda: optim.CosineAnnealingWarmRestarts(optimizer(), 0.5), "T_0 must be an integer"),
        (lambda: optim.CyclicLR(optimizer(), 0.1, 0.2, mode="square"), "mode must be"),
        (lambda: optim.CyclicLR(optimizer(2), [0.1], 0.2), "base_lr must name one value for each"),
        (lambda: optim.OneCycleLR(optimizer(), 0.1), "total_steps, or epochs"),
        (lambda: optim.OneCycleLR(optimizer(), 0.1, 10, pct_start=2.0), "pct_start"),
        (lambda: optim.OneCycleLR(optimizer(), 0.1, 10, anneal_strategy="jump"), "anneal_strategy"),
        (lambda: optim.CyclicLR(plain(), 0.1, 0.2), "Adagrad has neither momentum nor betas"),
        (lambda: optim.StepLR(optimizer(), 2, last_epoch=3), "group 0 lacks initial_lr"),
        (
            lambda: optim.SequentialLR(optimizer(), [optim.StepLR(optimizer(), 1)], []),
            "optimizers differ",
        ),
    ],
)
def test_refusals(make, match):
    with pytest.raises(ArgumentError, match=match):
        make()
