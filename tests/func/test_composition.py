"""Transforms within transforms, against PyTorch's."""

import numpy as np
import pytest

import lucid
import lucid.func as F

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.*:DeprecationWarning")  # its own

rng = np.random.default_rng(0)
X = rng.standard_normal((4, 3))
W = rng.standard_normal((3, 3))


class Here:
    """The same names with Lucid behind them."""

    grad, vjp, jvp, vmap = F.grad, F.vjp, F.jvp, F.vmap
    jacrev, jacfwd, hessian, grad_and_value = F.jacrev, F.jacfwd, F.hessian, F.grad_and_value

    @staticmethod
    def of(array):
        return lucid.tensor(array)


class There:
    grad, vjp, jvp, vmap = torch.func.grad, torch.func.vjp, torch.func.jvp, torch.func.vmap
    jacrev, jacfwd, hessian = torch.func.jacrev, torch.func.jacfwd, torch.func.hessian
    grad_and_value = torch.func.grad_and_value

    @staticmethod
    def of(array):
        return torch.tensor(array)


def curve(x):
    return (x.sin() * x.exp()).sum()


def network(x, w):
    return (x @ w).tanh()


# Each takes one of the two, and returns tensors: nests of transforms.
PROGRAMS = {
    "grad": lambda o: o.grad(curve)(o.of(X)),
    "grad of grad": lambda o: o.grad(lambda x: (o.grad(curve)(x) ** 2).sum())(o.of(X)),
    "three times": lambda o: o.grad(o.grad(o.grad(lambda x: x.sin() * x)))(o.of(0.7)),
    "vmap of grad": lambda o: o.vmap(o.grad(curve))(o.of(X)),
    "grad of vmap": lambda o: o.grad(lambda x: o.vmap(curve)(x).sin().sum())(o.of(X)),
    "vmap of vmap": lambda o: o.vmap(o.vmap(lambda a, b: a * b, (0, None)), (None, 0))(
        o.of(X[0]), o.of(X[:, 0])
    ),
    "outer loop by columns": lambda o: o.vmap(o.vmap(curve, 0), 1, 1)(
        o.of(rng_of(2).standard_normal((2, 3, 4)))
    ),
    "jacrev": lambda o: o.jacrev(network, argnums=(0, 1))(o.of(X), o.of(W)),
    "jacfwd": lambda o: o.jacfwd(network, argnums=(0, 1))(o.of(X), o.of(W)),
    "jacrev in chunks": lambda o: o.jacrev(network, chunk_size=5)(o.of(X), o.of(W)),
    "jacfwd of jacrev": lambda o: o.jacfwd(o.jacrev(network))(o.of(X[0]), o.of(W)),
    "jacrev of jacfwd": lambda o: o.jacrev(o.jacfwd(network, 1), 1)(o.of(X[0]), o.of(W)),
    "hessian": lambda o: o.hessian(curve)(o.of(X[0])),
    "hessian of a vector": lambda o: o.hessian(lambda x: x.sin() * x.sum())(o.of(X[0])),
    "vmap of hessian": lambda o: o.vmap(o.hessian(curve))(o.of(X)),
    "jvp": lambda o: o.jvp(network, (o.of(X), o.of(W)), (o.of(X * 0.3), o.of(W + 1))),
    "jvp of jvp": lambda o: o.jvp(
        lambda x: o.jvp(curve, (x,), (x * 2,))[1], (o.of(X),), (o.of(X + 1),)
    ),
    "jvp in vmap": lambda o: o.vmap(lambda x, v: o.jvp(network, (x, o.of(W)), (v, o.of(W)))[1])(
        o.of(X), o.of(X * 2)
    ),
    "vmap in jvp": lambda o: o.jvp(
        lambda w: o.vmap(network, (0, None))(o.of(X), w), (o.of(W),), (o.of(W + 1),)
    ),
    "grad of jvp": lambda o: o.grad(lambda x: o.jvp(network, (x, o.of(W)), (x, o.of(W)))[1].sum())(
        o.of(X)
    ),
    "vjp of a nest": lambda o: o.vjp(lambda d: {"a": d["x"].sin(), "b": [d["y"] * d["x"]]},
        {"x": o.of(X), "y": o.of(X + 1)})[1]({"a": o.of(X), "b": [o.of(X * 2)]}),
    "value": lambda o: o.grad_and_value(curve)(o.of(X)),
    "aux": lambda o: o.grad(lambda x: (curve(x), {"twice": x * 2}), has_aux=True)(o.of(X)),
    "closure in the middle": lambda o: o.grad(
        lambda u: o.vmap(lambda x: o.grad(lambda y: (y * u).sin().sum())(x))(o.of(X)).sum()
    )(o.of(0.5)),
    "confusion": lambda o: o.grad(lambda x: x * o.grad(lambda y: x + y)(o.of(1.0)))(o.of(2.0)),
    "argument and closure": lambda o: o.grad(lambda x: o.grad(lambda y: x * y * y)(x))(o.of(3.0)),
    "unused": lambda o: o.grad(lambda x, y: x.sum(), argnums=(0, 1))(o.of(X), o.of(W)),
    "vmap of closure": lambda o: o.vmap(lambda i: o.vmap(lambda x: (x * i).sum())(o.of(X)))(
        o.of(X[:, 0])
    ),
    "dict": lambda o: o.vmap(lambda d, s: {"sum": d["x"].sum() * s, "x": d["x"]}, ({"x": 1}, None),
        {"sum": 0, "x": 1})({"x": o.of(X)}, o.of(2.0)),
    "jacobian of vmap": lambda o: o.jacrev(lambda x: o.vmap(lambda y: y.cumsum(0))(x))(o.of(X[:2])),
}  # fmt: skip


def rng_of(seed):
    return np.random.default_rng(seed)


def flat(tree):
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in flat(tree[key])]
    if isinstance(tree, tuple | list):
        return [leaf for part in tree for leaf in flat(part)]
    return [tree]


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_as_pytorch(name):
    found, wanted = flat(PROGRAMS[name](Here)), flat(PROGRAMS[name](There))
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.shape == tuple(theirs.shape)
        assert not ours.requires_grad
        np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


def test_history_where_something_else_requires_a_gradient():
    w = lucid.tensor(W, requires_grad=True)
    slope = F.grad(lambda x: network(x, w).sum())(lucid.tensor(X))
    (slope * slope).sum().backward()
    theirs = torch.tensor(W, requires_grad=True)
    again = torch.func.grad(lambda x: network(x, theirs).sum())(torch.tensor(X))
    (again * again).sum().backward()
    np.testing.assert_allclose(w.grad.data, theirs.grad.numpy(), rtol=1e-10)


def test_history_of_what_is_closed_over_by_vmap():
    w = lucid.tensor(W, requires_grad=True)
    F.vmap(lambda x: network(x, w).sum())(lucid.tensor(X)).sum().backward()
    theirs = torch.tensor(W, requires_grad=True)
    network(torch.tensor(X), theirs).sum().backward()
    np.testing.assert_allclose(w.grad.data, theirs.grad.numpy(), rtol=1e-10)


def test_no_grad_outside_and_detach_inside():
    with lucid.no_grad():
        slope = F.grad(curve)(lucid.tensor(X, requires_grad=True))
    assert not slope.requires_grad
    found = F.grad(lambda x: F.vmap(lambda y: y * y.detach())(x).sum())(lucid.tensor(X))
    np.testing.assert_array_equal(found.data, X)


def test_hvp():
    x, v = rng_of(1).standard_normal((2, 5))
    found = F.hvp(curve, (lucid.tensor(x),), (lucid.tensor(v),))
    matrix = torch.func.hessian(curve)(torch.tensor(x)).numpy()
    np.testing.assert_allclose(found.data, matrix @ v, rtol=1e-10)
    several = F.hvp(lambda a, b: (a * b).sum(), (lucid.tensor(x), lucid.tensor(v)),
                    (lucid.tensor(v), lucid.tensor(x)))  # fmt: skip
    np.testing.assert_allclose([s.data for s in several], [x, v])


def test_value_first():
    x = lucid.tensor(X)
    (value, aux), slope = F.value_and_grad(lambda x: (curve(x), x * 2), has_aux=True)(x)
    assert lucid.equal(value, curve(x))
    assert lucid.equal(aux, x * 2)
    assert lucid.equal(slope, F.grad(curve)(x))


def test_linearize():
    x, v = lucid.tensor(X), lucid.tensor(X * 3)
    value, push = F.linearize(network, x, lucid.tensor(W))
    assert lucid.equal(value, network(x, lucid.tensor(W)))
    for _ in range(2):
        wanted = F.jvp(network, (x, lucid.tensor(W)), (v, lucid.tensor(W)))[1]
        np.testing.assert_allclose(push(v, lucid.tensor(W)).data, wanted.data, rtol=1e-12)


def test_finite_differences():
    x = rng_of(3).standard_normal(4)
    jacobian = F.jacfwd(lambda x: (x.sin() * x.sum()).cumsum(0))(lucid.tensor(x)).data

    def f(x):
        return np.cumsum(np.sin(x) * x.sum())

    steps = np.eye(4) * 1e-6
    columns = [(f(x + step) - f(x - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(jacobian, np.stack(columns, 1), atol=1e-8)
