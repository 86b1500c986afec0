"""Convolution by tiles: every way against the products of patches, which NumPy makes."""

import numpy as np
import pytest

from lucid.kernels import conv, conv_choice, direct, jit, threads
from lucid.kernels.window import back, window

pytestmark = pytest.mark.skipif(not jit.wanted(1 << 20), reason="kernels are switched off")

CASES = [  # channels, their groups, size, kernel, stride, padding, dilation
    (3, 9, 1, (13, 17), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    (6, 16, 2, (9, 8), (5, 2), (2, 1), ((0, 2), (3, 0)), (1, 2)),
    (4, 32, 2, (4, 4), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    (2, 5, 1, (10,), (3,), (3,), ((2, 1),), (2,)),
    (2, 7, 1, (4, 5, 6), (2, 3, 3), (1, 2, 1), ((1, 0), (1, 1), (2, 2)), (1, 1, 1)),
    (1, 8, 1, (20, 20), (1, 1), (2, 2), ((0, 0), (0, 0)), (1, 1)),
    (3, 8, 1, (8, 8), (3, 3), (1, 1), ((1, 1), (-1, -1)), (1, 1)),
]


def _drawn(case, n=3):
    into, out, groups, size, kernel, *rest = case
    win = window(size, kernel, *rest)
    rng = np.random.default_rng(into)
    x = rng.standard_normal((n, into, *size), dtype=np.float32)
    w = rng.standard_normal((out, into // groups, *kernel), dtype=np.float32)
    y = rng.standard_normal((n, out, *win.shape), dtype=np.float32)
    return win, groups, x, w, y


@pytest.mark.parametrize("how", ["direct", "panels"])
@pytest.mark.parametrize("case", CASES)
def test_forward(case, how):
    win, groups, x, w, y = _drawn(case)
    bias = np.arange(len(w), dtype=np.float32)
    direct.convolve(how, x, direct.forwards(w, groups), bias, win, groups, y)
    exact = conv.conv(*(a.astype(np.float64) for a in (x, w, bias)), win, groups)
    np.testing.assert_allclose(y, exact, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("how", ["direct", "panels"])
@pytest.mark.parametrize("case", [case for case in CASES if max(case[5]) == 1])
def test_towards_the_input(case, how):
    win, groups, x, w, y = _drawn(case)
    direct.convolve(how, y, direct.backwards(w, groups), None, back(win), groups, x)
    exact = conv.conv_input(y.astype(np.float64), w.astype(np.float64), None, win, groups)
    np.testing.assert_allclose(x, exact, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("case", [c for c in CASES if c[2] == 1 or c[1] // c[2] % 16 == 0])
def test_towards_the_kernels(case):
    win, groups, x, w, y = _drawn(case)
    made = direct.towards_kernel(y, x, win, groups).reshape(w.shape)
    exact = conv.conv_weight(y.astype(np.float64), x.astype(np.float64), win, groups)
    np.testing.assert_allclose(made, exact, rtol=1e-5, atol=2e-4)


def test_in_parts_as_at_once(monkeypatch):
    win, groups, x, w, y = _drawn(CASES[0], n=5)
    whole = conv.conv(x, w, None, win, groups), direct.towards_kernel(y, x, win, groups)
    monkeypatch.setattr(direct, "CACHE", 1)
    monkeypatch.setattr(direct, "MANY", 1)
    parts = conv.conv(x, w, None, win, groups), direct.towards_kernel(y, x, win, groups)
    np.testing.assert_array_equal(parts[0], whole[0])
    np.testing.assert_allclose(parts[1], whole[1], rtol=1e-5, atol=1e-4)


def test_the_same_bits_on_any_number_of_threads():
    case = (16, 32, 1, (12, 12), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    win, groups, x, w, y = _drawn(case, n=20)
    found, before = [], threads.get_num_threads()
    try:
        for count in (1, 3):
            threads.set_num_threads(count)
            there = conv.conv(x, w, None, win, groups)
            back_again = conv.conv_input(y, w, None, win, groups)
            found.append((there, back_again, direct.towards_kernel(y, x, win, groups)))
    finally:
        threads.set_num_threads(before)
    for one, three in zip(*found, strict=True):
        np.testing.assert_array_equal(one, three)


def test_small_planes_go_by_panels():
    def square(side):
        return window((side, side), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))

    assert conv_choice.way(True, 512, 512, 1, square(4), "tiles") == "panels"
    assert conv_choice.way(True, 64, 64, 1, square(32), "tiles") == "direct"
    assert conv_choice.way(True, 64, 64, 1, square(32), None) == "patches"
