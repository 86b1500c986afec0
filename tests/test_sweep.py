"""Every primitive of the registry on its samples, through every check there is."""

import pytest

import lucid.nn  # noqa: F401 - fills the registry
from lucid.core.primitive import REGISTRY
from lucid.testing.cases import kernels
from lucid.testing.checks import CHECKS, check_rule_declared

# Ops on real numbers that have real results and no gradient, as in PyTorch.
CONSTANT = {
    "bin_edges": "PyTorch has no gradient of them either",
    "bincount": "counts by weights; PyTorch has no gradient either",
    "histc": "counts",
    "histogramdd": "counts",
    "lstsq_beside": "PyTorch has gradients of the solution alone",
    "unique": "which values there are changes by jumps",
    "unique_consecutive": "which values there are changes by jumps",
}


@pytest.fixture(autouse=True)
def settled():
    """All calls of a check run on the same kernels, however many came before."""
    with kernels(True):
        yield


@pytest.mark.parametrize("name", sorted(REGISTRY))
@pytest.mark.parametrize("check", CHECKS)
def test_sweep(check, name):
    if check == "rule declared":
        check_rule_declared(REGISTRY[name], constant=name in CONSTANT)
    else:
        CHECKS[check](REGISTRY[name])


def test_what_is_declared_constant_exists():
    assert set(CONSTANT) <= set(REGISTRY)
