"""Datasets: what they hold, how they split, what they refuse."""

import numpy as np
import pytest

import lucid
from lucid.data import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from lucid.errors import ArgumentError, DTypeError, IndexingError, ShapeError


def test_tensor_dataset_refuses_unequal_lengths():
    with pytest.raises(ShapeError, match=r"(?s)same length.*tensors\[1\]: float32\[2\]"):
        TensorDataset(lucid.zeros(3, 2), lucid.zeros(2))
    with pytest.raises(ShapeError, match="same length"):
        TensorDataset(lucid.tensor(1.0))
    with pytest.raises(DTypeError, match=r"tensors\[0\] must be a tensor or an array, not list"):
        TensorDataset([1, 2])
    with pytest.raises(ArgumentError, match="at least one tensor"):
        TensorDataset()


def test_tensor_dataset_takes_arrays_without_a_copy():
    array = np.arange(6.0).reshape(3, 2)
    dataset = TensorDataset(array)
    assert np.shares_memory(dataset.tensors[0].data, array)
    assert dataset[-1][0].tolist() == [4.0, 5.0]


def test_batch_equals_samples_and_keeps_gradients():
    x = lucid.tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    dataset = TensorDataset(x, lucid.arange(3))
    a, b = dataset.batch(np.array([2, 0]))
    assert a.tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert b.tolist() == [2, 0]
    a.sum().backward()
    assert x.grad.tolist() == [[1, 1], [0, 0], [1, 1]]


def test_subset_passes_batches_on():
    subset = Subset(TensorDataset(lucid.arange(10)), [9, 3, 5])
    assert subset.batch(np.array([2, 0]))[0].tolist() == [5, 9]
    assert not hasattr(Subset([1, 2], [0]), "batch")
    nested = Subset(subset, [1])
    assert nested.batch(np.array([0]))[0].tolist() == [3]


def test_concat():
    joined = ConcatDataset([range(3), [], range(10, 12)])
    assert [joined[i] for i in range(-5, 5)] == [0, 1, 2, 10, 11] * 2
    with pytest.raises(IndexingError, match="index 5 is outside a dataset of 5 samples"):
        joined[5]
    with pytest.raises(ArgumentError):
        ConcatDataset([])


def test_an_unfinished_dataset_says_what_is_missing():
    class Half(Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Half must define __getitem__"):
        Half()[0]
    with pytest.raises(NotImplementedError, match="Half must define __len__"):
        len(Half())


@pytest.mark.parametrize("lengths", [[3, 7], [0.25, 0.75], [0.5, 0.3, 0.2], [10], [0, 10]])
def test_random_split_covers_everything_once(lengths):
    parts = random_split(range(10), lengths, generator=3)
    assert sorted(i for part in parts for i in part) == list(range(10))
    again = random_split(range(10), lengths, generator=lucid.Generator(3))
    assert [list(part) for part in parts] == [list(part) for part in again]


def test_shares_that_do_not_divide():
    sizes = [len(part) for part in random_split(range(10), [1 / 3, 1 / 3, 1 / 3])]
    assert sizes == [4, 3, 3]


@pytest.mark.parametrize("lengths", [[3, 8], [0.5, 0.4], [-1, 11]])
def test_random_split_refuses(lengths):
    with pytest.raises(ArgumentError, match="random_split"):
        random_split(range(10), lengths)
