"""The smaller examples in their quick form: what they print bears out what they say."""

import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples"
NEEDED = ("matplotlib", "sklearn", "statsmodels", "tqdm")
missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")

EXAMPLES = ["characters", "digits_cnn", "fine_tuning", "million_rows", "sunspots", "vae"]


def run(name, directory, *arguments):
    """Run an example in a directory."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), *arguments],
        cwd=directory,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )


def quick(name, directory):
    """What an example prints in its quick form; its figure must be where it says."""
    done = run(name, directory, "--quick", "--output", "new folder/figure.png")
    assert done.returncode == 0, done.stderr
    figure = directory / "new folder" / "figure.png"
    assert done.stdout.splitlines()[-1] == f"Figure: {figure.resolve()}"
    assert figure.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert figure.stat().st_size > 30_000
    assert [path.name for path in directory.rglob("*")] == ["new folder", "figure.png"]
    assert "100%" in done.stderr
    return done.stdout


def column(output, last=-1):
    """From the first words of each row of a table to a number of it, the last one."""
    rows = re.findall(r"^(\S.*?)\s{2,}((?:[\d.]+\s*)+(?:±.*)?)$", output, flags=re.MULTILINE)
    return {name: float(numbers.split("±")[0].split()[last]) for name, numbers in rows}


def test_sunspots_huber_forecasts_as_from_an_unspoiled_record(tmp_path):
    error = column(quick("sunspots", tmp_path))
    assert error['Huber, δ = "mad"'] < 0.9 * error["MSE"]
    assert error['Huber, δ = "mad"'] < 1.2 * error["MSE, unspoiled record"]


def test_million_rows_come_close_to_the_noise(tmp_path):
    error = column(quick("million_rows", tmp_path))
    assert error["the noise alone"] == pytest.approx(1, abs=0.02)
    assert error["network, Huber"] < 1.3 * error["the noise alone"]
    assert error["least squares, linear"] > 2 * error["the noise alone"]


def test_the_autoencoder_keeps_some_of_a_picture(tmp_path):
    nats = column(quick("vae", tmp_path))
    assert nats["training"] < 28
    assert nats["test"] < 28


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_wrong_argument_is_refused_at_once(tmp_path, name):
    done = run(name, tmp_path, "--output", "figure.doc")
    assert done.returncode == 2
    assert "--output must end in .png, .pdf or .svg, not figure.doc" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_pytorch_the_fine_tuning_says_what_to_install(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setattr(sys, "argv", ["fine_tuning.py"])
    importlib.import_module("fine_tuning").main(find=lambda name: None)
    assert "python -m pip install torch safetensors" in capsys.readouterr().out
