"""The operations, one family a file: forward, gradient rule, samples, public function."""

from . import arithmetic, casting, exponential, power, reduction, selection, shape
