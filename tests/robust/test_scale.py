"""MAD, Sn and Qn: against their definitions, statsmodels, and the normal distribution."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid.errors import ArgumentError, DTypeError, IndexingError
from lucid.kernels.pair_differences import first_column, middle_distances, smallest_difference
from lucid.robust import breakdown_point, mad, qn_scale, sn_scale
from lucid.robust.scale import QN_CONSTANT, SN_CONSTANT
from lucid.testing.cases import kernels

numbers = st.lists(st.integers(-20, 20) | st.floats(-1e6, 1e6), min_size=2, max_size=40)


@pytest.fixture(params=[True, False], ids=["kernel", "reference"])
def _path(request):
    with kernels(request.param):
        yield


def distances(x):
    return np.abs(x[:, None] - x[None, :])


def sn_by_definition(x):
    n = len(x)
    high = np.sort(distances(x), axis=1)[:, n // 2]
    return np.sort(high)[(n + 1) // 2 - 1]


def qn_by_definition(x):
    n = len(x)
    h = n // 2 + 1
    return np.sort(distances(x)[np.triu_indices(n, 1)])[h * (h - 1) // 2 - 1]


# ---- the algorithms --------------------------------------------------------------------


@pytest.mark.usefixtures("_path")
@given(numbers)
def test_scales_are_those_of_the_definition(values):
    x = np.array(values, np.float64)
    assert sn_scale(x, correction=False) == SN_CONSTANT * sn_by_definition(x)
    assert qn_scale(x, correction=False) == QN_CONSTANT * qn_by_definition(x)


@pytest.mark.usefixtures("_path")
@pytest.mark.parametrize("n", [2, 3, 50, 151])
def test_every_rank_of_the_differences(n):
    x = np.sort(np.random.default_rng(n).standard_normal(n).round(2))  # with ties
    expected = np.sort(distances(x)[np.triu_indices(n, 1)])
    ranks = range(1, len(expected) + 1, max(1, len(expected) // 60))
    assert [smallest_difference(x, k) for k in ranks] == [expected[k - 1] for k in ranks]


@given(numbers, st.floats(0, 40), st.booleans())
def test_both_ways_to_find_the_first_column(values, t, beyond):
    x = np.sort(np.array(values, np.float64))
    found = []
    for on in (True, False):
        with kernels(on):
            found.append(first_column(x, t, beyond).tolist())
    assert found[0] == found[1]
    gaps = x[None, :] - x[:, None]
    later = np.triu(gaps > t if beyond else gaps >= t, 1)
    assert found[0] == [int(np.argmax(row)) if row.any() else len(x) for row in later]


def test_middle_distances_of_many():
    x = np.sort(np.random.default_rng(0).standard_cauchy(300))
    assert np.array_equal(middle_distances(x), np.sort(distances(x), axis=1)[:, 150])


@pytest.mark.usefixtures("_path")
def test_a_hundred_thousand_numbers_need_no_square_of_memory():
    x = np.random.default_rng(1).standard_normal(100_000)
    assert abs(qn_scale(x) - 1) < 0.01  # four standard deviations
    assert abs(sn_scale(x) - 1) < 0.012


# ---- others' values --------------------------------------------------------------------


def test_against_statsmodels():
    robust = pytest.importorskip("statsmodels.robust.scale")
    x = np.random.default_rng(2).standard_t(2, (31, 40))
    assert np.allclose(mad(x, 0), robust.mad(x), rtol=1e-14)
    assert np.allclose(mad(x, 1, center=0.0), robust.mad(x, axis=1, center=0), rtol=1e-14)
    assert np.allclose(
        qn_scale(x, axis=1, correction=False), robust.qn_scale(x, axis=1), rtol=1e-14
    )


def test_against_scipy():
    stats = pytest.importorskip("scipy.stats")
    x = np.random.default_rng(3).standard_t(2, 41)
    expected = stats.median_abs_deviation(x)
    assert mad(x, normalize=False) == pytest.approx(expected, rel=1e-15)


def test_the_constants_of_the_paper():
    assert round(SN_CONSTANT, 4) == 1.1926
    assert round(QN_CONSTANT, 4) == 2.2191


@pytest.mark.parametrize("n", [4, 5, 9, 12, 13])
@pytest.mark.parametrize("scale", [sn_scale, qn_scale])
def test_small_samples_are_corrected(scale, n):
    x = np.random.default_rng(n).standard_normal((3000, n))
    estimates = scale(x, 1)
    spread = estimates.std() / math.sqrt(len(x))
    assert abs(estimates.mean() - 1) < 4 * spread + 0.006  # the paper gives three digits


@pytest.mark.parametrize(
    ("scale", "efficiency"), [(mad, 0.3675), (sn_scale, 0.5823), (qn_scale, 0.8227)]
)
def test_efficiencies_of_the_paper(scale, efficiency):
    """The variance of log s is 1/(2n) for the standard deviation of normal data."""
    x = np.random.default_rng(5).standard_normal((1500, 200))
    reached = 1 / (2 * 200 * np.log(scale(x, 1)).var())
    assert reached == pytest.approx(efficiency, rel=0.12)  # three standard errors


@pytest.mark.parametrize("scale", [mad, sn_scale, qn_scale])
def test_half_of_the_data_may_be_bad(scale):
    assert breakdown_point(scale) == 0.5
    assert 0.49 <= breakdown_point(scale, implosion=True) <= 0.51


# ---- kinds, dimensions, strange numbers ------------------------------------------------


@pytest.mark.parametrize("scale", [mad, sn_scale, qn_scale])
def test_dimensions_and_kinds(scale):
    x = np.random.default_rng(6).standard_normal((3, 4, 5))
    flat = x.transpose(1, 0, 2).reshape(4, 15)
    assert np.array_equal(scale(x, (0, 2)), [scale(row) for row in flat])
    assert scale(x, axis=(0, 2), keepdims=True).shape == (1, 4, 1)
    assert scale(x, -1, True).shape == (3, 4, 1)
    tensor = scale(lucid.tensor(x, dtype=lucid.float32, requires_grad=True), dim=2)
    assert isinstance(tensor, lucid.Tensor)
    assert tensor.dtype == np.float32
    assert not tensor.requires_grad
    assert np.allclose(tensor.numpy(), scale(x, 2), rtol=1e-6)
    assert scale(lucid.tensor([1, 5, 9])).dtype == lucid.get_default_dtype()
    assert scale(x.astype(np.float16), 0).dtype == np.float16


@pytest.mark.parametrize("scale", [mad, sn_scale, qn_scale])
def test_strange_numbers(scale):
    x = np.array([[1.0, 2.0, 4.0, 8.0, 9.0, np.nan], [1.0, 2.0, 4.0, 8.0, 9.0, np.inf]])
    found = scale(x, 1)
    assert np.isnan(found[0])
    assert np.isfinite(found[1])
    assert scale(np.array([1.0, np.inf, -np.inf, np.inf, -np.inf])) == np.inf
    assert scale(np.full(7, 3.0)) == 0
    assert scale(np.array([3.0])) == 0
    assert scale(np.array(3.0)) == 0
    assert np.array_equal(scale(np.zeros((0, 3)), 1), np.zeros(0))


@pytest.mark.parametrize("scale", [mad, sn_scale, qn_scale])
def test_refusals(scale):
    name = scale.__name__
    with pytest.raises(ArgumentError, match=f"{name}: there are no numbers to estimate from"):
        scale(np.zeros((3, 0)), 1)
    with pytest.raises(DTypeError, match=rf"{name}: input must hold real numbers\n.*complex128"):
        scale(np.zeros(3, complex))
    with pytest.raises(DTypeError, match=f"{name}: takes tensors and numbers, not list"):
        scale([1.0, 2.0])
    with pytest.raises(IndexingError, match=f"{name}: there is no dimension 2"):
        scale(np.zeros((3, 2)), 2)
    with pytest.raises(ArgumentError, match="mean the same"):
        scale(np.zeros((3, 2)), 1, axis=1)
