"""Lucid: a deep-learning framework you can read. The public names, and no logic."""

from . import ops as ops
from .core import engine as _engine
from .core.tensor import Tensor as Tensor
