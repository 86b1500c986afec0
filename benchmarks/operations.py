"""The operations that networks use most, written once for Lucid and PyTorch.

Each is a function of the library and of its inputs, and says what inputs it takes at a size:
arrays in the proportions in which networks have them, about as many elements as the size says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

SIZES = (100, 10_000, 10_000_000)


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes
    ----------
    family : str
        The heading under which the table lists it.
    run : callable
        ``run(lib, *inputs)``.
    inputs : callable
        ``inputs(rng, size)``: arrays; those of floating dtype get gradients.
    gradient : bool
        Whether it has one.
    """

    family: str
    run: Callable[..., Any]
    inputs: Callable[[np.random.Generator, int], tuple[Any, ...]]
    gradient: bool = True


def _normal(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape, dtype=np.float32)


def _one(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    return (_normal(rng, size),)


def _positive(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    return (np.abs(_normal(rng, size)) + np.float32(0.5),)


def _two(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    return _normal(rng, size), _normal(rng, size)


def _quotient(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    return (_normal(rng, size), *_positive(rng, size))


def _masked(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    return rng.random(size) < 0.5, _normal(rng, size), _normal(rng, size)


def _fill(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    return _normal(rng, size), rng.random(size) < 0.5


def _rows(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    """Rows of 10 for a hundred elements, of 100 above."""
    width = 10 if size <= 100 else 100
    return (_normal(rng, size // width, width),)


def _rows_and_row(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    (rows,) = _rows(rng, size)
    return rows, _normal(rng, rows.shape[1])


def _two_tables(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    (first,) = _rows(rng, size // 2)
    return first, _normal(rng, *first.shape)


def _square(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    """Two square matrices; of 1024 x 1024 at most, whose product takes long enough."""
    side = min(int(size**0.5), 1024)
    return _normal(rng, side, side), _normal(rng, side, side)


def _batch(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    side = 5 if size <= 100 else 20
    count = min(max(size // side**2, 1), 10_000)
    return _normal(rng, count, side, side), _normal(rng, count, side, side)


def _picked(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    """Rows, and for each of them a place of every column."""
    (rows,) = _rows(rng, size)
    return rows, rng.integers(0, rows.shape[1], rows.shape)


def _chosen(rng: np.random.Generator, size: int) -> tuple[Any, ...]:
    (rows,) = _rows(rng, size)
    return rows, rng.integers(0, len(rows), len(rows))


OPERATIONS = {
    "add": Operation("arithmetic", lambda lib, a, b: a + b, _two),
    "sub": Operation("arithmetic", lambda lib, a, b: a - b, _two),
    "mul": Operation("arithmetic", lambda lib, a, b: a * b, _two),
    "div": Operation("arithmetic", lambda lib, a, b: a / b, _quotient),
    "add a row": Operation("arithmetic", lambda lib, a, b: a + b, _rows_and_row),
    "mul by 2": Operation("arithmetic", lambda lib, a: a * 2.0, _one),
    "square": Operation("arithmetic", lambda lib, a: a**2, _one),
    "neg": Operation("arithmetic", lambda lib, a: -a, _one),
    "abs": Operation("arithmetic", lambda lib, a: lib.abs(a), _one),
    "maximum": Operation("arithmetic", lambda lib, a, b: lib.maximum(a, b), _two),
    "clamp": Operation("arithmetic", lambda lib, a: lib.clamp(a, -1.0, 1.0), _one),
    "where": Operation("arithmetic", lambda lib, m, a, b: lib.where(m, a, b), _masked),
    "masked_fill": Operation("arithmetic", lambda lib, a, m: a.masked_fill(m, 0.0), _fill),
    "sqrt": Operation("functions", lambda lib, a: lib.sqrt(a), _positive),
    "exp": Operation("functions", lambda lib, a: lib.exp(a), _one),
    "log": Operation("functions", lambda lib, a: lib.log(a), _positive),
    "sin": Operation("functions", lambda lib, a: lib.sin(a), _one),
    "tanh": Operation("functions", lambda lib, a: lib.tanh(a), _one),
    "sigmoid": Operation("functions", lambda lib, a: lib.sigmoid(a), _one),
    "erf": Operation("functions", lambda lib, a: lib.erf(a), _one),
    "relu": Operation("functions", lambda lib, a: lib.relu(a), _one),
    "gelu": Operation("functions", lambda lib, a: lib.nn.functional.gelu(a), _one),
    "silu": Operation("functions", lambda lib, a: lib.nn.functional.silu(a), _one),
    "softplus": Operation("functions", lambda lib, a: lib.nn.functional.softplus(a), _one),
    "sum": Operation("reductions", lambda lib, a: a.sum(), _one),
    "sum of rows": Operation("reductions", lambda lib, a: a.sum(1), _rows),
    "sum of columns": Operation("reductions", lambda lib, a: a.sum(0), _rows),
    "mean": Operation("reductions", lambda lib, a: a.mean(), _one),
    "var of rows": Operation("reductions", lambda lib, a: a.var(1), _rows),
    "amax of rows": Operation("reductions", lambda lib, a: a.amax(1), _rows),
    "argmax of rows": Operation("reductions", lambda lib, a: a.argmax(1), _rows, gradient=False),
    "norm": Operation("reductions", lambda lib, a: a.norm(), _one),
    "logsumexp": Operation("reductions", lambda lib, a: a.logsumexp(1), _rows),
    "cumsum": Operation("reductions", lambda lib, a: a.cumsum(1), _rows),
    "softmax": Operation("reductions", lambda lib, a: a.softmax(1), _rows),
    "log_softmax": Operation("reductions", lambda lib, a: a.log_softmax(1), _rows),
    "matmul": Operation("products", lambda lib, a, b: a @ b, _square),
    "bmm": Operation("products", lambda lib, a, b: lib.bmm(a, b), _batch),
    "cat": Operation("shape", lambda lib, a, b: lib.cat([a, b], 0), _two_tables),
    "stack": Operation("shape", lambda lib, a, b: lib.stack([a, b], 0), _two_tables),
    "transpose": Operation("shape", lambda lib, a: a.t().contiguous(), _rows),
    "reshape": Operation("shape", lambda lib, a: a.reshape(-1), _rows),
    "slice": Operation("indexing", lambda lib, a: a[1:], _rows),
    "rows by index": Operation("indexing", lambda lib, a, i: a[i], _chosen),
    "index_select": Operation("indexing", lambda lib, a, i: a.index_select(0, i), _chosen),
    "gather": Operation("indexing", lambda lib, a, i: a.gather(1, i), _picked),
    "sort of rows": Operation("indexing", lambda lib, a: a.sort(1)[0], _rows),
    "topk of rows": Operation("indexing", lambda lib, a: a.topk(5, 1)[0], _rows),
}


def workload(lib: ModuleType, name: str, size: int, backward: bool) -> Callable[[], Any]:
    """One operation at one size: its result, and with `backward` also its gradients."""
    operation = OPERATIONS[name]
    arrays = operation.inputs(np.random.default_rng(size), size)
    floats = [a.dtype == np.float32 for a in arrays]
    inputs = [
        lib.tensor(a, requires_grad=backward and real)
        for a, real in zip(arrays, floats, strict=True)
    ]
    learned = [x for x, real in zip(inputs, floats, strict=True) if real]
    run = operation.run
    if not backward:
        return lambda: run(lib, *inputs)
    gradient = lib.tensor(np.ones(tuple(run(lib, *inputs).shape), np.float32))

    def step() -> Any:
        for x in learned:
            x.grad = None
        result = run(lib, *inputs)
        result.backward(gradient)
        return learned[0].grad

    return step
