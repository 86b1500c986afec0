"""Convolution as a function: orders of gradients, dtypes, layouts, empty inputs, errors."""

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, ShapeError
from lucid.ops.conv import algorithm
from lucid.testing.cases import kernels


def tensors(*shapes, seed=0, dtype=lucid.float64):
    rng = np.random.default_rng(seed)
    return [lucid.tensor(rng.standard_normal(s), dtype=dtype, requires_grad=True) for s in shapes]


@pytest.mark.parametrize("groups", [1, 2])
def test_gradients_of_third_order(groups):
    torch = pytest.importorskip("torch")

    def third(x, w, grad):
        conv = F.conv2d if grad is lucid.autograd.grad else torch.nn.functional.conv2d
        y = (conv(x, w, None, 2, 1, 1, groups) ** 3).sum()
        for _ in range(2):
            gx, gw = grad(y, (x, w), create_graph=True)
            y = (gx * gx).sum() + (gw**2).sum()
        return grad(y, (x, w))

    x, w = tensors((1, 2, 4, 4), (2, 2 // groups, 3, 3))
    theirs = [torch.tensor(t.detach().numpy(), requires_grad=True) for t in (x, w)]
    ours, wanted = third(x, w, lucid.autograd.grad), third(*theirs, torch.autograd.grad)
    for mine, other in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-8)


def test_transposed_differentiates_twice():
    operands = tensors((2, 4, 3), (4, 2, 3), (4,))
    options = {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}
    assert gradcheck(lambda *t: F.conv_transpose1d(*t, **options), operands)
    assert gradgradcheck(lambda *t: F.conv_transpose1d(*t, **options), operands)


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_dtypes(dtype):
    x, w, b = tensors((2, 4, 9), (6, 2, 3), (6,))
    wide = F.conv1d(x, w, b, padding=1, groups=2).detach().numpy()
    narrow = [t.detach().to(getattr(lucid, dtype)) for t in (x, w, b)]
    got = F.conv1d(*narrow, padding=1, groups=2)
    assert got.dtype == np.dtype(dtype)
    tolerance = 2e-2 if dtype == "float16" else 1e-5
    np.testing.assert_allclose(got.numpy(), wide, rtol=tolerance, atol=tolerance)


SHAPES = [  # input, kernel, stride, padding, groups: enough for chunks, threads, every way
    ((5, 16, 20, 20), (8, 16, 3, 3), 1, 1, 1),
    ((5, 16, 40, 33), (8, 16, 3, 3), 2, 1, 1),
    ((40, 3, 17, 17), (8, 3, 5, 5), 1, 0, 1),
    ((3, 32, 20, 20), (64, 32, 1, 1), 1, 0, 1),
    ((3, 32, 20, 20), (64, 16, 1, 1), 2, 0, 2),
    ((3, 32, 20, 20), (64, 1, 3, 3), 1, 1, 32),
    ((3, 32, 20, 20), (32, 1, 5, 3), 2, 2, 32),
    ((70, 8, 33), (8, 4, 3), 1, 1, 2),
]


@pytest.mark.parametrize("case", SHAPES, ids=str)
@pytest.mark.parametrize("compiled", [True, False])
def test_every_way_is_that_of_pytorch(case, compiled):
    torch = pytest.importorskip("torch")
    size, kernel, stride, padding, groups = case
    name = f"conv{len(size) - 2}d"
    x, w, b = tensors(size, kernel, kernel[:1], dtype=lucid.float32)
    theirs = [torch.tensor(t.detach().numpy(), requires_grad=True) for t in (x, w, b)]
    want = getattr(torch.nn.functional, name)(*theirs, stride, padding, 1, groups)
    g = np.random.default_rng(1).standard_normal(tuple(want.shape)).astype(np.float32)
    want.backward(torch.tensor(g))
    with kernels(compiled):
        out = getattr(F, name)(x, w, b, stride, padding, 1, groups)
        out.backward(lucid.tensor(g))
    for got, wanted in [
        (out, want),
        *((t.grad, o.grad) for t, o in zip((x, w, b), theirs, strict=True)),
    ]:
        wanted = wanted.detach().numpy()
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(got.detach().numpy() / scale, wanted / scale, atol=3e-6)


def test_results_do_not_depend_on_threads():
    x, w = tensors((8, 16, 20, 20), (16, 1, 3, 3), dtype=lucid.float32)
    before, found = lucid.get_num_threads(), []
    try:
        for count in (1, 2):
            lucid.set_num_threads(count)
            found.append(F.conv2d(x, w, groups=16).detach().numpy())
    finally:
        lucid.set_num_threads(before)
    assert (found[0] == found[1]).all()


def test_nan_and_inf_stay_where_the_kernel_reads_them():
    x = lucid.tensor([[[1.0, float("nan"), 1.0, 1.0, float("inf"), 1.0]]])
    got = F.conv1d(x, lucid.ones(1, 1, 2)).tolist()[0][0]
    assert np.array_equal(np.isnan(got), [True, True, False, False, False])
    assert np.array_equal(np.isinf(got), [False, False, False, True, True])


def test_empty_batch():
    x, w = lucid.ones(0, 2, 5, requires_grad=True), lucid.ones(3, 2, 3, requires_grad=True)
    F.conv1d(x, w).sum().backward()
    assert x.grad.shape == (0, 2, 5)
    assert (w.grad == 0).all()


def test_an_input_that_needs_no_gradient_gets_none():
    x, w = lucid.ones(1, 1, 4), lucid.ones(1, 1, 2, requires_grad=True)
    F.conv1d(x, w).sum().backward()
    assert x.grad is None
    assert w.grad.tolist() == [[[3.0, 3.0]]]


X, W = lucid.ones(2, 3, 5, 5), lucid.ones(4, 3, 3, 3)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: F.conv2d([[1.0]], W), DTypeError, "conv2d: the input must be a tensor, not list"),
        (lambda: F.conv2d(X, W, [1.0]), DTypeError, "the bias must be a tensor"),
        (lambda: F.conv2d(X, lucid.ones(4, 3, 3)), ShapeError, "weight must have 4 dimensions"),
        (lambda: F.conv2d(lucid.ones(5, 5), W), ShapeError, r"unsqueeze\(-3\)"),
        (lambda: F.conv2d(X, lucid.ones(4, 2, 3, 3)), ShapeError, "must have 2 channels"),
        (lambda: F.conv2d(X, W, lucid.ones(3)), ShapeError, r"bias must have shape \(4,\)"),
        (lambda: F.conv2d(X.long(), W), DTypeError, "input has an integer dtype"),
        (lambda: F.conv2d(X.double(), W), DTypeError, "the dtypes differ"),
        (lambda: F.conv2d(X, W, dilation=3), ShapeError, "reaches over 7 places; .* has 5"),
        (lambda: F.conv2d(X, W, stride=0), ArgumentError, "stride must be at least 1"),
        (lambda: F.conv2d(X, W, groups=3), ArgumentError, "do not divide into 3 groups"),
        (lambda: F.conv2d(X, W, padding="all"), ArgumentError, "'same', 'valid', or numbers"),
        (
            lambda: F.conv_transpose2d(X, lucid.ones(3, 1, 2, 2), output_padding=1),
            ArgumentError,
            "output_padding must be smaller",
        ),
        (
            lambda: F.conv_transpose2d(X, lucid.ones(3, 1, 2, 2), padding=3),
            ShapeError,
            "nothing is left of the output",
        ),
        (lambda: F.conv_transpose2d(X, W), ShapeError, "must have 4 channels"),
    ],
)
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_the_algorithm_can_be_read():
    x, w = lucid.ones(64, 16, 32), lucid.ones(8, 16, 3)
    found = algorithm(x, w, padding=1)
    assert sorted(found) == ["forward", "input", "weight"]
    assert set(found.values()) <= {"direct", "panels", "turned", "patches"}
    depthwise = algorithm(x.double(), lucid.ones(16, 1, 1).double(), groups=16)
    assert depthwise["forward"] == "pointwise"
    assert algorithm(x[0], w) == algorithm(x[:1], w)
    with pytest.raises(ShapeError, match="algorithm"):
        algorithm(x, lucid.ones(8, 3, 3))
