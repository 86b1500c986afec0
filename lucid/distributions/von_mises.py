"""Von Mises' distribution of angles."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..core.tensor import Tensor, wrap
from ..ops.exponential import log
from ..ops.random import rng_of
from ..ops.special.modified_bessel import i0e, i1e
from ..ops.trigonometric import cos
from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all, lean


class VonMises(Distribution):
    r"""Von Mises' distribution, the normal one of angles,

    .. math:: p(x) = \frac{e^{\kappa \cos(x - \mu)}}{2 \pi I_0(\kappa)}.

    Draws lie in :math:`[-\pi, \pi)`.

    Parameters
    ----------
    loc : Tensor or number
        The mean angle :math:`\mu`, in radians.
    concentration : Tensor or number
        The :math:`\kappa`, positive.
    validate_args : bool, optional
        Whether parameters and values are checked.

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        See `Distribution`.

    References
    ----------
    D. J. Best and N. I. Fisher, "Efficient Simulation of the von Mises Distribution", Applied
    Statistics 28 (1979), 152-157.

    Examples
    --------
    >>> import lucid
    >>> from lucid.distributions import VonMises
    >>> VonMises(0.0, 1.0).log_prob(lucid.tensor([0.0, 3.0]))
    Tensor([-1.0738, -3.0638])
    """

    arg_constraints: ClassVar[dict[str, Any]] = {
        "loc": constraints.real,
        "concentration": constraints.positive,
    }
    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        given = {"loc": loc, "concentration": concentration}
        self.loc, self.concentration = broadcast_all("VonMises", **given)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """The mean angle."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The circular variance, one minus the mean of the cosine."""
        return 1 - i1e(self.concentration) / i0e(self.concentration)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        kappa = self.concentration.data.astype(np.float64)
        drawn = rng_of(None).vonmises(0.0, kappa, shape) + self.loc.data
        around = np.mod(drawn + math.pi, 2 * math.pi) - math.pi
        return wrap(np.asarray(around).astype(self.loc.dtype))

    def log_prob(self, value: Any) -> Tensor:
        x = self._validate_sample(value)
        kappa = lean(self.concentration)
        fixed = math.log(2 * math.pi) + log(i0e(kappa))  # the scaled function takes one kappa off
        return self._batched(kappa * (cos(x - lean(self.loc)) - 1) - fixed)
