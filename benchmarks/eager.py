"""The workloads of the eager frameworks, written once.

Lucid keeps PyTorch's names, so one source text runs on both: neither can be given an easier
task. A workload prepares everything that is not to be measured and returns the step that is.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import network_models, operations, problems

Step = Callable[[], Any]


def workloads(lib: ModuleType) -> dict[str, Callable[..., Step]]:
    """The workloads on ``lib``, which is lucid or torch."""
    nn, optim = lib.nn, lib.optim

    def network(widths: list[int]) -> Any:
        """Linear layers with ReLU between them, holding the weights of `problems`."""
        modules, state = [], {}
        for weight, bias in problems.layers(widths):
            state[f"{len(modules)}.weight"] = lib.tensor(weight)
            state[f"{len(modules)}.bias"] = lib.tensor(bias)
            modules += [nn.Linear(weight.shape[1], weight.shape[0]), nn.ReLU()]
        model = nn.Sequential(*modules[:-1])
        model.load_state_dict(state)
        return model

    def huber_step(size: int) -> Step:
        """Loss and gradient of `size` residuals."""
        first, second = problems.pair(size)
        input, target = lib.tensor(first, requires_grad=True), lib.tensor(second)
        criterion = nn.HuberLoss()

        def step() -> Any:
            input.grad = None
            loss = criterion(input, target)
            loss.backward()
            return loss

        return step

    def huber_forward(size: int) -> Step:
        """The loss alone, under ``no_grad``."""
        first, second = problems.pair(size)
        input, target = lib.tensor(first, requires_grad=True), lib.tensor(second)
        criterion = nn.HuberLoss()
        return lambda: criterion(input, target)

    def mlp_step(rows: int, widths: list[int]) -> Step:
        """A step of training: forward, Huber, backward, Adam."""
        model = network(widths)
        criterion = nn.HuberLoss()
        optimizer = optim.Adam(model.parameters(), lr=1e-3)
        first, second = problems.batch(rows, widths[0], widths[-1])
        inputs, targets = lib.tensor(first), lib.tensor(second)

        def step() -> Any:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            return loss

        return step

    def mlp_answer(widths: list[int]) -> Step:
        """The model's answer to one row, under ``no_grad``: what serving costs."""
        model = network(widths)
        row = lib.tensor(problems.batch(1, widths[0], widths[-1])[0])
        return lambda: model(row)

    def op_forward(name: str, size: int) -> Step:
        """One operation, under ``no_grad``."""
        return operations.workload(lib, name, size, backward=False)

    def op_step(name: str, size: int) -> Step:
        """One operation and its gradients."""
        return operations.workload(lib, name, size, backward=True)

    def network_step(name: str, rows: int, small: bool = False, warm: bool = False) -> Step:
        """A step of training of one of the textbooks' networks."""
        return network_models.training_step(lib, name, rows, small, warm)

    def network_answer(name: str, small: bool = False) -> Step:
        """Its answer to one input."""
        return network_models.answer(lib, name, small)

    return {
        "network_step": network_step,
        "network_answer": network_answer,
        "op_forward": op_forward,
        "op_step": op_step,
        "huber_step": huber_step,
        "huber_forward": huber_forward,
        "mlp_step": mlp_step,
        "mlp_answer": mlp_answer,
    }


# The workloads that run under no_grad.
UNRECORDED = ("huber_forward", "mlp_answer", "op_forward", "network_answer")
