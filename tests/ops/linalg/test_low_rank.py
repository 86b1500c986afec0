"""Singular values of large matrices: those of a small rank are found exactly."""

import numpy as np
import pytest

import lucid


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("shape", [(20, 8), (8, 20), (2, 3, 15, 9)])
def test_a_small_rank_is_found(shape, dtype, draw):
    *batch, m, n = shape
    a = draw(*batch, m, 3, dtype=dtype) @ draw(*batch, 3, n, dtype=dtype, seed=1)
    u, s, v = lucid.svd_lowrank(lucid.tensor(a), q=4)
    assert u.shape == (*batch, m, 4)
    assert v.shape == (*batch, n, 4)
    np.testing.assert_allclose(((u * s.unsqueeze(-2)) @ v.mT.conj()).data, a, atol=1e-9)
    np.testing.assert_allclose(
        s.data[..., :3], np.linalg.svd(a, compute_uv=False)[..., :3], rtol=1e-9
    )


def test_what_is_taken_off(draw):
    a, off = draw(6, 4), draw(1, 4, seed=1)
    found = lucid.svd_lowrank(lucid.tensor(a), q=4, M=lucid.tensor(off))
    np.testing.assert_allclose(found.S.data, np.linalg.svd(a - off, compute_uv=False))


def test_components(draw):
    torch = pytest.importorskip("torch")
    a = draw(30, 5) * [5, 4, 3, 2, 1]
    found = lucid.pca_lowrank(lucid.tensor(a))
    expected = torch.pca_lowrank(torch.tensor(a))
    np.testing.assert_allclose(found.S.data, expected[1].numpy())
    np.testing.assert_allclose(abs(found.V.data), abs(expected[2].numpy()), atol=1e-9)
    raw = lucid.pca_lowrank(lucid.tensor(a), q=5, center=False)
    np.testing.assert_allclose(raw.S.data, np.linalg.svd(a, compute_uv=False))


def test_gradients_are_those_of_all_singular_values(draw):
    a = draw(6, 4)
    grads = []
    for values in (lucid.linalg.svdvals, lambda x: lucid.svd_lowrank(x, q=4).S):
        x = lucid.tensor(a, requires_grad=True)
        (values(x) ** 3).sum().backward()
        grads.append(x.grad.data)
    np.testing.assert_allclose(grads[0], grads[1], atol=1e-9)


@pytest.mark.parametrize("call", [lucid.svd_lowrank, lucid.pca_lowrank])
def test_refused(call):
    with pytest.raises(ValueError, match=r"between 0 and min\(m, n\) = 2"):
        call(lucid.ones(3, 2), q=3)
    with pytest.raises(ValueError, match="niter"):
        call(lucid.ones(3, 2), q=1, niter=-1)
    with pytest.raises(ValueError, match="matrix"):
        call(lucid.ones(3))
