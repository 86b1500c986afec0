"""Lucid's side of the table: ``python -m benchmarks.lucid_worker``, driven over pipes."""

import lucid
import lucid.nn
import lucid.optim

from . import eager, worker

if __name__ == "__main__":
    worker.serve(eager.workloads(lucid), lucid.no_grad)
