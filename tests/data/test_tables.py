"""Tables: rows of three formats by index and as streams, equal to what was written."""

import pickle
import sys

import numpy as np
import pytest

import lucid
from lucid.data import DataLoader, TableDataset, TableStream, table_files
from lucid.errors import ArgumentError, DTypeError, IndexingError, MissingPackageError

pa = pytest.importorskip("pyarrow")
csv = pytest.importorskip("pyarrow.csv")
feather = pytest.importorskip("pyarrow.feather")
parquet = pytest.importorskip("pyarrow.parquet")

ROWS = 25
KINDS = ["parquet", "arrow", "feather", "csv"]


def contents():
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "a": rng.standard_normal(ROWS),
            "label": np.arange(ROWS),
            "b": pa.array([None if i == 3 else i * 10 for i in range(ROWS)]),
            "name": [f'row "{i}",\nand so on' if i % 2 else "plain" for i in range(ROWS)],
        }
    )


@pytest.fixture(params=KINDS)
def path(request, tmp_path, monkeypatch):
    """A file of five blocks or more."""
    table, path = contents(), str(tmp_path / f"table.{request.param}")
    if request.param == "parquet":
        parquet.write_table(table, path, row_group_size=5)
    elif request.param == "feather":
        feather.write_feather(table, path, chunksize=5)
    elif request.param == "arrow":
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table, max_chunksize=5)
    else:
        monkeypatch.setattr(table_files, "_CHUNK", 100)
        csv.write_csv(table, path)
    return path


def expected():
    a, _, b, _ = (column.to_numpy() for column in contents())
    return np.stack([a, b], 1).astype(np.float32), np.arange(ROWS)


def test_rows_by_index(path):
    x, y = expected()
    dataset = TableDataset(path, inputs=["a", "b"], targets="label", cached_blocks=2)
    assert len(dataset) == ROWS
    assert len(dataset.rows.blocks) >= 5
    for i in (0, 3, 24, -1):
        np.testing.assert_array_equal(dataset[i][0].numpy(), x[i])
        assert dataset[i][1].item() == y[i]
    for order in ([24, 0, 7, 7, 3, -2], list(range(ROWS))):
        batch = dataset.batch(order)
        np.testing.assert_array_equal(batch[0].numpy(), x[order])
        assert batch[1].tolist() == y[order].tolist()
        assert batch[0].dtype == lucid.float32
    assert len(dataset._cache) == 2
    for wrong in (25, -26):
        with pytest.raises(IndexingError, match=f"index {wrong} is outside a table of 25 rows"):
            dataset[wrong]
        with pytest.raises(IndexingError, match=f"index {wrong}"):
            dataset.batch([0, wrong])


def test_rows_as_dicts(path):
    dataset = TableDataset(path)
    row = dataset[1]
    assert row["name"] == 'row "1",\nand so on'
    assert row["label"].item() == 1
    batch = dataset.batch([0, 3, 24])
    assert batch["name"] == ["plain", 'row "3",\nand so on', "plain"]
    np.testing.assert_array_equal(batch["b"].numpy(), [0, np.nan, 240])
    alike = lucid.data.default_collate([dataset[i] for i in (0, 24)])
    assert alike["name"] == dataset.batch([0, 24])["name"]
    assert alike["label"].tolist() == [0, 24]


@pytest.mark.parametrize("targets", [["label", "b"], [], None])
def test_several_targets_and_none(path, targets):
    sample = TableDataset(path, inputs=["a"], targets=targets, dtype=lucid.float64)[2]
    if targets:
        assert sample[0].dtype == np.float64
        assert sample[1].tolist() == [2.0, 20.0]
    else:
        assert sample.shape == (1,)


@pytest.mark.parametrize("workers", ["processes", "threads"])
@pytest.mark.parametrize("count", [0, 2])
def test_streams_read_every_row_once(path, count, workers):
    x, _ = expected()
    stream = TableStream(path, inputs=["a", "b"], targets="label", shuffle=True, mixed_blocks=2)
    loader = DataLoader(stream, 4, num_workers=count, workers=workers, generator=1)
    first, second = ([label for _, y in loader for label in y.tolist()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(ROWS))
    assert first != second
    for inputs, labels in loader:
        np.testing.assert_array_equal(inputs.numpy(), x[labels.numpy()])
    assert len(stream) == ROWS


def test_streams_in_order(path):
    stream = TableStream(path, inputs=["a"], targets="label")
    assert [y.item() for _, y in stream] == list(range(ROWS))
    sizes = [len(y) for _, y in DataLoader(stream, 4, drop_last=True)]
    assert sizes == [4] * 6
    whole = [y.tolist() for _, y in DataLoader(stream, 4)]
    collated = DataLoader(stream, 4, collate_fn=lambda samples: [y.item() for _, y in samples])
    assert whole == list(collated)


def test_only_paths_travel(path):
    dataset = TableDataset(path, inputs=["a"], targets="label")
    dataset[0]
    twin = pickle.loads(pickle.dumps(dataset))
    assert twin.rows._opened is None
    assert not twin._cache
    assert twin[7][1].item() == 7
    labels = [y.tolist() for _, y in DataLoader(dataset, 10, num_workers=2)]
    assert labels == [list(range(10)), list(range(10, 20)), list(range(20, 25))]


def test_several_files(path):
    dataset = TableDataset([path, path], inputs=["a"], targets="label")
    assert len(dataset) == 2 * ROWS
    assert dataset.batch([ROWS + 3, 3])[1].tolist() == [3, 3]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2\r\n\r\n3,4",
        '\n\na,b\n\n"1",2\n\n3,"4"\n\n',
        'a,"b"\n1,2\n3,4',
    ],
)
def test_csv_is_cut_at_lines_wherever_chunks_end(tmp_path, monkeypatch, chunk, text):
    monkeypatch.setattr(table_files, "_CHUNK", chunk)
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    dataset = TableDataset(path, inputs=["a", "b"])
    assert len(dataset) == 2
    assert dataset.batch([0, 1]).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("text", ["a,b\n", "a,b"])
def test_tables_without_rows(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    assert len(TableDataset(path)) == 0
    assert list(DataLoader(TableStream(path), 2)) == []


def test_refusals(path, tmp_path, monkeypatch):
    with pytest.raises(DTypeError, match=r"(?s)TableDataset: the column 'name' holds string"):
        TableDataset(path, targets="label")
    with pytest.raises(ArgumentError, match=r"(?s)no column 'z'.*columns: \['a', 'label'"):
        TableStream(path, inputs=["z"])
    with pytest.raises(FileNotFoundError, match="there is no file"):
        TableDataset(tmp_path / "none.csv")
    with pytest.raises(ArgumentError, match=r"must end in one of \.parquet"):
        TableDataset("table.xlsx")
    (tmp_path / "bad.parquet").write_bytes(b"nonsense")
    with pytest.raises(ArgumentError, match=r"cannot read '.*bad\.parquet'"):
        TableDataset(tmp_path / "bad.parquet")
    with pytest.raises(ArgumentError, match="at least one file"):
        TableDataset([])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackageError, match=r"lucid\[tables\]"):
        TableDataset(path)
