"""Patches of images, and images from patches, beside PyTorch's."""

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, ShapeError

OPTIONS = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "padding": 1, "stride": (2, 1)},
    {"kernel_size": 2, "dilation": (2, 3), "padding": (0, 2)},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("lead", [(2,), ()])
def test_as_pytorch(options, lead):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((*lead, 3, 6, 7))
    mine, other = lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    cols, wanted = F.unfold(mine, **options), torch.nn.functional.unfold(other, **options)
    assert (cols.detach().numpy() == wanted.detach().numpy()).all()
    back = F.fold(cols * cols, (6, 7), **options)
    there = torch.nn.functional.fold(wanted * wanted, (6, 7), **options)
    np.testing.assert_allclose(back.detach().numpy(), there.detach().numpy(), rtol=1e-12)
    (back * back).sum().backward()
    (there * there).sum().backward()
    np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=1e-10)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: F.unfold(lucid.ones(4, 4), 2), ShapeError, "must have shape"),
        (lambda: F.unfold([1.0], 2), DTypeError, "takes tensors"),
        (lambda: F.unfold(lucid.ones(1, 2, 2), 3), ShapeError, r"reaches over \(3, 3\)"),
        (lambda: F.unfold(lucid.ones(1, 2, 2), 2, stride=0), ArgumentError, "stride must be"),
        (lambda: F.fold(lucid.ones(1, 5, 2), (2, 3), 2), ShapeError, "multiple of the 4"),
        (lambda: F.fold(lucid.ones(1, 4, 3), (2, 3), 2), ShapeError, "hold the 2 places"),
    ],
)
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()
