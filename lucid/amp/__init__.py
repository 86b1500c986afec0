"""Mixed precision: scaling of losses, so that gradients in float16 do not vanish.

``autocast`` is here so that programs that use it run. It computes in the tensors' own dtype:
a processor's units have no fast half precision for NumPy to use, so the casts would only cost
time and digits. What saves memory is ``model.half()`` or ``model.bfloat16()``: the optimizers
update such parameters in float32, and `GradScaler` keeps small gradients from vanishing.
"""

from .autocast import autocast as autocast
from .grad_scaler import GradScaler as GradScaler
