"""Arguments that are single numbers, and what is no tensor: refused by the function's name."""

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError, LucidError
from lucid.ops.numbers import integer, real_number


def test_whatever_counts_as_an_integer():
    for value in (3, np.int8(3), lucid.tensor(3), np.array(3)):
        assert integer("f", "n", value) == 3
    for value in (3.0, True, "3", None, lucid.tensor(3.0), lucid.tensor([3, 4])):
        with pytest.raises((DTypeError, LucidError), match="integer"):
            integer("f", "n", value)


def test_whatever_counts_as_a_real_number():
    for value in (3, 3.0, np.float32(3), lucid.tensor(3.0)):
        assert real_number("f", "x", value) == 3.0
    for value in ("3", None, 3j, [3.0]):
        with pytest.raises(DTypeError, match="f: x must be a real number"):
            real_number("f", "x", value)


X = lucid.ones(2, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: X.as_strided(None, None),
        lambda: X.as_strided((1,), (1,), 1.5),
        lambda: X.diagonal(1.5),
        lambda: X.diagonal(0, None, 1),
        lambda: X.diag_embed(1.5),
        lambda: X.tril("a"),
        lambda: X.triu(1.5),
        lambda: X.unfold(0, "a", 1),
        lambda: X.hsplit("a"),
        lambda: X.split("a"),
        lambda: X.split([1.5, 0.5]),
        lambda: X.chunk(1.5),
        lambda: X.tensor_split("a"),
        lambda: X.tensor_split(["a"]),
        lambda: X.roll("a"),
        lambda: X.rot90("a"),
        lambda: lucid.combinations(X[0], 1.5),
        lambda: lucid.fft.fftn(X, ("a",)),
        lambda: lucid.fft.fftfreq(3, "a"),
        lambda: lucid.kaiser_window(3, True, "a"),
        lambda: lucid.hamming_window(3, True, "a"),
        lambda: lucid.signal.windows.gaussian(3, std="a"),
        lambda: lucid.signal.windows.general_cosine(3, a=["x"]),
        lambda: lucid.istft(lucid.stft(X, 2, 1), 2, 1, length="a"),
    ],
)
def test_wrong_numbers(call):
    with pytest.raises(DTypeError):
        call()


STRANGERS = {
    "as_strided": ((1,), (1,)),
    "as_strided_scatter": (X, (1,), (1,)),
    "broadcast_to": ((2,),),
    "chunk": (1,),
    "clone": (),
    "combinations": (),
    "detach_copy": (),
    "diag": (),
    "diag_embed": (),
    "diagflat": (),
    "diagonal": (),
    "dsplit": (1,),
    "flatten": (),
    "flip": (0,),
    "fliplr": (),
    "flipud": (),
    "hsplit": (1,),
    "istft": (2,),
    "moveaxis": (0, 1),
    "narrow_copy": (0, 0, 1),
    "permute": (),
    "ravel": (),
    "repeat_interleave": (2,),
    "reshape": (1,),
    "roll": (1,),
    "rot90": (),
    "squeeze": (),
    "stft": (2,),
    "swapdims": (0, 1),
    "t": (),
    "tile": (1,),
    "trace": (),
    "tril": (),
    "unflatten": (0, (1, 1)),
    "unsqueeze": (0,),
    "vsplit": (1,),
}


@pytest.mark.parametrize("stranger", [[1.0, 2.0], 3.0, None, "x"], ids=repr)
@pytest.mark.parametrize("name", STRANGERS)
def test_what_is_no_tensor(name, stranger):
    with pytest.raises(DTypeError, match="takes"):
        getattr(lucid, name)(stranger, *STRANGERS[name])
