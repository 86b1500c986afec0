"""The distribution that Huber's loss is the negative log-likelihood of."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..core.tensor import Tensor
from ..nn.losses.huber import log_normalizer
from ..ops.bounds import clamp, minimum
from ..ops.exponential import exp, log
from ..ops.selection import where
from ..ops.signs import abs as magnitude
from ..ops.signs import sign
from ..ops.special.error_function import erf
from ..ops.special.normal_distribution import ndtr, ndtri
from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all, lean
from .random_numbers import open_uniform


class Huber(Distribution):
    r"""Huber's least favourable distribution: normal in the middle, Laplacian in the tails,

    .. math:: p(x) = \frac{1}{s Z(\delta)} \exp\left(-\rho_\delta\!\left(\frac{x - \mu}{s}\right)
        \right),

    where :math:`\rho_\delta` is Huber's loss and
    :math:`Z(\delta) = \sqrt{2 \pi}\, \text{erf}(\delta / \sqrt 2) + \frac{2}{\delta}
    e^{-\delta^2 / 2}`. Of all distributions that are normal up to a share of contamination, it
    is the one that tells least about the location. ``-log_prob`` is `nn.HuberLoss` of the
    residual in units of the scale, with the normaliser that makes `scale` and `delta` learnable.

    Parameters
    ----------
    loc : Tensor or number
        The centre :math:`\mu`.
    scale : Tensor or number
        The scale :math:`s`, positive: the standard deviation where :math:`\delta` is large.
    delta : Tensor or number, default 1.0
        Where, in units of the scale, the normal middle ends; positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    See Also
    --------
    Laplace : The limit of small `delta`, with ``scale / delta`` in place of the scale.
    Normal : The limit of large `delta`.

    References
    ----------
    P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics
    35 (1964), 73-101.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import Huber
    >>> huber = Huber(0.0, 1.0, delta=1.345)
    >>> huber.log_prob(lucid.tensor([0.0, 3.0])), huber.cdf(lucid.tensor(1.345))
    (Tensor([-0.9786, -4.1091]), Tensor(0.8869))
    >>> huber.variance
    Tensor(1.4763)
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "delta": constraints.positive,
    }
    support = constraints.real
    has_rsample = True

    def __init__(
        self, loc: Any, scale: Any, delta: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        given = {"loc": loc, "scale": scale, "delta": delta}
        self.loc, self.scale, self.delta = broadcast_all("Huber", **given)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return self.scale**2 * (self._middle_square() + self._tails() * self._tail_square())

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = open_uniform(self._extended_shape(sample_shape), self.loc.dtype)
        return self.loc + self.scale * self._quantile(u)

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        scale, delta = lean(self.scale), lean(self.delta)
        z = magnitude((x - lean(self.loc)) / scale)
        near = minimum(z, delta)
        return self._batched(near * (0.5 * near - z) - (log(scale) + log_normalizer(delta)))

    def cdf(self, value: Any) -> Tensor:
        z = (self._validate_sample(value) - self.loc) / self.scale
        d, size = self.delta, magnitude(z)
        outside = size > d
        beyond = where(outside, size - d, 0.0)  # what is not taken must not overflow
        half = 0.5 * self._tails()
        inner = (ndtr(where(outside, -d, -size)) - ndtr(-d)) * (math.sqrt(2 * math.pi) / self._z())
        mass = where(outside, half * exp(-d * beyond), half + inner)
        return where(z < 0, mass, 1 - mass)

    def icdf(self, value: Any) -> Tensor:
        return self.loc + self.scale * self._quantile(self._validate_probability(value))

    def entropy(self) -> Tensor:
        d = self.delta
        loss = 0.5 * self._middle_square() + self._tails() * (0.5 * d * d + 1)
        return log(self.scale) + log_normalizer(d) + loss

    def _z(self) -> Tensor:
        return exp(log_normalizer(self.delta))

    def _tails(self) -> Tensor:
        """The probability of both tails."""
        return 2 / self.delta * exp(-0.5 * self.delta**2 - log_normalizer(self.delta))

    def _middle_square(self) -> Tensor:
        """The middle's part of the expectation of z^2."""
        d = self.delta
        whole = math.sqrt(2 * math.pi) * erf(d * math.sqrt(0.5)) - 2 * d * exp(-0.5 * d * d)
        return whole / self._z()

    def _tail_square(self) -> Tensor:
        """The expectation of z^2 in the tails, where z is delta and an exponential number."""
        d = self.delta
        return d * d + 2 + 2 / (d * d)

    def _quantile(self, p: Tensor) -> Tensor:
        """The quantile in units of the scale: of the middle, or of an exponential tail."""
        d, half = self.delta, 0.5 * self._tails()
        side = where(p < 0.5, p, 1 - p)
        in_tail = side < half
        ratio = where(in_tail, side / half, 1.0)
        tail = d - log(ratio) / d
        inner = where(in_tail, 0.0, side - half) * (self._z() / math.sqrt(2 * math.pi))
        middle = -ndtri(clamp(ndtr(-d) + inner, 0.0, 0.5))
        return sign(p - 0.5) * where(in_tail, tail, middle)
