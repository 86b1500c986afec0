"""Convolutional layers beside PyTorch's, their lazy forms, and what they refuse."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
from lucid.errors import ArgumentError, DTypeError, ShapeError

SIZES = {1: (9,), 2: (7, 6), 3: (5, 4, 6)}

CONV = [
    {},
    {"stride": 2, "padding": 1},
    {"padding": "same", "dilation": 2},
    {"padding": "valid", "bias": False},
    {"groups": 2, "padding": 1},
    {"groups": 4, "stride": 2, "padding": 2},
    {"padding": 1, "padding_mode": "reflect"},
    {"padding": 2, "padding_mode": "replicate", "stride": 2},
    {"padding": "same", "padding_mode": "circular", "kernel_size": 2},
    {"kernel_size": 1},
    {"kernel_size": 1, "stride": 2},
]
TRANSPOSE = [
    {},
    {"stride": 2, "padding": 1},
    {"stride": 2, "padding": 1, "output_padding": 1},
    {"stride": 3, "groups": 2, "bias": False},
    {"dilation": 2, "output_padding": 1},
    {"groups": 4, "padding": 2},
    {"kernel_size": 1, "stride": 2},
]


def both(name, dims, options, lead=(2,), out=8):
    """A layer here and in PyTorch with the same weights, and one input for both."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    options = {"kernel_size": 3, **options}
    theirs = getattr(torch.nn, name)(4, out, **options, dtype=torch.float64)
    ours = getattr(nn, name)(4, out, **options, dtype=lucid.float64)
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    x = np.random.default_rng(1).standard_normal((*lead, 4, *SIZES[dims]))
    return ours, theirs, x


def compare(ours, theirs, x, *args):
    """Outputs, and the gradients towards input and parameters."""
    torch = pytest.importorskip("torch")
    mine, other = lucid.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    out, want = ours(mine, *args), theirs(other, *args)
    np.testing.assert_allclose(out.detach().numpy(), want.detach().numpy(), rtol=1e-9, atol=1e-12)
    g = np.random.default_rng(2).standard_normal(out.shape)
    out.backward(lucid.tensor(g))
    want.backward(torch.tensor(g))
    pairs = [(mine, other), *zip(ours.parameters(), theirs.parameters(), strict=True)]
    for got, wanted in pairs:
        np.testing.assert_allclose(
            got.grad.numpy(), wanted.grad.numpy(), rtol=1e-9, atol=1e-11, err_msg=str(ours)
        )


@pytest.mark.parametrize("options", CONV, ids=str)
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_conv_is_that_of_pytorch(dims, options):
    ours, theirs, x = both(f"Conv{dims}d", dims, options)
    compare(ours, theirs, x)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("options", TRANSPOSE, ids=str)
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_transposed_is_that_of_pytorch(dims, options):
    ours, theirs, x = both(f"ConvTranspose{dims}d", dims, options)
    compare(ours, theirs, x)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
@pytest.mark.parametrize("options", [{}, {"padding": 1, "groups": 2}], ids=str)
def test_an_input_without_examples(name, options):
    compare(*both(name, 2, options, lead=()))


@pytest.mark.parametrize("size", [(13, 12), (14, 12), (2, 8, 14, 11)])
def test_output_size(size):
    ours, theirs, x = both("ConvTranspose2d", 2, {"stride": 2, "padding": 1})
    compare(ours, theirs, x, size)


def test_output_size_out_of_reach():
    layer = nn.ConvTranspose1d(1, 1, 3, stride=2)
    with pytest.raises(ArgumentError, match=r"between \[9\] and \[10\]"):
        layer(lucid.ones(1, 1, 4), output_size=[11])
    with pytest.raises(ArgumentError, match="must have 1 or 3 numbers"):
        layer(lucid.ones(1, 1, 4), output_size=[11, 3])


def test_initial_values_lie_within_the_bound():
    torch = pytest.importorskip("torch")
    for name in ("Conv2d", "ConvTranspose2d"):
        ours = getattr(nn, name)(8, 16, 3, groups=2)
        theirs = getattr(torch.nn, name)(8, 16, 3, groups=2)
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert mine.shape == tuple(other.shape)
            high = np.abs(mine.detach().numpy()).max()
            assert np.isclose(high, other.detach().abs().max().item(), rtol=0.3)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("name", ["Conv", "ConvTranspose"])
def test_lazy_becomes_the_layer(name, dims):
    layer = getattr(nn, f"Lazy{name}{dims}d")(6, 3, padding=1, groups=2)
    weight = layer.weight
    assert list(layer.state_dict()) == ["weight", "bias"]
    out = layer(lucid.ones(2, 4, *SIZES[dims]))
    assert type(layer) is getattr(nn, f"{name}{dims}d")
    assert layer.weight is weight
    assert type(weight) is nn.Parameter
    assert layer.in_channels == 4
    out.sum().backward()
    assert weight.grad.shape == weight.shape
    twin = getattr(nn, f"{name}{dims}d")(4, 6, 3, padding=1, groups=2)
    twin.load_state_dict(layer.state_dict())


def test_lazy_takes_a_state():
    full = nn.Conv2d(4, 6, 3, groups=2)
    lazy = nn.LazyConv2d(6, 3, groups=2)
    lazy.load_state_dict(full.state_dict())
    x = lucid.randn(2, 4, 5, 5)
    assert (lazy(x) == full(x)).all()
    assert lazy.in_channels == 4
    assert type(lazy) is nn.Conv2d


def test_lazy_refuses_and_stays_lazy():
    layer = nn.LazyConv2d(6, 3, groups=2, bias=False)
    with pytest.raises(ShapeError, match="LazyConv2d: the input must have 3 or 4 dimensions"):
        layer(lucid.ones(4, 4))
    with pytest.raises(ArgumentError, match="in_channels must be a multiple of groups"):
        layer(lucid.ones(1, 3, 4, 4))
    assert layer(lucid.ones(1, 4, 4, 4)).shape == (1, 6, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "match"),
    [
        ((3, 4, 3), {"groups": 2}, ArgumentError, "in_channels must be a multiple of groups"),
        ((4, 3, 3), {"groups": 2}, ArgumentError, "out_channels must be a multiple of groups"),
        ((4, 4, 3), {"groups": 0}, ArgumentError, "groups must be at least 1"),
        ((4, 4, (3, 3, 3)), {}, ArgumentError, "kernel_size must be one integer, or 2"),
        ((4, 4, 0), {}, ArgumentError, "kernel_size must be at least 1"),
        ((4, 4, 2.5), {}, DTypeError, "kernel_size must be an integer"),
        ((4, 4, 3), {"stride": 0}, ArgumentError, "stride must be at least 1"),
        ((4, 4, 3), {"padding": -1}, ArgumentError, "padding must be at least 0"),
        ((4, 4, 3), {"padding": "some"}, ArgumentError, "must be 'same', 'valid'"),
        ((4, 4, 3), {"padding": "same", "stride": 2}, ArgumentError, "only where the stride is 1"),
        ((4, 4, 3), {"padding_mode": "mirror"}, ArgumentError, "padding_mode must be one of"),
        ((-1, 4, 3), {}, ArgumentError, "in_channels must be at least 0"),
    ],
)
def test_bad_arguments(arguments, options, error, match):
    with pytest.raises(error, match="Conv2d: .*" + match):
        nn.Conv2d(*arguments, **options)


def test_transposed_refuses_other_padding():
    with pytest.raises(ArgumentError, match="padding_mode must be 'zeros'"):
        nn.ConvTranspose1d(1, 1, 3, padding_mode="circular")
    with pytest.raises(ArgumentError, match="padding must be an integer"):
        nn.ConvTranspose1d(1, 1, 3, padding="same")


def test_wrong_input_names_the_layer():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    with pytest.raises(ShapeError, match="must have 3 channels in dimension 1") as error:
        model(lucid.ones(2, 8, 8, 3))
    assert "movedim(-1, -3)" in str(error.value)
    assert "Sequential.0: Conv2d(3, 4" in error.value.__notes__[0]


def test_fold_and_unfold_layers():
    x = lucid.randn(2, 3, 6, 5)
    take, put = nn.Unfold(2, padding=1, stride=2), nn.Fold((6, 5), 2, padding=1, stride=2)
    assert (put(take(x)) == x).all()
    assert repr(take) == "Unfold(kernel_size=2, dilation=1, padding=1, stride=2)"
