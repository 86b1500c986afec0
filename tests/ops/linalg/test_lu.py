"""LU and LDL factors, and what is solved with them: PyTorch parity."""

import numpy as np
import pytest

import lucid

DTYPES = ["float64", "complex128"]
SHAPES = [(3, 3), (5, 3), (3, 5), (2, 1, 4, 4), (1, 1), (0, 2, 2), (3, 0), (40, 40), (50, 20)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_as_pytorch(shape, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    a = draw(*shape, dtype=dtype)
    same_as_torch(lambda x: lucid.linalg.lu(x)[1:], lambda x: torch.linalg.lu(x)[1:], a)
    same_as_torch(lucid.linalg.lu_factor, torch.linalg.lu_factor, a)
    found, expected = lucid.linalg.lu(lucid.tensor(a)).P, torch.linalg.lu(torch.tensor(a)).P
    np.testing.assert_array_equal(found.data, expected.numpy())


def test_without_pivots(draw, twice_differentiable):
    a = draw(3, 3) + 4 * np.eye(3)
    P, L, U = lucid.linalg.lu(lucid.tensor(a), pivot=False)
    assert P.shape == (0,)
    np.testing.assert_allclose((L @ U).data, a)
    twice_differentiable(lambda x: lucid.linalg.lu(x, pivot=False)[1:], a)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("adjoint", [True, False])
def test_solved(left, adjoint, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    packed, pivots, _ = torch.linalg.lu_factor_ex(torch.tensor(draw(2, 3, 3, dtype=dtype)))
    b = draw(2, 3, 4, dtype=dtype, seed=1) if left else draw(2, 4, 3, dtype=dtype, seed=1)
    exchanges = lucid.tensor(pivots.numpy())
    options = {"left": left, "adjoint": adjoint}
    same_as_torch(
        lambda f, b: [lucid.linalg.lu_solve(f, exchanges, b, **options)],
        lambda f, b: [torch.linalg.lu_solve(f, pivots, b, **options)],
        packed.numpy(),
        b,
    )


def test_solved_with_broadcast_batches(draw):
    a, b = draw(2, 3, 3), draw(4, 1, 3, 2, seed=1)
    factors = lucid.linalg.lu_factor(lucid.tensor(a))
    found = lucid.linalg.lu_solve(*factors, lucid.tensor(b))
    np.testing.assert_allclose(found.data, np.linalg.solve(a, b))
    one = lucid.tensor(b[0, 0])
    np.testing.assert_allclose(
        one.lu_solve(*factors).data, np.linalg.solve(a, np.broadcast_to(b[0, 0], (2, 3, 2)))
    )


def test_singular_ones():
    torch = pytest.importorskip("torch")
    a = np.stack([np.eye(3), np.ones((3, 3)), np.zeros((3, 3))])
    found = lucid.linalg.lu_factor_ex(lucid.tensor(a))
    expected = torch.linalg.lu_factor_ex(torch.tensor(a))
    for out, value in zip(found, expected, strict=True):
        np.testing.assert_array_equal(out.data, value.numpy())
    for call in (lucid.linalg.lu_factor, lucid.lu):
        with pytest.raises(lucid.linalg.LinAlgError, match=r"batch element 1: .* pivot 2 is zero"):
            call(lucid.tensor(a))
    assert lucid.tensor(a).lu(get_infos=True).info.tolist() == [0, 2, 1]
    assert lucid.linalg.lu(lucid.tensor(a)).U.shape == (3, 3, 3)


def test_unpacked(draw):
    torch = pytest.importorskip("torch")
    a = draw(2, 4, 3)
    factors = lucid.lu(lucid.tensor(a))
    for options in ({}, {"unpack_data": False}, {"unpack_pivots": False}):
        found = lucid.lu_unpack(*factors, **options)
        expected = torch.lu_unpack(*(torch.tensor(x.data) for x in factors), **options)
        for out, value in zip(found, expected, strict=True):
            assert out.shape == tuple(value.shape)
            np.testing.assert_array_equal(out.data, value.numpy())


def test_refused():
    packed, pivots = lucid.linalg.lu_factor(lucid.eye(2))
    with pytest.raises(ValueError, match="between 1 and 2"):
        lucid.lu_unpack(packed, pivots - 1)
    with pytest.raises(ValueError, match="must be integers"):
        lucid.linalg.lu_solve(packed, pivots.float(), packed)
    with pytest.raises(ValueError, match="as many rows as LU"):
        lucid.linalg.lu_solve(packed, pivots, lucid.ones(3, 1))
    with pytest.raises(ValueError, match="2 pivots for each"):
        lucid.lu_unpack(packed, pivots[:1])


# ---- LDL ------------------------------------------------------------------------------


def symmetric(x, hermitian, hollow):
    x = x + (x.conj() if hermitian else x).swapaxes(-2, -1)
    return x * (1 - np.eye(x.shape[-1])) if hollow else x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hermitian", [False, True])
@pytest.mark.parametrize("hollow", [False, True])
@pytest.mark.parametrize("n", [0, 2, 3, 8, 70])
def test_ldl_as_pytorch(n, hollow, hermitian, dtype, draw):
    torch = pytest.importorskip("torch")
    a = symmetric(draw(2, n, n, dtype=dtype), hermitian, hollow)
    found = lucid.linalg.ldl_factor(lucid.tensor(a), hermitian=hermitian)
    expected = torch.linalg.ldl_factor(torch.tensor(a), hermitian=hermitian)
    np.testing.assert_array_equal(found.pivots.data, expected.pivots.numpy())
    np.testing.assert_allclose(found.LD.data, np.tril(expected.LD.numpy()), 1e-7, 1e-9)
    for shape in ((2, n, 3), (n, 1), (3, 1, n, 2)):
        b = draw(*shape, dtype=dtype, seed=1)
        x = lucid.linalg.ldl_solve(*found, lucid.tensor(b), hermitian=hermitian)
        np.testing.assert_allclose(a @ x.data, np.broadcast_to(b, x.shape), atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hermitian", [False, True])
@pytest.mark.parametrize("hollow", [False, True])
def test_ldl_solves_with_gradients(hollow, hermitian, dtype, draw, twice_differentiable):
    a = symmetric(draw(4, 4, dtype=dtype), hermitian, hollow)
    b = draw(4, 2, dtype=dtype, seed=1)

    def solution(x, b):
        x = (x + (x.mT.conj() if hermitian else x.mT)) / 2
        factors = lucid.linalg.ldl_factor(x, hermitian=hermitian)
        return lucid.linalg.ldl_solve(*factors, b, hermitian=hermitian)

    twice_differentiable(solution, a, b)


def test_ldl_refused():
    zero = lucid.zeros(2, 2)
    with pytest.raises(lucid.linalg.LinAlgError, match="pivot 1 is zero"):
        lucid.linalg.ldl_factor(zero)
    factors = lucid.linalg.ldl_factor(lucid.eye(2))
    with pytest.raises(ValueError, match="as many rows as LD"):
        lucid.linalg.ldl_solve(*factors, lucid.ones(3, 1))
    with pytest.raises(ValueError, match="between 1 and 2"):
        lucid.linalg.ldl_solve(factors.LD, factors.pivots + 2, lucid.ones(2, 1))
