"""Products, distances and statistics beside PyTorch: values, gradients, gradients of gradients."""

import warnings

import numpy as np
import pytest

import lucid
import lucid.nn.functional as F
from lucid.autograd import gradgradcheck

torch = pytest.importorskip("torch")
INF = float("inf")


def real(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def complex_(*shape, seed=1):
    return real(*shape, seed=seed) + 1j * real(*shape, seed=seed + 1)


def ascending(n, seed=0):
    return np.cumsum(np.random.default_rng(seed).uniform(0.5, 1.5, n))


A23, A34, A24, A43 = real(2, 3), real(3, 4, seed=1), real(2, 4, seed=2), real(4, 3, seed=3)
V2, V3, V4 = real(2), real(3, seed=4), real(4, seed=5)
SCALED = {"beta": 0.5, "alpha": 2}
COUNTS, SHARES = np.array([1, 0, 3, 2]), np.array([0.5, 1.0, 0.0, 2.0])

CASES = {
    "addmm": (lambda m, x, a, b: m.addmm(x, a, b, **SCALED), V4, A23, A34),
    "addmm beta 0": (lambda m, x, a, b: x.sum() + m.addmm(x, a, b, beta=0), V4, A23, A34),
    "addmv": (lambda m, x, a, b: x.addmv(a, b, **SCALED), real(1), A23, V3),
    "addr": (lambda m, x, a, b: m.addr(x, a, b, **SCALED), V3, V2, V3),
    "baddbmm": (
        lambda m, x, a, b: m.baddbmm(x, a, b, **SCALED),
        *(A24, real(5, 2, 3), real(5, 3, 4)),
    ),
    "addbmm": (
        lambda m, x, a, b: m.addbmm(x, a, b, **SCALED),
        *(A24, real(5, 2, 3), real(5, 3, 4)),
    ),
    "addbmm complex": (
        lambda m, x, a, b: x.addbmm(a, b),
        *(complex_(2, 4), complex_(5, 2, 3), complex_(5, 3, 4)),
    ),
    "vdot complex": (lambda m, a, b: m.vdot(a, b), complex_(3), complex_(3, seed=5)),
    "inner": (lambda m, a, b: m.inner(a, b), A23, real(2, 2, 3)),
    "ger": (lambda m, a, b: m.ger(a, b), V2, V3),
    "kron": (lambda m, a, b: a.kron(b), A23, real(2, 2, 2)),
    "tensordot": (lambda m, a, b: m.tensordot(a, b, dims=([1], [0])), A23, A34),
    "einsum chain": (
        lambda m, a, b, c, d: m.einsum("ij,jk,kl,l->i", a, b, c, d),
        *(A23, A34, A43, V3),
    ),
    "einsum batch": (
        lambda m, a, b, c: m.einsum("...ij,...jk,...k", a, b, c),
        *(real(5, 2, 3), A34, real(5, 4)),
    ),
    "einsum outer": (lambda m, a, b, c: m.einsum("i,j,k->kji", a, b, c), V2, V3, V4),
    "einsum lists": (lambda m, a, b: m.einsum(a, [0, 1], b, [1, 30], [30, 0]), A23, A34),
    "einsum lists implicit": (lambda m, a, b: m.einsum(a, [40, 1], b, [1, 30]), A23, A34),
    "einsum lists ellipsis": (
        lambda m, a, b: m.einsum(a, [..., 1], b, [1, 2], [..., 2]),
        *(real(5, 2, 3), A34),
    ),
    "einsum complex": (
        lambda m, a, b, c: m.einsum("ij,kj,k->i", a, b, c),
        *(complex_(2, 3), complex_(4, 3), complex_(4)),
    ),
    **{
        f"cdist {p}": (lambda m, a, b, p=p: m.cdist(a, b, p), A23, real(4, 3, seed=9))
        for p in (0, 0.5, 1, 1.5, 2, 3, INF)
    },
    "cdist batches": (lambda m, a, b: m.cdist(a, b), real(2, 1, 3, 4), real(5, 6, 4, seed=1)),
    "cdist large": (lambda m, a, b: m.cdist(a, b), real(60, 20), real(50, 20, seed=1) + 10),
    **{f"pdist {p}": (lambda m, a, p=p: m.pdist(a, p), A43) for p in (1, 2, 3, INF)},
    **{f"dist {p}": (lambda m, a, b, p=p: m.dist(a, b, p), A23, V3) for p in (1, 2, 2.5, INF)},
    "dist complex": (lambda m, a, b: a.dist(b), complex_(3), complex_(3, seed=5)),
    "renorm": (lambda m, a: m.renorm(a, 2, 0, 1.5), A43),
    "renorm 1": (lambda m, a: a.renorm(1, -1, 2.0), real(2, 3, 4)),
    "renorm complex": (lambda m, a: a.renorm(3, 1, 1.0), complex_(2, 3)),
    "cosine_similarity": (lambda m, a, b: m.cosine_similarity(a, b), A23, real(2, 3, seed=3)),
    "pairwise_distance": (lambda m, a, b: m.pairwise_distance(a, b, 3), A23, V3),
    "cov": (lambda m, a: m.cov(a), A34),
    "cov correction": (lambda m, a: a.cov(correction=0), A34),
    "cov of one": (lambda m, a: m.cov(a), V4),
    "cov complex": (lambda m, a: m.cov(a), complex_(3, 4)),
    "cov fweights": (lambda m, a: m.cov(a, fweights=m.tensor(COUNTS)), A34),
    "cov aweights": (lambda m, a, w: m.cov(a, aweights=w), A34, np.abs(V4)),
    "cov both": (
        lambda m, a: m.cov(a, correction=2, fweights=m.tensor(COUNTS), aweights=m.tensor(SHARES)),
        A34,
    ),
    "corrcoef": (lambda m, a: m.corrcoef(a) ** 2, A34),
    "corrcoef complex": (lambda m, a: a.corrcoef(), complex_(3, 4)),
    "trapezoid": (lambda m, y: m.trapezoid(y), A34),
    "trapezoid dx": (lambda m, y: m.trapz(y, dx=0.3, dim=0), A34),
    "trapezoid x": (lambda m, y, x: m.trapezoid(y, x), A34, ascending(4)),
    "trapezoid x dim": (lambda m, y, x: m.trapezoid(y, x, dim=0), A34, ascending(3)),
    "trapezoid x of two": (lambda m, y, x: m.trapz(y, x, dim=1), real(2, 3, 4), real(3, 4)),
    "cumulative_trapezoid": (lambda m, y: m.cumulative_trapezoid(y, dx=0.3, dim=0), A34),
    "cumulative_trapezoid x": (
        lambda m, y, x: m.cumulative_trapezoid(y, x),
        *(complex_(3, 4), ascending(4)),
    ),
    **{
        f"gradient {edge}": (lambda m, a, edge=edge: m.gradient(a, edge_order=edge), A34)
        for edge in (1, 2)
    },
    "gradient spacing": (lambda m, a: m.gradient(a, spacing=[2.0, 0.5]), A34),
    "gradient dim": (lambda m, a: m.gradient(a, spacing=0.5, dim=(-1, 0)), real(3, 2, 4)),
    "gradient one dim": (lambda m, a: m.gradient(a, dim=1), complex_(3, 2)),
    **{
        f"gradient coordinates {edge}": (
            lambda m, a, x, y, edge=edge: m.gradient(a, spacing=(x, y), edge_order=edge),
            *(A34, ascending(3), ascending(4)),
        )
        for edge in (1, 2)
    },
}
TOLERANCE = {"rtol": 1e-9, "atol": 1e-11}


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
        np.testing.assert_allclose(x.detach().numpy(), y.detach().numpy(), **TOLERANCE)
        weights.append(complex_(*y.shape) if y.is_complex() else real(*y.shape))
    ours_to = lucid.autograd.grad(
        found, ours, [lucid.tensor(w) for w in weights], materialize_grads=True
    )
    theirs_to = torch.autograd.grad(
        expected, theirs, [torch.tensor(w) for w in weights], materialize_grads=True
    )
    for x, y in zip(ours_to, theirs_to, strict=True):
        np.testing.assert_allclose(x.numpy(), y.resolve_conj().numpy(), **TOLERANCE)


def tupled(x):
    return x if isinstance(x, tuple) else (x,)


@pytest.mark.parametrize("name", [name for name in CASES if "large" not in name])
def test_gradients_of_gradients(name):
    call, *arrays = CASES[name]
    leaves = [lucid.tensor(x, requires_grad=True) for x in arrays]
    assert gradgradcheck(lambda *inputs: call(lucid, *inputs), leaves, rtol=1e-4, atol=1e-5)


def test_functional_has_pdist():
    x = lucid.tensor(A43)
    np.testing.assert_array_equal(F.pdist(x), lucid.pdist(x))


HISTOGRAMS = [
    {"bins": 3},
    {"bins": 4, "range": (-1.0, 0.5)},
    {"bins": 3, "density": True},
    {"bins": np.array([-1.0, 0.0, 0.3, 2.0])},
    {"bins": np.array([-1.0, 0.0, 0.3, 2.0]), "density": True, "weight": True},
    {"bins": 1, "weight": True},
]


@pytest.mark.parametrize("options", HISTOGRAMS)
@pytest.mark.parametrize("values", [real(50), real(4, 5), np.ones(3), np.array([]), np.arange(4.0)])
def test_histogram(values, options):
    def call(m):
        given = dict(options)
        if isinstance(given["bins"], np.ndarray):
            given["bins"] = m.tensor(given["bins"])
        if given.get("weight"):
            given["weight"] = m.tensor(np.abs(values) + 0.5)
        return m.histogram(m.tensor(values), **given)

    found, expected = call(lucid), call(torch)
    np.testing.assert_allclose(found.bin_edges.numpy(), expected.bin_edges.numpy(), rtol=1e-14)
    np.testing.assert_allclose(found.hist.numpy(), expected.hist.numpy(), rtol=1e-14)


@pytest.mark.parametrize("bins", [2, [2, 3], "edges"])
@pytest.mark.parametrize("range", [None, [-1.0, 1.0, 0.0, 0.5]])
@pytest.mark.parametrize("density", [False, True])
def test_histogramdd(bins, range, density):
    points, weight = real(5, 6, 2), np.abs(real(5, 6))
    if bins == "edges" and range is not None:
        return

    def call(m):
        given = bins
        if bins == "edges":
            given = [m.tensor([-1.0, 0.0, 2.0], dtype=m.float64), m.tensor(np.array([-0.5, 0.5]))]
        return m.histogramdd(
            m.tensor(points), given, range=range, weight=m.tensor(weight), density=density
        )

    found, expected = call(lucid), call(torch)
    np.testing.assert_allclose(found.hist.numpy(), expected.hist.numpy(), rtol=1e-13)
    for x, y in zip(found.bin_edges, expected.bin_edges, strict=True):
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-14)


@pytest.mark.parametrize("shape", [(2, 3), 7, (2, 1, 4), [3]])
def test_unravel_index(shape):
    indices = np.array([[0, 5, 1], [2, -1, 7]])
    found = lucid.unravel_index(lucid.tensor(indices), shape)
    expected = torch.unravel_index(torch.tensor(indices), tuple(shape) if shape != 7 else 7)
    for x, y in zip(found, expected, strict=True):
        assert x.tolist() == y.tolist()
