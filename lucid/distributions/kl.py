"""`kl_divergence`, and the registry of the pairs that it knows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..core.tensor import Tensor
from ..errors import DTypeError, UnimplementedError, compose
from .distribution import Distribution

_PAIRS: dict[tuple[type, type], Callable[[Any, Any], Tensor]] = {}
_FOUND: dict[tuple[type, type], Callable[[Any, Any], Tensor] | None] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Any], Any]:
    """Say how the divergence of two kinds of distributions is computed; a decorator.

    Parameters
    ----------
    type_p, type_q : type
        Classes of distributions; subclasses are meant too, and of several rules that fit the
        most specific is taken.

    Returns
    -------
    callable

    Raises
    ------
    DTypeError
        If a type is no class of distributions.

    Examples
    --------
    >>> from lucid.distributions import Normal, kl_divergence, register_kl
    >>> class Standard(Normal):
    ...     def __init__(self):
    ...         super().__init__(0.0, 1.0)
    >>> @register_kl(Standard, Standard)
    ... def kl_of_standard_normals(p, q):
    ...     return p.loc * 0
    >>> kl_divergence(Standard(), Standard())
    Tensor(0.0000)
    """
    for name, kind in (("type_p", type_p), ("type_q", type_q)):
        if not isinstance(kind, type) or not issubclass(kind, Distribution):
            problem = f"{name} must be a class of distributions"
            raise DTypeError(compose("register_kl", problem, {name: kind}))

    def register(rule: Any) -> Any:
        _PAIRS[type_p, type_q] = rule
        _FOUND.clear()
        return rule

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    r"""The Kullback-Leibler divergence of two distributions,

    .. math:: KL(p \| q) = \int p(x) \log \frac{p(x)}{q(x)} \, dx.

    Parameters
    ----------
    p, q : Distribution
        Of kinds that `register_kl` knows as a pair.

    Returns
    -------
    Tensor
        Of the shape that their batches broadcast to; infinite where p has mass that q has not.

    Raises
    ------
    UnimplementedError
        If there is no rule for the pair.

    References
    ----------
    S. Kullback and R. A. Leibler, "On Information and Sufficiency", Annals of Mathematical
    Statistics 22 (1951), 79-86.

    Examples
    --------
    >>> from lucid.distributions import Normal, kl_divergence
    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 2.0))
    Tensor(0.4431)
    """
    pair = type(p), type(q)
    if pair not in _FOUND:
        _FOUND[pair] = _most_specific(*pair)
    rule = _FOUND[pair]
    if rule is None:
        raise no_rule(p, q)
    return rule(p, q)


def no_rule(p: Any, q: Any, why: str = "there is no rule for this pair") -> UnimplementedError:
    """The error for distributions whose divergence is not known.

    Parameters
    ----------
    p, q : Distribution
    why : str, optional

    Examples
    --------
    >>> from lucid.distributions import Normal, Poisson
    >>> print(no_rule(Normal(0.0, 1.0), Poisson(1.0)))
    kl_divergence: there is no rule for this pair
      p: Normal(loc: 0.0, scale: 1.0)
      q: Poisson(rate: 1.0)
      help: register_kl(Normal, Poisson), or a mean of p.log_prob(x) - q.log_prob(x) over draws
    """
    names = f"{type(p).__name__}, {type(q).__name__}"
    fix = f"register_kl({names}), or a mean of p.log_prob(x) - q.log_prob(x) over draws"
    return UnimplementedError(compose("kl_divergence", why, {"p": p, "q": q}, fix))


def _most_specific(kind_p: Any, kind_q: Any) -> Callable[[Any, Any], Tensor] | None:
    """The rule of the nearest classes; where p's nearest and q's nearest differ, a warning."""
    fitting = [
        (kind_p.__mro__.index(a), kind_q.__mro__.index(b), (a, b))
        for a, b in _PAIRS
        if issubclass(kind_p, a) and issubclass(kind_q, b)
    ]
    if not fitting:
        return None
    by_p = min(fitting, key=lambda f: f[:2])[2]
    by_q = min(fitting, key=lambda f: (f[1], f[0]))[2]
    if _PAIRS[by_p] is not _PAIRS[by_q]:
        names = f"{kind_p.__name__}, {kind_q.__name__}"
        message = f"kl_divergence({names}): two rules fit equally well; register_kl({names})"
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    return _PAIRS[by_p]
