"""The coverage table tells the truth, and the truth is as it should be."""

import importlib.util
from pathlib import Path

import pytest

import lucid

pytest.importorskip("ml_dtypes")
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "coverage_table.py"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_table", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(coverage):
    return {f"{row.page}.{row.names[0]}": row for row in coverage.rows()}


ALL = {"bool", "int", "f16", "bf16", "f32", "f64", "c64", "c128"}


@pytest.mark.parametrize(
    ("name", "missing", "real", "complex_", "in_place", "out"),
    [
        ("add", set(), "any", "any", True, True),
        ("exp", set(), "any", "any", True, True),
        ("floor", {"c64", "c128"}, "any", "", True, True),
        ("sort", {"c64", "c128"}, "any", "", False, True),
        ("matmul", set(), "any", "any", False, True),
        ("eq", set(), "–", "–", True, True),
        ("gather", set(), "any", "any", False, True),
        ("argmax", {"c64", "c128"}, "–", "", False, True),
        ("bitwise_and", ALL - {"bool", "int"}, "–", "", True, True),
        ("reshape", set(), "any", "any", False, False),
        ("where", set(), "any", "any", False, True),
    ],
)
def test_well_known_operations(rows, name, missing, real, complex_, in_place, out):
    row = rows[f"lucid.{name}"]
    assert ALL - row.dtypes == missing
    assert (row.real, row.complex, row.in_place, row.out) == (real, complex_, in_place, out)


def test_the_table_is_long(rows):
    assert len(rows) > 400


def test_every_derivative_has_a_derivative(rows):
    assert [name for name, row in rows.items() if "1" in (row.real, row.complex)] == []


def test_what_takes_single_takes_double_and_the_other_way_round(rows):
    pairs = [("f32", "f64"), ("c64", "c128"), ("f16", "bf16")]
    one_only = {
        name: pair
        for name, row in rows.items()
        for pair in pairs
        if len(row.dtypes.intersection(pair)) == 1
    }
    assert set(one_only) <= {
        # NumPy's histograms count in their own dtypes
        "lucid.histc",
        "lucid.histogram",
        "lucid.histogramdd",
        # coordinates, of which bfloat16 has too few
        "lucid.nn.functional.affine_grid",
        "lucid.nn.functional.grid_sample",
        # takes more tensors than the table casts together
        "lucid.nn.functional.multi_head_attention_forward",
    }


def test_a_call_is_made_anew_for_every_dtype(coverage):
    call = coverage.Call((lucid.tensor([1, 2]), lucid.tensor([0, 1])), {"dim": 0})
    made = list(coverage.variants(call, lucid.dtypes.resolve("float32", "test")))
    kinds = [[x.dtype.name for x in each.args] for each in made]
    assert kinds == [["float32", "float32"], ["float32", "int64"]]
    assert call.args[0].dtype.name == "int64"


def test_the_page_is_a_table_for_each_module(coverage, rows, monkeypatch):
    monkeypatch.setattr(coverage, "rows", lambda: list(rows.values()))
    text = coverage.page()
    assert text.count(".. list-table::") == len({row.page for row in rows.values()})
    assert "   * - :func:`abs <lucid.abs>`, :func:`absolute <lucid.absolute>`" in text
    bodies = [line for line in text.splitlines() if line.startswith(("   * -", "     -"))]
    assert len(bodies) % (len(coverage.DTYPES) + 5) == 0
