"""Every distribution against PyTorch's: densities, moments, entropies, and their gradients."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import lucid
from lucid import distributions as ours
from lucid.errors import UnimplementedError

torch = pytest.importorskip("torch")
theirs = torch.distributions

_spec = importlib.util.spec_from_file_location("cases", Path(__file__).with_name("cases.py"))
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)
CASES, IDS = cases.CASES, cases.IDS

both = pytest.mark.parametrize(("name", "parameters", "values"), CASES, ids=IDS)


@pytest.fixture(autouse=True)
def _in_double_precision():
    """Some of PyTorch's make tensors of its default dtype and refuse the mixture."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def make(name, parameters, grad=False):
    """The distribution here and in PyTorch, with the parameters of each."""
    arrays = {k: v for k, v in parameters.items() if isinstance(v, np.ndarray)}
    rest = {k: v for k, v in parameters.items() if k not in arrays}
    left = {k: lucid.tensor(v, requires_grad=grad) for k, v in arrays.items()}
    right = {k: torch.tensor(v, requires_grad=grad) for k, v in arrays.items()}
    a = getattr(ours, name)(**left, **rest)
    b = getattr(theirs, name)(**right, **rest)
    return a, b, left, right


# PyTorch's Bessel functions are polynomials of single precision; its series are short.
ROUGH_THERE = {"VonMises": 1e-6, "ContinuousBernoulli": 1e-7}


def close(a, b, rtol=1e-9, atol=1e-11):
    assert a.shape == tuple(b.shape)
    np.testing.assert_allclose(a.detach().data, b.detach().numpy(), rtol, atol)


@both
def test_log_prob_and_its_gradients(name, parameters, values):
    a, b, left, right = make(name, parameters, grad=True)
    here = lucid.tensor(values, requires_grad=values.dtype.kind == "f")
    there = torch.tensor(values, requires_grad=values.dtype.kind == "f")
    found, wanted = a.log_prob(here), b.log_prob(there)
    close(found, wanted, ROUGH_THERE.get(name, 1e-9))
    pull = np.random.default_rng(0).standard_normal(found.shape)
    (found * lucid.tensor(pull)).sum().backward()
    (wanted * torch.tensor(pull)).sum().backward()
    for key in left:
        mine, other = left[key].grad, right[key].grad
        if key == "scale_tril":  # what stands above the diagonal is no part of it
            mine, other = mine.tril(), other.tril()
        close(mine, other, 10 * ROUGH_THERE.get(name, 1e-8), 1e-9)
    if there.grad is not None and a.support.is_discrete is False and name != "LKJCholesky":
        close(here.grad, there.grad, 1e-7, 1e-9)


@pytest.mark.filterwarnings("ignore:Singular sample")
@both
def test_shapes_and_constraints(name, parameters, values):
    a, b, _, _ = make(name, parameters)
    assert a.batch_shape == tuple(b.batch_shape)
    assert a.event_shape == tuple(b.event_shape)
    assert bool(a.has_rsample) == (bool(b.has_rsample) or name in CLOSED_HERE)
    assert bool(a.has_enumerate_support) == bool(b.has_enumerate_support)
    assert a.support.event_dim == b.support.event_dim
    assert a.support.is_discrete == b.support.is_discrete
    assert set(a.arg_constraints) - {"temperature"} == set(b.arg_constraints) - {"temperature"}
    assert a.sample((4,)).shape == tuple(b.sample((4,)).shape)
    bigger = a.expand((5, *a.batch_shape))
    assert bigger.batch_shape == (5, *a.batch_shape)
    drawn = a.sample()
    repeated = bigger.log_prob(drawn)
    assert repeated.shape == bigger.batch_shape
    np.testing.assert_allclose(repeated.data[4], a.log_prob(drawn).data, rtol=1e-12)


CLOSED_HERE = {"Gumbel", "Weibull", "Pareto"}  # PyTorch inherits it there: True as well


@both
@pytest.mark.parametrize("moment", ["mean", "variance", "stddev", "mode", "entropy", "perplexity"])
def test_moments(name, parameters, values, moment):
    a, b, left, right = make(name, parameters, grad=True)
    if (name, moment) in BETTER_HERE:
        pytest.skip("tested in its own file")
    try:
        wanted = getattr(b, moment)
        wanted = wanted() if callable(wanted) else wanted
    except NotImplementedError:
        return
    found = getattr(a, moment)
    found = found() if callable(found) else found
    close(found, wanted, ROUGH_THERE.get(name, 1e-9))
    if moment != "mode" and wanted.requires_grad and wanted.isfinite().all():
        found.sum().backward()
        wanted.sum().backward()
        for key in left:
            if right[key].grad is not None and left[key].grad is not None:
                close(left[key].grad, right[key].grad, 10 * ROUGH_THERE.get(name, 1e-7), 1e-8)


# PyTorch's mode of Kumaraswamy is not where the density is highest; NaN for Weibull below 1.
BETTER_HERE = {("Kumaraswamy", "mode"), ("Weibull", "mode")}


@both
def test_cdf_and_icdf(name, parameters, values):
    a, b, _, _ = make(name, parameters)
    here, there = lucid.tensor(values), torch.tensor(values)
    try:
        wanted = b.cdf(there)
    except NotImplementedError:
        wanted = None
    if wanted is not None:
        close(a.cdf(here), wanted, 1e-8)
    p = np.array([0.001, 0.3, 0.975])
    try:
        wanted = b.icdf(torch.tensor(p))
    except NotImplementedError:
        return
    close(a.icdf(lucid.tensor(p)), wanted, 1e-7, 1e-9)


@both
def test_enumerate_support(name, parameters, values):
    a, b, _, _ = make(name, parameters)
    if not b.has_enumerate_support:
        with pytest.raises(UnimplementedError, match=name):
            a.enumerate_support()
        return
    for expand in (True, False):
        close(a.enumerate_support(expand), b.enumerate_support(expand))


@both
def test_printed_form_names_the_class(name, parameters, values):
    a, _, _, _ = make(name, parameters)
    assert repr(a).startswith(f"{name}(")


def test_everything_pytorch_has_is_here():
    missing = [n for n in theirs.__all__ if not hasattr(ours, n)]
    assert missing == []
    missing = [n for n in theirs.constraints.__all__ if not hasattr(ours.constraints, n)]
    assert missing == []
    missing = [n for n in theirs.transforms.__all__ if not hasattr(ours.transforms, n)]
    assert missing == []
