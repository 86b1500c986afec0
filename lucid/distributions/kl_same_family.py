"""Divergences of two distributions of one family."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..autograd.gradient import grad
from ..core.tensor import wrap
from ..ops.exponential import exp, log, log1p
from ..ops.linalg.solving import solve_triangular
from ..ops.logistic import softplus
from ..ops.selection import where
from ..ops.signs import abs as magnitude
from ..ops.special.gamma import digamma, lgamma
from .bernoulli import Bernoulli, ContinuousBernoulli, Geometric, cross_entropy
from .beta import Beta, Dirichlet, log_beta
from .categorical import Categorical, OneHotCategorical
from .cauchy import Cauchy
from .counts import Binomial, Poisson
from .exponential_family import ExponentialFamily
from .extreme_value import Gumbel, Pareto
from .gamma import Exponential, Gamma
from .kl import kl_divergence, no_rule, register_kl
from .laplace import Laplace
from .multivariate_normal import (
    LowRankMultivariateNormal,
    MultivariateNormal,
    half_log_det,
    mahalanobis,
)
from .normal import HalfNormal, Normal
from .parameters import EULER, expanded
from .transform import sum_rightmost
from .transformed import Independent, TransformedDistribution
from .uniform import Uniform


@register_kl(ExponentialFamily, ExponentialFamily)
def _(p, q):
    """The Bregman divergence of the normaliser, where the class is the same."""
    if type(p) is not type(q):
        raise no_rule(p, q)
    with enable_grad():
        theta = [p._free(t) for t in p._natural_params]
        normalizer = p._log_normalizer(*theta)
        slopes = grad(normalizer.sum(), theta, create_graph=True)
    result: Any = q._log_normalizer(*q._natural_params) - normalizer
    for own, other, slope in zip(theta, q._natural_params, slopes, strict=True):
        term = (other - own) * slope
        result = result - sum_rightmost(term, term.ndim - result.ndim)
    tracked = any(t.requires_grad for t in (*p._natural_params, *q._natural_params))
    return result if tracked else result.detach()


@register_kl(Bernoulli, Bernoulli)
def _(p, q):
    odds = cross_entropy(q.logits, p.probs) - cross_entropy(p.logits, p.probs)
    missing = ((q.probs == 0) & (p.probs > 0)) | ((q.probs == 1) & (p.probs < 1))
    return where(missing, math.inf, odds)


@register_kl(Binomial, Binomial)
def _(p, q):
    if (p.total_count.data < q.total_count.data).any():
        raise no_rule(p, q, "the divergence to a larger total_count has no closed form")
    odds = cross_entropy(q.logits, p.probs) - cross_entropy(p.logits, p.probs)
    return where(p.total_count > q.total_count, math.inf, p.total_count * odds)


@register_kl(Beta, Beta)
def _(p, q):
    a, b, c, d = p.concentration1, p.concentration0, q.concentration1, q.concentration0
    fixed = log_beta(c, d) - log_beta(a, b)
    spread = (c - a + d - b) * digamma(a + b)
    return fixed + (a - c) * digamma(a) + (b - d) * digamma(b) + spread


@register_kl(Categorical, Categorical)
def _(p, q):
    term = where(p.probs == 0, 0.0, p.probs * (p.logits - q.logits))
    missing = (q.probs == 0) & (p.probs > 0)
    return where(missing, math.inf, term).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _(p, q):
    term = where(p.probs == 0, 0.0, p.probs * (p.logits - q.logits))
    missing = (q.probs == 0) & (p.probs > 0)
    return where(missing, math.inf, term).sum(-1)


@register_kl(Cauchy, Cauchy)
def _(p, q):
    apart = (p.scale + q.scale) ** 2 + (p.loc - q.loc) ** 2
    return log(apart) - log(4 * p.scale * q.scale)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _(p, q):
    odds = p.mean * (p.logits - q.logits) - softplus(p.logits) + softplus(q.logits)
    return odds + p._log_norm() - q._log_norm()


@register_kl(Dirichlet, Dirichlet)
def _(p, q):
    a, b = p.concentration, q.concentration
    fixed = lgamma(a.sum(-1)) - lgamma(b.sum(-1)) + (lgamma(b) - lgamma(a)).sum(-1)
    return fixed + ((a - b) * (digamma(a) - digamma(a.sum(-1, keepdim=True)))).sum(-1)


@register_kl(Exponential, Exponential)
def _(p, q):
    ratio = q.rate / p.rate
    return ratio - 1 - log(ratio)


@register_kl(Gamma, Gamma)
def _(p, q):
    a, b = p.concentration, q.concentration
    fixed = b * log(p.rate / q.rate) + lgamma(b) - lgamma(a)
    return fixed + (a - b) * digamma(a) + (q.rate - p.rate) * (a / p.rate)


@register_kl(Gumbel, Gumbel)
def _(p, q):
    ratio, apart = p.scale / q.scale, (p.loc - q.loc) / q.scale
    tail = exp(lgamma(ratio + 1) - apart)
    return apart - log(ratio) + ratio * EULER + tail - (1 + EULER)


@register_kl(Geometric, Geometric)
def _(p, q):
    return -p.entropy() - log1p(-q.probs) / p.probs - q.logits


@register_kl(HalfNormal, HalfNormal)
def _(p, q):
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def _(p, q):
    ratio, apart = p.scale / q.scale, magnitude(p.loc - q.loc)
    return apart / q.scale + ratio * exp(-apart / p.scale) - log(ratio) - 1


@register_kl(Normal, Normal)
def _(p, q):
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - log(ratio))


@register_kl(Pareto, Pareto)
def _(p, q):
    ratio = q.alpha / p.alpha
    inside = q.alpha * log(p.scale / q.scale) - log(ratio) + ratio - 1
    return where(p.scale < q.scale, math.inf, inside)


@register_kl(Poisson, Poisson)
def _(p, q):
    return p.rate * (log(p.rate) - log(q.rate)) - (p.rate - q.rate)


@register_kl(Uniform, Uniform)
def _(p, q):
    inside = log((q.high - q.low) / (p.high - p.low))
    return where((q.low > p.low) | (q.high < p.high), math.inf, inside)


# ---- vectors --------------------------------------------------------------------------


def _traces(p_factor, q_factor):
    """The trace of q's precision times p's covariance, by their factors."""
    shape = np.broadcast_shapes(p_factor.shape[:-2], q_factor.shape[:-2])
    lower = expanded(q_factor, (*shape, *q_factor.shape[-2:]))
    right = expanded(p_factor, (*shape, *p_factor.shape[-2:]))
    solved = solve_triangular(lower, right, upper=False)
    return (solved * solved).sum((-2, -1))


@register_kl(MultivariateNormal, MultivariateNormal)
def _(p, q):
    distance = mahalanobis(q._factor, q.loc - p.loc)
    trace = _traces(p._factor, q._factor)
    volume = half_log_det(q._factor) - half_log_det(p._factor)
    return volume + 0.5 * (trace + distance - p.event_shape[0])


def _low_rank_distance(q, difference):
    """The squared length of vectors in q's precision."""
    weighted = difference / q.cov_diag
    along = (q.cov_factor.mT @ weighted.unsqueeze(-1)).squeeze(-1)
    return (difference * weighted).sum(-1) - mahalanobis(q._capacitance_tril, along)


def _low_rank_trace(q, columns):
    """The trace of q's precision times C C^T, for the columns C."""
    weighted = columns / q.cov_diag.unsqueeze(-1)
    along = q.cov_factor.mT @ weighted
    shape = np.broadcast_shapes(q._capacitance_tril.shape[:-2], along.shape[:-2])
    lower = expanded(q._capacitance_tril, (*shape, *q._capacitance_tril.shape[-2:]))
    right = expanded(along, (*shape, *along.shape[-2:]))
    solved = solve_triangular(lower, right, upper=False)
    return (columns * weighted).sum((-2, -1)) - (solved * solved).sum((-2, -1))


@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _(p, q):
    distance = _low_rank_distance(q, q.loc - p.loc)
    trace = _low_rank_trace(q, p.scale_tril)
    volume = q._half_log_det() - half_log_det(p._factor)
    return volume + 0.5 * (trace + distance - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _(p, q):
    distance = _low_rank_distance(q, q.loc - p.loc)
    roots = p.cov_diag.sqrt().unsqueeze(-1) * wrap(np.eye(p.event_shape[0], dtype=p.loc.dtype))
    trace = _low_rank_trace(q, p.cov_factor) + _low_rank_trace(q, roots)
    volume = q._half_log_det() - p._half_log_det()
    return volume + 0.5 * (trace + distance - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, MultivariateNormal)
def _(p, q):
    distance = mahalanobis(q._factor, q.loc - p.loc)
    roots = p.cov_diag.sqrt().unsqueeze(-1) * wrap(np.eye(p.event_shape[0], dtype=p.loc.dtype))
    trace = _traces(p.cov_factor, q.scale_tril) + _traces(roots, q.scale_tril)
    volume = half_log_det(q._factor) - p._half_log_det()
    return volume + 0.5 * (trace + distance - p.event_shape[0])


# ---- made of others -------------------------------------------------------------------


@register_kl(TransformedDistribution, TransformedDistribution)
def _(p, q):
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise no_rule(p, q, "the two must have the same transforms and the same event_shape")
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise no_rule(p, q, "reinterpreted_batch_ndims must be the same")
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)
