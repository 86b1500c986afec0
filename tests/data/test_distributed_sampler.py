"""The shares of several processes: equal in length, together the whole dataset."""

import pytest

from lucid.data import DistributedSampler
from lucid.errors import ArgumentError


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(("size", "count"), [(10, 3), (9, 3), (2, 5), (0, 2)])
def test_shares(size, count, shuffle, drop_last):
    samplers = [
        DistributedSampler(range(size), count, r, shuffle, 0, drop_last) for r in range(count)
    ]
    shares = [list(sampler) for sampler in samplers]
    assert {len(share) for share in shares} == {len(samplers[0])}
    together = [i for share in shares for i in share]
    if drop_last:
        assert len(set(together)) == len(together) == size // count * count
    else:
        assert set(together) == set(range(size))


@pytest.mark.parametrize(
    ("size", "count", "drop_last"), [(10, 3, False), (10, 3, True), (2, 5, False)]
)
def test_as_pytorch_without_shuffling(size, count, drop_last):
    data = pytest.importorskip("torch.utils.data")
    for rank in range(count):
        options = {"num_replicas": count, "rank": rank, "shuffle": False, "drop_last": drop_last}
        ours = DistributedSampler(range(size), **options)
        theirs = data.DistributedSampler(range(size), **options)
        assert list(ours) == list(theirs)
        assert len(ours) == len(theirs)


def test_order_depends_on_seed_and_epoch():
    sampler = DistributedSampler(range(50), 1, 0, seed=1)
    first = list(sampler)
    assert list(sampler) == first
    sampler.set_epoch(1)
    assert list(sampler) != first


def test_the_launcher_says_who_we_are(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("RANK", "3")
    assert list(DistributedSampler(range(8), shuffle=False)) == [3, 7]
    with pytest.raises(ArgumentError, match=r"(?s)rank must be.*rank: 4"):
        DistributedSampler(range(8), rank=4)
