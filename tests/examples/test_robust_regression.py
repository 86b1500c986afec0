"""The main example, in its short form, as a user runs it: from some other directory."""

import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "robust_regression.py"
NEEDED = ("matplotlib", "sklearn", "statsmodels", "tqdm")
missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def run(directory, *arguments):
    """Run the example in a directory."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=directory,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The short form, run once: its directory and what it printed."""
    directory = tmp_path_factory.mktemp("elsewhere")
    done = run(directory, "--short", "--output", "new folder/figure.png")
    assert done.returncode == 0, done.stderr
    return directory, done


@pytest.fixture(scope="module")
def errors(short):
    """From the first words of each row of the table to its errors with labels in ppm and ppb."""
    row = r"^(\S.*?)\s+([\d.]+) ± [\d.]+\s+[+-][\d.]+\s+([\d.]+) ± [\d.]+\s+[+-][\d.]+$"
    rows = re.findall(row, short[1].stdout, flags=re.MULTILINE)
    return {name: (float(ppm), float(ppb)) for name, ppm, ppb in rows}


def test_every_model_has_a_row(errors):
    assert list(errors) == [
        "MSE",
        "L1",
        "Huber, δ = 1",
        "Huber, δ = 1000",
        'Huber, δ = "mad"',
        "scikit-learn's Huber",
        "… on cubic features",
    ]


def test_huber_beats_mse_clearly_in_both_units(errors):
    for unit in (0, 1):
        assert errors['Huber, δ = "mad"'][unit] < errors["MSE"][unit] / 3


def test_only_a_fixed_threshold_minds_the_unit(errors):
    for name in ("MSE", "L1", 'Huber, δ = "mad"'):
        in_ppm, in_ppb = errors[name]
        assert in_ppb == pytest.approx(in_ppm, rel=0.25), name
    in_ppm, in_ppb = errors["Huber, δ = 1000"]
    assert in_ppm > 3 * in_ppb


def test_the_ledger_finds_most_of_the_wrong_labels(short):
    found = re.search(
        r"Of the (\d+) wrong labels,\n(\d+) are among the (\d+) of smallest weight",
        short[1].stdout,
    )
    wrong, caught, named = map(int, found.groups())
    assert named == wrong == 334
    assert caught > 0.8 * wrong


def test_progress_shows_the_loss(short):
    assert "loss=" in short[1].stderr
    assert "100%" in short[1].stderr


def test_the_figure_is_where_it_says(short):
    directory, done = short
    figure = directory / "new folder" / "figure.png"
    assert done.stdout.splitlines()[-1] == f"Figure: {figure.resolve()}"
    assert figure.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert figure.stat().st_size > 100_000
    assert [path.name for path in directory.rglob("*")] == ["new folder", "figure.png"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--seeds", "0"], "--seeds must be at least 1, not 0"),
        (["--output", "figure.doc"], "--output must end in .png, .pdf or .svg, not figure.doc"),
    ],
)
def test_a_wrong_argument_is_refused_at_once(tmp_path, arguments, complaint):
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def weeks(monkeypatch):
    """Training and test weeks of one seed."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    return importlib.import_module("mauna_loa").split(seed=3)


def test_a_fifth_of_the_training_labels_is_too_high_and_no_test_label(weeks):
    train, test = weeks
    surplus = train.labels - train.measured
    assert len(train.labels) + len(test.labels) == 2225
    assert train.contaminated.sum() == round(0.2 * len(train.labels))
    assert (surplus[train.contaminated] > 0).all()
    assert 25 < surplus[train.contaminated].mean() < 35
    assert not test.contaminated.any()
    assert not set(train.years) & set(test.years)
