"""Averaged models, their batch statistics and the rates that go with them, beside PyTorch's."""

import numpy as np
import pytest

import lucid
from lucid import nn, optim
from lucid.errors import ArgumentError, StateError
from lucid.optim import swa_utils

torch = pytest.importorskip("torch")
theirs_utils = torch.optim.swa_utils


@pytest.fixture(autouse=True)
def _double():
    """PyTorch divides one by a count in the default dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def models():
    ours = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)).double()
    theirs = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1)
    ).double()
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
    return ours, theirs


def shake(ours, theirs, rng):
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        p.data[...] = rng.standard_normal(p.shape)
        q.data.copy_(torch.tensor(p.data))
    x = rng.standard_normal((8, 3))
    ours(lucid.tensor(x))
    theirs(torch.tensor(x))


def assert_same(ours, theirs):
    a, b = ours.state_dict(), theirs.state_dict()
    assert list(a) == list(b)
    for name, value in a.items():
        np.testing.assert_allclose(value.numpy(), b[name].numpy(), rtol=1e-12, atol=1e-12)


OPTIONS = [
    lambda module: {},
    lambda module: {"avg_fn": module.get_ema_avg_fn(0.9)},
    lambda module: {"avg_fn": module.get_swa_avg_fn()},
    lambda module: {"multi_avg_fn": module.get_ema_multi_avg_fn(0.9)},
    lambda module: {"multi_avg_fn": module.get_swa_multi_avg_fn()},
]


@pytest.mark.parametrize("use_buffers", [False, True])
@pytest.mark.parametrize("options", OPTIONS)
def test_averages(options, use_buffers):
    if use_buffers and options is OPTIONS[-1]:
        pytest.skip("PyTorch cannot average the count of batches so")
    ours, theirs = models()
    a = swa_utils.AveragedModel(ours, use_buffers=use_buffers, **options(swa_utils))
    b = theirs_utils.AveragedModel(theirs, use_buffers=use_buffers, **options(theirs_utils))
    rng = np.random.default_rng(0)
    for _ in range(6):
        shake(ours, theirs, rng)
        a.update_parameters(ours)
        b.update_parameters(theirs)
        assert_same(a, b)
    batches = [rng.standard_normal((5, 3)) for _ in range(3)]
    swa_utils.update_bn([(lucid.tensor(x), 0) for x in batches], a)
    theirs_utils.update_bn([(torch.tensor(x), 0) for x in batches], b)
    assert_same(a, b)
    assert a.module[1].momentum == b.module[1].momentum == 0.1


def test_the_model_itself_stays():
    ours, _ = models()
    before = {name: value.numpy().copy() for name, value in ours.state_dict().items()}
    average = swa_utils.AveragedModel(ours)
    average.update_parameters(ours)
    for p in average.parameters():
        p.data[...] = 7.0
    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])


def test_refusals():
    ours, _ = models()
    with pytest.raises(ArgumentError, match="not both"):
        swa_utils.AveragedModel(ours, avg_fn=abs, multi_avg_fn=abs)
    with pytest.raises(ArgumentError, match="decay must be from 0 to 1"):
        swa_utils.get_ema_avg_fn(1.5)
    with pytest.raises(StateError, match="do not match"):
        swa_utils.AveragedModel(ours).update_parameters(nn.Linear(3, 4))
    with pytest.raises(ArgumentError, match="anneal_strategy"):
        swa_utils.SWALR(optim.SGD(ours.parameters()), 0.1, anneal_strategy="jump")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 1, 5])
def test_swalr(strategy, epochs):
    rates = []
    for module, utils, tensor in (
        (optim, swa_utils, lucid.tensor),
        (torch.optim, theirs_utils, torch.tensor),
    ):
        leaves = [tensor([1.0], requires_grad=True) for _ in range(2)]
        groups = [{"params": leaves[:1]}, {"params": leaves[1:], "lr": 0.3}]
        optimizer = module.SGD(groups, lr=0.1)
        decay = module.lr_scheduler.ExponentialLR(optimizer, 0.9)
        scheduler = utils.SWALR(optimizer, [0.05, 0.02], epochs, strategy)
        seen = []
        for step in range(10):
            (decay if step < 3 else scheduler).step()
            seen.append([group["lr"] for group in optimizer.param_groups])
        rates.append(seen)
    np.testing.assert_allclose(*rates, rtol=1e-12)
