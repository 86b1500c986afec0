"""The stub of `Tensor` is current, and says what the functions say."""

import ast

import pytest

import lucid
from lucid import Tensor
from lucid.testing import stubs


def test_the_stub_is_current():
    text = stubs.PATH.read_text(encoding="utf-8")
    assert text == stubs.generate(), "python -m lucid.testing.stubs --write"


def test_the_stub_is_python_and_knows_every_method():
    tree = ast.parse(stubs.generate())
    cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Tensor")
    known = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
    methods = {name for name, value in vars(Tensor).items() if callable(value)}
    assert methods - known <= {"__class__", "__setattr__"}
    assert {"backward", "T", "add_", "__add__", "sum"} <= known


def sample(input: Tensor, first: "int | None" = None, *rest: float, plain="x", made=[]) -> Tensor:  # noqa: B006
    return input


def test_signatures():
    assert stubs._signature(sample, operator=False) == (
        "(self, first: builtins.int | None = None, *rest: builtins.float, "
        "plain: Any = 'x', made: Any = ...) -> Tensor"
    )
    assert stubs._signature(lucid.add, operator=True) == "(self, other: Any) -> Tensor"


def test_methods_in_place_have_the_signature_of_their_op():
    plain = stubs._plain_form("add_", Tensor.add_)
    assert plain is Tensor.add


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(stubs, "PATH", tmp_path / "tensor.pyi")
    assert stubs.main(["--check"]) == 1
    assert "is stale" in capsys.readouterr().err
    assert stubs.main(["--write"]) == 0
    assert stubs.main(["--check"]) == 0
    assert stubs.main([]) == 2


@pytest.mark.parametrize("text", ["float", "tuple[int, ...]", "Sequence[bool] | None"])
def test_types_are_told_from_methods_of_the_same_name(text):
    assert "builtins." in stubs._shielded(text)
    assert stubs._shielded(stubs._shielded(text)) == stubs._shielded(text)
