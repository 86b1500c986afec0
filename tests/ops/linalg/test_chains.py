"""Powers and chains of matrices: the order of multiplication, ends, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError, LinAlgError, ShapeError
from lucid.ops.linalg.chains import _splits


def test_the_order_is_the_cheapest():
    lengths = (30, 35, 15, 5, 10, 20, 25)  # the example of Cormen et al.
    chain = [lucid.zeros(a, b) for a, b in pairwise(lengths)]
    best = _splits(chain)
    assert (best[0, 5], best[0, 2], best[3, 5]) == (2, 0, 4)


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_power_of_integers(n):
    a = np.array([[1, 1], [1, 0]])
    found = lucid.linalg.matrix_power(lucid.tensor(a), n)
    assert found.tolist() == np.linalg.matrix_power(a, n).tolist()
    assert found.dtype == lucid.int64


@pytest.mark.parametrize("n", [0, 1])
def test_powers_share_no_memory(n):
    a = lucid.eye(2)
    a.matrix_power(n)[0, 0] = 5.0
    assert a[0, 0] == 1


def test_ends_of_a_chain():
    row, matrix = lucid.ones(2), lucid.ones(2, 2)
    assert lucid.linalg.multi_dot([row, matrix]).shape == (2,)
    assert lucid.linalg.multi_dot([row, row]).shape == ()
    assert lucid.linalg.multi_dot([matrix, matrix, row]).shape == (2,)
    assert lucid.chain_matmul(matrix).tolist() == matrix.tolist()


def test_refusals():
    matrix = lucid.ones(2, 2)
    with pytest.raises(ArgumentError, match="at least 2"):
        lucid.linalg.multi_dot([matrix])
    with pytest.raises(ShapeError, match="as many rows as the one before"):
        lucid.linalg.multi_dot([matrix, lucid.ones(3, 2), matrix])
    with pytest.raises(ShapeError, match="takes matrices"):
        lucid.linalg.multi_dot([matrix, lucid.ones(2), matrix])
    with pytest.raises(ShapeError, match="takes matrices"):
        lucid.chain_matmul(matrix, lucid.ones(2))
    with pytest.raises(DTypeError, match="integer"):
        lucid.linalg.matrix_power(matrix, 0.5)
    with pytest.raises(ShapeError, match="square"):
        lucid.linalg.matrix_power(lucid.ones(2, 3), 2)
    with pytest.raises(LinAlgError, match="singular"):
        lucid.linalg.matrix_power(matrix, -1)
