"""Products and sums: what counts for nothing, broadcasting, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ShapeError

A, B = lucid.ones(2, 3), lucid.ones(3, 4)
BATCH = lucid.ones(5, 2, 3), lucid.ones(5, 3, 4)
V2, V4 = lucid.ones(2), lucid.ones(4)
CALLS = {
    "addmm": (lucid.addmm, (A, B), (2, 4)),
    "addmv": (lucid.addmv, (A, lucid.ones(3)), (2,)),
    "addr": (lucid.addr, (V2, V4), (2, 4)),
    "baddbmm": (lucid.baddbmm, BATCH, (5, 2, 4)),
    "addbmm": (lucid.addbmm, BATCH, (2, 4)),
}


@pytest.mark.parametrize("name", CALLS)
def test_nan_counts_for_nothing_with_beta_0(name):
    function, operands, shape = CALLS[name]
    found = function(lucid.full(shape, np.nan), *operands, beta=0)
    assert found.shape == shape
    assert not found.isnan().any()
    np.testing.assert_array_equal(function(lucid.tensor(1.0), *operands), found + 1)


@pytest.mark.parametrize("name", CALLS)
def test_the_input_must_broadcast_to_the_product(name):
    function, operands, shape = CALLS[name]
    for wrong in [(7, *shape), (*shape[:-1], 9)]:
        with pytest.raises(ShapeError, match=f"{name}: the input must broadcast"):
            function(lucid.ones(*wrong), *operands)


def test_refusals():
    with pytest.raises(ShapeError, match=r"shapes \(b, n, k\) and \(b, k, m\)"):
        lucid.addbmm(A, BATCH[0], BATCH[0])
    with pytest.raises(ShapeError, match="3-d batch1"):
        lucid.addbmm(A, A, B)
    with pytest.raises(ShapeError, match="1-d vec1"):
        lucid.addr(A, A, V2)
