"""Smooth activations: limits, the two kinds of gelu, halving for glu."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, IndexingError, ShapeError


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_gates_open_to_the_right_and_close_to_the_left(name: str) -> None:
    y = getattr(lucid, name)(lucid.tensor([50.0, 0.0, -200.0], dtype=lucid.float64))
    np.testing.assert_allclose(y.numpy(), [50.0, 0.0, 0.0], atol=1e-30)


def test_gelu_keeps_its_digits_in_the_left_tail() -> None:
    y = lucid.gelu(lucid.tensor([-10.0], dtype=lucid.float64))
    np.testing.assert_allclose(y.numpy(), [-7.619853024160527e-23], rtol=1e-13)  # -10 Phi(-10)


def test_the_two_kinds_of_gelu_are_close() -> None:
    x = lucid.linspace(-4, 4, 101)
    exact, fitted = lucid.gelu(x), lucid.gelu(x, approximate="tanh")
    assert 1e-5 < (exact - fitted).abs().max().item() < 1e-3
    with pytest.raises(ArgumentError, match="'none' or 'tanh', not 'fast'"):
        lucid.gelu(x, approximate="fast")


def test_glu() -> None:
    x = lucid.tensor([[1.0, 2.0], [0.0, 0.0]])
    assert lucid.glu(x, dim=0).tolist() == [[0.5, 1.0]]
    assert lucid.glu(x, axis=0).tolist() == [[0.5, 1.0]]
    assert lucid.glu(lucid.ones(0, 4)).shape == (0, 2)
    with pytest.raises(ShapeError, match=r"glu: the length of dimension 0 must be even"):
        lucid.glu(lucid.ones(3))
    with pytest.raises(IndexingError):
        lucid.glu(x, dim=2)


def test_softsign_has_an_exact_slope_far_out() -> None:
    x = lucid.tensor([1e4]).requires_grad_()
    lucid.softsign(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1 / 10001.0**2], rtol=1e-6)
