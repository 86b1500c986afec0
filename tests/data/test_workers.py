"""Workers of both kinds: same batches, errors that tell, and nobody left behind."""

import glob
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import lucid
from lucid.data import DataLoader, Dataset, IterableDataset, TensorDataset, get_worker_info
from lucid.errors import DTypeError, GradError, WorkerError

ROOT = Path(__file__).resolve().parents[2]
KINDS = ["processes", "threads"]
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


class Squares(Dataset):
    def __len__(self):
        return 23

    def __getitem__(self, index):
        return np.full((3,), index**2, np.float32), index


class Noisy(Squares):
    """Draws random numbers for every sample."""

    def __getitem__(self, index):
        return index, lucid.rand(2)


class OddError(Exception):
    """An error that cannot be made again from what it keeps."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


class Broken(Squares):
    def __init__(self, error):
        self.error = error

    def __getitem__(self, index):
        if index == 9:
            raise self.error
        return index


class Sleepy(Squares):
    def __getitem__(self, index):
        time.sleep(60 if index == 4 else 0)
        return index


class Deadly(Squares):
    def __getitem__(self, index):
        if index == 4:
            os._exit(3)
        return index


class Count(IterableDataset):
    def __init__(self, stop, shared=True):
        self.stop, self.shared = stop, shared

    def __iter__(self):
        worker = get_worker_info()
        if worker is None or not self.shared:
            return iter(range(self.stop))
        return iter(range(worker.id, self.stop, worker.num_workers))


class BreakingStream(IterableDataset):
    def __iter__(self):
        yield 0
        yield 1
        raise ZeroDivisionError("no more")


def plain(loader):
    return [[field.tolist() for field in batch] for batch in loader]


def left_behind():
    threads = [t for t in threading.enumerate() if t.name.startswith("lucid-data")]
    return multiprocessing.active_children() + threads + exchanges()


def exchanges(pid=None):
    """The folders of a program's loaders."""
    return glob.glob(f"/dev/shm/lucid-data-{pid or os.getpid()}-*")


# ---- the same batches ---------------------------------------------------------------------


@pytest.mark.parametrize("workers", KINDS)
@pytest.mark.parametrize("dataset", [Squares(), Noisy()], ids=["squares", "noisy"])
def test_batches_do_not_depend_on_the_workers(dataset, workers):
    def passes(count):
        loader = DataLoader(
            dataset, 4, shuffle=True, num_workers=count, workers=workers, generator=1
        )
        return [plain(loader), plain(loader)]

    expected = passes(0)
    assert expected[0] != expected[1]
    assert passes(1) == passes(3) == expected
    assert not left_behind()


def test_what_processes_draw_is_pinned():
    class Drawn(Squares):
        def __getitem__(self, index):
            return random.random(), np.random.rand(), lucid.rand(())

    def batches(count):
        return plain(DataLoader(Drawn(), 5, num_workers=count, generator=0))

    first = batches(1)
    assert first == batches(2)
    assert len({value for batch in first for field in batch for value in field}) == 3 * 23


def test_drawing_leaves_the_default_generator_alone():
    lucid.manual_seed(0)
    expected = lucid.rand(3).tolist()
    for count in (0, 2):
        lucid.manual_seed(0)
        list(DataLoader(Noisy(), 4, num_workers=count, workers="threads", generator=5))
        assert lucid.rand(3).tolist() == expected


def test_a_pure_dataset_draws_no_seed():
    lucid.manual_seed(0)
    state = lucid.get_rng_state()
    list(DataLoader(TensorDataset(lucid.arange(4)), 2))
    assert (lucid.get_rng_state() == state).all()


# ---- what travels -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, 300_000])
def test_arrays_small_and_large_arrive_whole_and_writable(size):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((3, size)).astype(dtype) for dtype in (np.float32, np.float64)]
    arrays.append(np.asfortranarray(arrays[0].reshape(size, 3)))
    batches = list(DataLoader(list(zip(*[iter(arrays * 2)] * 3)), None, num_workers=2))  # noqa: B905
    for batch in batches:
        for tensor, array in zip(batch, arrays, strict=True):
            np.testing.assert_array_equal(tensor.numpy(), array)
            assert tensor.dtype == array.dtype
            tensor.data += 1
    x = batches[0][0].requires_grad_()
    (x * 2).sum().backward()
    assert (x.grad.numpy() == 2).all()
    assert not left_behind()


def test_leaves_keep_that_they_want_a_gradient_and_histories_are_refused():
    leaf = lucid.tensor([1.0], requires_grad=True)
    assert next(iter(DataLoader([leaf], None, num_workers=1))).requires_grad
    with pytest.raises(GradError, match=r"(?s)tensor with a history.*x.detach"):
        list(DataLoader([leaf * 2], None, num_workers=1))
    assert not left_behind()


def test_spawned_processes_get_tensors_pickled():
    dataset = TensorDataset(lucid.arange(6), lucid.zeros(6, 2))
    loader = DataLoader(dataset, 4, num_workers=1, multiprocessing_context="spawn")
    assert [x.tolist() for x, _ in loader] == [[0, 1, 2, 3], [4, 5]]
    unpicklable = [lambda: 0]
    loader = DataLoader(unpicklable, num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(DTypeError, match=r"(?s)cannot be pickled.*workers='threads'"):
        list(loader)
    assert not left_behind()


def test_large_lists_of_indices_and_answers_do_not_block_each_other():
    class Long(Dataset):
        def __len__(self):
            return 200_000

        def __getitem__(self, index):
            return 0

        def __getitems__(self, indices):
            return [b"x" * 200_000] * 2

    batches = list(DataLoader(Long(), 40_000, num_workers=1, prefetch_factor=4))
    assert len(batches) == 5


# ---- streams ------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", KINDS)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_streams(count, workers):
    options = {"num_workers": count, "workers": workers}
    values = [batch.tolist() for batch in DataLoader(Count(10), 2, **options)]
    assert sorted(value for batch in values for value in batch) == list(range(10))
    assert values == [batch.tolist() for batch in DataLoader(Count(10), 2, **options)]
    whole = [b.tolist() for b in DataLoader(Count(7), 2, drop_last=True, **options)]
    assert all(len(batch) == 2 for batch in whole)
    assert list(DataLoader(Count(3), None, **options)) == [0, 1, 2]
    twice = sorted(DataLoader(Count(2, shared=False), None, **options))
    assert twice == sorted([0, 1] * max(count, 1))
    assert not left_behind()


@pytest.mark.parametrize("workers", KINDS)
@pytest.mark.parametrize("count", [0, 2])
def test_errors_of_streams_say_how_far_they_came(count, workers):
    with pytest.raises(ZeroDivisionError, match="no more") as caught:
        list(DataLoader(BreakingStream(), 1, num_workers=count, workers=workers))
    assert "while reading sample 2 of the stream BreakingStream" in caught.value.__notes__[0]
    assert not left_behind()


# ---- the life of workers ------------------------------------------------------------------


@pytest.mark.parametrize("workers", KINDS)
def test_who_is_asking(workers):
    class Asking(Squares):
        def __getitem__(self, index):
            info = get_worker_info()
            return info.id, info.num_workers, info.dataset is self, greeting.get(info.id, -1)

    greeting = {}

    def init(worker):
        greeting[worker] = worker * 10

    assert get_worker_info() is None
    loader = DataLoader(Asking(), 1, num_workers=2, workers=workers, worker_init_fn=init)
    seen = [[field.item() for field in batch] for batch in loader]
    assert seen[:3] == [[0, 2, True, 0], [1, 2, True, 10], [0, 2, True, 0]]
    assert get_worker_info() is None


@pytest.mark.parametrize("workers", KINDS)
def test_errors_of_the_init_function(workers):
    def init(worker):
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing") as caught:
        list(DataLoader(Squares(), 4, num_workers=2, workers=workers, worker_init_fn=init))
    assert "in worker_init_fn" in caught.value.__notes__[0]
    assert not left_behind()


@pytest.mark.parametrize("workers", KINDS)
def test_persistent_workers_stay_and_forget_what_was_left(workers):
    class Who(Squares):
        def __getitem__(self, index):
            return os.getpid(), threading.get_native_id(), index

    loader = DataLoader(Who(), 2, num_workers=2, workers=workers, persistent_workers=True)
    first = plain(loader)
    for _ in loader:
        break  # leaves tasks behind
    second = plain(loader)
    assert first == second
    assert [i for _, _, indices in second for i in indices] == list(range(23))
    assert left_behind()
    del loader
    assert not left_behind()


def test_persistent_streams_start_anew():
    loader = DataLoader(Count(4), 2, num_workers=1, persistent_workers=True)
    assert plain([loader])[0] == [[0, 1], [2, 3]]
    assert plain([loader])[0] == [[0, 1], [2, 3]]


def test_two_passes_at_once_over_persistent_workers():
    loader = DataLoader(Squares(), 4, num_workers=1, persistent_workers=True)
    pairs = [(a[1].tolist(), b[1].tolist()) for a, b in zip(loader, loader, strict=True)]
    assert all(a == b for a, b in pairs)
    del loader
    assert not left_behind()


def test_leaving_early_ends_the_processes():
    for _ in DataLoader(Squares(), 2, num_workers=3):
        assert len(multiprocessing.active_children()) == 3
        break
    assert not left_behind()


# ---- what goes wrong ----------------------------------------------------------------------


def test_an_error_keeps_its_type_traceback_and_sample():
    with pytest.raises(ZeroDivisionError, match="no luck") as caught:
        list(DataLoader(Broken(ZeroDivisionError("no luck")), 4, num_workers=2))
    sample, worker = caught.value.__notes__
    assert "while loading sample 9 of Broken" in sample
    assert "in worker 0 (process" in worker
    assert "test_workers.py" in worker
    assert "raise self.error" in worker
    assert not left_behind()


def test_an_error_that_does_not_travel_comes_by_name():
    with pytest.raises(WorkerError, match="OddError: a and b") as caught:
        list(DataLoader(Broken(OddError("a", "b")), 4, num_workers=1))
    assert "sample 9" in caught.value.__notes__[0]


def test_what_cannot_be_pickled_is_refused_by_name():
    with pytest.raises(Exception, match="pickle") as caught:
        list(DataLoader([threading.Lock()], None, num_workers=1))
    assert "while sending a batch from worker 0" in "".join(caught.value.__notes__)
    assert not left_behind()


def test_a_worker_that_dies_is_missed():
    with pytest.raises(WorkerError, match=r"worker 0 \(process \d+\) ended with exit code 3") as e:
        list(DataLoader(Deadly(), 2, num_workers=2))
    assert "[4, 5]" in e.value.__notes__[0]
    assert not left_behind()


def test_a_worker_that_is_killed_is_missed():
    batches = iter(DataLoader(Squares(), 1, num_workers=1, prefetch_factor=1))
    next(batches)
    (process,) = multiprocessing.active_children()
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"(?s)killed by signal SIGKILL.*memory"):
        list(batches)
    assert not left_behind()


def test_a_worker_that_sleeps_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("lucid.data.processes._GRACE", 0.1)
    start = time.monotonic()
    with pytest.raises(WorkerError, match=r"(?s)within the timeout of 0.2 s.*samples: \[4, 5\]"):
        list(DataLoader(Sleepy(), 2, num_workers=1, timeout=0.2))
    assert time.monotonic() - start < 3
    assert not left_behind()


def test_a_thread_that_sleeps_is_left_alone(monkeypatch):
    monkeypatch.setattr("lucid.data.threads._PATIENCE", 0.1)
    wake = threading.Event()

    class Waiting(Squares):
        def __getitem__(self, index):
            wake.wait()
            return index

    with pytest.raises(WorkerError, match="gave no batch within the timeout"):
        list(DataLoader(Waiting(), 2, num_workers=1, timeout=0.1, workers="threads"))
    wake.set()


# ---- the end of the program ---------------------------------------------------------------

PROGRAM = """
import sys, time
import numpy as np
from lucid.data import DataLoader, Dataset

class Endless(Dataset):
    def __len__(self):
        return 1_000_000

    def __getitem__(self, index):
        time.sleep({pause})
        return np.zeros(50_000, np.float32)

for batch in DataLoader(Endless(), 4, num_workers=2):
    print("ready", flush=True)
    {body}
"""


def alive(group):
    """Processes of a group that have not ended."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = Path(path).read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(path)
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize(
    ("how", "body", "pause"),
    [
        ("interrupt", "time.sleep(0.01)", 0),
        ("interrupt", "", 0.05),
        ("kill", "time.sleep(9)", 0.01),
    ],
    ids=["interrupt in the loop", "interrupt while waiting", "kill"],
)
def test_no_process_outlives_the_program(how, body, pause):
    code = textwrap.dedent(PROGRAM).format(pause=pause, body=body)
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert program.stdout.readline() == "ready\n"
        if how == "kill":
            program.kill()
        else:
            os.killpg(program.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
        _, errors = program.communicate(timeout=5)
        if how == "interrupt":
            assert errors.count("KeyboardInterrupt") == 1, errors
        end = time.monotonic() + 4
        while (alive(program.pid) or exchanges(program.pid)) and time.monotonic() < end:
            time.sleep(0.02)
        assert not alive(program.pid)
        assert not exchanges(program.pid)
    finally:
        if alive(program.pid):
            os.killpg(program.pid, signal.SIGKILL)
