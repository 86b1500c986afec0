"""`GradScaler`: losses are scaled, so that gradients in float16 do not vanish."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..core.tensor import Tensor, wrap
from ..errors import ArgumentError, GradError, compose
from ..optim.optimizer import Optimizer


class GradScaler:
    """Multiplies the loss, and divides the gradients by as much before the step.

    A gradient below 6e-8 is zero in float16; that of a loss 65536 times larger is not. Where a
    gradient overflows, the step is left out and the factor is lowered; after `growth_interval`
    good steps it is raised. Gradients in half precision are divided in float32.

    Parameters
    ----------
    device : str, default "cpu"
    init_scale : float, default 65536
    growth_factor : float, default 2
        Above 1.
    backoff_factor : float, default 0.5
        Below 1.
    growth_interval : int, default 2000
    enabled : bool, default True
        False: losses and gradients stay as they are.

    Raises
    ------
    ArgumentError
        If a factor is out of range.

    References
    ----------
    Micikevicius et al., "Mixed precision training", ICLR 2018.

    Examples
    --------
    >>> import lucid
    >>> w = lucid.tensor([1.0], requires_grad=True)
    >>> optimizer = lucid.optim.SGD([w], lr=0.5)
    >>> scaler = lucid.amp.GradScaler()
    >>> scaler.scale((w * w).sum()).backward()
    >>> w.grad.item()
    131072.0
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> w.item()
    0.0
    """

    def __init__(
        self,
        device: str = "cpu",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if not growth_factor > 1.0:
            problem = f"growth_factor must be above 1, not {growth_factor!r}"
            raise ArgumentError(compose("GradScaler", problem))
        if not 0.0 < backoff_factor < 1.0:
            problem = f"backoff_factor must be between 0 and 1, not {backoff_factor!r}"
            raise ArgumentError(compose("GradScaler", problem))
        self._scale = float(init_scale)
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._growth_tracker = 0
        self._enabled = enabled
        self._overflowed: dict[int, bool] = {}  # of the optimizers whose gradients are divided
        self._stepped: set[int] = set()

    def scale(self, outputs: Any) -> Any:
        """A loss, or several in a list, tuple or iterator, times the factor."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        if isinstance(outputs, Iterable):
            scaled = map(self.scale, outputs)
            return type(outputs)(scaled) if isinstance(outputs, list | tuple) else scaled
        problem = f"takes tensors, not {type(outputs).__name__}"
        raise ArgumentError(compose("GradScaler.scale", problem))

    def unscale_(self, optimizer: Optimizer) -> None:
        """Divide the gradients of an optimizer's parameters, as for clipping before the step.

        Raises
        ------
        GradError
            If it was done since the last `update`.
        """
        if not self._enabled:
            return
        if id(optimizer) in self._overflowed:
            problem = "the gradients were divided already since the last update()"
            raise GradError(compose("GradScaler.unscale_", problem))
        overflowed = False
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                gradient = parameter.grad.data
                wide = np.result_type(gradient.dtype, np.float32)
                divided = gradient.astype(wide) * wide.type(1.0 / self._scale)
                overflowed = overflowed or not np.isfinite(divided).all()
                parameter._grad = wrap(divided)
        self._overflowed[id(optimizer)] = overflowed

    def overflowed(self, optimizer: Optimizer) -> bool:
        """Whether a gradient was NaN or infinite when they were divided, so that `step` waits."""
        return self._overflowed.get(id(optimizer), False)

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """Divide the gradients, unless that is done, and step if all of them are finite.

        Returns
        -------
        object
            What ``optimizer.step`` returned; None if the step was left out.

        Raises
        ------
        GradError
            If it was done since the last `update`.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs or args:
            problem = "takes no closure: its gradients would be scaled ones"
            raise ArgumentError(compose("GradScaler.step", problem))
        if id(optimizer) in self._stepped:
            problem = "step() was called already since the last update()"
            raise GradError(compose("GradScaler.step", problem))
        if id(optimizer) not in self._overflowed:
            self.unscale_(optimizer)
        self._stepped.add(id(optimizer))
        return None if self._overflowed[id(optimizer)] else optimizer.step()

    def update(self, new_scale: float | None = None) -> None:
        """Lower or raise the factor after the steps of all optimizers, or set it."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not self._overflowed:
            problem = "no gradients were looked at since the last update(): step() comes first"
            raise GradError(compose("GradScaler.update", problem))
        elif any(self._overflowed.values()):
            self._scale *= self._backoff_factor
            self._growth_tracker = 0
        else:
            self._grow()
        self._overflowed.clear()
        self._stepped.clear()

    def _grow(self) -> None:
        self._growth_tracker += 1
        if self._growth_tracker == self._growth_interval:
            raised = self._scale * self._growth_factor
            self._scale = raised if math.isfinite(np.float32(raised)) else self._scale
            self._growth_tracker = 0

    def get_scale(self) -> float:
        """The factor; 1 if not enabled."""
        return self._scale if self._enabled else 1.0

    def get_growth_factor(self) -> float:
        """What the factor is raised by."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set what the factor is raised by."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """What the factor is lowered by."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set what the factor is lowered by."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many good steps the factor is raised."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set after how many good steps the factor is raised."""
        self._growth_interval = new_interval

    def is_enabled(self) -> bool:
        """Whether losses are scaled."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """The factor and how it changes, in PyTorch's layout; empty if not enabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self._scale,
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state that `state_dict` returned.

        Raises
        ------
        ArgumentError
            If it is empty, from a scaler that was not enabled.
        """
        if not self._enabled:
            return
        if not state_dict:
            problem = "the state is empty: it was saved from a scaler that was not enabled"
            raise ArgumentError(compose("GradScaler.load_state_dict", problem))
        self._scale = float(state_dict["scale"])
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._growth_tracker = int(state_dict["_growth_tracker"])
