r"""From a loss to a negative log-likelihood: :math:`-\log p(r) = \rho(r) + \log Z`.

Without the normaliser :math:`Z = \int e^{-\rho(r)}\,dr` a learned threshold or scale would
drift to wherever the loss is smallest, whatever the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.tensor import Tensor, values
from ...ops.selection import where
from .base import Options, evaluate
from .curve import Curve

# A loss that is z at every residual. Added to another loss, it takes part in the same masks,
# weights and reduction, so that only what counts is counted.
_LEVEL = Curve(
    "level",
    rho=lambda r, z: np.where(np.isnan(r), r, z),
    psi=lambda r, z: np.zeros_like(values(r)),
    weight=lambda r, z: np.zeros_like(values(r)),
    towards=(lambda r, z: where(np.isnan(values(r)), 0.0, z * 0.0 + 1.0),),
    sample_params=(0.6,),
)


def with_normalizer(
    name: str,
    loss: Tensor,
    log_z: Tensor,
    options: Options,
    input: Any,
    target: Any,
    weight: Any,
    mask: Any,
) -> Tensor:
    """The reduced loss with `log_z` added to every element that counts.

    Parameters
    ----------
    name : str
        Who complains.
    loss : Tensor
        The loss of the same call.
    log_z : Tensor
        Broadcasts to the residuals.
    options, input, target, weight, mask
        Of the call.
    """
    level = evaluate(name, _LEVEL, (log_z,), options, _bare(input), _bare(target), weight, mask)
    return loss + level.astype(loss.dtype)


def _bare(x: Any) -> Any:
    return x.detach() if isinstance(x, Tensor) else x
