"""The benchmarks' own arithmetic: verdicts, ratios, turns, sizes, and the table."""

import json

import numpy as np
import pytest

from benchmarks import machine, measure, problems, processes, report, turns
from benchmarks.__main__ import main
from benchmarks.rows import ROWS, Row, chosen


def row(**details):
    return Row("name", "title", "wall", hold=0.5, stretch=0.3, **details)


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(0.3, "stretch"), (0.31, "hold"), (0.5, "hold"), (0.51, "MISSED")]
)
def test_lower_ratios_are_better(ratio, verdict):
    assert row().verdict(ratio) == verdict


@pytest.mark.parametrize(("ratio", "verdict"), [(0.95, "stretch"), (0.8, "hold"), (0.7, "MISSED")])
def test_higher_shares_are_better(ratio, verdict):
    assert Row("n", "t", "wall", hold=0.8, stretch=0.95, share=True).verdict(ratio) == verdict


def test_ratio_is_ours_over_theirs_and_a_share_the_other_way():
    assert measure.Result(row(), ours=1.0, theirs=4.0).ratio == 0.25
    assert measure.Result(row(share=True), ours=4.0, theirs=1.0).ratio == 0.25
    assert measure.Result(row(), ours=1.0).ratio is None


def test_names_are_unique_and_stretch_is_harder_than_hold():
    assert len({r.name for r in ROWS}) == len(ROWS)
    for r in ROWS:
        assert r.verdict(r.stretch) == "stretch"
        assert r.verdict(r.hold) != "MISSED"
        assert r.stretch > r.hold if r.share else r.stretch < r.hold


def test_a_smoke_run_leaves_out_what_is_heavy():
    assert not any(r.heavy for r in chosen(None, smoke=True))
    assert [r.name for r in chosen("huber-16M", smoke=False)] == ["huber-16M"]


class FakeWorker:
    """Answers like a worker, from a script."""

    def __init__(self, value, seconds):
        self.value, self.seconds, self.orders = value, seconds, []

    def order(self, do, **details):
        self.orders.append((do, details))
        answers = {"wall": self.seconds, "cpu": 2 * self.seconds}
        return {"value": self.value, "seconds": self.seconds} if do == "load" else answers


def test_turns_alternate_and_slices_last_alike():
    ours, theirs = FakeWorker(1.0, 0.001), FakeWorker(1.0, 0.004)
    contest = turns.take_turns((ours, "w"), (theirs, "w"), {}, turns.Effort(0.1, 3, 0), "cpu")
    assert contest.ratio == 0.25
    assert contest.ours == [0.002] * 3
    assert ours.orders[1:] == [("run", {"calls": 100})] * 3
    assert theirs.orders[1:] == [("run", {"calls": 25})] * 3


def test_different_work_is_not_compared():
    sides = (FakeWorker(1.0, 1.0), "w"), (FakeWorker(1.1, 1.0), "w")
    with pytest.raises(turns.WorkerError, match=r"different values: 1\.0 and 1\.1"):
        turns.take_turns(*sides, {}, turns.SMOKE, "wall")


def test_workers_run_free_of_limits_on_their_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("LUCID_JIT", "0")
    assert not {"OMP_NUM_THREADS", "LUCID_JIT"} & set(turns.clean_environment())


def test_a_real_worker_answers_and_reports_errors():
    with turns.Worker("numpy") as worker:
        loaded = worker.order("load", workload="copy", args={"size": 64}, warm=0)
        assert loaded["seconds"] > 0
        assert worker.order("run", calls=3)["wall"] > 0
        with pytest.raises(turns.WorkerError, match="numpy: KeyError"):
            worker.order("load", workload="absent", args={}, warm=0)


def test_problems_are_the_same_every_time():
    assert np.array_equal(problems.pair(8)[0], problems.pair(8)[0])
    shapes = [(w.shape, b.shape) for w, b in problems.layers([3, 5, 2])]
    assert shapes == [((5, 3), (5,)), ((2, 5), (2,))]


def test_installed_size_counts_what_is_required():
    assert processes.installed_bytes(["pytest"]) > processes.installed_bytes(["iniconfig"]) > 0


def test_peak_memory_is_not_below_what_is_held():
    assert machine.peak_memory() >= machine.resident_memory() - (1 << 20) > 0


def test_table_and_json_show_the_same(tmp_path):
    result = measure.Result(row(), ours=2e-6, theirs=8e-6, slices=[[2e-6], [8e-6]])
    line = report.line(result)
    assert "2.00 us" in line
    assert line.endswith("stretch")
    assert report.summary([result]).startswith("1 stretch, 0 hold")
    report.write([result], tmp_path / "new" / "file.json")
    written = json.loads((tmp_path / "new" / "file.json").read_text())["rows"][0]
    assert written["ratio"] == 0.25
    assert written["verdict"] == "stretch"


def test_the_table_in_readme_is_replaced(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write_into_readme([measure.Result(row(), ours=1e-6, theirs=4e-6)], readme)
    text = readme.read_text()
    assert "| title | 1.00 us | 4.00 us | PyTorch | 0.250 |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")


def test_a_failure_is_told_in_its_row():
    result = measure.Result(row(), problem="it broke")
    assert "FAILED: it broke" in report.line(result)
    assert result.verdict == "FAILED"


def test_command_line(capsys):
    assert main(["--list", "--only", "cpu-"]) == 0
    assert capsys.readouterr().out.count("CPU seconds") == 6
    with pytest.raises(SystemExit):
        main(["--only", "no such row"])
