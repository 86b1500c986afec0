"""Linear algebra on batches of matrices: decompositions, and what is computed with them.

A matrix is the last two dimensions of a tensor; those before it count a batch.
"""

from . import (
    chains,
    cholesky,
    determinant,
    eig,
    eigh,
    householder,
    inverse,
    ldl,
    low_rank,
    lu,
    matrix_exponential,
    norms,
    older_names,
    pseudoinverse,
    qr,
    solving,
    svd,
    vectors,
)
