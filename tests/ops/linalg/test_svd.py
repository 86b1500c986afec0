"""Singular values and vectors: what is determined of them, and PyTorch parity of that."""

import numpy as np
import pytest

import lucid

DTYPES = ["float64", "complex128"]
SHAPES = [(3, 3), (4, 2), (2, 4), (2, 3, 2), (1, 1), (0, 2, 2), (2, 0)]


def invariants(svd):
    """Functions of the singular vectors that neither signs nor phases change."""

    def parts(x):
        u, s, vh = svd(x)
        return [u[..., :1, :].conj() * u, s, vh.abs(), (u * s[..., None, :]) @ vh]

    return parts


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_as_pytorch(shape, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    same_as_torch(
        invariants(lambda x: lucid.linalg.svd(x, full_matrices=False)),
        invariants(lambda x: torch.linalg.svd(x, full_matrices=False)),
        draw(*shape, dtype=dtype),
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_full_matrices(shape, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    k = min(shape)
    same_as_torch(
        lambda x: [(f := lucid.linalg.svd(x)).U[..., :k].abs(), f.S, f.Vh[:k].abs()],
        lambda x: [(f := torch.linalg.svd(x)).U[..., :k].abs(), f.S, f.Vh[:k].abs()],
        draw(*shape, dtype=dtype),
    )
    u, _, vh = lucid.linalg.svd(lucid.tensor(draw(*shape, dtype=dtype)))
    np.testing.assert_allclose((u.mT.conj() @ u).data, np.eye(shape[0]), atol=1e-12)
    np.testing.assert_allclose((vh.mT.conj() @ vh).data, np.eye(shape[1]), atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_values_alone(shape, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    a = draw(*shape, dtype=dtype)
    same_as_torch(lambda x: [lucid.linalg.svdvals(x)], lambda x: [torch.linalg.svdvals(x)], a)


def test_values_that_are_equal_have_a_gradient():
    x = lucid.eye(3, requires_grad=True)
    lucid.linalg.svdvals(x).sum().backward()
    np.testing.assert_allclose(x.grad.data, np.eye(3), atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 3), (3, 2), (2, 3)])
def test_complex_vectors_twice(shape, draw, twice_differentiable):
    def projection(x):
        u, s, vh = lucid.linalg.svd(x, full_matrices=False)
        return u[..., :1] @ vh[..., :1, :], s

    twice_differentiable(projection, draw(*shape, dtype="complex128"))


def test_phases_count_for_nothing(draw):
    x = lucid.tensor(draw(3, 3, dtype="complex128"), requires_grad=True)
    with pytest.raises(RuntimeError, match="phase"):
        lucid.linalg.svd(x).U.real.sum().backward()


def test_older_form(draw):
    torch = pytest.importorskip("torch")
    a = draw(2, 4, 3)
    for some in (True, False):
        for vectors in (True, False):
            found = lucid.svd(lucid.tensor(a), some, vectors)
            expected = torch.svd(torch.tensor(a), some, vectors)
            np.testing.assert_allclose(found.S.data, expected.S.numpy())
            assert found.V.shape == tuple(expected.V.shape)
            if vectors:
                np.testing.assert_allclose(abs(found.V.data), abs(expected.V.numpy()), atol=1e-12)
            else:
                assert not found.U.data.any()
                assert found.U.shape == (2, 4, 4)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_finite(bad):
    a = np.stack([np.eye(2), np.full((2, 2), bad)])
    for call in (lucid.linalg.svd, lucid.linalg.svdvals):
        with pytest.raises(lucid.linalg.LinAlgError, match=r"batch element 1: .*NaN or infinite"):
            call(lucid.tensor(a))


def test_refused():
    with pytest.raises(ValueError, match="matrix"):
        lucid.linalg.svd(lucid.ones(3))
    with pytest.raises(TypeError, match="floating or complex"):
        lucid.linalg.svdvals(lucid.ones(2, 2, dtype=lucid.int64))
    with pytest.raises(TypeError, match="float16"):
        lucid.linalg.svd(lucid.ones(2, 2, dtype=lucid.float16))
