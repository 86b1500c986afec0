"""The benchmark of the operations: both libraries do the same, and the page says what was found."""

import numpy as np
import pytest

import lucid
import lucid.nn
from benchmarks import operations_page
from benchmarks.operations import OPERATIONS, workload


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("backward", [False, True])
def test_both_libraries_compute_the_same(name, backward):
    torch = pytest.importorskip("torch")
    if backward and not OPERATIONS[name].gradient:
        pytest.skip("has no gradient")
    ours = workload(lucid, name, 100, backward)()
    theirs = workload(torch, name, 100, backward)()
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-4, atol=1e-5)


RESULTS = {
    "add": {"forward 100": [1.0, 2.0], "with backward 100": [2.0, 1.0]},
    "gather": {"forward 100": [5.0, 1.0]},
}


def test_the_mean_is_geometric_and_what_is_slow_is_named():
    mean, *over = operations_page.summary(RESULTS)
    assert "of 3 ratios: 1.71" in mean  # the cube root of 0.5 x 2 x 5
    assert len(over) == 1
    assert "gather, forward 100 elements: 5.00" in over[0]


def test_reasons_are_given_for_operations_that_exist():
    assert set(operations_page.WHY) <= set(OPERATIONS)


def test_the_page_has_a_row_for_each_operation(tmp_path, monkeypatch):
    monkeypatch.setattr(operations_page, "PAGE", tmp_path / "page.rst")
    operations_page.write(RESULTS)
    text = (tmp_path / "page.rst").read_text()
    assert "   * - add\n     - 0.50\n     - 2.00\n" in text
    assert "   * - gather\n     - 5.00\n" in text
    assert "Slower than twice" in text
