"""Gradients where there are several: at kinks, ties, zeros and the ends of a domain.

PyTorch chooses one of the possible gradients; so do we, the same one. Our second derivative is
that of the branch whose first derivative was taken, and no NaN where a number is meant; where
PyTorch's is another, the case says so.
"""

from __future__ import annotations

import numpy as np
import pytest

import lucid

torch = pytest.importorskip("torch")

INF, NAN = float("inf"), float("nan")
ZEROS = [-0.0, 0.0]
KINK = [-1.0, -0.0, 0.0, 1.0]
TIES = [[2.0, 2.0, 1.0], [3.0, 2.0, 3.0], [1.0, 1.0, 1.0]]

ANOTHER_SECOND = {  # where our second derivative differs, and why
    "elu": "0 belongs to the exponential, as for the first derivative; PyTorch's is 0 there",
    "selu": "as elu",
    "celu": "as elu",
    "softplus": "the threshold belongs to the curve, as for the first derivative",
    "prelu": "0 has the slope w, so the slope's derivative by w counts it",
    "pow tensors": "d/dy of y x^(y - 1) at y = 0 is 1 / x; PyTorch's is 0",
    "acosh": "NaN at the end of the domain; PyTorch's is -inf",
}
ONCE = {"hardsigmoid", "heaviside", "cdist", "cdist 1"}  # PyTorch cannot differentiate them twice

# name: (function of a framework m, its functional F and tensors, the tensors' values)
CASES = {
    "abs": (lambda m, F, x: m.abs(x), [KINK]),
    "sign": (lambda m, F, x: m.sign(x), [KINK]),
    "relu": (lambda m, F, x: F.relu(x), [[*KINK, NAN]]),
    "relu6": (lambda m, F, x: F.relu6(x), [[*KINK, 6.0, 7.0]]),
    "leaky_relu": (lambda m, F, x: F.leaky_relu(x, 0.1), [KINK]),
    "elu": (lambda m, F, x: F.elu(x, 2.0), [KINK]),
    "selu": (lambda m, F, x: F.selu(x), [KINK]),
    "celu": (lambda m, F, x: F.celu(x, 2.0), [KINK]),
    "hardtanh": (lambda m, F, x: F.hardtanh(x), [KINK]),
    "hardsigmoid": (lambda m, F, x: F.hardsigmoid(x), [[-3.0, 3.0, 4.0]]),
    "hardswish": (lambda m, F, x: F.hardswish(x), [[-4.0, 0.0, 4.0]]),
    "hardshrink": (lambda m, F, x: F.hardshrink(x, 1.0), [KINK]),
    "softshrink": (lambda m, F, x: F.softshrink(x, 1.0), [KINK]),
    "threshold": (lambda m, F, x: F.threshold(x, 0.0, 5.0), [KINK]),
    "prelu": (lambda m, F, x, w: F.prelu(x, w), [KINK, [0.25]]),
    "softplus": (lambda m, F, x: F.softplus(x, 1.0, 2.0), [[1.0, 2.0, 3.0]]),
    "clamp": (lambda m, F, x: m.clamp(x, -1, 1), [[*KINK, 2.0, NAN]]),
    "clamp min": (lambda m, F, x: m.clamp(x, min=0), [KINK]),
    "clamp crossed": (lambda m, F, x: m.clamp(x, 1, -1), [KINK]),
    "clamp tensors": (
        lambda m, F, x, a, b: m.clamp(x, a, b),
        [[0.0, 1.0, 2.0, 0.5], [0.0, 0.0, 0.0, 0.5], [1.0, 1.0, 1.0, 0.5]],
    ),
    "clamp tensors crossed": (
        lambda m, F, x, a, b: m.clamp(x, a, b),
        [[0.0, 1.0, 2.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]],
    ),
    "maximum": (lambda m, F, x, y: m.maximum(x, y), [[1.0, 2.0, NAN, 0.0], [1.0, 1.0, 0.0, NAN]]),
    "minimum": (lambda m, F, x, y: m.minimum(x, y), [[1.0, 2.0, NAN, 0.0], [1.0, 1.0, 0.0, NAN]]),
    "fmax": (lambda m, F, x, y: m.fmax(x, y), [[1.0, 2.0, NAN, 0.0], [1.0, 1.0, 0.0, NAN]]),
    "fmin": (lambda m, F, x, y: m.fmin(x, y), [[1.0, 2.0, NAN, 0.0], [1.0, 1.0, 0.0, NAN]]),
    "max": (lambda m, F, x: m.max(x), [TIES]),
    "min": (lambda m, F, x: m.min(x), [TIES]),
    "max NaN": (lambda m, F, x: m.max(x), [[1.0, NAN, 2.0, NAN]]),
    "max dim": (lambda m, F, x: m.max(x, 1)[0], [TIES]),
    "min dim": (lambda m, F, x: m.min(x, 1)[0], [TIES]),
    "amax": (lambda m, F, x: m.amax(x, 1), [TIES]),
    "amin": (lambda m, F, x: m.amin(x, 1), [TIES]),
    "amax all": (lambda m, F, x: m.amax(x), [TIES]),
    "aminmax": (lambda m, F, x: sum(m.aminmax(x)), [TIES]),
    "aminmax dim": (lambda m, F, x: sum(m.aminmax(x, dim=1)), [TIES]),
    "median": (lambda m, F, x: m.median(x), [TIES]),
    "median dim": (lambda m, F, x: m.median(x, 1)[0], [[[1.0, 1.0, 1.0, 2.0], [3.0, 0.0, 1.0, 2]]]),
    "nanmedian": (lambda m, F, x: m.nanmedian(x), [[1.0, NAN, 2.0, 5.0]]),
    "mode": (lambda m, F, x: m.mode(x, 1)[0], [[[2.0, 2.0, 1.0], [3.0, 2.0, 3.0]]]),
    "sort": (lambda m, F, x: m.sort(x, dim=1, stable=True)[0], [TIES]),
    "sort descending": (lambda m, F, x: -m.sort(-x, dim=1, stable=True)[0], [TIES]),
    "cummax": (lambda m, F, x: m.cummax(x, 1)[0], [TIES]),
    "cummin": (lambda m, F, x: m.cummin(x, 1)[0], [TIES]),
    "quantile": (lambda m, F, x: m.quantile(x, 0.5), [[1.0, 2.0, 4.0, 8.0]]),
    "norm 0": (lambda m, F, x: m.norm(x, 0), [ZEROS]),
    "norm 1": (lambda m, F, x: m.norm(x, 1), [ZEROS]),
    "norm 2": (lambda m, F, x: m.norm(x), [ZEROS]),
    "norm 3": (lambda m, F, x: m.norm(x, 3), [ZEROS]),
    "norm 3 partly": (lambda m, F, x: m.norm(x, 3), [[0.0, 2.0, -1.0]]),
    "norm 1.5 partly": (lambda m, F, x: m.norm(x, 1.5), [[0.0, 2.0, -1.0]]),
    "norm half": (lambda m, F, x: m.norm(x, 0.5), [[1.0, 2.0]]),
    "norm inf": (lambda m, F, x: m.norm(x, INF), [[2.0, -2.0, 1.0]]),
    "norm inf 0": (lambda m, F, x: m.norm(x, INF), [ZEROS]),
    "norm -inf": (lambda m, F, x: m.norm(x, -INF), [[2.0, -1.0, 1.0]]),
    "norm dim": (lambda m, F, x: m.norm(x, 2, 1), [[[0.0, 0.0], [3.0, 4.0]]]),
    "dist": (lambda m, F, x, y: m.dist(x, y), [[1.0, 2.0], [1.0, 2.0]]),
    "dist 1": (lambda m, F, x, y: m.dist(x, y, 1), [[1.0, 2.0], [1.0, 3.0]]),
    "cdist": (lambda m, F, x, y: m.cdist(x, y), [[[1.0, 2.0]], [[1.0, 2.0], [4.0, 6.0]]]),
    "cdist 1": (lambda m, F, x, y: m.cdist(x, y, 1.0), [[[1.0, 2.0]], [[1.0, 2.0], [1.0, 6.0]]]),
    "renorm": (lambda m, F, x: m.renorm(x, 2, 0, 1.0), [[[0.0, 0.0], [3.0, 4.0], [0.6, 0.8]]]),
    "normalize": (lambda m, F, x: F.normalize(x, dim=0), [ZEROS]),
    "cosine_similarity": (lambda m, F, x, y: F.cosine_similarity(x, y, 0), [ZEROS, [1.0, 2.0]]),
    "pairwise_distance": (lambda m, F, x, y: F.pairwise_distance(x, y), [[[1.0, 2]], [[1.0, 2]]]),
    "hypot": (lambda m, F, x, y: m.hypot(x, y), [[0.0, 3.0], [0.0, 4.0]]),
    "atan2": (lambda m, F, x, y: m.atan2(x, y), [[0.0, 3.0], [0.0, 4.0]]),
    "sqrt": (lambda m, F, x: m.sqrt(x), [[0.0, 1.0, -1.0, INF]]),
    "rsqrt": (lambda m, F, x: m.rsqrt(x), [[0.0, 1.0, INF]]),
    "reciprocal": (lambda m, F, x: m.reciprocal(x), [[0.0, 1.0, INF]]),
    "div by 0": (lambda m, F, x, y: x / y, [[0.0, 1.0], [0.0, 0.0]]),
    "pow 0": (lambda m, F, x: x**0, [[*KINK, INF]]),
    "pow 1": (lambda m, F, x: x**1, [KINK]),
    "pow 2": (lambda m, F, x: x**2, [KINK]),
    "pow half": (lambda m, F, x: x**0.5, [[0.0, 1.0]]),
    "pow 1.5": (lambda m, F, x: x**1.5, [[0.0, 1.0]]),
    "pow -1": (lambda m, F, x: x**-1, [[0.0, 1.0]]),
    "pow tensors": (lambda m, F, x, y: x**y, [[0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0]]),
    "number to a power": (lambda m, F, x: 0.0**x, [[0.0, 1.0, 2.0]]),
    "log": (lambda m, F, x: m.log(x), [[0.0, 1.0, -1.0]]),
    "log1p": (lambda m, F, x: m.log1p(x), [[-1.0, 0.0]]),
    "logit": (lambda m, F, x: m.logit(x), [[0.0, 0.5, 1.0]]),
    "logit eps": (lambda m, F, x: m.logit(x, 0.1), [[0.0, 0.1, 0.9, 1.0]]),
    "asin": (lambda m, F, x: m.asin(x), [[-1.0, 0.0, 1.0, 2.0]]),
    "acos": (lambda m, F, x: m.acos(x), [[-1.0, 0.0, 1.0, 2.0]]),
    "acosh": (lambda m, F, x: m.acosh(x), [[1.0, 2.0]]),
    "atanh": (lambda m, F, x: m.atanh(x), [[-1.0, 0.0, 1.0]]),
    "xlogy": (lambda m, F, x, y: m.xlogy(x, y), [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]),
    "logaddexp": (lambda m, F, x, y: m.logaddexp(x, y), [[0.0, 1.0], [0.0, -INF]]),
    "logsumexp": (lambda m, F, x: m.logsumexp(x, 1), [[[0.0, 0.0], [-INF, 1.0]]]),
    "logsigmoid": (lambda m, F, x: F.logsigmoid(x), [[-INF, 0.0, INF]]),
    "prod": (lambda m, F, x: m.prod(x, 1), [[[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]]]),
    "prod all": (lambda m, F, x: m.prod(x), [[2.0, 0.0, 3.0]]),
    "cumprod": (lambda m, F, x: m.cumprod(x, 0), [[2.0, 0.0, 3.0, 0.0, 4.0]]),
    "std": (lambda m, F, x: m.std(x), [[2.0, 2.0, 2.0]]),
    "var": (lambda m, F, x: m.var(x), [[2.0, 2.0, 2.0]]),
    "where": (lambda m, F, x: m.where(x > 0, m.sqrt(x), x), [[-1.0, 0.0, 4.0]]),
    "masked_fill": (lambda m, F, x: m.sqrt(x).masked_fill(x <= 0, 0.0), [[1.0, 4.0]]),
    "nan_to_num": (lambda m, F, x: m.nan_to_num(x), [[NAN, INF, -INF, 1.0]]),
    "floor": (lambda m, F, x: m.floor(x), [KINK]),
    "round": (lambda m, F, x: m.round(x), [[0.5, 1.5, -0.5]]),
    "frac": (lambda m, F, x: m.frac(x), [[-1.5, 0.0, 2.0]]),
    "fmod": (lambda m, F, x, y: m.fmod(x, y), [[3.0, -3.0, 4.0], [1.5, 2.0, -2.0]]),
    "remainder": (lambda m, F, x, y: m.remainder(x, y), [[3.0, -3.0, 4.0], [1.5, 2.0, -2.0]]),
    "copysign": (
        lambda m, F, x, y: m.copysign(x, y),
        [[0.0, -0.0, 1.0, 2.0], [1.0, -1, 0.0, -0.0]],
    ),
    "heaviside": (lambda m, F, x: m.heaviside(x.detach(), m.ones_like(x)) * x, [KINK]),
    "l1_loss": (lambda m, F, x, y: F.l1_loss(x, y), [[1.0, 2.0], [1.0, 3.0]]),
    "smooth_l1_loss": (
        lambda m, F, x, y: F.smooth_l1_loss(x, y, reduction="none"),
        [[1.0, 2.0, 3.0], [1.0, 1.0, 0.0]],
    ),
    "huber_loss": (
        lambda m, F, x, y: F.huber_loss(x, y, reduction="none", delta=1.0),
        [[1.0, 2.0, 3.0], [1.0, 1.0, 0.0]],
    ),
    "sgn complex": (lambda m, F, x: m.sgn(m.view_as_complex(x)).real, [[[0.0, 0.0], [3.0, 4.0]]]),
    "abs complex": (lambda m, F, x: m.abs(m.view_as_complex(x)), [[[0.0, 0.0], [3.0, 4.0]]]),
    "angle complex": (lambda m, F, x: m.angle(m.view_as_complex(x)), [[[0.0, 0.0], [3.0, 4.0]]]),
    "angle": (lambda m, F, x: m.angle(x), [[-1.0, 0.0, 1.0]]),
    "sinc": (lambda m, F, x: m.sinc(x), [[0.0, 1.0]]),
    "kthvalue": (lambda m, F, x: m.kthvalue(x, 2, 0)[0], [[3.0, 1.0, 2.0]]),
    "topk": (lambda m, F, x: m.topk(x, 2)[0], [[3.0, 1.0, 2.0]]),
    "scatter_reduce amax": (
        lambda m, F, x, y: x.scatter_reduce(0, m.tensor([0, 0, 1]), y, "amax"),
        [[1.0, 2.0], [1.0, 1.0, 3.0]],
    ),
    "scatter_reduce prod": (
        lambda m, F, x, y: x.scatter_reduce(0, m.tensor([0, 0, 1]), y, "prod"),
        [[1.0, 2.0], [0.0, 3.0, 0.0]],
    ),
}


def derivatives(m, F, function, values, order):
    """The value, the gradients and the gradients of their weighted sum, as arrays."""
    leaves = [m.tensor(v, dtype=m.float64, requires_grad=True) for v in values]
    found = [function(m, F, *leaves)]
    for _ in range(order):
        if not found[-1].requires_grad:
            break
        weight = m.linspace(1.0, 2.0, max(found[-1].numel(), 1), dtype=m.float64)
        total = (found[-1] * weight.reshape(tuple(found[-1].shape))).sum()
        slopes = m.autograd.grad(total, leaves, create_graph=True, materialize_grads=True)
        found += slopes[::-1]  # the next round differentiates the gradient of the first input
    return [t.detach().numpy(**({"force": True} if m is torch else {})) for t in found]


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_that_pytorch_chooses(name):
    function, values = CASES[name]
    order = 1 if name in ONCE else 2
    ours = derivatives(lucid, lucid.nn.functional, function, values, order)
    theirs = derivatives(torch, torch.nn.functional, function, values, order)
    for i, (mine, its) in enumerate(zip(ours, theirs, strict=False)):
        if i <= len(values):
            what = "gradient" if i else "value"
        elif name in ANOTHER_SECOND:
            break
        else:
            what, its = "second gradient", np.where(np.isnan(its), mine, its)
        np.testing.assert_allclose(mine, its, rtol=1e-9, atol=1e-12, err_msg=f"{name}: {what}")


def test_the_largest_of_nans():
    """The gradient goes to the NaNs, as that of max does; PyTorch's is NaN everywhere."""
    x = lucid.tensor([1.0, NAN, 2.0, NAN], requires_grad=True)
    lucid.amax(x, 0).backward()
    assert x.grad.tolist() == [0.0, 0.5, 0.0, 0.5]
