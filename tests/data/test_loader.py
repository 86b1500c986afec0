"""`DataLoader`: order, workers, errors, and no thread left behind."""

import threading
import time

import numpy as np
import pytest

import lucid
from lucid.data import BatchSampler, DataLoader, Dataset, TensorDataset
from lucid.errors import ArgumentError, IndexingError, ShapeError


class Slow(Dataset):
    """Later samples are ready sooner, so that workers finish out of order."""

    def __init__(self, size=12, broken=None):
        self.size, self.broken = size, broken

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        time.sleep(0.0002 * (self.size - index))
        if index == self.broken:
            raise ZeroDivisionError("no such luck")
        return np.float32(index), {"index": index}


def workers():
    return [t for t in threading.enumerate() if t.name.startswith("lucid-data")]


def flat(loader):
    return [i for _, fields in loader for i in fields["index"].tolist()]


@pytest.mark.parametrize("num_workers", [0, 1, 3])
def test_order_depends_on_the_seed_alone(num_workers):
    def passes(count):
        options = {"num_workers": count, "workers": "threads", "generator": 3}
        loader = DataLoader(Slow(), 5, shuffle=True, **options)
        return [flat(loader), flat(loader)]

    first, second = passes(num_workers)
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    assert [first, second] == passes(0)
    assert not workers()


def test_a_shared_generator_and_the_default_one():
    generator = lucid.Generator(1)
    loader = DataLoader(Slow(), 4, shuffle=True, generator=generator)
    first = flat(loader)
    generator.manual_seed(1)
    assert flat(loader) == first
    loader = DataLoader(Slow(), 4, shuffle=True)
    lucid.manual_seed(2)
    first = flat(loader)
    lucid.manual_seed(2)
    assert flat(loader) == first


@pytest.mark.parametrize("num_workers", [0, 2])
def test_whole_batches_equal_collated_samples(num_workers):
    rng = np.random.default_rng(0)
    x, y = lucid.tensor(rng.standard_normal((11, 3))), lucid.arange(11)

    class OneByOne(Dataset):
        def __len__(self):
            return 11

        def __getitem__(self, i):
            return x[i], y[i]

    options = {"batch_size": 4, "shuffle": True, "num_workers": num_workers, "generator": 0}
    options["workers"] = "threads"
    fast = list(DataLoader(TensorDataset(x, y), **options))
    slow = list(DataLoader(OneByOne(), **options))
    assert len(fast) == len(slow) == 3
    for (a, b), (c, d) in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(a.numpy(), c.numpy())
        np.testing.assert_array_equal(b.numpy(), d.numpy())
        assert a.dtype == c.dtype


def test_batches_do_not_share_memory_with_the_dataset():
    x = lucid.zeros(4)
    for (batch,) in DataLoader(TensorDataset(x), 2):
        batch.data += 1
    assert x.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("size", "drop_last", "count"), [(5, False, 3), (5, True, 2), (4, True, 3)]
)
def test_length(size, drop_last, count):
    loader = DataLoader(Slow(), size, drop_last=drop_last)
    assert len(loader) == len(list(loader)) == count


def test_samplers():
    assert flat(DataLoader(Slow(), 2, sampler=[3, 1, 2])) == [3, 1, 2]
    loader = DataLoader(Slow(), batch_sampler=[[3], [1, 2]], num_workers=1, workers="threads")
    assert [fields["index"].tolist() for _, fields in loader] == [[3], [1, 2]]
    assert len(loader) == 2
    loader = DataLoader(Slow(), batch_sampler=BatchSampler([1, 2, 3], 2))
    assert flat(loader) == [1, 2, 3]


def test_without_batches():
    loader = DataLoader("abc", batch_size=None)
    assert list(loader) == ["a", "b", "c"]
    assert len(loader) == 3
    assert list(DataLoader("abc", batch_size=None, collate_fn=str.upper)) == ["A", "B", "C"]


def test_collate_fn():
    assert list(DataLoader("abc", 2, collate_fn="".join)) == ["ab", "c"]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_errors_name_the_sample(num_workers):
    loader = DataLoader(Slow(broken=7), 3, num_workers=num_workers, workers="threads")
    with pytest.raises(ZeroDivisionError, match="no such luck") as caught:
        flat(loader)
    assert "while loading sample 7 of Slow" in caught.value.__notes__[0]
    assert not workers()


def test_errors_of_collating_name_the_samples():
    ragged = [np.zeros(2), np.zeros(2), np.zeros(3)]
    with pytest.raises(ShapeError) as caught:
        list(DataLoader(ragged, 2, sampler=[0, 2]))
    assert "while collating the samples [0, 2]" in caught.value.__notes__[0]


def test_errors_of_whole_batches_name_the_samples():
    with pytest.raises((IndexError, IndexingError)) as caught:
        list(DataLoader(TensorDataset(lucid.zeros(3)), sampler=[1, 5], batch_size=2))
    assert "the samples [1, 5] of TensorDataset" in caught.value.__notes__[0]


def test_leaving_early_ends_the_threads():
    loader = DataLoader(Slow(60), 2, num_workers=3, workers="threads")
    for _ in loader:
        assert workers()
        break
    assert not workers()


def test_two_passes_at_once():
    loader = DataLoader(Slow(), 4, num_workers=2, workers="threads")
    pairs = [(a[1]["index"].tolist(), b[1]["index"].tolist()) for a, b in zip(loader, loader)]  # noqa: B905
    assert all(a == b for a, b in pairs)
    assert len(pairs) == 3


def test_no_more_is_fetched_ahead_than_asked():
    seen = []

    class Watched(Dataset):
        def __len__(self):
            return 100

        def __getitem__(self, index):
            seen.append(index)
            return index

    loader = DataLoader(Watched(), 1, num_workers=2, prefetch_factor=2, workers="threads")
    batches = iter(loader)
    next(batches)
    time.sleep(0.05)
    assert len(seen) <= 5
    batches.close()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"shuffle": True, "sampler": [0]}, "sampler excludes shuffle"),
        ({"batch_sampler": [[0]], "shuffle": True}, "batch_sampler excludes"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler excludes"),
        ({"batch_size": None, "drop_last": True}, "excludes drop_last"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1, not 0"),
        ({"num_workers": -1}, "num_workers"),
        ({"prefetch_factor": 0, "num_workers": 1}, "prefetch_factor must be an integer"),
        ({"prefetch_factor": 2}, "prefetch_factor is for workers, and num_workers is 0"),
        ({"persistent_workers": True}, "persistent_workers is for workers"),
        ({"timeout": -1, "num_workers": 1}, "timeout must be a number of seconds, not -1"),
        ({"workers": "greenlets"}, "'processes' or 'threads', not 'greenlets'"),
        ({"multiprocessing_context": "frok", "num_workers": 1}, "must be one of .*fork"),
        (
            {"multiprocessing_context": "fork", "num_workers": 1, "workers": "threads"},
            "multiprocessing_context excludes workers='threads'",
        ),
        ({"shuffle": True, "generator": 1.5}, "generator must be"),
    ],
)
def test_refusals(options, match):
    with pytest.raises(ArgumentError, match=match):
        DataLoader(Slow(), **options)
