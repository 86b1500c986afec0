"""What the tests of training share."""

import pytest

from lucid.config import SETTINGS
from lucid.kernels import jit


@pytest.fixture
def on_references(monkeypatch):
    """Without compiled loops: those round small arrays by where they lie in memory."""
    monkeypatch.setattr(SETTINGS, "jit", "0")
    monkeypatch.setattr(jit.policy, "on", False)
    monkeypatch.setattr(jit.policy, "settled", True)
