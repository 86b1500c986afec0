"""The graph of a computation, to be looked at and listened to: a contents page, no logic.

A node is what ``tensor.grad_fn`` gives; `GraphNode` says what can be asked of it.
"""

from ..core.node import GraphNode as GraphNode
from .multi_grad import MultiGradHandle as MultiGradHandle
from .multi_grad import increment_version as increment_version
from .multi_grad import register_multi_grad_hook as register_multi_grad_hook

Node = GraphNode  # PyTorch's name
