"""``out=``: everywhere PyTorch takes it, with its checks, and a wrong shape refused by name."""

import inspect

import numpy as np
import pytest

import lucid
from lucid import Tensor
from lucid.errors import ArgumentError, DTypeError, GradError, ShapeError

X = lucid.tensor([[0.3, 0.6], [0.2, 0.9]])


@pytest.mark.parametrize(
    ("call", "dtype"),
    [
        (lambda **o: lucid.exp(X, **o), lucid.float32),
        (lambda **o: lucid.add(X, X, alpha=2, **o), lucid.float64),
        (lambda **o: lucid.sum(X, 0, **o), lucid.float64),
        (lambda **o: lucid.cumsum(X, dim=1, **o), lucid.float32),
        (lambda **o: lucid.matmul(X, X, **o), lucid.float32),
        (lambda **o: lucid.addmm(X, X, X, beta=2, **o), lucid.float32),
        (lambda **o: lucid.cat([X, X], 1, **o), lucid.float32),
        (lambda **o: lucid.stack((X, X), **o), lucid.float32),
        (lambda **o: lucid.gt(X, 0.5, **o), lucid.int64),
        (lambda **o: lucid.argmax(X, 1, **o), lucid.int64),
        (lambda **o: lucid.var(X, dim=0, correction=0, **o), lucid.float32),
        (lambda **o: lucid.where(X > 0.5, X, 0.0, **o), lucid.float32),
        (lambda **o: lucid.arange(1, 7, 2, **o), lucid.float32),
        (lambda **o: lucid.full((2, 2), 7, **o), lucid.float32),
        (lambda **o: lucid.zeros(2, 3, **o), lucid.int32),
        (lambda **o: lucid.eye(3, **o), lucid.int64),
    ],
)
def test_what_is_written_is_what_is_returned(call, dtype):
    expected = call()
    for shape in (expected.shape, (0,)):
        out = lucid.ones(*shape).to(dtype)
        version = out._version
        assert call(out=out) is out
        assert out.dtype == dtype
        np.testing.assert_allclose(out.numpy(), expected.numpy(), rtol=1e-6)
        assert shape == (0,) or out._version > version


def test_several_results():
    values, indices = lucid.empty(2), lucid.empty(2, dtype=lucid.int64)
    result = lucid.max(X, 1, out=(values, indices))
    assert result.values is values
    assert result.indices is indices
    assert indices.tolist() == [1, 1]
    for call in (lucid.sort, lucid.cummax, lucid.median):
        pair = call(X, dim=0, out=(lucid.empty(0), lucid.empty(0, dtype=lucid.int64)))
        expected = call(X, dim=0)
        assert [t.tolist() for t in pair] == [t.tolist() for t in expected]


def test_random_numbers():
    lucid.manual_seed(0)
    expected = lucid.rand(2, 3, dtype=lucid.float64)
    lucid.manual_seed(0)
    out = lucid.empty(2, 3, dtype=lucid.float64)
    assert lucid.rand(2, 3, out=out) is out
    assert out.tolist() == expected.tolist()


def test_out_may_be_an_input_or_share_its_memory():
    x = lucid.tensor([1.0, 2.0, 3.0])
    lucid.mul(x, x, out=x)
    assert x.tolist() == [1, 4, 9]
    lucid.add(x[:2], x[1:], out=x[:2])
    assert x.tolist() == [5, 13, 9]


def test_a_reduction_computes_in_the_dtype_of_out():
    x = lucid.full((10,), 1e8)
    out = lucid.empty((), dtype=lucid.float64)
    lucid.sum(x + 8, 0, out=out)
    assert out.item() == 1000000080.0


def test_gradients_are_refused_while_recording():
    x, out = Tensor([1.0], requires_grad=True), lucid.empty(1)
    with pytest.raises(GradError, match="exp: with out= no gradient"):
        lucid.exp(x, out=out)
    with pytest.raises(GradError, match="neg: with out= no gradient"):
        lucid.neg(out, out=x)
    with lucid.no_grad():
        lucid.neg(x, out=out)
        assert out.tolist() == [-1]
        lucid.neg(out * 5, out=x)
    assert (x.tolist(), x.requires_grad) == ([5], True)


def test_a_saved_value_that_out_overwrites_is_caught():
    x = Tensor([1.0, 2.0], requires_grad=True)
    saved = lucid.tensor([3.0, 4.0])
    y = (x * saved).sum()
    lucid.exp(saved, out=saved)
    with pytest.raises(GradError, match="changed in place"):
        y.backward()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: lucid.exp(X, out=5), DTypeError, "out must be a tensor, not int"),
        (lambda: lucid.exp(X, out=lucid.empty(3)), ShapeError, r"exp: out must have the shape"),
        (lambda: lucid.exp(X, out=lucid.ones(2, 2, dtype="int64")), DTypeError, "exp: a result"),
        (lambda: lucid.sum(X, out=lucid.tensor(1)), DTypeError, "does not fit into out"),
        (lambda: lucid.exp(X, out=lucid.ones(2).expand(2, 2)), ArgumentError, "written to"),
        (lambda: lucid.max(X, 1, out=lucid.empty(2)), ArgumentError, "gives 2 results"),
        (lambda: lucid.exp(X, out=(X, X)), ArgumentError, "gives 1 results"),
        (lambda: lucid.max(X, 1, out=(lucid.empty(2), lucid.empty(3))), ShapeError, "out must"),
        (lambda: lucid.zeros(2, out=7), DTypeError, "zeros: out must be a tensor"),
    ],
)
def test_refusals_change_nothing(call, error, words):
    before = X.tolist()
    with pytest.raises(error, match=words):
        call()
    assert X.tolist() == before


NAMED_IN_PYTORCHS_DOCSTRINGS_ALONE = """
empty_like empty_permuted empty_strided from_file hamming_window histogramdd narrow_copy
ones_like rand_like randn_like std_mean var_mean zeros_like
"""


@pytest.mark.parametrize("page", ["", "linalg", "special", "fft"])
def test_every_function_that_takes_out_in_pytorch_takes_it_here(page):
    torch = pytest.importorskip("torch")
    ours, theirs = (getattr(m, page) if page else m for m in (lucid, torch))
    missing = []
    for name in dir(theirs):
        function, text = getattr(ours, name, None), getattr(theirs, name).__doc__ or ""
        if not inspect.isfunction(function) or "out=None" not in text[:300]:
            continue
        if "out" not in inspect.signature(function).parameters:
            missing.append(name)
    assert set(missing) <= set(NAMED_IN_PYTORCHS_DOCSTRINGS_ALONE.split())
