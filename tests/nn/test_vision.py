"""grid_sample, affine_grid, pixels, channels, flattening: PyTorch's numbers, refusals."""

import itertools

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, ShapeError


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape)


def both(run, torch, *arrays):
    """Outputs and gradients here and in PyTorch."""
    found = []
    for library, functional in ((lucid, F), (torch, torch.nn.functional)):
        leaves = [library.tensor(array, requires_grad=True) for array in arrays]
        out = run(functional, *leaves)
        (out * library.tensor(drawn(*out.shape))).sum().backward()
        found.append([out.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)])
    return zip(*found, strict=True)


SAMPLING = [
    *itertools.product(["bilinear", "nearest"], ["zeros", "border", "reflection"], (2, 3)),
    *itertools.product(["bicubic"], ["zeros", "border", "reflection"], (2,)),
]


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize(("mode", "padding", "dims"), SAMPLING)
def test_grid_sample_is_pytorchs(mode, padding, dims, align):
    torch = pytest.importorskip("torch")
    x, grid = drawn(2, 3, *(5, 4, 6)[:dims]), drawn(2, *(3, 4, 5)[:dims], dims) * 1.2

    def run(functional, *tensors):
        return functional.grid_sample(*tensors, mode, padding, align)

    for ours, theirs in both(run, torch, x, grid):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_grid_sample_has_gradients_of_both_orders(mode):
    x = lucid.tensor(drawn(1, 2, 4, 5), requires_grad=True)
    grid = lucid.tensor(drawn(1, 2, 3, 2) * 0.4, requires_grad=True)
    for padding in ("zeros", "reflection"):
        call = lambda a, b, p=padding: F.grid_sample(a, b, mode, p)  # noqa: E731
        assert gradcheck(call, (x, grid))
        assert gradgradcheck(call, (x, grid))


def test_what_lies_outside_does_not_leak():
    x = lucid.full((1, 1, 2, 2), np.inf)
    out = F.grid_sample(x, lucid.tensor([[[[3.0, 3.0], [np.nan, 0.0]]]]))
    assert out[0, 0, 0, 0] == 0


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 5), (2, 3, 2, 4, 5)])
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
def test_affine_grid_is_pytorchs(size, align):
    torch = pytest.importorskip("torch")
    dims = len(size) - 2
    theta = drawn(2, dims, dims + 1)
    for ours, theirs in both(lambda f, t: f.affine_grid(t, size, align), torch, theta):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [
        ("PixelShuffle", (2,), (2, 8, 3, 4)),
        ("PixelShuffle", (3,), (9, 3, 4)),
        ("PixelUnshuffle", (2,), (2, 3, 4, 6)),
        ("PixelUnshuffle", (2,), (5, 2, 3, 4, 6)),
        ("ChannelShuffle", (3,), (2, 6, 3, 4)),
        ("Flatten", (), (2, 3, 4)),
        ("Flatten", (0, 1), (2, 3, 4)),
        ("Unflatten", (1, (2, -1)), (2, 6, 4)),
        ("Softmax2d", (), (2, 3, 4, 5)),
        ("Softmax2d", (), (3, 4, 5)),
    ],
)
def test_layers_are_pytorchs(name, args, shape):
    torch = pytest.importorskip("torch")
    ours, theirs = getattr(nn, name)(*args), getattr(torch.nn, name)(*args)
    run = lambda f, x: (ours if f is F else theirs)(x)  # noqa: E731
    for a, b in both(run, torch, drawn(*shape)):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert repr(ours) == repr(theirs)


X, GRID = (1, 2, 4, 6), (1, 3, 3, 2)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x, g: F.pixel_shuffle(x, 2), ShapeError, r"2, must be a multiple of 2\*\*2"),
        (lambda x, g: F.pixel_unshuffle(x, 5), ShapeError, "multiples of 5"),
        (lambda x, g: F.pixel_shuffle(x[0, 0], 1), ShapeError, "three dimensions"),
        (lambda x, g: F.channel_shuffle(x, 3), ShapeError, "divide the channels"),
        (lambda x, g: F.channel_shuffle(x, 0), ArgumentError, "must be positive"),
        (lambda x, g: nn.Unflatten("C", (1, 2)), DTypeError, "no names"),
        (lambda x, g: nn.Softmax2d()(x[0, 0]), ShapeError, r"\(C, H, W\)"),
        (lambda x, g: F.grid_sample(x, g, "cubic"), ArgumentError, "mode must be one of"),
        (lambda x, g: F.grid_sample(x, g[..., :1]), ShapeError, r"\(N, H_out, W_out, 2\)"),
        (lambda x, g: F.grid_sample(x, g.double()), DTypeError, "the same real floating dtype"),
        (lambda x, g: F.grid_sample(x[:0], g), ShapeError, "the same batch"),
        (lambda x, g: F.grid_sample([1.0], g), DTypeError, "takes tensors"),
        (lambda x, g: F.affine_grid(g[0], (1, 1, 2, 2)), ShapeError, r"\(N, 2, 3\)"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(*X), lucid.zeros(*GRID))
