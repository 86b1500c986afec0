"""Pooling: layers and functions against PyTorch's over their options, references, refusals."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError
from lucid.testing.cases import kernels

SHAPES = {1: (9,), 2: (7, 9), 3: (5, 6, 7)}
MAX = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 1, "dilation": 2},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True, "dilation": 2},
]
AVERAGE = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True, "count_include_pad": False},
]
LAYERS = [
    *((f"MaxPool{d}d", d, o) for d in SHAPES for o in MAX),
    *((f"AvgPool{d}d", d, o) for d in SHAPES for o in AVERAGE),
    *((f"AvgPool{d}d", d, {"kernel_size": 2, "divisor_override": 3}) for d in (2, 3)),
    *((f"Adaptive{k}Pool{d}d", d, {"output_size": n}) for k in ("Max", "Avg") for d in SHAPES
      for n in (1, 3, 10)),
    *((f"Adaptive{k}Pool2d", 2, {"output_size": (None, 4)}) for k in ("Max", "Avg")),
    *((f"LPPool{d}d", d, {"norm_type": p, "kernel_size": 2, "stride": s, "ceil_mode": c})
      for d in SHAPES for p in (2, 3.0) for s, c in ((None, False), (3, True))),
]  # fmt: skip


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("batch", [(3,), (2, 3)])
@pytest.mark.parametrize(("name", "dims", "options"), LAYERS)
def test_layers_are_pytorchs(name, dims, options, batch, on):
    torch = pytest.importorskip("torch")
    x = drawn(*batch, *SHAPES[dims])
    x = np.abs(x) if name.startswith("LP") else x
    found = []
    with kernels(on):
        for library in (lucid, torch):
            layer = getattr(library.nn, name)(**options)
            leaf = library.tensor(x, requires_grad=True)
            out = layer(leaf)
            (out * library.tensor(drawn(*out.shape))).sum().backward()
            found.append((out.detach().numpy(), leaf.grad.numpy(), repr(layer)))
    (out, grad, text), (want, want_grad, want_text) = found
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(grad, want_grad, rtol=1e-12, atol=1e-14)
    assert text == want_text


@pytest.mark.parametrize("dims", SHAPES)
@pytest.mark.parametrize("options", MAX)
def test_places_and_the_way_back(dims, options):
    torch = pytest.importorskip("torch")
    x = drawn(2, 3, *SHAPES[dims])
    back = {key: options[key] for key in ("kernel_size", "stride", "padding") if key in options}
    found = []
    for library in (lucid, torch):
        leaf = library.tensor(x, requires_grad=True)
        pool = getattr(library.nn, f"MaxPool{dims}d")(**options, return_indices=True)
        values, places = pool(leaf)
        found.append(places.numpy())
        if options.get("dilation", 1) == 1 and not options.get("ceil_mode"):
            # several windows can choose one element, and then only one of the writes is seen
            unpool = getattr(library.nn, f"MaxUnpool{dims}d")(**back)
            out = unpool(values, places, output_size=x.shape)
            out.square().sum().backward()
            found += [out.detach().numpy(), leaf.grad.numpy()]
    for ours, theirs in zip(found[: len(found) // 2], found[len(found) // 2 :], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("how", [{"output_size": 3}, {"output_ratio": 0.6}])
def test_fractional_by_given_samples(dims, how):
    torch = pytest.importorskip("torch")
    x, samples = drawn(2, 3, *SHAPES[dims]), np.random.default_rng(1).random((2, 3, dims))
    found = []
    for library in (lucid, torch):
        layer = getattr(library.nn, f"FractionalMaxPool{dims}d")
        layer = layer(2, **how, return_indices=True, _random_samples=library.tensor(samples))
        found.append([part.numpy() for part in layer(library.tensor(x))])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_fractional_repeats_by_the_seed():
    pool = nn.FractionalMaxPool2d(2, output_size=(3, 5))
    x = lucid.tensor(drawn(2, 3, 7, 9))
    lucid.manual_seed(4)
    first = pool(x)
    lucid.manual_seed(4)
    assert (pool(x) == first).all()


@pytest.mark.parametrize("on", [False, True])
def test_special_values_are_pytorchs(on):
    torch = pytest.importorskip("torch")
    inf, nan = np.inf, np.nan
    x = np.array([[nan, 1, nan, -inf, -inf, 2, 2, inf]])
    with kernels(on):
        ours = F.max_pool1d(lucid.tensor(x), 4, 2, return_indices=True)
        mean = F.avg_pool1d(lucid.tensor(x), 2, 1)
    theirs = torch.nn.functional.max_pool1d(torch.tensor(x), 4, 2, return_indices=True)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    want = torch.nn.functional.avg_pool1d(torch.tensor(x), 2, 1)
    np.testing.assert_array_equal(mean.numpy(), want.numpy())


def test_dtypes_and_layouts():
    x = lucid.tensor(drawn(2, 8, 8, 3)).permute(0, 3, 1, 2)
    assert (F.max_pool2d(x, 2) == F.max_pool2d(x.contiguous(), 2)).all()
    assert (F.avg_pool2d(x, 2) == F.avg_pool2d(x.contiguous(), 2)).all()
    whole = lucid.tensor([[1, 5, 2, 3]])
    assert F.max_pool1d(whole, 2).tolist() == [[5, 3]]
    assert F.max_pool1d(x.half()[0, 0], 2).dtype == lucid.float16
    assert F.avg_pool1d(lucid.full((1, 8), 60000.0).half(), 8).tolist() == [[60000.0]]
    assert F.max_pool2d(x[:0], 2).shape == (0, 3, 4, 4)
    assert F.avg_pool2d(x[:0], 2).shape == (0, 3, 4, 4)
    assert F.adaptive_avg_pool2d(x, 0).shape == (2, 3, 0, 0)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: F.max_pool2d(x[0, 0], 2), ShapeError, r"max_pool2d.*\(N, C, H, W\)"),
        (lambda x: F.max_pool2d(x, 9), ShapeError, "a window reaches over 9, and the padded inp"),
        (lambda x: F.max_pool2d(x, 2, padding=2), ArgumentError, "between 0 and half"),
        (lambda x: F.max_pool2d(x, 0), ArgumentError, "must be positive"),
        (lambda x: F.max_pool2d(x, (2, 2, 2)), ArgumentError, "one integer, or 2"),
        (lambda x: F.max_pool2d(x, 2.0), DTypeError, "kernel_size must be"),
        (lambda x: F.max_pool2d(x.to(lucid.complex64), 2), DTypeError, "have no order"),
        (lambda x: F.max_pool2d([[1.0]], 2), DTypeError, "takes tensors"),
        (lambda x: F.max_pool2d(x[:, :, :0], 1), ShapeError, "may be empty"),
        (lambda x: F.avg_pool2d(x, 2, divisor_override=0), ArgumentError, "must not be zero"),
        (lambda x: F.adaptive_avg_pool2d(x, (1, 2, 3)), ArgumentError, "one size or 2"),
        (lambda x: F.adaptive_avg_pool2d(x, -1), ArgumentError, "must not be negative"),
        (lambda x: F.max_unpool2d(x, x.long()[:1], 2), ShapeError, "the shape of the input"),
        (lambda x: F.max_unpool2d(x, x.long() + 999, 2), IndexingError, "outside of the output"),
        (lambda x: F.max_unpool2d(x, x.long(), 2, output_size=(3, 3)), ArgumentError, "a stride"),
        (lambda x: F.fractional_max_pool2d(x, 2), ArgumentError, "one of output_size and"),
        (lambda x: nn.FractionalMaxPool2d(2), ArgumentError, "one of output_size and"),
        (lambda x: F.fractional_max_pool2d(x, 2, 8), ShapeError, "8 windows of 2 do not fit"),
        (lambda x: F.fractional_max_pool2d(x, 2, None, 1.5), ArgumentError, "between 0 and 1"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(2, 3, 4, 4))
