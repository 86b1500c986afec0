"""Pseudoinverses, ranks and least squares: deficient rank, tolerances, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, LinAlgError, ShapeError

RNG = np.random.default_rng(0)
LOW = RNG.standard_normal((5, 2)) @ RNG.standard_normal((2, 4))


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3), (2, 0), (0, 2), (2, 0, 3, 3)])
def test_pinv_is_numpys(shape):
    a = RNG.standard_normal(shape)
    np.testing.assert_allclose(lucid.linalg.pinv(lucid.tensor(a)), np.linalg.pinv(a), atol=1e-12)


def test_pinv_of_deficient_rank():
    found = lucid.linalg.pinv(lucid.tensor(LOW)).numpy()
    np.testing.assert_allclose(found, np.linalg.pinv(LOW, rcond=1e-12), atol=1e-12)

    def within_rank(left, right):  # the gradient is that at constant rank
        return lucid.linalg.pinv(left @ right, rtol=1e-8)

    factors = [RNG.standard_normal((5, 2)), RNG.standard_normal((2, 4))]
    leaves = [lucid.tensor(x, requires_grad=True) for x in factors]
    assert gradcheck(within_rank, leaves)
    assert gradgradcheck(within_rank, leaves)


def test_hermitian():
    a = RNG.standard_normal((2, 3, 3)) + 1j * RNG.standard_normal((2, 3, 3))
    a = a + a.swapaxes(-1, -2).conj()
    a[0] -= np.linalg.eigvalsh(a[0])[0] * np.eye(3)
    x = lucid.tensor(a)
    plain, special = lucid.linalg.pinv(x), lucid.linalg.pinv(x, hermitian=True)
    np.testing.assert_allclose(special.numpy(), plain.numpy(), atol=1e-9)
    assert lucid.linalg.matrix_rank(x, hermitian=True).tolist() == [2, 3]


def test_tolerances():
    a = lucid.diag(lucid.tensor([4.0, 2.0, 1.0, 1e-9]))
    rank = lucid.linalg.matrix_rank
    assert rank(a) == 3
    assert rank(a, 1.5) == 2
    assert rank(a, atol=1.0) == 2
    assert rank(a, atol=1e-12) == 4  # an absolute tolerance stands alone
    assert rank(a, rtol=0.4) == 2
    assert rank(a, atol=3.0, rtol=0.4) == 1
    assert rank(a.expand(2, 4, 4), atol=lucid.tensor([1.5, 3.0])).tolist() == [2, 1]
    for options in ({"rtol": 0.4}, {"rcond": 0.4}, {"atol": 1.0}):
        np.testing.assert_allclose(
            lucid.linalg.pinv(a, **options), np.diag([0.25, 0.5, 0, 0]), atol=1e-7
        )


def test_ranks_of_no_elements():
    assert lucid.linalg.matrix_rank(lucid.zeros(2, 0, 3)).tolist() == [0, 0]
    assert lucid.linalg.matrix_rank(lucid.zeros(3, 3)) == 0


@pytest.mark.parametrize("driver", ["gels", "gelsy", "gelsd", "gelss"])
def test_what_lstsq_gives_beside(driver):
    torch = pytest.importorskip("torch")
    a, b = RNG.standard_normal((2, 4, 2)), RNG.standard_normal((2, 4, 3))
    found = lucid.linalg.lstsq(lucid.tensor(a), lucid.tensor(b), driver=driver)
    expected = torch.linalg.lstsq(torch.tensor(a), torch.tensor(b), driver=driver)
    for name in ("solution", "residuals", "rank", "singular_values"):
        x, y = getattr(found, name).numpy(), getattr(expected, name).numpy()
        if name != "residuals" or driver != "gelsy":
            assert x.dtype == y.dtype
            np.testing.assert_allclose(x, y, atol=1e-12)


def test_lstsq_of_deficient_rank_is_the_shortest():
    b = RNG.standard_normal(5)
    found = lucid.linalg.lstsq(lucid.tensor(LOW), lucid.tensor(b))
    np.testing.assert_allclose(found.solution, np.linalg.pinv(LOW, rcond=1e-12) @ b, atol=1e-12)
    assert found.rank == 2
    assert found.residuals.shape == (0,)


def test_lstsq_broadcasts():
    a, b = RNG.standard_normal((2, 1, 4, 2)), RNG.standard_normal((3, 4, 1))
    found = lucid.linalg.lstsq(lucid.tensor(a), lucid.tensor(b)).solution
    np.testing.assert_allclose(found, np.linalg.pinv(a) @ b, atol=1e-12)


def test_refusals():
    with pytest.raises(ShapeError, match="a matrix or a batch"):
        lucid.linalg.pinv(lucid.ones(3))
    with pytest.raises(ShapeError, match="square"):
        lucid.linalg.matrix_rank(lucid.ones(2, 3), hermitian=True)
    with pytest.raises(DTypeError, match="floating"):
        lucid.linalg.pinv(lucid.ones(2, 2, dtype=lucid.int32))
    with pytest.raises(LinAlgError, match="NaN or infinities"):
        lucid.linalg.pinv(lucid.full((2, 2), float("nan")))
    with pytest.raises(ArgumentError, match="rtol must be real"):
        lucid.linalg.pinv(lucid.ones(2, 2), rtol=1j)
    with pytest.raises(ArgumentError, match="one of gels"):
        lucid.linalg.lstsq(lucid.ones(2, 2), lucid.ones(2, 1), driver="qr")
    with pytest.raises(ShapeError, match="as many rows"):
        lucid.linalg.lstsq(lucid.ones(3, 2), lucid.ones(2, 1))
