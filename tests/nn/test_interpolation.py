"""interpolate: every mode against PyTorch's, values and gradients; refusals."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.testing.cases import kernels

LENGTHS = {1: (9,), 2: (6, 9), 3: (3, 5, 4)}
MODES = {
    "nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "area": (1, 2, 3),
    "linear": (1,), "bilinear": (2,), "trilinear": (3,), "bicubic": (2,),
}  # fmt: skip
HOW = [
    {"size": 7},
    {"size": 13},
    {"size": 1},
    {"scale_factor": 2},
    {"scale_factor": 1.7},
    {"scale_factor": 0.6},
    {"scale_factor": 1.7, "recompute_scale_factor": True},
]
CORNERS = [{}, {"align_corners": True}, {"align_corners": False}]
CASES = [
    (mode, dims, {**how, **more})
    for mode, counts in MODES.items()
    for dims in counts
    for how in HOW
    for more in (CORNERS if "linear" in mode or "cubic" in mode else [{}])
]
CASES += [
    (mode, 2, {**how, "antialias": True, "align_corners": corners})
    for mode in ("bilinear", "bicubic")
    for how in HOW
    for corners in (False, True)
]


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize(("mode", "dims", "options"), CASES)
def test_values_and_gradients_are_pytorchs(mode, dims, options, on):
    torch = pytest.importorskip("torch")
    x, found = drawn(2, 3, *LENGTHS[dims]), []
    for library, functional in ((lucid, F), (torch, torch.nn.functional)):
        leaf = library.tensor(x, requires_grad=True)
        with kernels(on):
            out = functional.interpolate(leaf, mode=mode, **options)
            (out * library.tensor(drawn(*out.shape))).sum().backward()
        found.append((out.detach().numpy(), leaf.grad.numpy()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Upsample", {"scale_factor": 2}),
        ("Upsample", {"size": (5, 7), "mode": "bilinear", "align_corners": True}),
        ("Upsample", {"scale_factor": (1.5, 2), "mode": "bicubic"}),
        ("UpsamplingNearest2d", {"scale_factor": 2}),
        ("UpsamplingBilinear2d", {"size": (5, 7)}),
    ],
)
def test_layers_are_pytorchs(name, options):
    torch = pytest.importorskip("torch")
    x = drawn(2, 3, 4, 5)
    ours, theirs = getattr(nn, name)(**options), getattr(torch.nn, name)(**options)
    want = theirs(torch.tensor(x)).numpy()
    np.testing.assert_allclose(ours(lucid.tensor(x)).numpy(), want, rtol=1e-12, atol=1e-14)
    assert repr(ours) == repr(theirs)


def test_layouts_and_dtypes():
    x = lucid.tensor(drawn(2, 4, 5, 3)).permute(0, 3, 1, 2)
    want = F.interpolate(x.contiguous(), 7, mode="bilinear")
    assert (F.interpolate(x, 7, mode="bilinear") == want).all()
    assert F.interpolate(x.half(), 7, mode="bilinear").dtype == lucid.float16
    assert F.interpolate(x[:0], 7).shape == (0, 3, 7, 7)
    same = F.interpolate(x, (4, 5))
    assert same is not x
    assert (same == x).all()


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: F.interpolate(x), ArgumentError, "one of size and scale_factor"),
        (lambda x: F.interpolate(x, 2, 2), ArgumentError, "one of size and scale_factor"),
        (lambda x: F.interpolate(x, 2, mode="cubic"), ArgumentError, "mode must be one of"),
        (lambda x: F.interpolate(x, 2, mode="linear"), ShapeError, "takes an input of 3 dim"),
        (lambda x: F.interpolate(x, 2, align_corners=True), ArgumentError, "goes with the linear"),
        (lambda x: F.interpolate(x, 2, antialias=True), ArgumentError, "goes with bilinear"),
        (lambda x: F.interpolate(x, (1, 2, 3)), ArgumentError, "one integer, or 2"),
        (lambda x: F.interpolate(x, 2.5), DTypeError, "size must be an integer"),
        (lambda x: F.interpolate(x, 0), ShapeError, "can be empty"),
        (lambda x: F.interpolate(x, scale_factor=-1), ArgumentError, "one positive number"),
        (lambda x: F.interpolate(x, 2, recompute_scale_factor=True), ArgumentError, "goes with sc"),
        (lambda x: F.interpolate([1.0], 2), DTypeError, "takes tensors"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(1, 2, 3, 4))
