"""sin(t) / t: its derivatives keep their digits near 0."""

from __future__ import annotations

import numpy as np
import pytest

import lucid


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_derivatives_are_the_means_of_cosines(order: int) -> None:
    t = np.array([0.0, 1e-9, -1e-4, 0.01, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, -4.0, 5.0, 8.0, 20.0])
    leaf = lucid.Tensor(t, dtype=t.dtype, requires_grad=True)
    value = lucid.special.spherical_bessel_j0(leaf)
    for _ in range(order):
        (value,) = lucid.autograd.grad(value.sum(), leaf, create_graph=True)
    nodes, weights = np.polynomial.legendre.leggauss(40)  # of u^n cos(t u + n pi / 2) on [0, 1]
    u = (nodes + 1) / 2
    known = (u**order * np.cos(t[:, None] * u + order * np.pi / 2) * weights).sum(1) / 2
    np.testing.assert_allclose(value.detach().numpy(), known, rtol=1e-12, atol=2e-16)


def test_sinc_is_numpys() -> None:
    x = np.concatenate([np.linspace(-5, 5, 101), [0.0, -0.0, np.inf, np.nan]])
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(lucid.sinc(lucid.tensor(x)).numpy(), np.sinc(x), rtol=1e-15)


def test_complex_numbers() -> None:
    torch = pytest.importorskip("torch")
    z = np.array([0.0, 0.3 - 0.2j, 1 + 1j, -2.5j])
    ours = lucid.Tensor(z, dtype=z.dtype, requires_grad=True)
    theirs = torch.tensor(z, requires_grad=True)
    value, wanted = lucid.sinc(ours), torch.sinc(theirs)
    np.testing.assert_allclose(value.detach().numpy(), wanted.numpy(force=True), rtol=1e-13)
    value.backward(lucid.tensor(np.array([1, 1j, 2 - 1j, 1])))
    wanted.backward(torch.tensor(np.array([1, 1j, 2 - 1j, 1])))
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12)
