"""Memory that is used again."""

import sys

import numpy as np
import pytest

from lucid.kernels import buffers


def test_a_large_array_gets_the_memory_of_one_that_died():
    shape, dtype = (buffers.SMALLEST // 4,), np.dtype(np.float32)
    buffers.empty_cache()
    first = buffers.empty(shape, dtype)
    address = first.ctypes.data
    del first
    second = buffers.empty(shape, dtype)
    assert second.ctypes.data == address
    buffers.empty_cache()


def test_a_view_keeps_the_memory_from_being_lent_again():
    shape, dtype = (buffers.SMALLEST // 4,), np.dtype(np.float32)
    first = buffers.empty(shape, dtype)
    part = first[10:20]
    part[...] = 7
    del first
    second = buffers.empty(shape, dtype)
    second[...] = 0
    assert part.tolist() == [7.0] * 10
    assert not np.shares_memory(part, second)


def test_small_arrays_are_numpys_own():
    assert buffers.empty((3,), np.dtype(np.float64)).base is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks glibc")
def test_the_allocator_is_left_alone_where_the_environment_says_so(monkeypatch):
    monkeypatch.setenv("LUCID_KEEP_MEMORY", "0")
    assert buffers.keep_freed_memory() is False
