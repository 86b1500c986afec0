"""What the tests of decompositions share: matrices, and the comparison with PyTorch."""

import numpy as np
import pytest

import lucid


def _draw(*shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        x = x + 1j * rng.standard_normal(shape)
    return x.astype(dtype)


def _weighted(outs, tensor):
    """One real number that depends on every element of the outputs, each in its own way."""
    total = 0.0
    for k, out in enumerate(out for out in outs if "int" not in str(out.dtype)):
        is_complex = "complex" in str(out.dtype)
        weights = _draw(*out.shape, dtype="complex128" if is_complex else "float64", seed=10 + k)
        product = out * tensor(weights)
        total = total + (product.real if is_complex else product).sum()
    return total


def _same_as_torch(ours, theirs, *arrays):
    torch = pytest.importorskip("torch")
    mine = [lucid.tensor(a, requires_grad=True) for a in arrays]
    other = [torch.tensor(a, requires_grad=True) for a in arrays]
    outs, expected = list(ours(*mine)), list(theirs(*other))
    for out, value in zip(outs, expected, strict=True):
        assert out.shape == tuple(value.shape)
        assert str(out.dtype) == str(value.dtype).removeprefix("torch.")
        np.testing.assert_allclose(
            out.detach().data, value.detach().resolve_conj().numpy(), 1e-9, 1e-9
        )
    _weighted(outs, lucid.tensor).backward()
    _weighted(expected, torch.tensor).backward()
    for x, t in zip(mine, other, strict=True):
        expected = 0 * t.detach() if t.grad is None else t.grad
        np.testing.assert_allclose(x.grad.data, expected.resolve_conj().numpy(), 1e-7, 1e-8)


def _twice_differentiable(function, *arrays):
    leaves = [lucid.tensor(a, requires_grad=True) for a in arrays]
    assert lucid.autograd.gradcheck(function, leaves, atol=1e-5)
    assert lucid.autograd.gradgradcheck(function, leaves, atol=1e-5)


@pytest.fixture
def draw():
    """``draw(3, 4, dtype=..., seed=...)`` is standard normal."""
    return _draw


@pytest.fixture
def same_as_torch():
    """Compares values and gradients: ``(ours, theirs, *arrays)``, both give several tensors."""
    return _same_as_torch


@pytest.fixture
def twice_differentiable():
    """Holds first and second derivatives against differences: ``(function, *arrays)``."""
    return _twice_differentiable
