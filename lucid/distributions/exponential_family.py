"""`ExponentialFamily`: distributions whose entropy follows from their normaliser."""

from __future__ import annotations

from typing import Any

from ..autograd.grad_mode import enable_grad
from ..autograd.gradient import grad
from ..core.tensor import Tensor
from .distribution import Distribution


class ExponentialFamily(Distribution):
    r"""Base of the distributions with a density :math:`h(x)\, e^{\theta^T t(x) - A(\theta)}`.

    A subclass defines ``_natural_params``, a tuple of the :math:`\theta`,
    ``_log_normalizer(*theta)``, which is :math:`A`, and ``_mean_carrier_measure``, the
    expectation of :math:`\log h`. Its entropy then is the Bregman divergence of :math:`A`, by
    one differentiation, and so is the Kullback-Leibler divergence of two of the same class.

    References
    ----------
    F. Nielsen and R. Nock, "Entropies and cross-entropies of exponential families", ICIP 2010.

    Examples
    --------
    >>> from lucid.distributions import Exponential, ExponentialFamily
    >>> isinstance(Exponential(2.0), ExponentialFamily)
    True
    """

    _mean_carrier_measure: Any = 0.0

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        raise self._lacks("natural parameter")

    def _log_normalizer(self, *natural: Any) -> Tensor:
        raise self._lacks("normaliser")

    def entropy(self) -> Tensor:
        with enable_grad():
            theta = [self._free(p) for p in self._natural_params]
            normalizer = self._log_normalizer(*theta)
            slopes = grad(normalizer.sum(), theta, create_graph=True)
        result: Any = normalizer - self._mean_carrier_measure
        for parameter, slope in zip(theta, slopes, strict=True):
            own = len(self._batch_shape)
            term = parameter * slope
            dims = tuple(range(own, term.ndim))
            result = result - (term.sum(dim=dims) if dims else term)
        return result if any(p.requires_grad for p in self._natural_params) else result.detach()

    @staticmethod
    def _free(parameter: Tensor) -> Tensor:
        """A parameter that can be differentiated towards, and leads back to where it came from."""
        return parameter if parameter.requires_grad else parameter.detach().requires_grad_()
