"""Padding: every mode against PyTorch's, gradients, refusals."""

import numpy as np
import pytest

import lucid
import lucid.nn as nn
import lucid.nn.functional as F
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, ShapeError

WIDTHS = {1: [(1, 2), (0, 3), (-1, 2), (2, -1)], 2: [(1, 2, 0, 1), (1, 1, -1, 2)], 3: [(1,) * 6]}
MODES = ["constant", "reflect", "replicate", "circular"]
CASES = [(mode, dims, pad) for mode in MODES for dims in WIDTHS for pad in WIDTHS[dims]]


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape)


def both(x, run, torch):
    """Outputs and input gradients of the same call here and in PyTorch."""
    found = []
    for library, namespace in ((lucid, F), (torch, torch.nn.functional)):
        leaf = library.tensor(x, requires_grad=True)
        out = run(namespace, leaf)
        (out * library.tensor(drawn(*out.shape))).sum().backward()
        found += [out.detach().numpy(), leaf.grad.numpy()]
    return found


@pytest.mark.parametrize(("mode", "dims", "pad"), CASES)
@pytest.mark.parametrize("batch", [(2,), (2, 3)])
def test_values_and_gradients_are_pytorchs(mode, dims, pad, batch):
    torch = pytest.importorskip("torch")
    x = drawn(*batch, *(4, 5, 6)[:dims])
    out, grad, want, want_grad = both(x, lambda f, t: f.pad(t, pad, mode=mode), torch)
    np.testing.assert_array_equal(out, want)
    np.testing.assert_allclose(grad, want_grad, rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_gradients_of_both_orders(mode):
    x = lucid.tensor(drawn(2, 3, 4), requires_grad=True)
    assert gradcheck(lambda t: F.pad(t, (2, 1), mode=mode), (x,))
    assert gradgradcheck(lambda t: F.pad(t, (2, 1), mode=mode).square(), (x,))


def test_constant_pads_any_number_of_dimensions():
    x = lucid.tensor(drawn(2, 3, 4))
    assert F.pad(x, (1, 1, 0, 2, 3, 0)).shape == (5, 5, 6)
    assert F.pad(x, ()).shape == (2, 3, 4)
    assert F.pad(lucid.tensor([True]), (1, 0), value=1).tolist() == [True, True]
    assert F.pad(x.long(), (1, 0), value=7).dtype == lucid.int64
    assert F.pad(x.transpose(0, 2), (1, 0)).shape == (4, 3, 3)


def test_values_beyond_numbers_are_kept():
    x = lucid.tensor([[np.nan, np.inf, 1.0]], requires_grad=True)
    y = F.pad(x, (2, 0), mode="reflect")
    np.testing.assert_array_equal(y.detach().numpy(), [[1, np.inf, np.nan, np.inf, 1]])
    y[0, 0].backward()
    assert x.grad.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Constant", "Zero", "Reflection", "Replication", "Circular"])
@pytest.mark.parametrize("each", [False, True])
def test_layers_are_pytorchs(kind, dims, each):
    torch = pytest.importorskip("torch")
    name = f"{kind}Pad{dims}d"
    args = [tuple(range(1, 2 * dims + 1)) if each else 2]
    args = [tuple(min(w, 3) for w in args[0])] if each else args
    args += [1.5] if kind == "Constant" else []
    x = drawn(2, 3, *(4, 5, 6)[:dims])
    ours, theirs = getattr(nn, name)(*args), getattr(torch.nn, name)(*args)
    np.testing.assert_array_equal(ours(lucid.tensor(x)).numpy(), theirs(torch.tensor(x)).numpy())
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: F.pad(x, (1,)), ArgumentError, "two widths"),
        (lambda x: F.pad(x, (1,) * 8), ShapeError, "at most 3 dim"),
        (lambda x: F.pad(x, (1.5, 1)), DTypeError, "must be an integer"),
        (lambda x: F.pad(x, 3), DTypeError, "a sequence of widths"),
        (lambda x: F.pad(x, (-3, -2)), ShapeError, "cannot lose 3 before and 2 after"),
        (lambda x: F.pad(x, (1, 1), mode="mirror"), ArgumentError, "constant, reflect"),
        (lambda x: F.pad(x, (1, 1), mode="reflect", value=2), ArgumentError, "value belongs"),
        (lambda x: F.pad(x, (4, 0), mode="reflect"), ArgumentError, "at most 3 beyond"),
        (lambda x: F.pad(x, (5, 0), mode="circular"), ArgumentError, "at most 4 beyond"),
        (lambda x: F.pad(x, (1,) * 6, mode="reflect"), ShapeError, "one or two more"),
        (lambda x: nn.ZeroPad2d((1, 2)), ArgumentError, "or 4 of them"),
        (lambda x: nn.ZeroPad2d(1.5), DTypeError, "an integer or a sequence of 4"),
        (lambda x: nn.ZeroPad3d(1)(x), ShapeError, "ZeroPad3d: the input must have 4 or 5"),
    ],
)
def test_refusals(call, error, match):
    with pytest.raises(error, match=match):
        call(lucid.ones(2, 3, 4))
