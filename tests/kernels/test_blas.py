"""BLAS is on one thread for products of middling size only, and gets its threads back."""

import numpy as np
import pytest

import lucid
from lucid import nn
from lucid.core.primitive import REGISTRY
from lucid.kernels import blas


class Fake:
    """Stands for OpenBLAS, and notes what it is told."""

    def __init__(self, count):
        self.count, self.told, self.looked = count, [], True

    def get(self):
        return self.count

    def set(self, count):
        self.count = count
        self.told.append(count)


@pytest.fixture
def library(monkeypatch):
    fake = Fake(4)
    monkeypatch.setattr(blas, "_library", fake)
    return fake


def test_middling_products_take_one_thread_and_give_the_others_back(library):
    threads = blas.one_thread(1_000_000)
    assert library.count == 1
    blas.restore(threads)
    assert library.count == 4


@pytest.mark.parametrize("size", [0, blas.FEW, blas.MANY, 10**9])
def test_small_and_large_products_are_left_alone(library, size):
    blas.restore(blas.one_thread(size))
    assert library.told == []


def test_who_set_one_thread_keeps_it(library):
    library.count = 1
    blas.restore(blas.one_thread(1_000_000))
    assert library.told == []


def test_a_layer_gives_the_threads_back_also_when_it_fails(library):
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))
    model(lucid.randn(128, 64)).sum().backward()
    assert library.told == [1, 4, 1, 4]
    with pytest.raises(ValueError, match="not aligned"):
        REGISTRY["linear"].forward(np.ones((128, 64)), np.ones((64, 32)), None)
    assert library.count == 4


def test_the_library_of_this_machine_is_found_or_left_alone():
    library = blas._Library()
    library.look()
    assert (library.get is None) == (library.set is None)
    if library.get is not None:
        assert library.get() >= 1
