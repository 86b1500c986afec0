"""Coordinates of places in flattened tensors: NumPy's, and what is refused."""

import numpy as np
import pytest

import lucid
from lucid.errors import ArgumentError, DTypeError


def test_is_numpys():
    places = np.arange(24).reshape(2, 12)
    found = lucid.unravel_index(lucid.tensor(places), (2, 3, 4))
    np.testing.assert_array_equal(found, np.unravel_index(places, (2, 3, 4)))


def test_refusals():
    with pytest.raises(DTypeError, match="must be integers"):
        lucid.unravel_index(lucid.tensor([1.0]), (2,))
    with pytest.raises(ArgumentError, match="negative"):
        lucid.unravel_index(lucid.tensor([1]), (2, -1))
