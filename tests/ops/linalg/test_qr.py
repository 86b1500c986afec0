"""QR decompositions: PyTorch parity in all shapes and modes."""

import numpy as np
import pytest

import lucid

SHAPES = [(3, 3), (5, 2), (2, 5), (2, 1, 4, 3), (2, 3, 4), (1, 1), (0, 3, 3), (3, 0), (0, 3)]


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("shape", SHAPES)
def test_as_pytorch(shape, dtype, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    same_as_torch(lucid.linalg.qr, torch.linalg.qr, draw(*shape, dtype=dtype))


@pytest.mark.parametrize("shape", [(2, 3), (3, 3)])
def test_complete_is_differentiable_for_wide_ones(shape, draw, same_as_torch):
    torch = pytest.importorskip("torch")
    same_as_torch(
        lambda x: lucid.qr(x, some=False),
        lambda x: torch.linalg.qr(x, mode="complete"),
        draw(*shape),
    )


@pytest.mark.parametrize("mode", ["complete", "r"])
@pytest.mark.parametrize("shape", SHAPES)
def test_other_modes(shape, mode, draw):
    torch = pytest.importorskip("torch")
    a = draw(*shape)
    for out, value in zip(
        lucid.linalg.qr(lucid.tensor(a), mode), torch.linalg.qr(torch.tensor(a), mode), strict=True
    ):
        assert out.shape == tuple(value.shape)
        np.testing.assert_allclose(out.data, value.numpy(), atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (3, 2), (2, 3)])
def test_one_output_alone(shape, draw, twice_differentiable):
    for place in (0, 1):
        twice_differentiable(lambda x, i=place: lucid.linalg.qr(x)[i], draw(*shape))


def test_refused():
    with pytest.raises(ValueError, match="'reduced', 'complete' or 'r'"):
        lucid.linalg.qr(lucid.eye(2), "economic")
    x = lucid.ones(3, 2, requires_grad=True)
    for mode, words in [("r", "depends on Q"), ("complete", "more rows than columns")]:
        with pytest.raises(RuntimeError, match=words):
            lucid.linalg.qr(x, mode).R.sum().backward()
