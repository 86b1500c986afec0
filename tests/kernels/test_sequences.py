"""The compiled steps of an LSTM against those of NumPy, in double precision."""

import numpy as np
import pytest

from lucid.kernels import jit, recurrent, sequences, threads

pytestmark = pytest.mark.skipif(not jit.wanted(1 << 20), reason="kernels are switched off")


def _drawn(sizes, width, seed=0):
    rng = np.random.default_rng(seed)
    shapes = [(sum(sizes), 5), (sizes[0], width), (sizes[0], width)]
    shapes += [(4 * width, 5), (4 * width, width), (4 * width,), (4 * width,)]
    return [rng.standard_normal(shape, dtype=np.float32) * np.float32(0.5) for shape in shapes]


def _both_ways(inputs, sizes, reverse):
    x, h, c, w_ih, w_hh, b_ih, b_hh = inputs
    outs, residual = recurrent.lstm(x, h, c, w_ih, w_hh, b_ih, b_hh, None, sizes, reverse)
    g = [np.cos(out) for out in outs]
    given = outs[0], x, h, c, w_ih, w_hh, None
    found = recurrent.lstm_gradients(g, residual, *given, sizes, reverse)
    return [*outs, *(found[name] for name in sorted(found))]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 3, 2, 1), (19, 19, 9, 8)])
@pytest.mark.parametrize("width", [1, 12, 50])
def test_as_in_double_precision(sizes, width, reverse, monkeypatch):
    inputs = _drawn(sizes, width)
    monkeypatch.setattr(sequences.tiles, "able", lambda: True)
    exact = _both_ways([a.astype(np.float64) for a in inputs], sizes, reverse)
    for made, expected in zip(_both_ways(inputs, sizes, reverse), exact, strict=True):
        assert made.dtype == np.float32
        np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-4)


def test_the_same_bits_on_any_number_of_threads(monkeypatch):
    sizes, found, before = (21, 21, 20, 3), [], threads.get_num_threads()
    monkeypatch.setattr(sequences, "THREADED", 0)
    inputs = _drawn(sizes, 32)
    gates = recurrent._affine(inputs[0], inputs[3])
    try:
        for count in (1, 3):
            threads.set_num_threads(count)
            share, h, c = gates.copy(), inputs[1].copy(), inputs[2].copy()
            outs = sequences.lstm(share, h, c, inputs[4], sizes, False)
            residual = share, *outs[1:]
            back = sequences.lstm_back(None, h, c, inputs[4], residual, sizes, False)
            found.append([*outs, *back, h, c])
    finally:
        threads.set_num_threads(before)
    for one, three in zip(*found, strict=True):
        np.testing.assert_array_equal(one, three)
