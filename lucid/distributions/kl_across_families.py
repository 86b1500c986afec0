"""Divergences of distributions of different families: minus an entropy, and a cross-entropy."""

from __future__ import annotations

import math

import numpy as np

from ..core.tensor import wrap
from ..ops.exponential import exp, log, xlogy
from ..ops.logistic import softplus
from ..ops.selection import where
from ..ops.signs import abs as magnitude
from ..ops.special.error_function import erf
from ..ops.special.gamma import digamma, lgamma
from .bernoulli import Bernoulli, ContinuousBernoulli
from .beta import Beta, log_beta
from .counts import Binomial, Poisson
from .extreme_value import Gumbel, Pareto
from .gamma import Exponential, Gamma
from .kl import register_kl
from .laplace import Laplace
from .normal import Normal
from .parameters import EULER
from .uniform import Uniform

# ---- where p has mass that q has not ----------------------------------------------------

_ANYWHERE: tuple[type, ...] = (Gumbel, Laplace, Normal)
_POSITIVE: tuple[type, ...] = (Exponential, Gamma)
_BOUNDED: tuple[type, ...] = (Beta, ContinuousBernoulli, Uniform)


def _infinite(p, q):
    shape = np.broadcast_shapes(p.batch_shape, q.batch_shape)
    return wrap(np.full(shape, math.inf, p.mean.dtype))


_p: type
_q: type
for _p in _ANYWHERE:
    for _q in (*_BOUNDED, *_POSITIVE, Pareto):
        register_kl(_p, _q)(_infinite)
for _p in _POSITIVE:
    for _q in (*_BOUNDED, Pareto):
        register_kl(_p, _q)(_infinite)
for _q in _BOUNDED:
    register_kl(Pareto, _q)(_infinite)
for _p in (Beta, ContinuousBernoulli):
    register_kl(_p, Pareto)(_infinite)
for _q in (Bernoulli, Binomial):
    register_kl(Poisson, _q)(_infinite)


# ---- towards the normal, the exponential, the gamma distribution --------------------------


def _to_normal(p, q):
    """The cross-entropy needs the first two moments of p alone."""
    spread = (p.variance + (p.mean - q.loc) ** 2) / q.scale**2
    return 0.5 * (spread + math.log(2 * math.pi)) + log(q.scale) - p.entropy()


for _p in (Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Pareto, Uniform):
    register_kl(_p, Normal)(_to_normal)


def _to_exponential(p, q):
    return q.rate * p.mean - log(q.rate) - p.entropy()


for _p in (Beta, ContinuousBernoulli, Gamma, Pareto):
    register_kl(_p, Exponential)(_to_exponential)


@register_kl(Uniform, Exponential)
def _(p, q):
    return where(p.low < 0, math.inf, _to_exponential(p, q))


def _to_gamma(p, q, mean_log):
    a, rate = q.concentration, q.rate
    fixed = lgamma(a) - a * log(rate)
    return fixed + rate * p.mean - (a - 1) * mean_log - p.entropy()


@register_kl(Exponential, Gamma)
def _(p, q):
    return _to_gamma(p, q, -log(p.rate) - EULER)


@register_kl(Beta, Gamma)
def _(p, q):
    a = p.concentration1
    return _to_gamma(p, q, digamma(a) - digamma(a + p.concentration0))


@register_kl(Pareto, Gamma)
def _(p, q):
    return _to_gamma(p, q, log(p.scale) + 1 / p.alpha)


def _mean_log(low, high):
    """The mean of the logarithm between two bounds."""
    return (xlogy(high, high) - xlogy(low, low)) / (high - low) - 1


@register_kl(Uniform, Gamma)
def _(p, q):
    inside = _to_gamma(p, q, _mean_log(p.low, p.high))
    return where(p.low < 0, math.inf, inside)


# ---- towards Gumbel's ---------------------------------------------------------------------


def _to_gumbel(p, q, mean_exp):
    """`mean_exp` is the expectation of exp(-x / scale)."""
    centre = (p.mean - q.loc) / q.scale
    return log(q.scale) + centre + exp(q.loc / q.scale) * mean_exp - p.entropy()


@register_kl(Exponential, Gumbel)
def _(p, q):
    return _to_gumbel(p, q, p.rate * q.scale / (p.rate * q.scale + 1))


@register_kl(Gamma, Gumbel)
def _(p, q):
    return _to_gumbel(p, q, (1 + 1 / (p.rate * q.scale)) ** -p.concentration)


@register_kl(Normal, Gumbel)
def _(p, q):
    ratio = p.scale / q.scale
    return _to_gumbel(p, q, exp(0.5 * ratio * ratio - p.loc / q.scale))


@register_kl(Uniform, Gumbel)
def _(p, q):
    between = exp(-p.low / q.scale) - exp(-p.high / q.scale)
    return _to_gumbel(p, q, q.scale * between / (p.high - p.low))


# ---- the others ---------------------------------------------------------------------------


@register_kl(Bernoulli, Poisson)
def _(p, q):
    return q.rate - p.probs * log(q.rate) - p.entropy()


@register_kl(Beta, ContinuousBernoulli)
def _(p, q):
    return softplus(q.logits) - p.mean * q.logits - q._log_norm() - p.entropy()


def _to_uniform(p, q):
    inside = log(q.high - q.low) - p.entropy()
    return where((q.low > 0) | (q.high < 1), math.inf, inside)


register_kl(Beta, Uniform)(_to_uniform)
register_kl(ContinuousBernoulli, Uniform)(_to_uniform)


@register_kl(Normal, Laplace)
def _(p, q):
    apart = magnitude(p.loc - q.loc)
    z = apart / p.scale * math.sqrt(0.5)
    distance = math.sqrt(2 / math.pi) * p.scale * exp(-z * z) + apart * erf(z)
    return log(2 * q.scale) + distance / q.scale - p.entropy()


def _outside(p, low, high):
    return (p.low < low) | (p.high > high)


@register_kl(Uniform, Beta)
def _(p, q):
    left, right = _mean_log(p.low, p.high), _mean_log(1 - p.high, 1 - p.low)
    a, b = q.concentration1, q.concentration0
    inside = log_beta(a, b) - (a - 1) * left - (b - 1) * right - p.entropy()
    return where(_outside(p, 0, 1), math.inf, inside)


@register_kl(Uniform, ContinuousBernoulli)
def _(p, q):
    inside = softplus(q.logits) - p.mean * q.logits - q._log_norm() - p.entropy()
    return where(_outside(p, 0, 1), math.inf, inside)


@register_kl(Uniform, Pareto)
def _(p, q):
    mean_log = _mean_log(p.low, p.high)
    inside = (q.alpha + 1) * mean_log - log(q.alpha) - q.alpha * log(q.scale) - p.entropy()
    return where(p.low < q.scale, math.inf, inside)
