"""The optimizers' updates: from a parameter, its gradient and its state to the next parameter."""

from .descent import asgd as asgd
from .descent import lion as lion
from .descent import rprop as rprop
from .descent import sgd as sgd
from .matrices import MatrixRule as MatrixRule
from .matrices import adafactor as adafactor
from .matrices import muon as muon
from .moments import adam as adam
from .moments import adamax as adamax
from .moments import mixed as mixed
from .rule import BLOCK as BLOCK
from .rule import THREADED as THREADED
from .rule import Rule as Rule
from .squares import adadelta as adadelta
from .squares import adagrad as adagrad
from .squares import rmsprop as rmsprop
