"""`autograd.functional` against PyTorch's."""

import numpy as np
import pytest

import lucid
from lucid.autograd import functional as ours
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError

torch = pytest.importorskip("torch")
theirs = torch.autograd.functional

rng = np.random.default_rng(0)
A, B, V, U = rng.standard_normal((4, 3))


def pair(a, b):
    return (a * b.sin()).cumsum(0), (a.exp() * b).sum()


def number(a, b):
    return (a * a * b.sin()).sum()


def arrays(tree):
    parts = tree if isinstance(tree, tuple) else (tree,)
    return [a for p in parts for a in (arrays(p) if isinstance(p, tuple) else [np.asarray(p)])]


@pytest.mark.parametrize(
    "program",
    [
        lambda f, t: f.vjp(pair, (t(A), t(B)), (t(V), t(2.0))),
        lambda f, t: f.jvp(pair, (t(A), t(B)), (t(V), t(U))),
        lambda f, t: f.jacobian(pair, (t(A), t(B))),
        lambda f, t: f.jacobian(lambda a: a.sin(), t(A)),
        lambda f, t: f.hessian(number, (t(A), t(B))),
        lambda f, t: f.hessian(lambda a: (a**3).sum(), t(A)),
        lambda f, t: f.vhp(number, (t(A), t(B)), (t(V), t(U))),
        lambda f, t: f.hvp(number, (t(A), t(B)), (t(V), t(U))),
        lambda f, t: f.hvp(lambda a: a**3, t(1.5)),
        lambda f, t: f.vjp(lambda a, b: a.sum(), (t(A), t(B))),
        lambda f, t: f.jvp(lambda a: a * 0 + 1.0, t(A), t(V)),
        lambda f, t: f.hessian(lambda a: a.sum(), t(A)),
    ],
)
def test_as_pytorch(program):
    found, wanted = arrays(program(ours, lucid.tensor)), arrays(program(theirs, torch.tensor))
    assert len(found) == len(wanted)
    for x, y in zip(found, wanted, strict=True):
        assert x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "product",
    [
        lambda f, x: f.vjp(lambda a: a**3, x, x.detach(), create_graph=True)[1],
        lambda f, x: f.jvp(lambda a: a**3, x, x.detach(), create_graph=True)[1],
        lambda f, x: f.jacobian(lambda a: a**3, x, create_graph=True),
        lambda f, x: f.hessian(lambda a: (a**4).sum(), x, create_graph=True),
        lambda f, x: f.hvp(lambda a: (a**4).sum(), x, x.detach(), create_graph=True)[1],
    ],
)
def test_derivatives_of_derivatives(product):
    x, y = lucid.tensor(A, requires_grad=True), torch.tensor(A, requires_grad=True)
    product(ours, x).sum().backward()
    product(theirs, y).sum().backward()
    np.testing.assert_allclose(x.grad.data, y.grad.numpy(), rtol=1e-10)


x = lucid.tensor(A)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ours.hessian(lambda a: a, x), ShapeError, r"^hessian: .*float64\[3\].*sum\(\)"),
        (lambda: ours.hvp(lambda a: (a, a), x, x), ShapeError, "^hvp: .*one number"),
        (lambda: ours.vjp(lambda a: a, x), ArgumentError, "^vjp: v may be left out"),
        (lambda: ours.vjp(lambda a: a, x, x[:2]), ShapeError, r"v\[0\]: float64\[2\]"),
        (lambda: ours.jacobian(lambda a: 1.0, x), DTypeError, "returns must be.*not float"),
        (lambda: ours.jacobian(lambda a: a, [1.0]), DTypeError, "inputs must be"),
        (lambda: ours.jacobian(lambda a: a, x, strategy="up"), ArgumentError, "'up'"),
        (
            lambda: ours.vjp(lambda a, b: a.sum(), (x, x), strict=True),
            GradError,
            "tensor 1 has no part",
        ),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=f"(?s){words}"):
        call()
