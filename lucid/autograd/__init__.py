"""Differentiation as users call it: grad modes, `grad`, own functions, gradient checks."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ..deferred import deferred as _deferred
from . import graph as graph
from .function import Context as Context
from .function import Function as Function
from .function import once_differentiable as once_differentiable
from .grad_mode import enable_grad as enable_grad
from .grad_mode import inference_mode as inference_mode
from .grad_mode import is_grad_enabled as is_grad_enabled
from .grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from .grad_mode import no_grad as no_grad
from .grad_mode import set_grad_enabled as set_grad_enabled
from .gradcheck import gradcheck as gradcheck
from .gradcheck import gradgradcheck as gradgradcheck
from .gradient import backward as backward
from .gradient import grad as grad

if _TYPE_CHECKING:
    from . import checkpoint as checkpoint
    from . import functional as functional
    from .anomaly import detect_anomaly as detect_anomaly
    from .anomaly import set_detect_anomaly as set_detect_anomaly

__getattr__, __dir__ = _deferred(
    __name__,
    {
        "checkpoint": "checkpoint",
        "detect_anomaly": "anomaly",
        "functional": "functional",
        "set_detect_anomaly": "anomaly",
    },
)
