"""One seed, one result: twice in a process, in two processes, with any number of threads."""

import os
import subprocess
import sys

import pytest

import lucid

TRAINING = """
import hashlib, sys
import lucid
from lucid import data, nn, optim

def train():
    lucid.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.1),
        nn.Linear(32, 16), nn.LayerNorm(16), nn.Tanh(), nn.Linear(16, 1),
    )
    inputs = lucid.randn(400, 8)
    targets = inputs.sum(dim=1, keepdim=True) + lucid.randn(400, 1)
    part, _ = data.random_split(data.TensorDataset(inputs, targets), [0.8, 0.2])
    optimizer, criterion = optim.Adam(model.parameters(), lr=1e-2), nn.HuberLoss(delta="mad")
    seen = hashlib.sha256()
    for _ in range(2):
        for x, y in data.DataLoader(part, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optim.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            seen.update(loss.data.tobytes())
    for value in model.state_dict().values():
        seen.update(value.detach().numpy().tobytes())
    return seen.hexdigest()

if len(sys.argv) > 1:
    lucid.set_num_threads(int(sys.argv[1]))
print(train(), train())
"""


def run(jit, *arguments, **variables):
    settings = {k: v for k, v in os.environ.items() if k != "LUCID_JIT"} | variables
    if jit is not None:
        settings["LUCID_JIT"] = jit
    command = [sys.executable, "-W", "ignore", "-c", TRAINING, *arguments]
    result = subprocess.run(command, env=settings, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


@pytest.mark.parametrize("jit", [None, "0", "1"])
def test_a_seed_fixes_every_bit(jit):
    first, again = run(jit)
    assert first == again
    for threads in ("1", "3"):
        assert run(jit, threads) == [first, first]


def test_the_process_that_compiles_computes_what_later_ones_do(tmp_path):
    pytest.importorskip("numba")
    results = [run("1", NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2)]
    assert any(tmp_path.rglob("*.nbi")), "nothing was compiled"
    assert results[0] == results[1]


def test_the_version_is_that_of_the_package():
    tomllib = pytest.importorskip("tomllib")
    with open("pyproject.toml", "rb") as file:
        assert tomllib.load(file)["project"]["version"] == lucid.__version__
