"""PyTorch's side of the table: ``python -m benchmarks.torch_worker``, driven over pipes."""

import torch

from . import eager, machine, worker

if __name__ == "__main__":
    torch.set_num_threads(machine.cores())
    worker.serve(eager.workloads(torch), torch.no_grad)
