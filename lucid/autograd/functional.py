"""Derivatives of functions at a point, by PyTorch's names."""

from .derivatives import hessian as hessian
from .derivatives import hvp as hvp
from .derivatives import jacobian as jacobian
from .derivatives import jvp as jvp
from .derivatives import vhp as vhp
from .derivatives import vjp as vjp
