"""lucid.fft beside PyTorch's: values, gradients of both orders, sizes, scales and errors."""

import numpy as np
import pytest

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError

REAL_INPUT = ("rfft", "ihfft", "rfft2", "ihfft2", "rfftn", "ihfftn")
ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
TWO = tuple(f"{name}2" for name in ONE)
MANY = tuple(f"{name}n" for name in ONE)

CASES = [
    *[(name, (3, 6), kwargs) for name in ONE for kwargs in ({}, {"n": 4}, {"n": 9, "dim": 0})],
    *[(name, (5,), {"n": 1, "norm": "ortho"}) for name in ONE],
    *[(name, (2, 3, 4), {"norm": norm}) for name in TWO for norm in ("ortho", "forward")],
    *[(name, (3, 4), {"s": (5, 3), "dim": (1, 0)}) for name in TWO],
    *[(name, (2, 3, 4), kwargs) for name in MANY for kwargs in ({}, {"s": (-1, 5)})],
    *[(name, (2, 3, 4), {"dim": (2, 0), "norm": "forward"}) for name in MANY],
    *[(name, (4, 3), {"dim": 0, "s": 3}) for name in MANY],
]


def drawn(name, shape, kind):
    rng = np.random.default_rng(3)
    x = rng.standard_normal(shape)
    real = kind == "real" or name in REAL_INPUT
    return x if real else x + 1j * rng.standard_normal(shape)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize(("name", "shape", "kwargs"), CASES)
def test_parity(name, shape, kwargs, kind):
    torch = pytest.importorskip("torch")
    x = drawn(name, shape, kind)
    ours = lucid.tensor(x, requires_grad=True)
    theirs = torch.tensor(x, requires_grad=True)
    out = getattr(lucid.fft, name)(ours, **kwargs)
    expected = getattr(torch.fft, name)(theirs, **kwargs)
    assert out.shape == tuple(expected.shape)
    np.testing.assert_allclose(
        out.detach().numpy(), expected.detach().resolve_conj().numpy(), 1e-12, 1e-12
    )
    rng = np.random.default_rng(4)
    g = rng.standard_normal(out.shape)
    g = g + 1j * rng.standard_normal(out.shape) if out.dtype.kind == "c" else g
    out.backward(lucid.tensor(g))
    expected.backward(torch.tensor(g))
    assert ours.grad.dtype == ours.dtype
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.resolve_conj().numpy(), 1e-12, 1e-12)


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("name", MANY)
def test_gradients_of_both_orders(name, norm):
    x = lucid.tensor(drawn(name, (3, 4), "complex"), requires_grad=True)

    def transformed(x):  # squared, so that there is a second order
        y = getattr(lucid.fft, name)(x, s=(2, 5), norm=norm)
        return y * y

    assert gradcheck(transformed, (x,))
    assert gradgradcheck(transformed, (x,))


def test_second_order_of_real_input():
    x = lucid.tensor(drawn("fft", (5,), "real"), requires_grad=True)
    assert gradgradcheck(lambda x: lucid.fft.fft(x) * lucid.fft.fft(x), (x,))


@pytest.mark.parametrize("name", ONE)
def test_precision_is_kept(name):
    for dtype, complex_dtype in (("float32", "complex64"), ("float64", "complex128")):
        out = getattr(lucid.fft, name)(lucid.ones(4, dtype=dtype))
        assert out.dtype == (dtype if name in ("irfft", "hfft") else complex_dtype)
    assert getattr(lucid.fft, name)(lucid.tensor([1, 2, 3])).dtype in ("float32", "complex64")


@pytest.mark.parametrize("n", [1, 2, 7, 8])
def test_round_trips(n):
    x = lucid.tensor(drawn("rfft", (3, n), "real"))
    for there, back in (("rfft", "irfft"), ("ihfft", "hfft"), ("fft", "ifft")):
        for norm in ("backward", "ortho", "forward"):
            y = getattr(lucid.fft, there)(x, norm=norm)
            again = getattr(lucid.fft, back)(y, n=n, norm=norm)
            assert np.allclose(again.numpy(), x.numpy(), 1e-12, 1e-12)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 8])
def test_frequencies(n):
    torch = pytest.importorskip("torch")
    kwargs = {"d": 0.3, "dtype": "float64"}
    for name in ("fftfreq", "rfftfreq") if n else ():
        expected = getattr(torch.fft, name)(n, d=0.3, dtype=torch.float64)
        np.testing.assert_allclose(getattr(lucid.fft, name)(n, **kwargs).numpy(), expected.numpy())
    assert lucid.fft.fftfreq(n).shape == (n,)
    assert lucid.fft.rfftfreq(n).shape == (n // 2 + 1,)


@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (1, 2)])
def test_shifts(dim):
    torch = pytest.importorskip("torch")
    x = np.arange(60).reshape(3, 4, 5)
    for name in ("fftshift", "ifftshift"):
        expected = getattr(torch.fft, name)(torch.tensor(x), dim=dim).numpy()
        assert np.array_equal(getattr(lucid.fft, name)(lucid.tensor(x), dim=dim).numpy(), expected)


X = lucid.ones(3, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lucid.fft.fft(X, n=0), ArgumentError, "fft.fft: needs at least one point"),
        (lambda: lucid.fft.fft(X, n=2.5), DTypeError, "integer"),
        (lambda: lucid.fft.fft(X, dim=2), IndexingError, "no dimension 2"),
        (lambda: lucid.fft.fft(lucid.tensor(1.0)), IndexingError, "0-d"),
        (lambda: lucid.fft.fft(X, norm="both"), ArgumentError, "norm must be"),
        (lambda: lucid.fft.fft(X.half()), DTypeError, r"x.float\(\)"),
        (lambda: lucid.fft.fft([1.0]), DTypeError, "fft.fft: takes a tensor"),
        (lambda: lucid.fft.fft(lucid.zeros(0)), ArgumentError, "at least one point"),
        (lambda: lucid.fft.rfft(X + 1j), DTypeError, "fft.rfft: takes a real tensor"),
        (lambda: lucid.fft.irfft(lucid.ones(1)), ArgumentError, "give n="),
        (lambda: lucid.fft.fftn(X, dim=(0, 0)), ArgumentError, "named twice"),
        (lambda: lucid.fft.fftn(X, s=(2, 2, 2)), ShapeError, "3 lengths"),
        (lambda: lucid.fft.fft2(X, s=(2,)), ShapeError, "equally many"),
        (lambda: lucid.fft.rfftn(X, dim=()), ArgumentError, "at least one dimension"),
        (lambda: lucid.fft.fftfreq(-1), ArgumentError, "negative"),
        (lambda: lucid.fft.fftfreq(3, 0), ArgumentError, "must not be 0"),
        (lambda: lucid.fft.fftfreq(3, dtype="int64"), DTypeError, "floating or complex"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("name", MANY)
def test_single_precision_is_scaled_like_double(name, norm):
    x = lucid.tensor(drawn(name, (3, 5, 6), "complex"))
    narrow = x.astype("complex64" if x.dtype == "complex128" else "float32")
    found = getattr(lucid.fft, name)(narrow, norm=norm).numpy()
    expected = getattr(lucid.fft, name)(x, norm=norm).numpy()
    assert found.dtype.itemsize * 2 == expected.dtype.itemsize
    np.testing.assert_allclose(found, expected, 1e-5, 1e-5 * abs(expected).max())


def test_infinities_and_nan_go_through_without_a_warning():
    for value in (np.inf, np.nan):
        x = lucid.tensor([value, 1.0, 2.0])
        assert lucid.isfinite(lucid.fft.irfft(lucid.fft.rfft(x), 3)).any().item() is False
