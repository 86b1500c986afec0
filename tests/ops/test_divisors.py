"""gcd and lcm beside PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import lucid
from lucid.errors import DTypeError

DTYPES = ["uint8", "int8", "int16", "int32", "int64"]


@pytest.mark.parametrize("second", DTYPES)
@pytest.mark.parametrize("first", DTYPES)
@pytest.mark.parametrize("name", ["gcd", "lcm"])
def test_all_integers(name: str, first: str, second: str) -> None:
    torch = pytest.importorskip("torch")
    a, b = np.array([12, 4, 0, 7, 0]).astype(first), np.array([8, 6, 5, 7, 0]).astype(second)
    found = getattr(lucid, name)(lucid.tensor(a), lucid.tensor(b))
    wanted = getattr(torch, name)(torch.tensor(a), torch.tensor(b))
    assert str(found.dtype) == str(wanted.dtype).removeprefix("torch.")
    assert found.tolist() == wanted.tolist()


def test_signs_numbers_and_broadcasting() -> None:
    x = lucid.tensor([[-12], [18]])
    assert lucid.gcd(x, lucid.tensor([8, -27])).tolist() == [[4, 3], [2, 9]]
    assert x.lcm(4).tolist() == [[12], [36]]


@pytest.mark.parametrize("name", ["gcd", "lcm"])
def test_messages(name: str) -> None:
    x = lucid.tensor([4])
    for wrong in (lucid.tensor([2.0]), 2.0, lucid.tensor([1j])):
        with pytest.raises(DTypeError, match=f"{name}: takes tensors of whole numbers"):
            getattr(lucid, name)(x, wrong)
    bools = lucid.tensor([True])
    with pytest.raises(DTypeError, match="whole numbers"):
        getattr(lucid, name)(bools, bools)
