"""What the memory of this machine can do: ``python -m benchmarks.numpy_worker``."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import worker


def copy(size: int) -> Callable[[], Any]:
    """Move as many bytes as Huber must: it reads two arrays of `size` and writes one.

    A copy reads and writes the same amount, so one and a half arrays are copied, into memory
    that is there already: the strictest yardstick.
    """
    source = np.ones(size + size // 2, np.float32)
    destination = np.ones_like(source)
    return lambda: np.copyto(destination, source)


if __name__ == "__main__":
    worker.serve({"copy": copy})
