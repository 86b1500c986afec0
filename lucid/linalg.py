"""Linear algebra, under PyTorch's names: a contents page of `lucid.ops.linalg`, no logic."""

from .errors import LinAlgError as LinAlgError
