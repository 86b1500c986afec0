"""Tiles of products, and squares turned: each against NumPy."""

import numpy as np
import pytest

from lucid.kernels import jit, tiles
from lucid.kernels.jit import kernel

block, turn = tiles.block, tiles.turn

pytestmark = pytest.mark.skipif(not jit.wanted(1 << 20), reason="kernels are switched off")


@kernel()
def _multiply(a, rows, a_steps, b, b_steps, count, vectors, out, pitch, more):
    row = 0
    while row < count:
        row += block(
            count - row, vectors, out, row * pitch, pitch, a, 0, rows, row,
            a_steps, b, 0, b_steps, a_steps.size, more,
        )  # fmt: skip


@kernel()
def _turn(x, out, pitch):
    turn(x, 3, pitch, out, 1, 16)


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 15])
@pytest.mark.parametrize("vectors", [1, 2, 3, tiles.ALONE])
def test_a_product_whatever_the_tiles(rows, vectors):
    if (vectors == tiles.ALONE and rows > 1) or (vectors < 3 and rows < 8):
        vectors = 3
    rng = np.random.default_rng(rows)
    depth, wide = 37, 16 * vectors
    a = rng.standard_normal((rows, depth), dtype=np.float32)
    b = rng.standard_normal((depth, 16 * 8), dtype=np.float32)
    pitch = 16 * 8
    out = np.full((rows, pitch), 7, np.float32)
    steps = np.arange(depth)
    args = a.ravel(), np.arange(rows) * depth, steps, b.ravel(), steps * pitch, rows, vectors
    for times in (1, 2):
        _multiply.compiled(*args, out.reshape(-1), pitch, times == 2)
        exact = times * (a.astype(np.float64) @ b)
        reached = wide if rows >= 8 or rows == 1 else 48
        np.testing.assert_allclose(out[:, :16], exact[:, :16], rtol=0, atol=2e-5)
        np.testing.assert_allclose(out[:8, :wide], exact[:8, :wide], rtol=0, atol=2e-5)
        assert (out[:, max(reached, 48) :] == 7).all()


def test_rows_are_where_the_table_says():
    a, b = np.arange(12, dtype=np.float32), np.ones(48, np.float32)
    out = np.zeros((2, 48), np.float32)
    rows, steps = np.array([5, 0]), np.array([0, 6, 1])
    _multiply.compiled(a, rows, steps, b, steps * 0, 2, 3, out.reshape(-1), 48, False)
    assert out[:, 0].tolist() == [5 + 11 + 6, 0 + 6 + 1]


def test_a_square_is_turned():
    x = np.arange(400, dtype=np.float32)
    out = np.zeros(260, np.float32)
    _turn.compiled(x, out, 20)
    square = np.lib.stride_tricks.as_strided(x[3:], (16, 16), (80, 4))
    np.testing.assert_array_equal(out[1:257].reshape(16, 16), square.T)
    assert out[0] == 0
    assert (out[257:] == 0).all()
