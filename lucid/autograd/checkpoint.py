"""Checkpointing: memory for time."""

from .recomputing import checkpoint as checkpoint
from .recomputing import checkpoint_sequential as checkpoint_sequential
