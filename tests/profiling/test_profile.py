"""Profiles: what they count, what they write, and that they leave nothing behind."""

import json
import threading

import pytest

import lucid
from lucid import nn
from lucid.errors import ArgumentError, DTypeError
from lucid.kernels.jit import Kernel
from lucid.kernels.optim.rule import Rule


def training(steps=2, **options):
    lucid.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = lucid.optim.Adam(model.parameters())
    x, y, criterion = lucid.randn(16, 3), lucid.randn(16, 1), nn.HuberLoss()
    with lucid.profile(**options) as p:
        for _ in range(steps):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    return p


def test_ops_are_counted_by_pass():
    p = training(steps=3)
    rows = {(row["op"], row["pass"]): row for row in p.by_op()}
    assert rows["tanh", "forward"]["calls"] == rows["tanh", "backward"]["calls"] == 3
    assert rows["Adam", "optimizer"]["calls"] == 3
    assert rows["tanh", "forward"]["bytes"] == 3 * 16 * 8 * 4
    explained = sum(row["time"] for row in rows.values())
    assert 0 < explained <= p.wall_time
    assert p.to_dict()["explained"] == pytest.approx(explained / p.wall_time)


def test_backward_belongs_to_the_module_of_its_op():
    rows = {row["module"]: row for row in training().by_module()}
    assert {"Sequential", "Sequential.1", "HuberLoss"} <= set(rows)
    assert rows["Sequential.1"]["calls"] == 2
    assert 0 < rows["Sequential.1"]["backward"] < rows["Sequential"]["backward"]
    assert rows.get("", {"backward": 0})["backward"] == 0


def test_trace(tmp_path):
    p = training(steps=1)
    p.export(tmp_path / "trace.json")
    assert [file.name for file in tmp_path.iterdir()] == ["trace.json"]
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    passes = ("forward", "backward", "optimizer")
    ops = [e for e in events if e["ph"] == "X" and e["cat"] in passes]
    assert len(ops) == sum(row["calls"] for row in p.by_op())
    (tanh,) = (e for e in ops if e["name"] == "tanh" and e["cat"] == "backward")
    assert tanh["args"] == {"module": "Sequential.1", "shapes": [[16, 8]], "dtypes": ["float32"]}


def test_table_and_figure(tmp_path):
    p = training()
    text = repr(p)
    assert "explain" in text
    assert "total" in text
    head, rule, *_ = p.table("op").splitlines()
    assert head.split() == ["op", "pass", "calls", "time", "share", "mean", "bytes", "kernels"]
    assert set(rule) == {"-"}
    pytest.importorskip("matplotlib")
    p.plot(tmp_path / "flame.png")
    assert (tmp_path / "flame.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_is_left_behind():
    before = nn.Module.__call__, vars(Kernel)["compiled"], Rule.choose
    with pytest.raises(ZeroDivisionError), lucid.profile():
        raise ZeroDivisionError
    assert (nn.Module.__call__, vars(Kernel)["compiled"], Rule.choose) == before
    training()  # the next one starts


def test_other_threads_are_not_recorded():
    with lucid.profile() as p:
        worker = threading.Thread(target=lambda: nn.Tanh()(lucid.ones(3)))
        worker.start()
        worker.join()
    assert p.by_op() == p.by_module() == []


def test_misuse_is_named(tmp_path):
    never = lucid.profile()
    assert "never entered" in repr(never)
    for use in (never.by_op, never.plot, lambda: never.export(tmp_path / "t.json")):
        with pytest.raises(ArgumentError, match="never entered"):
            use()
    with lucid.profile() as p:
        with pytest.raises(ArgumentError, match="nested"), lucid.profile():
            pass
        with pytest.raises(ArgumentError, match="still recording"):
            p.by_op()
        lucid.ones(2).exp()
    with pytest.raises(ArgumentError, match="used already"), p:
        pass
    with pytest.raises(ArgumentError, match="'speed'"):
        p.by_op(sort="speed")
    with pytest.raises(ArgumentError, match="does not exist"):
        p.export(tmp_path / "none" / "trace.json")
    with pytest.raises(DTypeError, match=r"nn\.Module"):
        lucid.profile(3)
    with pytest.raises(ArgumentError, match="modules=True"):
        training(modules=False).by_module()
