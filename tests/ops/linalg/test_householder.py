"""Householder reflections: PyTorch parity, and the gradient that PyTorch has not."""

import numpy as np
import pytest

import lucid

DTYPES = ["float64", "complex128"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2, 2), (3, 0), (0, 3)])
def test_geqrf(shape, dtype, draw):
    torch = pytest.importorskip("torch")
    a = draw(*shape, dtype=dtype)
    for out, value in zip(lucid.geqrf(lucid.tensor(a)), torch.geqrf(torch.tensor(a)), strict=True):
        assert out.shape == tuple(value.shape)
        np.testing.assert_allclose(out.data, value.numpy(), atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [0, 2, 3])
def test_product(count, dtype, draw, same_as_torch, twice_differentiable):
    torch = pytest.importorskip("torch")
    a, tau = draw(2, 4, 3, dtype=dtype), draw(2, count, dtype=dtype, seed=1)
    same_as_torch(
        lambda a, t: [lucid.linalg.householder_product(a, t)],
        lambda a, t: [torch.linalg.householder_product(a, t)],
        a,
        tau,
    )
    if count == 2:
        twice_differentiable(lambda a, t: a.orgqr(t), a[0], tau[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("transpose", [True, False])
def test_multiplied(left, transpose, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    packed, tau = lucid.geqrf(lucid.tensor(draw(2, 4, 3, dtype=dtype)))
    c = draw(2, 4, 2, dtype=dtype) if left else draw(2, 2, 4, dtype=dtype)
    same_as_torch(
        lambda a, t, c: [lucid.ormqr(a, t, c, left, transpose)],
        lambda a, t, c: [torch.ormqr(a, t, c, left, transpose)],
        packed.data,
        tau.data,
        c,
    )


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_way_there_and_back_has_the_gradient_of_qr(shape, draw):
    grads = []
    for decompose in (
        lambda x: lucid.linalg.qr(x)[0],
        lambda x: lucid.orgqr((f := lucid.geqrf(x)).a[..., : min(shape)], f.tau),
    ):
        x = lucid.tensor(draw(*shape), requires_grad=True)
        q = decompose(x)
        (q * lucid.tensor(draw(*q.shape, seed=1))).sum().backward()
        grads.append(x.grad.data)
    np.testing.assert_allclose(grads[0], grads[1], atol=1e-10)


def test_refused():
    with pytest.raises(ValueError, match="as many rows as columns"):
        lucid.linalg.householder_product(lucid.ones(2, 3), lucid.ones(2))
    for tau in (lucid.ones(3), lucid.ones(1, 2)):
        with pytest.raises(ValueError, match="one number for each reflection"):
            lucid.orgqr(lucid.ones(3, 2), tau)
    with pytest.raises(ValueError, match="as many rows as input"):
        lucid.ormqr(lucid.ones(3, 2), lucid.ones(2), lucid.ones(2, 2))
    with pytest.raises(ValueError, match="matrix"):
        lucid.geqrf(lucid.ones(3))
