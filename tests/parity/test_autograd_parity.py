"""Random programs with hooks, several outputs and several roots, differentiated beside PyTorch."""

import random

import numpy as np
import pytest

import lucid

torch = pytest.importorskip("torch")

STEPS = {  # op: (framework, two tensors of length 4) -> a tensor of length 4
    "add": lambda m, a, b: a + b,
    "mul": lambda m, a, b: a * b,
    "sin": lambda m, a, b: a.sin(),
    "square": lambda m, a, b: a * a,
    "sort": lambda m, a, b: a.sort()[0],
    "cummax": lambda m, a, b: m.cummax(a, 0)[0],
    "unbind": lambda m, a, b: a.unbind()[1] * b + a.unbind()[3],
    "one node": lambda m, a, b: (lambda u: u[0] * b + u[3] * u[1])(a.unbind()),
    "chunk": lambda m, a, b: m.cat(m.chunk(a, 2)[::-1]),
    "max": lambda m, a, b: a.max() * b,
    "aminmax": lambda m, a, b: (lambda ends: ends[0] * b + ends[1] * a)(m.aminmax(a)),
    "view": lambda m, a, b: a.reshape(2, 2).transpose(0, 1).reshape(4),
    "in place": lambda m, a, b: (a + b).mul_(1.25),
}


def lists(gradients):
    """Gradients as lists, without the None of outputs that carry none."""
    found = [None if g is None else g.tolist() for g in gradients]
    while found and found[-1] is None:
        found.pop()
    return found


def hook(kind, k, tensor, log):
    """Hang one kind of hook onto a tensor; all of them write down what they see."""
    if kind == "tensor":
        tensor.register_hook(lambda g: log.append((kind, k, lists([g]))) or g * 1.5)
    elif kind == "retain":
        tensor.retain_grad()
    elif kind == "before":

        def halve(gradients):
            log.append((kind, k, lists(gradients)))
            return tuple(None if g is None else g * 0.5 for g in gradients)

        tensor.grad_fn.register_prehook(halve)
    elif kind == "after":
        tensor.grad_fn.register_hook(lambda _, o: log.append((kind, k, lists(o))))


def run(m, seed):
    """All that one program lets us see: filled gradients, given gradients, what hooks saw."""
    choose, log = random.Random(seed), []
    numbers = np.random.default_rng(seed).uniform(0.5, 2, (3, 4)).tolist()
    leaves = [m.tensor(row, dtype=m.float64, requires_grad=True) for row in numbers]
    pool = list(leaves)
    for k in range(choose.randint(4, 12)):
        op = choose.choice(list(STEPS))
        pool.append(STEPS[op](m, choose.choice(pool), choose.choice(pool)))
        hook(choose.choice(["", "", "tensor", "retain", "before", "after"]), k, pool[-1], log)
    roots = choose.sample(pool[3:], choose.randint(1, 3))
    entering = [m.linspace(1, 2 + i, 4, dtype=m.float64) for i in range(len(roots))]
    m.autograd.backward(roots, entering, retain_graph=True, create_graph=choose.random() < 0.5)
    filled = [lists([x.grad])[:1] for x in pool if x.is_leaf or x.retains_grad]
    passed = sorted(log, key=lambda entry: entry[:2])
    inputs = choose.sample(leaves, 2)
    slopes = m.autograd.grad(roots, inputs, entering, create_graph=True, allow_unused=True)
    live = [slope.sum() for slope in slopes if slope is not None and slope.requires_grad]
    curves = m.autograd.grad(live, leaves, allow_unused=True) if live else []
    return filled, passed, lists(slopes), lists(curves)


def same(ours, theirs):
    """Equal but for rounding."""
    if isinstance(theirs, float):
        return ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    if isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


@pytest.mark.filterwarnings("ignore:Using backward")
@pytest.mark.parametrize("seed", range(80))
def test_a_random_program(seed):
    for what, ours, theirs in zip(
        ("filled", "seen by hooks", "first", "second"),
        run(lucid, seed),
        run(torch, seed),
        strict=True,
    ):
        assert same(ours, theirs), f"{what}: {ours} instead of {theirs}"
