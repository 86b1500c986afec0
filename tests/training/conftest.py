"""What the tests of training share."""

import importlib.util

import pytest

from lucid.config import SETTINGS
from lucid.kernels import jit


@pytest.fixture(params=["references", "kernels"])
def kind_of_kernels(request, monkeypatch):
    """Once on the NumPy references, once with compiled loops: bits repeat either way."""
    on = request.param == "kernels"
    if on and (SETTINGS.jit == "0" or importlib.util.find_spec("numba") is None):
        pytest.skip("there are no compiled loops")
    monkeypatch.setattr(SETTINGS, "jit", "1" if on else "0")
    monkeypatch.setattr(jit.policy, "on", on)
    monkeypatch.setattr(jit.policy, "settled", True)
