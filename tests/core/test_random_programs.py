"""Random programs with views and changes in place: a right gradient or an error, never wrong."""

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, GradError, ShapeError

PURE = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "sub": lambda a, b: a - b * 0.5,
    "div": lambda a, b: a / (b * b + 1),
    "tanh": lambda a, b: a.tanh(),
    "exp": lambda a, b: (a * 0.3).exp(),
    "sum": lambda a, b: a.sum(),
    "maximum": lambda a, b: lucid.maximum(a, b + 0.123),
    "where": lambda a, b: lucid.where(a > 0.21, a, b),
    "sort": lambda a, b: a.sort(-1)[0] if a.ndim else a,
    "matmul": lambda a, b: a @ a.T if a.ndim == 2 else a * a,
    "cat": lambda a, b: lucid.cat([a, a * 2]) if a.ndim else a,
}
VIEWS = {
    "first": lambda a, b: a[0] if a.ndim else a,
    "rows": lambda a, b: a[:1] if a.ndim else a,
    "column": lambda a, b: a[:, 1] if a.ndim == 2 and a.shape[1] > 1 else a,
    "transposed": lambda a, b: a.T if a.ndim == 2 else a,
    "flat": lambda a, b: a.reshape(-1),
    "expanded": lambda a, b: a.expand(2, *a.shape),
}
WRITES = {
    "add_": lambda a, b: a.add_(b),
    "mul_": lambda a, b: a.mul_(b),
    "tanh_": lambda a, b: a.tanh_(),
    "+=": lambda a, b: a.__iadd__(0.25),
    "set": lambda a, b: a.__setitem__(0, b) if a.ndim else None,
    "zero_": lambda a, b: a.zero_(),
}


def program(seed, writes):
    """A function of two tensors, drawn by lot; the same for the same seed."""
    rng = np.random.default_rng(seed)
    kinds = [PURE, VIEWS, WRITES] if writes else [PURE, VIEWS]
    steps = []
    for _ in range(10):
        kind = kinds[rng.integers(len(kinds))]
        steps.append((kind[rng.choice(list(kind))], rng.integers(1000), rng.integers(1000)))

    def run(x, w):
        pool = [x * 1, w * 1, x * w]  # no leaves, which cannot be written to
        for step, i, j in steps:
            a, b = pool[i % len(pool)], pool[j % len(pool)]
            try:
                made = step(a, b)
            except ShapeError:  # these two do not broadcast
                continue
            if isinstance(made, Tensor) and made.numel() < 100:
                pool.append(made)
        return sum((t * 0.1).tanh().sum() for t in pool)

    return run


def leaves(seed):
    rng = np.random.default_rng(seed)
    shapes = [(2, 3), (3,)] if seed % 2 else [(3, 3), (3, 1)]
    return [
        Tensor(rng.uniform(0.3, 1.5, s), requires_grad=True, dtype=lucid.float64) for s in shapes
    ]


@pytest.mark.parametrize("seed", range(60))
def test_pure_programs(seed):
    function, inputs = program(seed, writes=False), leaves(seed)
    assert gradcheck(function, inputs, fast_mode=True)
    assert gradgradcheck(function, inputs, fast_mode=True)


def outcome(seed):
    """True for a right gradient, else the words of the error."""
    try:
        return gradcheck(program(seed, writes=True), leaves(seed), fast_mode=True)
    except (ArgumentError, GradError) as error:
        return str(error)


@pytest.mark.parametrize("block", range(6))
def test_programs_that_write(block):
    outcomes = {seed: outcome(seed) for seed in range(1000 + 50 * block, 1050 + 50 * block)}
    refusals = ("which was changed in place", "cannot be written to", "shares memory with views")
    wrong = {
        seed: words
        for seed, words in outcomes.items()
        if words is not True and not any(refusal in words for refusal in refusals)
    }
    assert not wrong
    assert sum(words is True for words in outcomes.values()) >= 20  # and they do try something
