"""Compile the kernels ahead, so that the first training step is as fast as the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import nn, optim
from .config import SETTINGS
from .core.tensor import Tensor
from .dtypes import resolve
from .errors import DTypeError, compose
from .kernels import jit
from .random import default_generator


def warmup(dtype: Any = None) -> None:
    """Compile, or load from the disk cache, the kernels of a usual training run.

    These are the kernels of dense layers, normalisation, dropout, the losses and the
    optimizers. It takes some seconds the first time on a machine, later a fraction of one;
    without Numba it does nothing. Kernels are in use from then on, whatever the size of the
    work, and the random streams are left where they were.

    Parameters
    ----------
    dtype : dtype, optional
        float32 or float64; by default that of `lucid.get_default_dtype`.

    Raises
    ------
    DTypeError
        If there are no kernels for `dtype`.

    Examples
    --------
    >>> import lucid
    >>> lucid.warmup()
    """
    wanted = SETTINGS.default_dtype if dtype is None else resolve(dtype, "warmup")
    if wanted not in (np.dtype(np.float32), np.dtype(np.float64)):
        problem = f"kernels compute in float32 and float64, not in {wanted}"
        raise DTypeError(compose("warmup", problem))
    jit.settle()
    before = default_generator.get_state()
    try:
        for step in _steps(wanted):
            step()
    finally:
        default_generator.set_state(before)


def _steps(dtype: np.dtype[Any]) -> Any:
    """Small training steps that together pass through the usual kernels."""
    x, target = Tensor(np.ones((4, 3)), dtype=dtype), Tensor(np.zeros((4, 2)), dtype=dtype)
    model = nn.Sequential(
        nn.Linear(3, 8),
        nn.ReLU(),
        nn.BatchNorm1d(8),
        nn.Linear(8, 8),
        nn.LayerNorm(8),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(8, 2),
    ).to(dtype)
    optimizers = [
        optim.SGD(model.parameters(), lr=0.01),
        optim.SGD(model.parameters(), lr=0.01, momentum=0.9),
        optim.Adam(model.parameters()),
        optim.AdamW(model.parameters()),
        optim.RMSprop(model.parameters()),
        optim.Adamax(model.parameters()),
        optim.NAdam(model.parameters()),
        optim.Adagrad(model.parameters()),
        optim.Adadelta(model.parameters()),
        optim.Rprop(model.parameters()),
        optim.ASGD(model.parameters()),
        optim.Lion(model.parameters()),
    ]
    weight = Tensor(np.ones((4, 2)), dtype=dtype)

    for loss in (nn.HuberLoss(), nn.MSELoss(), nn.L1Loss(), nn.SmoothL1Loss()):

        def step(loss: Any = loss) -> None:
            loss(model(x), target).backward()
            loss(model(x), target, weight).backward()
            loss(target, target)  # without a gradient

        yield step
    for optimizer in optimizers:
        yield optimizer.step
