"""`start.py`, the newcomer's one file: what it says and when it installs."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parent.parent / "start.py"


@pytest.fixture
def start(tmp_path, monkeypatch):
    """A fresh copy of the module whose virtual environment would be in a temporary folder."""
    monkeypatch.setenv("LUCID_VENV", str(tmp_path / "venv"))
    spec = importlib.util.spec_from_file_location("start", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pretend_ready(start, extras):
    """Lay out what a finished installation leaves."""
    python = Path(start.venv_python())
    python.parent.mkdir(parents=True)
    python.touch()
    (Path(start.VENV) / f"lucid-{extras}.stamp").write_text(start.fingerprint())


def test_old_pythons_can_read_it():
    tree = ast.parse(PATH.read_text())
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert all(argument.annotation is None for argument in node.args.args)
            assert node.args.kwonlyargs == node.args.posonlyargs == []


def test_needs_the_standard_library_alone():
    tree = ast.parse(PATH.read_text())
    imports = {
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
    }
    assert imports <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))


def test_old_python_is_told(start, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert start.main(["demo"]) == 1
    assert "needs Python 3.11 or newer; this is Python 3.10" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0), (["dmeo"], 2)])
def test_usage(start, capsys, arguments, code):
    assert start.main(arguments) == code
    assert "start.py demo" in capsys.readouterr().out


def test_passes_arguments_on_and_returns_the_exit_code(start, monkeypatch):
    monkeypatch.setattr(start, "prepare", lambda extras: None)
    seen = []
    monkeypatch.setattr(start.subprocess, "call", lambda command, cwd: seen.append(command) or 7)
    assert start.main(["test", "-k", "huber"]) == 7
    assert seen == [[start.venv_python(), "-m", "pytest", "-n", "auto", "-k", "huber"]]


def test_installs_once(start, monkeypatch):
    pretend_ready(start, "test")
    monkeypatch.setattr(start, "install", lambda pip, extras: pytest.fail("installed again"))
    start.prepare("test")


@pytest.mark.parametrize("change", ["other extras", "pyproject"])
def test_installs_again_when_out_of_date(start, monkeypatch, change):
    pretend_ready(start, "test")
    installed = []
    monkeypatch.setattr(start, "make_venv", lambda: ["pip"])
    monkeypatch.setattr(start, "install", lambda pip, extras: installed.append(extras))
    if change == "pyproject":
        monkeypatch.setattr(start, "fingerprint", lambda: "another list of packages")
    extras = "test" if change == "pyproject" else "examples"
    start.prepare(extras)
    start.prepare(extras)
    assert installed == [extras]


def test_a_failed_installation_leaves_no_stamp(start, monkeypatch, capsys):
    pretend_ready(start, "examples")
    monkeypatch.setattr(start, "make_venv", lambda: ["pip"])
    monkeypatch.setattr(start, "run", lambda command, on_line: (1, ["no route to host"]))
    assert start.main(["test"]) == 1
    said = capsys.readouterr().err
    assert "no route to host" in said
    assert "offline" in said
    assert start.main(["test"]) == 1


def test_says_how_to_get_a_missing_venv_module(start, monkeypatch, capsys):
    monkeypatch.setattr(start, "has", lambda module: module == "venv")
    assert start.main(["demo"]) == 1
    assert "apt install python3-venv" in capsys.readouterr().err


def test_without_ensurepip_installs_from_outside(start, monkeypatch):
    monkeypatch.setattr(start, "has", lambda module: module != "ensurepip")
    commands = []
    monkeypatch.setattr(start, "run", lambda command: commands.append(command) or (0, []))
    assert start.make_venv() == [sys.executable, "-m", "pip", "--python", start.venv_python()]
    assert "--without-pip" in commands[0]


def test_never_deletes_a_folder_that_is_no_environment(start, tmp_path):
    precious = tmp_path / "venv" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("all of it")
    with pytest.raises(start.SetupError, match="no virtual environment"):
        start.make_venv()
    assert precious.read_text() == "all of it"
