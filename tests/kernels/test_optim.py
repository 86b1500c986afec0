"""Each loop repeats its reference to the last bit, whatever the size and number of threads."""

import numpy as np
import pytest

from lucid.kernels import optim, threads

pytest.importorskip("numba")

CASES = [
    (optim.sgd, 0, (0.1, 0.0, 1.0, 0.0, 0.0)),
    (optim.sgd, 0, (0.1, 0.0, 1.0, 0.0, 0.3)),
    (optim.sgd, 1, (0.1, 0.9, 0.8, 0.0, 0.3)),
    (optim.sgd, 1, (0.1, 0.9, 1.0, 1.0, 0.0)),
    (optim.adam, 2, (0.1, 0.999, 0.001, 0.01, 1e-8, 0.0, 1.0)),
    (optim.adam, 2, (0.1, 0.999, 0.001, 0.01, 1e-8, 0.1, 1.0)),
    (optim.adam, 3, (0.1, 0.999, 0.001, 0.01, 1e-8, 0.0, 0.99)),
    (optim.rmsprop, 1, (0.01, 0.99, 0.01, 1e-8, 0.0, 0.0, 0.0)),
    (optim.rmsprop, 2, (0.01, 0.99, 0.01, 1e-8, 0.1, 0.9, 0.0)),
    (optim.rmsprop, 2, (0.01, 0.99, 0.01, 1e-8, 0.0, 0.0, 1.0)),
    (optim.rmsprop, 3, (0.01, 0.99, 0.01, 1e-8, 0.1, 0.9, 1.0)),
    (optim.mixed, 2, (0.1, 0.999, 0.001, 0.02, 0.01, 1e-8, 1.0, 0.1, 1.0)),
    (optim.mixed, 2, (0.1, 0.999, 0.001, 0.0, 0.01, 1e-8, 1.0, 0.0, 0.99)),
    (optim.mixed, 2, (0.1, 0.999, 0.001, 0.0, 0.01, 1e-8, 0.0, 0.0, 1.0)),
    (optim.adamax, 2, (0.1, 0.999, 0.01, 1e-8, 0.1)),
    (optim.adagrad, 1, (0.01, 1e-10, 0.1)),
    (optim.adadelta, 2, (1.0, 0.9, 0.1, 1e-6, 0.1)),
    (optim.asgd, 1, (0.1, 0.99, 1.0, 0.1)),
    (optim.asgd, 1, (0.1, 0.99, 0.3, 0.0)),
    (optim.rprop, 2, (0.5, 1.2, 1e-6, 50.0)),
    (optim.lion, 1, (0.9, 0.1, 0.99, 0.01, 0.1, 0.98)),
]


def run(update, rows, hyper, size, dtype, special=False, steps=4):
    rng = np.random.default_rng(0)
    p = rng.standard_normal(size).astype(dtype)
    s = np.zeros((rows, size), dtype)
    for _ in range(steps):
        g = rng.standard_normal(size).astype(dtype)
        if special:
            g[:6] = np.nan, np.inf, -np.inf, 0.0, -0.0, np.finfo(dtype).tiny / 8
        update(p, g, s, np.array(hyper))
    return p, s


def assert_same_bits(a, b):
    for x, y in zip(a, b, strict=True):
        assert np.array_equal(np.isnan(x), np.isnan(y))  # a NaN's own bits are nobody's matter
        finite = ~np.isnan(x)
        assert x[finite].tobytes() == y[finite].tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0, 1, 7, 1000])
@pytest.mark.parametrize(("rule", "rows", "hyper"), CASES)
def test_loop_equals_reference(rule, rows, hyper, size, dtype):
    expected = run(rule.reference, rows, hyper, size, dtype)
    assert_same_bits(run(rule._whole, rows, hyper, size, dtype), expected)


@pytest.mark.parametrize(("rule", "rows", "hyper"), CASES)
def test_special_values(rule, rows, hyper):
    expected = run(rule.reference, rows, hyper, 16, np.float32, special=True)
    assert_same_bits(run(rule._whole, rows, hyper, 16, np.float32, special=True), expected)


@pytest.mark.parametrize(("rule", "rows", "hyper"), [CASES[3], CASES[6], CASES[10]])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_threads_change_nothing(rule, rows, hyper, count, monkeypatch):
    monkeypatch.setattr(threads._settings, "count", count)
    size = optim.THREADED + 12345
    expected = run(rule.reference, rows, hyper, size, np.float32, steps=2)
    assert_same_bits(run(rule._threaded, rows, hyper, size, np.float32, steps=2), expected)
