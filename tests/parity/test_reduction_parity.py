"""Reductions, scans, order statistics and searches against PyTorch.

Every call runs in both on every input: values, dtypes, gradients of a weighted sum, and where
PyTorch refuses, a refusal.
"""

import numpy as np
import pytest

import lucid
from lucid.core.tensor import wrap
from lucid.errors import LucidError

torch = pytest.importorskip("torch")
pytestmark = [  # PyTorch warns of what it returns all the same
    pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*imaginary part:UserWarning"),
]

rng = np.random.default_rng(0)
INPUTS = {
    "matrix": rng.standard_normal((3, 4)),
    "float32": rng.standard_normal((4, 3)).astype(np.float32),
    "cube": rng.standard_normal((2, 3, 4)),
    "transposed": rng.standard_normal((4, 3)).T,
    "strided": rng.standard_normal((6, 8))[::2, ::-2],
    "ties": np.array([[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [0.0, -0.0, 1.0, 1.0]]),
    "zeros": np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]]),
    "nan": np.array([[1.0, np.nan, 2.0, 0.5], [np.nan] * 4, [1.0, 2.0, 3.0, 4.0]]),
    "inf": np.array([[1.0, np.inf, 2.0], [-np.inf, 0.0, 1.0], [1.0, 2.0, 3.0]]),
    "number": np.array(1.5),
    "one": np.array([[2.5]]),
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((2, 0)),
    "integers": rng.integers(-3, 4, (3, 4)),
    "int32": rng.integers(-3, 4, (3, 4)).astype(np.int32),
    "uint8": rng.integers(0, 4, (3, 4)).astype(np.uint8),
    "bools": rng.random((3, 4)) < 0.5,
    "complex": rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4)),
}

DIMS = {
    "all": {},
    "first": {"dim": 0},
    "last kept": {"dim": -1, "keepdim": True},
}
PAIRS = {**DIMS, "two": {"dim": (0, -1)}}
MANY_DIMS = {**PAIRS, "none": {"dim": ()}}


def own(module, static):
    """Static arguments with a dtype of the module's own."""
    return {k: getattr(module, v) if k == "dtype" else v for k, v in static.items()}


def over(name, dims=MANY_DIMS, **more):
    return {
        f"{name} {label} {more or ''}".strip(): (
            lambda m, x, static=static: getattr(m, name)(x, **static, **own(m, more))
        )
        for label, static in dims.items()
    }


def along(name, *args, **more):
    return {
        f"{name} {dim} {args or ''}{more or ''}": (
            lambda m, x, dim=dim: getattr(m, name)(x, *args, dim=dim, **own(m, more))
        )
        for dim in (0, -1)
    }


CALLS = {
    **over("sum"),
    **over("sum", {"all": {}}, dtype="float32"),
    **over("mean"),
    **over("mean", {"all": {}}, dtype="float64"),
    **over("nansum"),
    **over("nanmean"),
    **over("prod", DIMS),
    **over("var", PAIRS),
    **over("var", DIMS, correction=0),
    **over("var", {"first": {"dim": 0}}, unbiased=False),
    **over("std", PAIRS),
    **over("std", {"first": {"dim": 0}}, correction=2),
    **over("var_mean", {"first": {"dim": 0}}),
    **over("std_mean", {"first": {"dim": 0}}),
    **over("norm"),
    **over("norm", DIMS, p=1),
    **over("norm", DIMS, p=3),
    **over("norm", DIMS, p=0.5),
    **over("norm", DIMS, p=float("inf")),
    **over("norm", {"first": {"dim": 0}}, p=-float("inf")),
    **over("logsumexp", {k: v for k, v in MANY_DIMS.items() if v.get("dim") not in (None, ())}),
    **over("amax"),
    **over("amin"),
    **over("max", DIMS),
    **over("min", DIMS),
    **over("aminmax", DIMS),
    **over("argmax", DIMS),
    **over("argmin", DIMS),
    **over("all", PAIRS),
    **over("any", PAIRS),
    "count_nonzero": lambda m, x: m.count_nonzero(x),
    "count_nonzero 0": lambda m, x: m.count_nonzero(x, dim=0),
    **along("cumsum"),
    **along("cumsum", dtype="float32"),
    **along("cumprod"),
    **along("logcumsumexp"),
    **along("cummax"),
    **along("cummin"),
    **along("diff"),
    **along("diff", 2),
    **along("sort", stable=True),
    **along("sort", stable=True, descending=True),
    **along("argsort", stable=True),
    "msort": lambda m, x: m.msort(x),
    "sum method": lambda m, x: x.sum(0),
    "max of two": lambda m, x: m.max(x, m.flip(x, (0,)) if x.ndim else x),
    **along("quantile", 0.3),
    **along("nanquantile", 0.3),
    "quantile of all": lambda m, x: m.quantile(x, 0.6, keepdim=True),
    "unique": lambda m, x: m.unique(x.detach(), return_inverse=True, return_counts=True),
    "unique rows": lambda m, x: m.unique(x.detach(), dim=0, return_counts=True),
}
for interpolation in ("lower", "higher", "midpoint", "nearest"):
    CALLS |= along("quantile", 0.4, interpolation=interpolation)

# Where several equal elements could be chosen, PyTorch's choice has no rule: values only.
VALUES = {
    **over("median", DIMS),
    **over("nanmedian", DIMS),
    **along("kthvalue", 2),
    **along("topk", 2),
    **along("topk", 1, largest=False),
    **along("mode"),
}

# Gradients that differ on purpose: what PyTorch says there is NaN, or goes nowhere.
DIFFERENT_GRADIENTS = {
    ("logcumsumexp", "inf"),  # zero where a sum is still zero
    ("amax", "nan"),  # goes to the NaNs, as that of max does
    ("amin", "nan"),
    ("aminmax", "nan"),
    ("norm", "nan"),
    ("nanmean", "nan"),  # zero where nothing is left
    ("prod", "nan"),  # the NaN itself has the product of the others
    ("cumprod", "inf"),
    ("{'p': 0.5}", "inf"),  # zero at zeros
}
DIFFERENT = {
    ("all", "uint8"),  # bool, not uint8
    ("any", "uint8"),
    ("var_mean", "inf"),  # the mean of an inf is inf
    ("std_mean", "inf"),
    ("unique", "nan"),  # where rows with NaN stand among the others
}


def run(module, call, array):
    """Outputs and the gradient of their weighted sum, or None where the call is refused."""
    differentiable = array.dtype.kind in "fc"
    if module is torch:
        x = torch.tensor(array.copy())
        x.requires_grad_(differentiable)
    else:
        x = wrap(array)
        x.requires_grad = differentiable
    outputs = call(module, x)
    outputs = list(outputs) if isinstance(outputs, tuple) else [outputs]
    for i, out in enumerate(outputs):
        if out.requires_grad:
            values = out.detach().numpy()
            weight = np.random.default_rng(i).standard_normal(values.shape).astype(values.dtype)
            weight = torch.tensor(weight) if module is torch else wrap(np.asarray(weight))
            out.backward(weight, retain_graph=True)
    gradient = None if x.grad is None else x.grad.detach().numpy()
    return [out.detach().numpy() for out in outputs], gradient


def attempt(module, call, array):
    try:
        return run(module, call, array)
    except (RuntimeError, IndexError, TypeError, NotImplementedError, ValueError) as error:
        return error


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("name", [*CALLS, *VALUES])
def test_like_pytorch(name, kind):
    array = INPUTS[kind]
    base = name.split()[0]
    if (base, kind) in DIFFERENT:
        pytest.skip("a deliberate difference")
    call = CALLS.get(name) or VALUES[name]
    theirs = attempt(torch, call, array)
    ours = attempt(lucid, call, array)
    if isinstance(theirs, Exception):
        if isinstance(ours, Exception):
            assert isinstance(ours, LucidError), ours
        return
    if isinstance(ours, Exception):
        raise ours
    only_values = name in VALUES
    for i, (a, b) in enumerate(zip(ours[0], theirs[0], strict=True)):
        if only_values and i:
            continue
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=2e-6 if a.dtype == np.float32 else 1e-12, atol=1e-12)
    if only_values or any(part in name and kind == k for part, k in DIFFERENT_GRADIENTS):
        return
    if theirs[1] is not None:
        got = np.zeros_like(array) if ours[1] is None else ours[1]
        np.testing.assert_allclose(got, theirs[1], rtol=1e-5, atol=1e-6)
