"""The functions behind the layers, under the names of ``torch.nn.functional``. No logic here."""

from ..ops.activation import celu as celu
from ..ops.activation import elu as elu
from ..ops.activation import hardsigmoid as hardsigmoid
from ..ops.activation import hardswish as hardswish
from ..ops.activation import hardtanh as hardtanh
from ..ops.activation import leaky_relu as leaky_relu
from ..ops.activation import prelu as prelu
from ..ops.activation import relu as relu
from ..ops.activation import relu6 as relu6
from ..ops.activation import selu as selu
from ..ops.activation import threshold as threshold
from ..ops.dropout import dropout as dropout
from ..ops.linear import linear as linear
from ..ops.norm import batch_norm as batch_norm
from ..ops.norm import layer_norm as layer_norm
from ..ops.ranges import one_hot as one_hot
from ..ops.softmax import log_softmax as log_softmax
from ..ops.softmax import softmax as softmax
from ..ops.softmax import softmin as softmin
from .losses import huber_loss as huber_loss
