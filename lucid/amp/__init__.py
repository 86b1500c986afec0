"""Mixed precision: products in half precision, and losses scaled so that gradients survive it.

``autocast`` computes what PyTorch's does, in the same dtypes. On a processor it saves no time:
there is no fast half precision for NumPy to use. What saves memory is ``model.half()`` or
``model.bfloat16()``: the optimizers update such parameters in float32, and `GradScaler` keeps
small gradients from vanishing.
"""

from .autocast import autocast as autocast
from .autocast import custom_bwd as custom_bwd
from .autocast import custom_fwd as custom_fwd
from .autocast import is_autocast_available as is_autocast_available
from .autocast import is_autocast_enabled as is_autocast_enabled
from .grad_scaler import GradScaler as GradScaler
