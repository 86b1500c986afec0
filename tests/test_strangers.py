"""Lists where a tensor is wanted: every public function refuses them by name.

PyTorch takes none either. Whoever forgets `lucid.tensor` is told so, in the words of the
function that was called, and not by an AttributeError from its inside.
"""

import importlib
import inspect

import pytest

import lucid
from lucid.errors import DTypeError, LucidError

PAGES = ["lucid", "lucid.nn.functional", "lucid.linalg", "lucid.fft", "lucid.special"]

# First parameters that are tensors, by name.
TENSORS = {*"ABLabxy", "input", "tensor", "elements", "sorted_sequence", "condition", "real", "abs"}
TENSORS |= {"LU", "LU_data", "LD", "x1", "input1", "indices"}

# Arguments for the other parameters, by name; a square matrix for those that are tensors.
GIVEN = {
    **dict.fromkeys(("dim", "axis0", "source", "start", "axis", "dim0", "low"), 0),
    **dict.fromkeys(
        ("dim1", "axis1", "destination", "length", "k", "n", "num_samples", "offset"), 1
    ),
    **dict.fromkeys(("chunks", "sections", "split_size_or_sections", "indices_or_sections"), 1),
    **dict.fromkeys(("repeats", "shifts", "step", "size", "p", "groups", "bins", "n_fft"), 1),
    **dict.fromkeys(("maxnorm", "min", "q", "fill_value", "threshold", "value", "max"), 0.5),
    **dict.fromkeys(("dims", "tile_dims", "normalized_shape", "shape", "sizes", "stride"), (1,)),
    **dict.fromkeys(("index", "indices"), lucid.tensor([0, 1])),
    **dict.fromkeys(("mask", "condition"), lucid.tensor([True, False])),
    **dict.fromkeys(("batch1", "batch2"), lucid.zeros(1, 2, 2)),
    **dict.fromkeys(("vec", "vec1", "vec2", "boundaries"), lucid.zeros(2)),
    "split_sizes": [1, 1],
    "dtype": lucid.float64,
    **dict.fromkeys(("equation", "reduce"), "mean"),
}
LISTS_WILL_DO = {"index", "indices"}  # integers, as in ``x[[0, 1]]``
NEEDED = {"size", "dim", "min", "src", "n_fft"}  # may stand among those with a default, or after *


def functions():
    """Public functions whose first parameter is a tensor, each once, with the page's name."""
    found = {}
    for page in PAGES:
        for name, value in vars(importlib.import_module(page)).items():
            if name.startswith("_") or not inspect.isfunction(value):
                continue
            first = next(iter(inspect.signature(value).parameters), None)
            if first in TENSORS:
                found.setdefault(id(value), (f"{page}.{name}", value))
    return dict(found.values())


SQUARE = lucid.tensor([[2.0, 1.0], [1.0, 3.0]])


def call(function, place, stranger):
    """Call a function with a stranger in the place of the tensor of that name."""
    parameters = list(inspect.signature(function).parameters.values())
    arguments, options = [], {}
    for p in parameters:
        given = stranger if p.name == place else GIVEN.get(p.name, SQUARE)
        if p is parameters[0] and p.name != place:
            given = SQUARE
        if p.kind is p.VAR_POSITIONAL:
            arguments += GIVEN.get(p.name, (1,))
        elif p.kind is p.VAR_KEYWORD:
            continue
        elif p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD and not options:
            arguments.append(given)
        elif p.default is p.empty or (p.name in NEEDED and p.default is None):
            options[p.name] = given
    return function(*arguments, **options)


def other_tensors(function):
    """Names of the further parameters that are tensors and must be given."""
    for p in list(inspect.signature(function).parameters.values())[1:]:
        needed = p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        given = GIVEN.get(p.name, SQUARE)
        if needed and isinstance(given, lucid.Tensor) and p.name not in LISTS_WILL_DO:
            yield p.name


FUNCTIONS = functions()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_list_is_refused_by_name(name):
    first = next(iter(inspect.signature(FUNCTIONS[name]).parameters))
    with pytest.raises(DTypeError) as caught:
        call(FUNCTIONS[name], first, [1.0, 2.0])
    message = str(caught.value)
    assert "list" in message or "[1.0, 2.0]" in message, message


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_list_in_the_place_of_another_tensor_is_refused(name):
    for other in other_tensors(FUNCTIONS[name]):
        with pytest.raises(LucidError):
            call(FUNCTIONS[name], other, [1.0, 2.0])


def test_the_words():
    for refused, function in (
        (lambda: lucid.sum([1.0]), "sum"),
        (lambda: lucid.max((1.0, 2.0)), "max"),
        (lambda: lucid.abs([1.0]), "abs"),
        (lambda: lucid.transpose([[1.0]], 0, 1), "transpose"),
        (lambda: lucid.gather([1.0], 0, lucid.tensor([0])), "gather"),
    ):
        with pytest.raises(LucidError) as caught:
            refused()
        first, given, fix = str(caught.value).splitlines()
        kind = "tuple" if function == "max" else "list"
        assert first == f"{function}: takes tensors and numbers, not {kind}"
        assert given.startswith(("  input: ", "  given: "))
        assert fix == "  help: lucid.tensor(value)"


def test_numbers_are_not_always_enough():
    with pytest.raises(DTypeError, match="sum: takes tensors, not float"):
        lucid.sum(3.0)


def test_there_are_many():
    assert len(FUNCTIONS) > 400
