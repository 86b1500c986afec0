"""Threads: every share is done once, whoever does it, however calls come and go."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from lucid.kernels import jit, threads
from lucid.kernels.jit import Kernel, kernel

pytest.importorskip("numba")

STEP = 1 << 10


@kernel(cache=False)
def count(a, first, last):
    for i in range(first, last):
        a[i] += 1


@pytest.fixture
def two_threads():
    before = threads.get_num_threads()
    threads._settings.count = 2
    yield
    threads._settings.count = before


@pytest.mark.parametrize("size", [0, 1, STEP, STEP + 1, 100 * STEP - 7])
@pytest.mark.parametrize("linger", [True, False])
def test_every_element_is_done_once(two_threads, size, linger):
    a = np.zeros(size)
    for _ in range(50):
        threads.run(count, size, STEP, a, linger=linger)
    assert (a == 50).all()


def test_helpers_that_slept_are_woken(two_threads):
    a = np.zeros(64 * STEP)
    for i in range(5):
        threads.run(count, a.size, STEP, a)
        time.sleep(0.01)
        assert (a == i + 1).all()
    assert any(thread.is_alive() for thread in threads._teams[0].threads)


def test_several_threads_may_call_at_a_time(two_threads):
    arrays = [np.zeros(64 * STEP) for _ in range(4)]

    def work(a):
        for _ in range(100):
            threads.run(count, a.size, STEP, a)

    callers = [threading.Thread(target=work, args=(a,)) for a in arrays]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert all((a == 100).all() for a in arrays)


def test_the_team_follows_the_number_of_threads(two_threads):
    a = np.zeros(64 * STEP)
    for helpers in (1, 3, 1):
        threads._settings.count = helpers + 1
        threads.run(count, a.size, STEP, a)
        assert len(threads._teams[0].threads) == helpers
    assert (a == 3).all()


def test_arrays_are_let_go_of(two_threads):
    a = np.zeros(64 * STEP)
    threads.run(count, a.size, STEP, a)
    deadline = time.monotonic() + 2
    while sys.getrefcount(a) > 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert sys.getrefcount(a) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_makes_a_team_of_its_own(two_threads):
    a = np.zeros(64 * STEP)
    threads.run(count, a.size, STEP, a)
    child = os.fork()
    if child == 0:
        threads.run(count, a.size, STEP, a)
        os._exit(0 if (a == 2).all() and len(threads._teams) == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (a == 1).all()


def test_the_interpreter_ends_with_helpers_awake_or_asleep():
    for pause in (0.0, 0.02):
        program = (
            "import numpy as np, time; from lucid.kernels import threads, special\n"
            "from lucid.kernels import jit; jit.settle(True); threads._settings.count = 2\n"
            f"special.erf_array(np.zeros(1 << 17)); time.sleep({pause})"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()


called = None  # what a loop is bound to


def test_kernels_of_other_files_date_the_name_in_the_cache():
    work = threads._work.bind("some_work", task=count)
    assert work._files() == {__file__}
    nested = Kernel(lambda: called(), {}, "nested", {"called": work})
    assert nested._files() == {threads.__file__}
    assert f"{os.stat(__file__).st_mtime_ns:x}" in work._linked().__qualname__


def test_an_instruction_is_for_kernels_only():
    with pytest.raises(TypeError, match="kernels only"):
        threads.add(np.zeros(1, np.int64), 0, 1)
    assert isinstance(threads.add, jit.Intrinsic)
