"""Transforms of functions: derivatives, and many samples at once. All of them compose.

>>> import lucid
>>> from lucid.func import grad, vmap
>>> vmap(grad(lambda x: x**3))(lucid.tensor([1.0, 2.0, 3.0]))
Tensor([3.0000, 12.0000, 27.0000])
"""

from .gradients import grad as grad
from .gradients import grad_and_value as grad_and_value
from .gradients import value_and_grad as value_and_grad
from .gradients import vjp as vjp
from .jacobians import hessian as hessian
from .jacobians import jacfwd as jacfwd
from .jacobians import jacrev as jacrev
from .modules import functional_call as functional_call
from .modules import stack_module_state as stack_module_state
from .tangents import hvp as hvp
from .tangents import jvp as jvp
from .tangents import linearize as linearize
from .vectorizing import vmap as vmap
