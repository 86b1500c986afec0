"""Neural networks: `Module` and the layers, their functions, initial values and losses."""

from . import init as init
from .layers.container import ModuleDict as ModuleDict
from .layers.container import ModuleList as ModuleList
from .layers.container import ParameterDict as ParameterDict
from .layers.container import ParameterList as ParameterList
from .layers.container import Sequential as Sequential
from .layers.linear import Identity as Identity
from .layers.linear import Linear as Linear
from .losses import HuberLoss as HuberLoss
from .module import Module as Module
from .parameter import Parameter as Parameter
