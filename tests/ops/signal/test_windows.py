"""Windows beside PyTorch's, under their new and their old names."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError
from lucid.signal import windows

SYMMETRIC = [
    ("bartlett", {}),
    ("blackman", {}),
    ("cosine", {}),
    ("exponential", {"tau": 2.5}),
    ("gaussian", {"std": 1.7}),
    ("general_cosine", {"a": [0.4, 0.3, 0.2, 0.1]}),
    ("general_hamming", {"alpha": 0.6}),
    ("hamming", {}),
    ("hann", {}),
    ("kaiser", {"beta": 5.0}),
    ("kaiser", {"beta": 0.0}),
    ("nuttall", {}),
]
PERIODIC = [
    ("bartlett_window", {}),
    ("blackman_window", {}),
    ("hamming_window", {}),
    ("hamming_window", {"alpha": 0.5, "beta": 0.4}),
    ("hann_window", {}),
    ("kaiser_window", {"beta": 5.0}),
]
LENGTHS = [0, 1, 2, 3, 8, 11]


@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("name", "kwargs"), SYMMETRIC)
def test_windows(name, kwargs, length, sym):
    torch = pytest.importorskip("torch")
    make = getattr(torch.signal.windows, name)
    expected = make(length, sym=sym, dtype=torch.float64, **kwargs)
    found = getattr(windows, name)(length, sym=sym, dtype="float64", **kwargs)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), 1e-12, 1e-14)


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("name", "kwargs"), PERIODIC)
def test_periodic_windows(name, kwargs, length, periodic):
    torch = pytest.importorskip("torch")
    expected = getattr(torch, name)(length, periodic, dtype=torch.float64, **kwargs)
    found = getattr(lucid, name)(length, periodic, dtype="float64", **kwargs)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), 1e-12, 1e-14)


def test_an_exponential_has_its_center_where_it_is_told():
    window = windows.exponential(4, center=1, sym=False)
    assert window.argmax().item() == 1
    assert window[1].item() == 1.0


def test_they_are_tensors_like_others():
    assert windows.hann(4).dtype == "float32"
    assert lucid.hann_window(4, dtype="float16").dtype == "float16"
    assert lucid.hann_window(4, requires_grad=True).requires_grad


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: windows.hann(-1), ArgumentError, "hann: the length of a window"),
        (lambda: windows.hann(2.5), DTypeError, "an integer"),
        (lambda: windows.hann(3, dtype="int64"), DTypeError, "floating dtype"),
        (lambda: windows.gaussian(3, std=0), ArgumentError, "std must be positive"),
        (lambda: windows.exponential(3, tau=-1), ArgumentError, "tau must be positive"),
        (lambda: windows.exponential(3, center=1), ArgumentError, "sym=False"),
        (lambda: windows.kaiser(3, beta=-1), ArgumentError, "beta must not be negative"),
        (lambda: windows.general_cosine(3, a=[]), ArgumentError, "at least one"),
        (lambda: windows.general_cosine(3, a=1.0), DTypeError, "sequence"),
        (lambda: lucid.kaiser_window(3, beta=-1), ArgumentError, "kaiser_window: beta"),
        (lambda: lucid.hann_window("3"), DTypeError, "hann_window: the length"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
