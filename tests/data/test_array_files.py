"""Arrays in files: samples, batches in any order, and travelling by path."""

import pickle

import numpy as np
import pytest

from lucid.data import ArrayFileDataset, DataLoader
from lucid.errors import ArgumentError, ShapeError


@pytest.fixture
def paths(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12.0).reshape(6, 2))
    np.save(tmp_path / "y.npy", np.arange(6))
    return tmp_path / "x.npy", tmp_path / "y.npy"


def test_samples_and_batches(paths):
    dataset = ArrayFileDataset(*paths)
    assert len(dataset) == 6
    assert [field.tolist() for field in dataset[-1]] == [[10.0, 11.0], 5]
    x, y = dataset.batch([4, 0, 4, -1])
    assert x.tolist() == [[8, 9], [0, 1], [8, 9], [10, 11]]
    assert y.tolist() == [4, 0, 4, 5]
    x.data += 1  # not the file's own memory
    assert dataset[0][0].tolist() == [0.0, 1.0]


def test_paths_travel_and_not_the_data(paths):
    dataset = ArrayFileDataset(*paths)
    assert len(pickle.dumps(dataset)) < 1000
    assert pickle.loads(pickle.dumps(dataset))[2][1].item() == 2
    labels = [y.tolist() for _, y in DataLoader(dataset, 4, num_workers=2)]
    assert labels == [[0, 1, 2, 3], [4, 5]]


def test_refusals(paths, tmp_path):
    np.save(tmp_path / "short.npy", np.zeros(3))
    np.save(tmp_path / "objects.npy", np.array([None]), allow_pickle=True)
    with pytest.raises(ShapeError, match=r"(?s)same length.*float64\[3\]"):
        ArrayFileDataset(paths[0], tmp_path / "short.npy")
    with pytest.raises(ArgumentError, match="no array that can be mapped"):
        ArrayFileDataset(tmp_path / "objects.npy")
    with pytest.raises(ArgumentError, match="at least one file"):
        ArrayFileDataset()
    with pytest.raises(FileNotFoundError):
        ArrayFileDataset(tmp_path / "none.npy")
