"""The drawing on the page about explaining, made anew with the pages."""

from pathlib import Path
from typing import Any

import lucid
from lucid import nn


def drawing() -> str:
    """The network of that page, as a notebook shows it."""
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
    inputs, target = lucid.ones(32, 8), lucid.ones(32, 1)
    loss = nn.HuberLoss()(model(inputs), target)
    explanation: str = lucid.explain(loss, model=model)._repr_svg_()
    return explanation


def write(app: Any) -> None:
    """Write it where Sphinx finds it; called when the builder is there."""
    path = Path(app.srcdir, "api", "generated", "explained.svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drawing(), encoding="utf-8")
