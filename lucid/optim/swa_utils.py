"""PyTorch's name for `lucid.optim.averaging`."""

from .averaging import SWALR as SWALR
from .averaging import AveragedModel as AveragedModel
from .averaging import get_ema_avg_fn as get_ema_avg_fn
from .averaging import get_ema_multi_avg_fn as get_ema_multi_avg_fn
from .averaging import get_swa_avg_fn as get_swa_avg_fn
from .averaging import get_swa_multi_avg_fn as get_swa_multi_avg_fn
from .averaging import update_bn as update_bn
