"""The operations, one family a file: forward, gradient rule, samples, public function."""

from . import arithmetic, casting, creation, exponential, power, ranges, reduction, selection, shape
