"""JAX's side of the table, whole steps under ``jax.jit``: ``python -m benchmarks.jax_worker``."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from . import problems, worker

RATE, DECAY_1, DECAY_2, TINY = 1e-3, 0.9, 0.999, 1e-8  # Adam's, as optim.Adam has them


def mlp_step(rows: int, widths: list[int]) -> Callable[[], Any]:
    """A step of training: forward, Huber, backward, Adam, compiled into one program."""
    first, second = problems.batch(rows, widths[0], widths[-1])
    inputs, targets = jnp.asarray(first), jnp.asarray(second)
    weights = jax.tree.map(jnp.asarray, problems.layers(widths))
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, jax.tree.map(jnp.zeros_like, weights), jnp.zeros(()))

    def step() -> Any:
        nonlocal state
        loss, state = _train(state, inputs, targets)
        return loss.block_until_ready()

    return step


def _loss(weights: Any, inputs: Any, targets: Any) -> Any:
    hidden = inputs
    for weight, bias in weights[:-1]:
        hidden = jax.nn.relu(hidden @ weight.T + bias)
    weight, bias = weights[-1]
    residual = hidden @ weight.T + bias - targets
    influence = jnp.clip(residual, -1.0, 1.0)
    return jnp.mean(influence * (residual - 0.5 * influence))


@partial(jax.jit, donate_argnums=0)
def _train(state: Any, inputs: Any, targets: Any) -> Any:
    weights, means, squares, count = state
    loss, gradients = jax.value_and_grad(_loss)(weights, inputs, targets)
    count = count + 1
    means = jax.tree.map(lambda m, g: DECAY_1 * m + (1 - DECAY_1) * g, means, gradients)
    squares = jax.tree.map(lambda v, g: DECAY_2 * v + (1 - DECAY_2) * g * g, squares, gradients)
    rate, scale = RATE / (1 - DECAY_1**count), 1 / (1 - DECAY_2**count)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v * scale) + TINY), weights, means, squares
    )
    return loss, (weights, means, squares, count)


if __name__ == "__main__":
    worker.serve({"mlp_step": mlp_step})
