"""Histories: as table, as figure, as file."""

import sys
import types

import pytest

import lucid
from lucid import nn
from lucid.errors import ArgumentError, MissingPackageError
from lucid.training import CSVLogger, History, TensorBoard


def made(epochs=3):
    rows = [
        {"epoch": i, "loss": 100.0 * 0.1**i, "val_loss": 120.0 * 0.1**i, "mae": 1.0 / i, "lr": 0.1,
         "seconds": 61.0}
        for i in range(1, epochs + 1)
    ]  # fmt: skip
    return History(rows)


def test_table():
    history = made()
    history.stop_reason = "enough"
    head, first, *_, last = repr(history).splitlines()
    assert head.split() == ["epoch", "loss", "val_loss", "mae", "lr", "seconds"]
    assert first.split() == ["1", "10.00", "12.00", "1.000", "0.1000", "1:01"]
    assert last == "stopped: enough"
    assert len(repr(made(500)).splitlines()) < 30
    assert repr(History()) == "History of no epochs"


def test_values():
    history = made()
    assert history["mae"] == [1.0, 0.5, 1 / 3]
    assert history[-1]["epoch"] == len(history) == 3
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert history.best("mae")["epoch"] == 3
    assert history.best("mae", "max")["epoch"] == 1
    with pytest.raises(ArgumentError, match=r"'acc'(?s:.)*val_loss"):
        history["acc"]
    with pytest.raises(ArgumentError, match="no value that is a number"):
        History([{"epoch": 1, "loss": float("nan")}]).best("loss")


def test_figure_needs_no_display(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    figure = made().plot(path=tmp_path / "run.png")
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")
    loss, mae = figure.axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    assert list(loss.lines[1].get_ydata()) == made()["val_loss"]
    assert loss.get_yscale() == "log"
    assert mae.get_yscale() == "linear"
    assert len(mae.lines) == 1
    assert len(made(1).plot(["mae"]).axes) == 1
    with pytest.raises(ArgumentError, match="no measure 'acc'"):
        made().plot(["acc"])
    with pytest.raises(ArgumentError, match="no epochs"):
        History().plot()


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match="matplotlib"):
        made().plot()


def trained(*callbacks, epochs=2):
    lucid.manual_seed(0)
    model = nn.Linear(1, 1)
    optimizer = lucid.optim.SGD(model.parameters(), lr=0.1)
    data = lucid.rand(8, 1), lucid.rand(8, 1)
    return lucid.fit(
        model, data, nn.MSELoss(), optimizer, epochs, data, callbacks, batch_size=4, progress=False
    )


def test_csv(tmp_path):
    log = CSVLogger(tmp_path / "logs" / "run.csv")
    history = trained(log)
    head, *lines = log.path.read_text().splitlines()
    assert head.split(",") == history.names
    assert [float(line.split(",")[1]) for line in lines] == history["loss"]


class Writer:
    def __init__(self, folder):
        self.folder, self.seen, self.closed = folder, [], False
        Writer.last = self

    def add_scalar(self, tag, value, step):
        self.seen.append((tag, value, step))

    def flush(self):
        pass

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("package", "name"), [("tensorboardX", "SummaryWriter"), ("tensorboard.summary", "Writer")]
)
def test_tensorboard_through_either_package(package, name, monkeypatch):
    for other in ("tensorboardX", "tensorboard", "tensorboard.summary"):
        monkeypatch.setitem(sys.modules, other, None)
    top = package.partition(".")[0]
    monkeypatch.setitem(sys.modules, top, types.ModuleType(top))
    monkeypatch.setitem(sys.modules, package, types.SimpleNamespace(**{name: Writer}))
    history = trained(TensorBoard("runs/first", every_updates=2))
    assert Writer.last.folder.endswith("first")
    assert Writer.last.closed
    tags = [tag for tag, _, _ in Writer.last.seen]
    assert tags == ["loss/batch", "loss/train", "loss/validation", "lr"] * 2
    assert Writer.last.seen[1] == ("loss/train", history["loss"][0], 1)


def test_tensorboard_writes_event_files(tmp_path):
    pytest.importorskip("tensorboardX")
    trained(TensorBoard(tmp_path / "run"))
    assert next((tmp_path / "run").glob("events.out.tfevents.*")).stat().st_size > 100


def test_without_tensorboard(monkeypatch):
    for package in ("tensorboardX", "tensorboard", "tensorboard.summary"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=r"(?s)TensorBoard.*lucid\[tensorboard\]"):
        trained(TensorBoard("nowhere"))
    with pytest.raises(ArgumentError, match="every_updates"):
        TensorBoard("nowhere", every_updates=0)
