"""The pages of operations: formula, gradient and source of each, from its declaration.

Nothing on them is written twice: the formula is that of the documentation, the gradient is read
from the rule, and the source is what runs. One page for each file that declares operations.

``python docs/operation_pages.py`` prints one of them.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import lucid
from lucid.formulas.callers import curve_of
from lucid.formulas.operation import Operation

SHOWN = ("forward", "rule")  # of the sources; `lucid.ops[...]` shows them all
SHOWN_OF_LOSSES = ("rho", "psi")  # all have the same forward and rule
EXPLANATION = """\
Everything that is differentiated goes through one of these operations: they are what
`lucid.explain` finds on the tape of a result. Each is declared once, and these pages are made
from the declarations: the formula, the gradient as its rule computes it (`g` is the gradient of
the output `y`), the values it saves for that, and the source itself. At the prompt,
``lucid.ops["tanh"]`` shows the same, and the kernels besides.
"""


def families() -> dict[str, list[Operation]]:
    """The operations by the file that declares them; curves by their losses."""
    found: dict[str, list[Operation]] = {}
    for name in lucid.ops:
        operation = lucid.ops[name]
        found.setdefault(operation.primitive.module, []).append(operation)
    return dict(sorted(found.items(), key=lambda item: (item[0].startswith("lucid.nn"), item[0])))


def stem(family: str) -> str:
    """The name of a family's page: ``linalg_svd``."""
    return family.removeprefix("lucid.").removeprefix("ops.").replace(".", "_")


def title(family: str) -> str:
    """What is written above a page."""
    words = family.removeprefix("lucid.").removeprefix("ops.").removeprefix("nn.").split(".")
    return ": ".join(word.replace("_", " ") for word in words).capitalize()


def page(family: str, operations: list[Operation]) -> str:
    """The page of one family, in reStructuredText."""
    about = (importlib.import_module(family).__doc__ or "").partition("\n\n")[0]
    lines = [*heading(title(family), "="), about.replace("\n", " "), ""]
    for operation in operations:
        lines += section(operation)
    return "\n".join(lines)


def section(operation: Operation) -> Iterator[str]:
    """One operation."""
    prim = operation.primitive
    yield from heading(operation.name, "-")
    if operation.about:
        yield from [f"{escaped(operation.about)}.", ""]
    if operation.public:
        links = ", ".join(f":obj:`{name}`" for name in operation.public[:6])
        yield f":functions: {links}"
    if operation.statement is not None:
        yield f":value: {operation.statement}"
    if prim.vjp is None:
        yield from [":gradient: none", ""]
    else:
        lines, formulas = operation.gradient_lines(), operation.gradient
        yield f":saves: {', '.join(f'`{name}`' for name in prim.saves) or 'nothing'}"
        if lines and lines == formulas:
            yield from [":gradient:", "", *block(lines, indent="   ")]
        else:
            said = escaped(lines[0]) if lines else "by the rule below"
            yield from [f":gradient: {said}", ""]
    roles = SHOWN if curve_of(prim) is None else SHOWN_OF_LOSSES
    for source in operation.sources:
        if source.role in roles:
            yield from block(source.text.splitlines(), f"{source.role}, {source.file}")


def heading(text: str, line: str) -> list[str]:
    """A title."""
    return [text, line * len(text), ""]


def block(code: list[str], caption: str | None = None, indent: str = "") -> list[str]:
    """A block of Python."""
    head = [f"{indent}.. code-block:: python"]
    head += [f"{indent}   :caption: {caption}"] if caption else []
    return [*head, "", *(f"{indent}   {line}".rstrip() for line in code), ""]


def escaped(text: str) -> str:
    """Plain text, where none of its signs means anything."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def contents(found: dict[str, list[Operation]]) -> str:
    """The page above the others: the families, and what each of them has."""
    lines = [*heading("Operations", "="), EXPLANATION, ".. toctree::", "   :hidden:", ""]
    lines += [f"   {stem(family)}" for family in found] + [""]
    for family, operations in found.items():
        names = ", ".join(f"`{operation.name}`" for operation in operations)
        lines.append(f"* :doc:`{title(family)} <{stem(family)}>`: {names}")
    return "\n".join([*lines, ""])


def pages() -> dict[str, str]:
    """All pages, by their file names."""
    found = families()
    made = {stem(family): page(family, operations) for family, operations in found.items()}
    return {"index": contents(found), **made}


def write(app: Any) -> None:
    """Write the pages where Sphinx finds them; called when the builder is there."""
    folder = Path(app.srcdir, "api", "generated", "operations")
    folder.mkdir(parents=True, exist_ok=True)
    made = {f"{name}.rst": text for name, text in pages().items()}
    for old in folder.glob("*.rst"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    print(page("lucid.ops.trigonometric", families()["lucid.ops.trigonometric"]))
