"""Determinants: singular matrices, logarithms of every sign, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import DTypeError, ShapeError

RNG = np.random.default_rng(0)


def of_rank(n, rank):
    return RNG.standard_normal((n, rank)) @ RNG.standard_normal((rank, n))


def cofactors(a):
    out = np.empty_like(a)
    for i in range(len(a)):
        for j in range(len(a)):
            minor = np.delete(np.delete(a, i, 0), j, 1)
            out[i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return out


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_gradient_of_singular_matrices_is_the_cofactors(rank):
    a = of_rank(4, rank)
    x = lucid.tensor(a, requires_grad=True)
    lucid.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), cofactors(a), atol=1e-12)
    assert gradgradcheck(lucid.det, [x])


def test_third_derivative_of_a_singular_matrix():
    x = lucid.tensor(of_rank(3, 1), requires_grad=True)

    def slope(x):
        (first,) = lucid.autograd.grad(lucid.det(x), x, create_graph=True)
        return (first**3).sum()

    assert gradgradcheck(slope, [x])


def test_a_batch_of_singular_and_regular_matrices():
    a = np.stack([of_rank(3, r) for r in (3, 1, 2)])
    x = lucid.tensor(a, requires_grad=True)
    lucid.det(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [cofactors(m) for m in a], atol=1e-12)


def test_nan_stays_in_its_matrix():
    a = np.stack([np.full((2, 2), np.nan), np.ones((2, 2))])
    x = lucid.tensor(a, requires_grad=True)
    lucid.det(x).sum().backward()
    assert np.isnan(x.grad.numpy()[0]).all()
    np.testing.assert_allclose(x.grad.numpy()[1], [[1, -1], [-1, 1]])


def test_slogdet_of_singular_matrices():
    x = lucid.tensor(np.stack([np.ones((2, 2)), 2 * np.eye(2)]), requires_grad=True)
    sign, size = lucid.slogdet(x)
    assert sign.tolist() == [0, 1]
    assert size[0] == -np.inf
    size.sum().backward()
    inf = np.inf
    np.testing.assert_allclose(x.grad.numpy(), [[[inf, -inf], [-inf, inf]], np.eye(2) / 2])


def test_slogdet_does_not_overflow():
    x = lucid.eye(400) * 1e30
    assert lucid.slogdet(x).logabsdet.item() == pytest.approx(400 * np.log(1e30), rel=1e-6)


def test_complex_gradients():
    x = lucid.tensor(RNG.standard_normal((3, 3)) + 1j * RNG.standard_normal((3, 3)))
    x.requires_grad = True
    for function in (lucid.det, lucid.slogdet, lucid.logdet):
        assert gradcheck(function, [x])
        assert gradgradcheck(function, [x])


def test_logdet_by_sign():
    matrices = np.stack([np.diag([1.0, s]) for s in (2.0, -1.0, 0.0)])
    np.testing.assert_allclose(lucid.logdet(lucid.tensor(matrices)), [np.log(2), np.nan, -np.inf])


def test_no_elements():
    assert lucid.det(lucid.zeros(2, 0, 0)).tolist() == [1, 1]
    assert lucid.linalg.slogdet(lucid.zeros(0, 0)).logabsdet == 0


@pytest.mark.parametrize("function", [lucid.det, lucid.slogdet, lucid.logdet])
def test_refusals(function):
    with pytest.raises(ShapeError, match=r"square matrices[\s\S]*float32\[2, 3\]"):
        function(lucid.zeros(2, 3))
    with pytest.raises(ShapeError, match="a matrix or a batch"):
        function(lucid.zeros(2))
    with pytest.raises(DTypeError, match="floating or complex"):
        function(lucid.ones(2, 2, dtype=lucid.int64))
    with pytest.raises(DTypeError, match="float16"):
        function(lucid.ones(2, 2, dtype=lucid.float16))
