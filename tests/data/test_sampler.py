"""Samplers: every index once, repeatable by seed, weighted as asked."""

import numpy as np
import pytest

import lucid
from lucid.data import BatchSampler, RandomSampler, SequentialSampler, WeightedRandomSampler
from lucid.errors import ArgumentError


def test_random_order_repeats_by_seed_and_changes_by_pass():
    a, b = (RandomSampler(range(50), generator=1) for _ in range(2))
    first, second = list(a), list(a)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(50))
    assert [list(b), list(b)] == [first, second]


def test_the_default_generator_is_the_default():
    sampler = RandomSampler(range(20))
    lucid.manual_seed(5)
    first = list(sampler)
    lucid.manual_seed(5)
    assert list(sampler) == first


def test_number_of_samples():
    assert sorted(RandomSampler(range(3), num_samples=6)) == [0, 0, 1, 1, 2, 2]
    assert len(set(RandomSampler(range(9), num_samples=4))) == 4
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=100, generator=0))
    assert len(drawn) == 100
    assert set(drawn) == {0, 1, 2}
    assert list(RandomSampler([])) == list(RandomSampler([], replacement=True)) == []
    with pytest.raises(ArgumentError, match="dataset is empty"):
        list(RandomSampler([], num_samples=2))
    with pytest.raises(ArgumentError, match="num_samples"):
        RandomSampler([1], num_samples=0)
    with pytest.raises(ArgumentError, match="generator must be a Generator or a seed, not str"):
        RandomSampler([1], generator="seed")


def test_weights():
    sampler = WeightedRandomSampler([1.0, 3.0], 4000, generator=0)
    assert np.mean(list(sampler)) == pytest.approx(0.75, abs=0.03)
    assert sorted(WeightedRandomSampler([1, 0, 2], 2, replacement=False)) == [0, 2]
    assert list(WeightedRandomSampler([0.0, 1e300, 0.0], 2)) == [1, 1]


@pytest.mark.parametrize(
    ("weights", "count", "replacement"),
    [
        ([], 1, True),
        ([0.0], 1, True),
        ([-1.0, 2.0], 1, True),
        ([np.nan], 1, True),
        ([1.0], 0, True),
        ([1.0, 0.0], 2, False),
        ([[1.0]], 1, True),
    ],
)
def test_weights_refused(weights, count, replacement):
    with pytest.raises(ArgumentError, match="WeightedRandomSampler"):
        WeightedRandomSampler(weights, count, replacement)


@pytest.mark.parametrize(
    ("drop_last", "expected"), [(False, [[0, 1, 2], [3, 4]]), (True, [[0, 1, 2]])]
)
def test_batches(drop_last, expected):
    sampler = BatchSampler(SequentialSampler(range(5)), 3, drop_last)
    assert list(sampler) == expected
    assert len(sampler) == len(expected)


@pytest.mark.parametrize("size", [0, -1, 2.0, True])
def test_batch_size_refused(size):
    with pytest.raises(ArgumentError, match="batch_size"):
        BatchSampler(range(5), size)
