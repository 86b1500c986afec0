"""The benchmark of whole networks: both libraries do the same, and what is not held is named."""

import numpy as np
import pytest

import lucid
import lucid.nn
import lucid.optim
from benchmarks import networks
from benchmarks.network_models import NETWORKS, answer, training_step


@pytest.mark.parametrize("name", NETWORKS)
def test_training_comes_to_the_same_loss(name):
    torch = pytest.importorskip("torch")
    ours, theirs = training_step(lucid, name, 4, small=True), training_step(torch, name, 4, True)
    for _ in range(5):
        assert ours().item() == pytest.approx(theirs().item(), rel=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_both_answer_the_same(name):
    torch = pytest.importorskip("torch")
    with lucid.no_grad(), torch.no_grad():
        ours, theirs = answer(lucid, name, small=True)(), answer(torch, name, small=True)()
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-3, atol=1e-4)


def test_ratios_above_what_is_to_be_held_are_named():
    results = {
        "resnet": {"step, batch 8": [1.4, 1.0], "memory, batch 8": [1.4, 1.0]},
        "cnn": {"step, batch 8": [1.1, 1.0]},
    }
    assert networks.missed(results) == [
        "above 1.0: resnet, memory, batch 8: 1.40",
        "above 1.0: cnn, step, batch 8: 1.10",
    ]
    assert networks.missed({"cnn": {"step, batch 8": [0.9, 1.0]}}) == ["every ratio is held"]


def test_an_unknown_network_is_refused(capsys):
    with pytest.raises(SystemExit):
        networks.main(["--only", "nothing"])
    assert "cnn, resnet, lstm, transformer, vae" in capsys.readouterr().err
