"""A first look at an installation that has NumPy alone; a plain script, as pytest is not there.

Run it outside the checkout, with the Python of such an installation.
"""

import importlib.util

import numpy as np

import lucid
from lucid import Tensor, nn, optim

for absent in ("numba", "scipy", "sklearn", "safetensors", "threadpoolctl", "pytest"):
    assert importlib.util.find_spec(absent) is None, f"{absent} is installed: not the core alone"
assert "site-packages" in lucid.__file__, f"this is the checkout, not an installation: {lucid}"

input = Tensor([[1.5, 2.0, 3.5, 4.0]], requires_grad=True)
target = Tensor([[1.0, 2.5, 3.0, 5.0]])
loss = nn.HuberLoss()(input, target)
loss.backward()
assert str(loss) == "Tensor(0.2188, grad=None)", str(loss)
assert str(input.grad) == "[[0.1250, -0.1250, 0.1250, -0.2500]]", str(input.grad)

x = Tensor([0.0, 1.0], requires_grad=True)
x.tanh().sum().backward()
assert np.allclose(x.grad.numpy(), [1.0, 1 - np.tanh(1.0) ** 2])

lucid.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = optim.Adam(model.parameters(), lr=0.01)
points = lucid.randn(200, 2)
values = points.sum(dim=1, keepdim=True)
losses = []
for _ in range(200):  # more calls than it takes to look for kernels, which are not there
    optimizer.zero_grad()
    loss = nn.HuberLoss()(model(points), values)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < losses[0] / 20, losses[:: len(losses) - 1]

print("The core works with NumPy alone: import, gradients, HuberLoss, training.")
