"""What Lucid itself costs, apart from any arithmetic: nanoseconds per op, per node, per step.

``python -m pytest benchmarks/test_micro.py`` prints them; compare two states of the source
with ``--benchmark-autosave`` and ``--benchmark-compare``.
"""

import pytest

import lucid
from lucid import nn, optim

pytestmark = pytest.mark.benchmark(warmup=True, max_time=0.5)
CHAIN = 100


@pytest.fixture(autouse=True, scope="module")
def _kernels():
    """Settle the choice of kernels first, so that no row is measured across the change."""
    lucid.manual_seed(0)


def vector(size=2, requires_grad=True):
    return lucid.ones(size).requires_grad_(requires_grad)


def test_add_unrecorded(benchmark):
    x, y = vector(requires_grad=False), vector(requires_grad=False)
    benchmark(lambda: x + y)


def test_add_recorded(benchmark):
    x, y = vector(), vector()
    benchmark(lambda: x + y)


def test_matmul_recorded(benchmark):
    x, y = lucid.ones(4, 4).requires_grad_(), lucid.ones(4, 4).requires_grad_()
    benchmark(lambda: x @ y)


def test_backward_through_a_chain(benchmark):
    """A hundred nodes; divide by that for the cost of one."""
    x = vector(1)

    def build():
        y = x
        for _ in range(CHAIN):
            y = y + x
        return (y,), {}

    benchmark.pedantic(lambda y: y.backward(), setup=build, rounds=300, warmup_rounds=20)


def test_huber_forward_and_backward(benchmark):
    criterion, x, y = nn.HuberLoss(), vector(64), vector(64, requires_grad=False)

    def step():
        x.grad = None
        criterion(x, y).backward()

    benchmark(step)


def test_linear_forward(benchmark):
    layer, x = nn.Linear(8, 8), lucid.ones(4, 8)
    benchmark(lambda: layer(x))


@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
def test_optimizer_step(benchmark, kind):
    """Six small parameters, those of a network with two hidden layers."""
    parameters = [nn.Parameter(lucid.ones(8, 8)) for _ in range(6)]
    for p in parameters:
        p.grad = lucid.ones(8, 8)
    benchmark(kind(parameters, lr=1e-3).step)
