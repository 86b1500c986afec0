"""Repeated layers are shown once."""

from hypothesis import given
from hypothesis import strategies as st

import lucid
from lucid import nn


def blocks_of(tensor, **options):
    explanation = lucid.explain(tensor, **options)
    return [(len(block.steps), block.times) for block in explanation.blocks], explanation


def test_twelve_layers_of_a_transformer():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(20, 8)
            self.layers = nn.ModuleList(
                [nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(12)]
            )
            self.head = nn.Linear(8, 20)

        def forward(self, ids):
            h = self.embed(ids)
            for layer in self.layers:
                h = layer(h)
            return self.head(h)

    net = Net()
    ids = lucid.zeros(2, 5, dtype=lucid.int64)
    with lucid.record_origins():
        y = net(ids)
    (first, layer, last), explanation = blocks_of(y, model=net)
    assert (first, last) == ((1, 1), (1, 1))
    assert layer[1] == 12
    assert explanation.blocks[1].span == "layers.0 to layers.11"
    text = str(explanation)
    assert "× 12  layers.0 to layers.11" in text
    assert "layers.*.norm1" in text
    assert len(text.splitlines()) < 70
    assert [step.number for step in explanation.steps] == list(range(1, len(explanation.steps) + 1))
    assert "layers.7.linear1.weight" in explanation.leaves  # names themselves are kept
    assert "× 12 · layers.0 to layers.11" in explanation._repr_svg_()


def test_a_skip_from_far_away_does_not_hinder():
    memory = lucid.ones(4, requires_grad=True).exp()
    h = memory
    for _ in range(10):
        h = (h * memory).tanh()
    found, _ = blocks_of(h)
    assert found == [(1, 1), (2, 10)]


def test_few_steps_are_not_folded():
    h = lucid.ones(4, requires_grad=True)
    for _ in range(8):
        h = h.tanh()
    assert blocks_of(h)[0] == [(8, 1)]


def test_different_widths_are_different_layers():
    widths = range(3, 16)
    model = nn.Sequential(*(nn.Linear(i, i + 1) for i in widths))
    found, _ = blocks_of(model(lucid.ones(2, 3)))
    assert found == [(13, 1)]


@given(
    st.lists(st.sampled_from("tes"), min_size=1, max_size=5), st.integers(1, 9), st.integers(0, 3)
)
def test_blocks_cover_every_step_once(pattern, times, extra):
    h = lucid.ones(4, requires_grad=True)
    for _ in range(times):
        for letter in pattern:
            h = {"t": h.tanh, "e": h.exp, "s": h.sin}[letter]()
    for _ in range(extra):
        h = h * 2
    explanation = lucid.explain(h)
    ops = [step.prim.name for step in explanation.steps]
    unfolded = []
    for block in explanation.blocks:
        unfolded += [step.prim.name for step in block.steps] * block.times
    assert unfolded == ops


def test_thousands_of_steps_are_quick_to_fold():
    h = lucid.ones(4, requires_grad=True)
    for i in range(3000):
        h = h.tanh() if i % 3 else h.sin()
    found, explanation = blocks_of(h)
    assert len(found) <= 3
    assert len(str(explanation).splitlines()) < 40
