"""The operations, one family a file: forward, gradient rule, samples, public function."""

from . import (
    arithmetic,
    broadcasting,
    casting,
    creation,
    einsum,
    exponential,
    gathering,
    indexing,
    inplace,
    joining,
    matmul,
    power,
    ranges,
    rearranging,
    reduction,
    selection,
    shape,
    splitting,
    transposition,
    triangles,
)
