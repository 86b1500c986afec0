"""Signal processing, under PyTorch's names: a contents page, no logic."""

from . import windows as windows
