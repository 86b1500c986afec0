"""The coverage table: what every operation takes, found out by calling it.

The examples in an operation's documentation show how it is called. They are run once with a
spy in the operation's place; then it is called again as it was there, in every dtype, and
differentiated twice. So the table is what the code does, not what somebody wrote of it.

``python docs/coverage_table.py`` prints the page.
"""

import doctest
import importlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

import lucid
import lucid.nn
from lucid import Tensor
from lucid.dtypes import is_differentiable, resolve

PAGES = ("lucid", "lucid.linalg", "lucid.fft", "lucid.special", "lucid.nn.functional")
DTYPES = {  # the head of a column, and the dtype that is tried
    "bool": "bool",
    "int": "int64",
    "f16": "float16",
    "bf16": "bfloat16",
    "f32": "float32",
    "f64": "float64",
    "c64": "complex64",
    "c128": "complex128",
}
EXPLANATION = """\
What every operation takes, found out when this page was made: each one was called as in the
example of its documentation, with its arguments in every dtype, and differentiated twice.

dtypes
   `int` stands for all integers, `f16` and `bf16` for float16 and bfloat16, and so on. A mark: it
   takes them. Integers where the result is floating are taken to the default dtype.

gradient
   `real`, `complex`: up to which order the operation can be differentiated; `any` is every
   order, `1` the first alone, a dash where the result carries no gradient. Of complex numbers it
   is PyTorch's: the conjugate of Wirtinger's.

in place, out
   There is a method with a `_` at its end that writes the result into the tensor; the function
   takes `out=`.
"""


class Call(NamedTuple):
    """One call of an operation, as an example makes it."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Row(NamedTuple):
    """What was found out about one operation."""

    names: list[str]
    page: str
    dtypes: frozenset[str]
    real: str
    complex: str
    in_place: bool
    out: bool


# ---- how an operation is called ---------------------------------------------------------


def operations(page: str) -> dict[Callable[..., Any], list[str]]:
    """The functions that a page and no earlier one offers, with their names, the first first."""
    earlier = {
        function
        for other in PAGES[: PAGES.index(page)]
        for function in vars(importlib.import_module(other)).values()
        if inspect.isfunction(function)
    }
    found: dict[Callable[..., Any], list[str]] = {}
    for name, function in vars(importlib.import_module(page)).items():
        apart = name.startswith("_") or name.endswith("_")  # in-place forms have a column
        if inspect.isfunction(function) and not apart and function not in earlier:
            found.setdefault(function, []).append(name)
    for function, names in found.items():
        names.sort(key=lambda name: (name != function.__name__, name))
    return found


def example(name: str, function: Callable[..., Any]) -> Call | None:
    """The first call with a tensor that the examples of a function make."""
    calls: list[Call] = []

    def spy(*args: Any, **kwargs: Any) -> Any:
        if not calls and any(isinstance(x, Tensor) for x in leaves_of((args, kwargs))):
            calls.append(copied(Call(args, kwargs)))
        return function(*args, **kwargs)

    finder = doctest.DocTestFinder(recurse=False)
    globs = {"lucid": lucid, "np": np, "Tensor": Tensor}
    with replaced(function, spy):
        for test in finder.find(function, name, globs=globs):
            with suppress(Exception):
                doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None)
    return calls[0] if calls else None


@contextmanager
def replaced(function: Any, spy: Any) -> Iterator[None]:
    """A spy in the place of a function, on all pages and as a method of Tensor."""
    owners = [*map(importlib.import_module, PAGES), Tensor]
    places = [(o, name) for o in owners for name, value in vars(o).items() if value is function]
    for owner, name in places:
        setattr(owner, name, spy)
    try:
        yield
    finally:
        for owner, name in places:
            setattr(owner, name, function)


def leaves_of(tree: Any) -> Iterator[Any]:
    """All that stands in nested lists, tuples and dictionaries."""
    if isinstance(tree, dict):
        tree = tuple(tree.values())
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from leaves_of(item)
    else:
        yield tree


def mapped(tree: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same tree with every tensor changed."""
    if isinstance(tree, Tensor):
        return change(tree)
    if isinstance(tree, dict):
        return {key: mapped(value, change) for key, value in tree.items()}
    if isinstance(tree, Call):
        return Call(mapped(tree.args, change), mapped(tree.kwargs, change))
    if isinstance(tree, list | tuple):
        return type(tree)(mapped(item, change) for item in tree)
    return tree


def copied(call: Call) -> Call:
    """A call whose tensors no one else changes."""
    return mapped(call, lambda tensor: lucid.from_numpy(tensor.detach().numpy().copy()))


# ---- what it takes ------------------------------------------------------------------------


def variants(call: Call, dtype: np.dtype[Any]) -> Iterator[Call]:
    """The call in another dtype: indices and masks beside the values stay what they are.

    Where all tensors are of one dtype, some may be indices: fewer and fewer of them are cast.
    """
    tensors = [x for x in leaves_of((call.args, call.kwargs)) if isinstance(x, Tensor)]
    floating = [x for x in tensors if is_differentiable(x.dtype)]
    same = [x for x in tensors if x.dtype == (floating or tensors)[0].dtype][:4]
    for count in range(len(same) - 1, -1, -1):
        for others in itertools.combinations(same[1:], count):
            chosen = set(map(id, [same[0], *others]))
            yield mapped(call, lambda x, chosen=chosen: x.to(dtype) if id(x) in chosen else x)


def takes(function: Callable[..., Any], call: Call, dtype: np.dtype[Any]) -> Call | None:
    """The call in a dtype, if the function takes it."""
    for variant in variants(call, dtype):
        with suppress(Exception):
            function(*copied(variant).args, **copied(variant).kwargs)
            return variant
    return None


def order(function: Callable[..., Any], call: Call) -> str:
    """How often the function can be differentiated at a call: a dash, ``1``, or ``any``.

    That is by all its arguments together, or else by the one that allows it most often; and at
    the example, or near it where that shows an exception.
    """
    most = 0
    for place in (copied(call), nearby(call)):
        sources = [x for x in leaves_of((place.args, place.kwargs)) if isinstance(x, Tensor)]
        sources = [x for x in sources if is_differentiable(x.dtype)]
        attempts = (times(function, place, some) for some in [sources, *([x] for x in sources)])
        most = most or max(attempts, default=0)
    return ("–", "1", "any")[most]


def nearby(call: Call) -> Call:
    """The call with other numbers: a singular matrix is regular then."""
    rng = np.random.default_rng(0)

    def moved(x: Tensor) -> Tensor:
        return x + 0.01 * rng.standard_normal(x.shape) if is_differentiable(x.dtype) else x

    args = (lucid.tensor(x, dtype=lucid.float64) if type(x) is float else x for x in call.args)
    return mapped(Call(tuple(args), call.kwargs), moved)


def times(function: Callable[..., Any], call: Call, sources: list[Tensor]) -> int:
    """How often, up to two times, the function can be differentiated by some arguments."""
    for source in sources:
        source.requires_grad = True
    count = 0
    with suppress(Exception):
        results = function(*call.args, **call.kwargs)
        if any(getattr(x, "requires_grad", False) for x in leaves_of(results)):
            while count < 2:
                results = slopes_of(results, sources)
                count += 1
    for source in sources:
        source.requires_grad = False
    return count


def slopes_of(results: Any, sources: list[Tensor]) -> list[Tensor]:
    """The gradients of all results, for another round."""
    live = [x for x in leaves_of(results) if getattr(x, "requires_grad", False)]
    if not live:
        return []
    ones = [lucid.ones_like(x.detach()) for x in live]
    found = lucid.autograd.grad(live, sources, ones, create_graph=True, allow_unused=True)
    return [slope for slope in found if slope is not None]


def row(page: str, names: list[str], function: Callable[..., Any]) -> Row | None:
    """What one operation takes; None if no example gives it a tensor, or it gives none back."""
    call = example(names[0], function)
    if call is None:
        return None
    with suppress(Exception):
        results = function(*copied(call).args, **copied(call).kwargs)
        if not any(isinstance(x, Tensor) for x in leaves_of(results)):
            return None
    found = {}
    for head, dtype in DTYPES.items():
        variant = takes(function, call, resolve(dtype, "coverage"))
        if variant is not None:
            found[head] = variant
    if not found:
        return None
    return Row(
        names,
        page,
        frozenset(found),
        order(function, found["f64"]) if "f64" in found else "–",
        order(function, found["c128"]) if "c128" in found else "",
        any(hasattr(Tensor, f"{name}_") for name in names),
        "out" in inspect.signature(function).parameters,
    )


def rows() -> list[Row]:
    """A row for every operation of all pages."""
    return [
        made
        for page in PAGES
        for function, names in operations(page).items()
        if (made := row(page, names, function)) is not None
    ]


# ---- the page -----------------------------------------------------------------------------


def page() -> str:
    """The page in reStructuredText: a table for each public module."""
    lines = ["Coverage", "========", "", EXPLANATION]
    made = rows()
    for name in PAGES:
        mine = [each for each in made if each.page == name]
        if mine:
            lines += [name, "-" * len(name), "", *table(mine), ""]
    return "\n".join(lines)


def table(mine: list[Row]) -> list[str]:
    """One table, as lines."""
    heads = ["operation", *DTYPES, "real", "complex", "in place", "out"]
    lines = [".. list-table::", "   :header-rows: 1", "", *cells(heads)]
    for each in sorted(mine, key=lambda each: each.names[0].lower()):
        dots = ["✓" if head in each.dtypes else "" for head in DTYPES]
        marks = ["✓" if each.in_place else "", "✓" if each.out else ""]
        links = ", ".join(f":func:`{name} <{each.page}.{name}>`" for name in each.names)
        lines += cells([links, *dots, each.real, each.complex, *marks])
    return lines


def cells(texts: list[str]) -> list[str]:
    """One row of a list-table."""
    return [f"   {'*' if i == 0 else ' '} - {text}".rstrip() for i, text in enumerate(texts)]


def write(app: Any) -> None:
    """Write the page where Sphinx finds it; called when the builder is there."""
    path = Path(app.srcdir, "api", "generated", "coverage.rst")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = page()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    print(page())
