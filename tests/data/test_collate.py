"""Collating: every kind of field, and errors that name the field."""

from collections import namedtuple

import numpy as np
import pytest

import lucid
from lucid.data import default_collate
from lucid.errors import ArgumentError, DTypeError, ShapeError

Point = namedtuple("Point", "x y")


def test_kinds_of_field():
    sample = {
        "tensor": lucid.tensor([1.0, 2.0]),
        "array": np.ones((2, 3), np.float64),
        "scalar": np.int16(3),
        "int": 1,
        "float": 0.5,
        "bool": True,
        "text": "a",
        "pair": (1, [2.0, b"x"]),
        "point": Point(1, lucid.tensor(2.0)),
    }
    batch = default_collate([sample] * 3)
    assert batch["tensor"].shape == (3, 2)
    assert (batch["array"].shape, batch["array"].dtype) == ((3, 2, 3), np.float64)
    assert (batch["scalar"].shape, batch["scalar"].dtype) == ((3,), np.int16)
    assert batch["int"].dtype == np.int64
    assert batch["float"].dtype == lucid.get_default_dtype()
    assert batch["bool"].dtype == np.bool_
    assert batch["text"] == ["a"] * 3
    assert isinstance(batch["pair"], tuple)
    assert isinstance(batch["pair"][1], list)
    assert batch["pair"][1][1] == [b"x"] * 3
    assert isinstance(batch["point"], Point)
    assert batch["point"].y.shape == (3,)


def test_gradients_pass_through():
    x = lucid.tensor([1.0, 2.0], requires_grad=True)
    default_collate([x, x * 3]).sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]


@pytest.mark.parametrize(
    ("samples", "error", "match"),
    [
        (
            [(lucid.zeros(2), 1), (lucid.zeros(2), 1), (lucid.zeros(3), 1)],
            ShapeError,
            r"(?s)sample\[0\] has different shapes.*0: float32\[2\].*2: float32\[3\]",
        ),
        ([{"a": np.zeros(2)}, {"a": np.zeros((2, 1))}], ShapeError, r"sample\['a'\] has different"),
        ([Point(np.zeros(1), 0), Point(np.zeros(2), 0)], ShapeError, r"sample\.x has different"),
        ([{"a": 1}, {"b": 1}], ArgumentError, "different keys"),
        ([(1, 2), (1,)], ArgumentError, "different lengths"),
        ([1, "a"], DTypeError, "different types"),
        ([(1,), 1], DTypeError, "different types"),
        ([{"a": None}], DTypeError, r"sample\['a'\] is of type NoneType"),
        ([], ArgumentError, "empty"),
    ],
)
def test_refusals(samples, error, match):
    with pytest.raises(error, match=match):
        default_collate(samples)
