"""Einstein summation: both ways to find an order, lists of labels, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError
from lucid.ops import einsum as module

RNG = np.random.default_rng(0)
EQUATIONS = [
    ("ij,jk,kl,lm->im", [(2, 3), (3, 4), (4, 5), (5, 6)]),
    ("ij,jk,kl,lm,mi", [(2, 3), (3, 4), (4, 5), (5, 6), (6, 2)]),
    ("bij,bjk,bk->bi", [(7, 2, 3), (7, 3, 4), (7, 4)]),
    ("i,j,k->kji", [(2,), (3,), (4,)]),
    ("...ij,...jk,kk->...i", [(5, 2, 3), (1, 3, 4), (4, 4)]),
    ("aB,Bc,cD->Da", [(2, 3), (3, 4), (4, 5)]),
    ("ab,cd,ef->", [(2, 3), (3, 4), (4, 5)]),
    ("zX,Xb", [(2, 3), (3, 4)]),
]


@pytest.fixture(params=["opt_einsum", "numpy"])
def search(request, monkeypatch):
    if request.param == "opt_einsum":
        pytest.importorskip("opt_einsum")
    else:
        monkeypatch.setattr(module, "_optimizer", lambda: None)
    module._path.cache_clear()
    yield request.param
    module._path.cache_clear()


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_is_numpys(equation, shapes, search):
    arrays = [RNG.standard_normal(shape) for shape in shapes]
    found = lucid.einsum(equation, *map(lucid.tensor, arrays))
    np.testing.assert_allclose(found.numpy(), np.einsum(equation, *arrays), atol=1e-12)


def test_the_cheap_product_comes_first(search):
    # From left to right this would make a matrix of 2000 x 2000.
    path = module._path(("ab", "bc", "cd"), "ad", ((2000, 1), (1, 2000), (2000, 1)))
    assert sorted(path[0]) == [1, 2]


def test_lists_of_labels():
    a, b = lucid.tensor(RNG.standard_normal((2, 3))), lucid.tensor(RNG.standard_normal((3, 4)))
    np.testing.assert_array_equal(lucid.einsum(a, [0, 1], b, [1, 2], [2, 0]), (a @ b).T)
    np.testing.assert_array_equal(lucid.einsum(a, (26, 0), b, (0, 1)), (a @ b).T)
    np.testing.assert_array_equal(lucid.einsum(a, [..., 0]), a)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((lucid.ones(2), [52]), "from 0 to 51, not 52"),
        ((lucid.ones(2), ["a"]), "from 0 to 51, not 'a'"),
        ((lucid.ones(2), lucid.ones(2)), "every operand with a list"),
        ((lucid.ones(2), [0, 1]), "does not fit an operand of 1 dimensions"),
    ],
)
def test_lists_refused(arguments, match):
    with pytest.raises(ArgumentError, match=match):
        lucid.einsum(*arguments)
