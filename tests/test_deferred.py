"""What the package imports when it is first named."""

import subprocess
import sys

import pytest

import lucid


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_leaves_out_what_is_not_named():
    code = "import sys, lucid; print([n for n in ('nn', 'optim') if f'lucid.{n}' in sys.modules])"
    assert run(code) == "[]"


def test_a_name_brings_its_module():
    code = "import sys, lucid; lucid.nn.Linear; print('lucid.nn' in sys.modules, lucid.fit)"
    assert run(code).startswith("True <function fit")


@pytest.mark.parametrize("name", ["nn", "optim", "fit", "warmup", "tanh"])
def test_dir_lists_every_name(name):
    assert name in dir(lucid)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'lucid' has no attribute 'tahn'"):
        _ = lucid.tahn
