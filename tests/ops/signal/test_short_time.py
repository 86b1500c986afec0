"""stft and istft beside PyTorch's: values, gradients, lengths and refusals."""

import numpy as np
import pytest

import lucid
from lucid.autograd import gradcheck, gradgradcheck
from lucid.errors import ArgumentError, DTypeError, ShapeError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
RNG = np.random.default_rng(5)
SIGNAL = RNG.standard_normal((2, 30))
WINDOWS = {n: RNG.uniform(0.5, 1.5, n) for n in (5, 6, 7, 8)}


def imaginary(array):
    return array + 1j * np.random.default_rng(6).standard_normal(array.shape)


CASES = [
    {},
    {"hop_length": 3},
    {"window": 8},
    {"window": 5, "win_length": 5},
    {"win_length": 6},
    {"normalized": True, "window": 8},
    {"center": False},
    {"center": False, "align_to_window": True, "window": 5, "win_length": 5},
    {"onesided": False, "window": 8},
    *[{"pad_mode": mode} for mode in ("constant", "replicate", "circular")],
]


def both(call, *arrays):
    """Values and gradients of a call in lucid and in PyTorch are the same."""
    torch = pytest.importorskip("torch")
    ours = [lucid.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, expected = call(lucid, *ours), call(torch, *theirs)
    assert y.shape == tuple(expected.shape)
    wanted = expected.detach().resolve_conj().numpy()
    assert y.dtype == wanted.dtype
    np.testing.assert_allclose(y.detach().numpy(), wanted, 1e-11, 1e-12)
    g = np.random.default_rng(7).standard_normal(y.shape)
    g = imaginary(g) if y.dtype.kind == "c" else g
    y.backward(lucid.tensor(g))
    expected.backward(torch.tensor(g))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.resolve_conj().numpy(), 1e-10, 1e-11)


def windowed(kwargs):
    """The arguments without the window, and the window as a list of arrays."""
    rest = {key: value for key, value in kwargs.items() if key != "window"}
    return rest, [WINDOWS[kwargs["window"]]] if "window" in kwargs else []


@pytest.mark.parametrize("kwargs", CASES, ids=str)
@pytest.mark.parametrize("kind", ["real", "complex", "one"])
def test_stft(kwargs, kind):
    rest, window = windowed(kwargs)
    x = {"real": SIGNAL, "complex": imaginary(SIGNAL), "one": SIGNAL[0]}[kind]
    if kind == "complex" and rest.get("pad_mode") == "replicate":
        pytest.skip("PyTorch does not replicate complex numbers")

    def call(module, x, window=None):
        return module.stft(x, 8, window=window, return_complex=True, **rest)

    both(call, x, *window)


@pytest.mark.parametrize("n_fft", [1, 2, 7])
def test_stft_of_other_sizes(n_fft):
    both(lambda m, x: m.stft(x, n_fft, hop_length=1, return_complex=True), SIGNAL[0])


def test_stft_as_pairs():
    both(lambda m, x: m.stft(x, 8, return_complex=False), SIGNAL)


def test_stft_with_a_complex_window():
    both(lambda m, x, w: m.stft(x, 8, window=w, return_complex=True), SIGNAL, imaginary(WINDOWS[8]))


INVERSE = [
    {},
    {"hop_length": 3, "window": 8},
    {"window": 5, "win_length": 5},
    {"normalized": True},
    {"center": False, "window": 8},
    {"length": 9},
    {"length": 40},
    {"length": 7, "center": False},
]


@pytest.mark.parametrize("kwargs", INVERSE, ids=str)
@pytest.mark.parametrize("sides", ["one", "two", "complex"])
def test_istft(kwargs, sides):
    rest, window = windowed(kwargs)
    count = 5 if sides == "one" else 8
    spectra = imaginary(RNG.standard_normal((2, count, 6)))

    def call(module, x, window=None):
        return module.istft(x, 8, window=window, return_complex=sides == "complex", **rest)

    both(call, spectra, *window)
    both(call, spectra[0], *window)


def test_they_undo_each_other():
    x, window = lucid.tensor(SIGNAL), lucid.hann_window(8, dtype="float64")
    for kwargs in ({}, {"normalized": True}, {"onesided": False}, {"hop_length": 3}):
        spectra = x.stft(8, window=window, **kwargs)
        y = spectra.istft(8, window=window, length=30, **kwargs)
        assert np.allclose(y.numpy(), SIGNAL, 1e-12, 1e-12)


def test_gradients_of_the_second_order():
    x = lucid.tensor(SIGNAL[0, :9], requires_grad=True)
    w = lucid.tensor(WINDOWS[6], requires_grad=True)

    def there_and_back(x, w):
        return lucid.istft(lucid.stft(x, 6, 2, window=w) * 2, 6, 2, window=w * w, length=9)

    assert gradcheck(there_and_back, (x, w))
    assert gradgradcheck(there_and_back, (x, w))


def test_single_precision():
    x = lucid.tensor(SIGNAL, dtype="float32")
    spectra = lucid.stft(x, 8, window=lucid.hann_window(8))
    assert spectra.dtype == "complex64"
    assert lucid.istft(spectra, 8, window=lucid.hann_window(8)).dtype == "float32"


X, Y = lucid.tensor(SIGNAL), lucid.stft(lucid.tensor(SIGNAL), 8)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lucid.stft(X.long(), 8), DTypeError, "stft: takes a tensor of a floating"),
        (lambda: lucid.stft(X.half(), 8), DTypeError, "single and double"),
        (lambda: lucid.stft([1.0], 8), DTypeError, "stft: takes a tensor"),
        (lambda: lucid.stft(X[None], 8), ShapeError, "one or two dimensions"),
        (lambda: lucid.stft(X, 0), ArgumentError, "n_fft must be positive"),
        (lambda: lucid.stft(X, 8.0), DTypeError, "n_fft must be an integer"),
        (lambda: lucid.stft(X, 8, 0), ArgumentError, "hop_length must be positive"),
        (lambda: lucid.stft(X, 8, win_length=9), ArgumentError, "must not exceed n_fft"),
        (lambda: lucid.stft(X, 8, window=lucid.ones(7)), ShapeError, "win_length = 8"),
        (lambda: lucid.stft(X, 8, window=[1.0]), DTypeError, "window must be a tensor"),
        (lambda: lucid.stft(X, 8, pad_mode="edge"), ArgumentError, "pad_mode must be one of"),
        (lambda: lucid.stft(X[:, :4], 8), ArgumentError, "adds at most 3 points"),
        (lambda: lucid.stft(X, 40, center=False), ArgumentError, "a smaller n_fft"),
        (lambda: lucid.stft(X + 0j, 8, onesided=True), ArgumentError, "onesided=False"),
        (lambda: lucid.stft(X, 8, align_to_window=True), ArgumentError, "center=False"),
        (lambda: lucid.istft(X, 8), DTypeError, "complex tensor"),
        (lambda: lucid.istft(Y[0, 0], 8), ShapeError, "frequencies, frames"),
        (lambda: lucid.istft(Y[:0], 8), ShapeError, "nothing to transform"),
        (lambda: lucid.istft(Y, 10), ShapeError, "expected 6 frequencies"),
        (lambda: lucid.istft(Y, 8, 6, 5), ArgumentError, "must not exceed win_length"),
        (lambda: lucid.istft(Y, 8, return_complex=True), ArgumentError, "half a spectrum"),
        (lambda: lucid.istft(Y, 8, window=lucid.ones(8) + 0j), ArgumentError, "complex window"),
        (
            lambda: lucid.istft(Y, 8, window=lucid.hann_window(8), center=False),
            ArgumentError,
            "windows vanish",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_length_beyond_the_frames_is_said():
    with pytest.warns(UserWarning, match="zeros follow"):
        assert lucid.istft(Y, 8, length=99).shape == (2, 99)
