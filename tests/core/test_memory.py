"""Memory: small steps leave nothing behind, views take none, backward frees as it goes."""

import gc
import os
import tracemalloc

import numpy as np
import pytest

import lucid
import lucid.nn as nn

STEPS = int(os.environ.get("LUCID_STEPS", "10000"))  # 100000 for the long form


def resident():
    """Bytes of this process that lie in memory; None where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def training():
    """A step of everything: layers, a loss, backward, an optimizer, hooks, views, in place."""
    lucid.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x, y, loss = lucid.randn(16, 4), lucid.randn(16, 1), nn.HuberLoss()

    def step():
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    return step


def programs():
    """What a graph may hold: several outputs, views, changes in place, hooks, second order."""
    a = lucid.ones(8, requires_grad=True)

    def step():
        values, _ = (a * 2).sort()
        first, second = values.reshape(2, 4).unbind()
        h = first * second
        h.register_hook(lambda g: g * 1)
        h += 1
        h[0] = 3.0
        (slope,) = lucid.autograd.grad(h.square().sum(), a, create_graph=True)
        slope.sum().backward()
        a.grad = None

    return step


class Doubled(lucid.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x * 2
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx, g):
        _, y = ctx.saved_tensors
        return g * 2 + 0 * y


def functions():
    """A gradient rule of the user's own."""
    a = lucid.ones(8, requires_grad=True)

    def step():
        Doubled.apply(a).sum().backward()
        with lucid.no_grad():
            Doubled.apply(a)
        a.grad = None

    return step


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("make", [training, programs, functions])
def test_steps_leave_nothing_behind(no_collector, make):
    step = make()
    for _ in range(200):
        step()
    gc.collect()
    taken = []
    tracemalloc.start()
    try:
        for _ in range(2):  # the first round fills the lists of free objects that Python keeps
            for _ in range(STEPS // 20):
                step()
            taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert taken[1] - taken[0] < 1000
    assert gc.collect() == 0  # no cycle, in any of the steps


def test_a_long_loop_is_flat(no_collector):
    step = training()
    for _ in range(200):
        step()
    gc.collect()
    counted, before = len(gc.get_objects()), resident()
    young = gc.get_count()[0]
    for _ in range(STEPS):
        step()
    assert gc.get_count()[0] - young < 200  # what was made is gone again, but for a handful
    assert gc.collect() == 0
    assert len(gc.get_objects()) - counted < 50
    if before is not None:
        assert resident() - before < 4_000_000


BIG = lucid.ones(1000, 1000)
VIEWS = {
    "reshape": lambda x: x.reshape(10, 100_000),
    "view": lambda x: x.view(-1),
    "flatten": lambda x: x.flatten(),
    "transpose": lambda x: x.transpose(0, 1),
    "T": lambda x: x.T,
    "permute": lambda x: x.permute(1, 0),
    "slice": lambda x: x[10:900:3, ::-1],
    "row": lambda x: x[5],
    "select": lambda x: x.select(0, 5),
    "narrow": lambda x: x.narrow(0, 100, 500),
    "expand": lambda x: x[None].expand(50, 1000, 1000),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "squeeze": lambda x: x.squeeze(),
    "diagonal": lambda x: x.diagonal(),
    "detach": lambda x: x.detach(),
    "split": lambda x: x.split(100),
    "chunk": lambda x: x.chunk(7, 1),
    "unbind": lambda x: x.unbind(),
    "movedim": lambda x: x.movedim(0, 1),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "unflatten": lambda x: x.unflatten(0, (10, 100)),
    "broadcast_to": lambda x: lucid.broadcast_to(x, (3, 1000, 1000)),
    "numpy": lambda x: x.numpy(),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_takes_no_memory(name):
    VIEWS[name](BIG)
    tracemalloc.start()
    try:
        view = VIEWS[name](BIG)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000  # of the 4 MB of the whole
    finally:
        tracemalloc.stop()
    one = view[0] if isinstance(view, tuple | list) else view
    assert np.shares_memory(getattr(one, "data", one), BIG.data)


def test_backward_frees_as_it_goes():
    x = lucid.ones(250_000, requires_grad=True)  # 1 MB
    x.sin().sum().backward()  # compiles what will be used
    x.grad = None
    tracemalloc.start()
    try:
        y = x
        for _ in range(50):
            y = y.sin()  # each step keeps its input
        held, _ = tracemalloc.get_traced_memory()
        assert held > 48_000_000
        y = y.sum()
        tracemalloc.reset_peak()
        y.backward()
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - held < 5_000_000  # no gradient outlives its step
    assert left < 3_000_000  # the gradient of x; the graph is gone, though y is not
    assert y.requires_grad


def test_nothing_is_kept_where_nothing_is_recorded():
    x = lucid.ones(250_000)
    tracemalloc.start()
    try:
        y = x
        for _ in range(20):
            y = y.sin()
        with lucid.no_grad():
            w = x.detach().requires_grad_()
            for _ in range(20):
                w = w.sin()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
