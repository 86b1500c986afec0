"""lucid.linalg beside torch.linalg: values, gradients, and gradients of gradients."""

import warnings

import numpy as np
import pytest

import lucid
from lucid.autograd import gradgradcheck

torch = pytest.importorskip("torch")
INF = float("inf")


def real(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def complex_(*shape, seed=1):
    return real(*shape, seed=seed) + 1j * real(*shape, seed=seed + 1)


def regular(*shape):
    return real(*shape) + 3 * np.eye(shape[-1])


def hermitian(*shape):
    x = complex_(*shape)
    return x + np.swapaxes(x, -2, -1).conj()


def condition(m, a, p):
    """The condition number; PyTorch cannot differentiate its own but for p = 2."""
    if m is lucid or p in (None, 2, -2):
        return m.linalg.cond(a, p)
    return m.linalg.norm(a, p, (-2, -1)) * m.linalg.norm(m.linalg.inv(a), p, (-2, -1))


A3, A23, C3 = regular(3, 3), regular(2, 3, 3), complex_(3, 3) + 2 * np.eye(3)
TALL, WIDE, C42 = real(4, 2), real(2, 2, 4), complex_(4, 2)
B32, B3, C32 = real(3, 2, seed=5), real(3, seed=6), complex_(3, 2, seed=7)
EVERY_NORM = ["fro", "nuc", INF, -INF, 1, -1, 2, -2]

CASES = {
    "det": (lambda m, a: m.linalg.det(a), A23),
    "det complex": (lambda m, a: m.det(a), C3),
    "slogdet": (lambda m, a: tuple(m.linalg.slogdet(a)), A23),
    "slogdet complex": (lambda m, a: tuple(m.slogdet(a)), C3),
    "logdet": (lambda m, a: m.logdet(a), A3),
    "logdet complex": (lambda m, a: m.logdet(a), C3),
    "inv": (lambda m, a: m.linalg.inv(a), A23),
    "inv complex": (lambda m, a: a.inverse(), C3),
    "inv_ex": (lambda m, a: tuple(m.linalg.inv_ex(a)), A23),
    "tensorinv": (lambda m, a: m.linalg.tensorinv(a.reshape(4, 6, 8, 3)), regular(24, 24)),
    "tensorinv 1": (lambda m, a: m.linalg.tensorinv(a.reshape(4, 2, 2), ind=1), regular(4, 4)),
    "solve": (lambda m, a, b: m.linalg.solve(a, b), A23, B32),
    "solve right": (lambda m, a, b: m.linalg.solve(a, b.mT, left=False), A3, B32),
    "solve vector": (lambda m, a, b: m.linalg.solve(a, b), A3, B3),
    "solve vectors": (lambda m, a, b: m.linalg.solve(a, b), A23, real(2, 3)),
    "solve complex": (lambda m, a, b: m.linalg.solve(a, b), C3, C32),
    "solve_ex": (lambda m, a, b: tuple(m.linalg.solve_ex(a, b)), A3, B32),
    **{
        f"solve_triangular {upper} {left} {unit}": (
            lambda m, a, b, upper=upper, left=left, unit=unit: m.linalg.solve_triangular(
                a, b if left else b.mT, upper=upper, left=left, unitriangular=unit
            ),
            A23,
            B32,
        )
        for upper in (False, True)
        for left in (False, True)
        for unit in (False, True)
    },
    "solve_triangular complex": (
        lambda m, a, b: m.linalg.solve_triangular(a, b, upper=False),
        C3,
        C32,
    ),
    "triangular_solve": (
        lambda m, b, a: tuple(m.triangular_solve(b, a, upper=False, transpose=True)),
        B32,
        A3,
    ),
    "tensorsolve": (
        lambda m, a, b: m.linalg.tensorsolve(a.reshape(2, 3, 6), b.reshape(2, 3)),
        regular(6, 6),
        real(6),
    ),
    "tensorsolve dims": (
        lambda m, a, b: m.linalg.tensorsolve(a.reshape(2, 6, 3), b.reshape(2, 3), dims=(1,)),
        real(6, 6),
        real(6),
    ),
    "matrix_exp": (lambda m, a: m.linalg.matrix_exp(a), A23),
    "matrix_exp small": (lambda m, a: m.matrix_exp(a * 0.01), A3),
    "matrix_exp large": (lambda m, a: m.matrix_exp(a * 4), A3),
    "matrix_exp complex": (lambda m, a: a.matrix_exp(), C3),
    **{
        f"matrix_power {n}": (lambda m, a, n=n: m.linalg.matrix_power(a, n), A23)
        for n in (1, 2, 5, -1, -3)
    },
    "multi_dot": (
        lambda m, a, b, c, d: m.linalg.multi_dot([a, b, c, d]),
        *(real(2, 5), real(5, 3), real(3, 7), real(7)),
    ),
    "multi_dot vectors": (lambda m, a, b, c: m.linalg.multi_dot([a, b, c]), B3, A3, B3),
    "chain_matmul": (lambda m, a, b, c: m.chain_matmul(a, b, c), real(2, 5), real(5, 3), A3),
    "pinv": (lambda m, a: m.linalg.pinv(a), TALL),
    "pinv wide": (lambda m, a: m.linalg.pinv(a, rtol=1e-10), WIDE),
    "pinv complex": (lambda m, a: m.linalg.pinv(a), C42),
    "pinverse": (lambda m, a: a.pinverse(), TALL),
    "lstsq": (lambda m, a, b: m.linalg.lstsq(a, b, driver="gelsd")[0], TALL, real(4, 3)),
    "lstsq wide": (lambda m, a, b: m.linalg.lstsq(a, b)[0], WIDE, real(2, 2, 3)),
    "lstsq vectors": (lambda m, a, b: m.linalg.lstsq(a, b)[0], WIDE, real(2, 2)),
    "lstsq complex": (lambda m, a, b: m.linalg.lstsq(a, b)[0], C42, complex_(4, 1)),
    "cross": (lambda m, a, b: m.linalg.cross(a, b), real(4, 3), real(1, 3, seed=3)),
    "cross dim": (lambda m, a, b: m.cross(a, b), real(2, 3, 3), real(2, 3, 3, seed=3)),
    "cross complex": (lambda m, a, b: a.cross(b, dim=0), C32, complex_(3, 2)),
    "vecdot": (lambda m, a, b: m.linalg.vecdot(a, b), real(2, 3), B3),
    "vecdot complex": (lambda m, a, b: m.linalg.vecdot(a, b, dim=0), C32, complex_(3, 2)),
    "diagonal": (lambda m, a: m.linalg.diagonal(a, offset=1), A23),
    "vander": (lambda m, a: m.linalg.vander(a, N=4), real(2, 3)),
    "vander of": (lambda m, a: m.flip(m.linalg.vander(a), (1,)) if m is torch else m.vander(a), B3),
    **{
        f"vector_norm {ord} {dim}": (
            lambda m, a, ord=ord, dim=dim: m.linalg.vector_norm(a, ord, dim, keepdim=True),
            real(2, 3, 4),
        )
        for ord in (2, 1, 0, 3, 0.5, -1, INF, -INF)
        for dim in (None, 1, (0, -1))
    },
    "vector_norm complex": (lambda m, a: m.linalg.vector_norm(a, 3, dim=0), C42),
    **{
        f"matrix_norm {ord}": (lambda m, a, ord=ord: m.linalg.matrix_norm(a, ord), A23)
        for ord in EVERY_NORM
    },
    **{
        f"matrix_norm dim {ord}": (
            lambda m, a, ord=ord: m.linalg.matrix_norm(a, ord, dim=(2, 0), keepdim=True),
            real(2, 3, 4),
        )
        for ord in EVERY_NORM
    },
    "matrix_norm complex": (lambda m, a: m.linalg.matrix_norm(a, "nuc"), C42),
    "norm": (lambda m, a: m.linalg.norm(a), real(2, 3, 4)),
    "norm of matrix": (lambda m, a: m.linalg.norm(a, 2), TALL),
    "norm of vector": (lambda m, a: m.linalg.norm(a, 3), B3),
    "norm dim": (lambda m, a: m.linalg.norm(a, 1, dim=1), TALL),
    "nuclear_norm": (lambda m, a: m.nuclear_norm(a), TALL),
    "frobenius_norm": (lambda m, a: m.frobenius_norm(a, (0, 1)), TALL),
    "cond": (lambda m, a: m.linalg.cond(a), TALL),
    **{
        f"cond {p}": (lambda m, a, p=p: condition(m, a, p), A23)
        for p in (None, "fro", "nuc", INF, -INF, 1, -1, 2, -2)
    },
    "cond complex": (lambda m, a: condition(m, a, 1), C3),
}
TOLERANCE = {"rtol": 1e-9, "atol": 1e-10}


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name):
    call, *arrays = CASES[name]
    ours = [lucid.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, expected = tupled(call(lucid, *ours)), tupled(call(torch, *theirs))
    weights = []
    for x, y in zip(found, expected, strict=True):
        assert str(x.dtype) == str(y.dtype).removeprefix("torch.")
        np.testing.assert_allclose(
            x.detach().numpy(), y.detach().resolve_conj().numpy(), **TOLERANCE
        )
        weights.append(complex_(*y.shape) if y.is_complex() else real(*y.shape))
    live = [i for i, y in enumerate(expected) if y.requires_grad]
    assert [i for i, x in enumerate(found) if x.requires_grad] == live
    ours_to = lucid.autograd.grad(
        [found[i] for i in live], ours, [lucid.tensor(weights[i]) for i in live], allow_unused=True
    )
    theirs_to = torch.autograd.grad(
        [expected[i] for i in live],
        theirs,
        [torch.tensor(weights[i]) for i in live],
        allow_unused=True,
    )
    for x, y in zip(ours_to, theirs_to, strict=True):
        if x is None or y is None:
            assert not any(g is not None and g.detach().numpy().any() for g in (x, y))
        else:
            np.testing.assert_allclose(x.numpy(), y.resolve_conj().numpy(), **TOLERANCE)


def tupled(x):
    return x if isinstance(x, tuple) else (x,)


TWICE = [name for name in CASES if "tensorinv" not in name or name.endswith("1")]


@pytest.mark.parametrize("name", TWICE)
def test_gradients_of_gradients(name):
    call, *arrays = CASES[name]
    leaves = [lucid.tensor(x, requires_grad=True) for x in arrays]

    def differentiable(*inputs):
        outs = tupled(call(lucid, *inputs))
        return tuple(x for x in outs if x.requires_grad)

    assert gradgradcheck(differentiable, leaves, rtol=1e-4, atol=1e-5)
