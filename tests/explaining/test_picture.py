"""The drawing of an explanation is well-formed, says all, and nothing lies outside of it."""

import re
from xml.etree import ElementTree

import pytest

import lucid
from lucid import nn

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawing():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    x = lucid.ones(2, 4)
    h = model(x)
    with lucid.record_origins():
        y = (h < 5) * h + h.tanh()
    return ElementTree.fromstring(lucid.explain(y, model=model)._repr_svg_())


def test_it_says_what_the_text_says(drawing):
    text = " ".join("".join(node.itertext()) for node in drawing.iter(f"{SVG}text"))
    for piece in ("linear", "y = x Wᵀ + b", "grad_w = g.T @ x", "weight", "[3, 4]", "holds out"):
        assert piece in text
    assert "y = (h < 5) * h + h.tanh()" in text  # escaped, and read back


def test_nothing_lies_outside(drawing):
    width, height = float(drawing.get("width")), float(drawing.get("height"))
    for node in drawing.iter():
        if node.get("x") is not None:
            assert 0 <= float(node.get("x")) <= width
            assert 0 <= float(node.get("y")) <= height
        if node.tag == f"{SVG}rect" and node.get("y") is not None:
            assert float(node.get("y")) + float(node.get("height")) <= height
            assert float(node.get("x")) + float(node.get("width")) <= width
        if node.tag == f"{SVG}path":
            numbers = [float(n) for n in re.findall(r"[\d.]+", node.get("d"))]
            assert max(numbers) <= max(width, height)


def test_every_step_but_the_first_is_reached_by_an_arrow(drawing):
    boxes = [node for node in drawing.iter(f"{SVG}rect") if node.get("class") == "box"]
    arrows = [node for node in drawing.iter(f"{SVG}path") if node.get("marker-end")]
    assert len(arrows) >= len(boxes) - 1


def test_long_words_are_cut(drawing):
    for node in drawing.iter(f"{SVG}text"):
        assert len("".join(node.itertext())) < 130


def test_styles_are_for_the_drawing_alone(drawing):
    (style,) = drawing.iter(f"{SVG}style")
    rules = [rule.strip() for rule in style.text.split("}") if rule.strip()]
    assert rules
    assert all(rule.startswith(".lucid-tape ") for rule in rules)
    assert drawing.get("class") == "lucid-tape"
