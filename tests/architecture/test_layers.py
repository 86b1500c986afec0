"""Imports point down: the level table of CONTRIBUTING.md, enforced."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lucid"
FILES = sorted(PACKAGE.rglob("*.py"))


def is_room(name):
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()


def table():
    """Room -> level, read from CONTRIBUTING.md."""
    levels = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 2 and cells[0].isdigit():
            names = [name.rstrip("/") for name in cells[1].split("`")[1::2]]
            levels.update((name, int(cells[0])) for name in names if is_room(name))
    return levels


LEVELS = table()


def room_of(module):
    """The room that a module stands in: ``lucid.ops.shape`` stands in ops."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "lucid"


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path):
    """(line, module, inside a function?) for every import of lucid itself."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{stem}.{a.name}" for a in node.names] if stem == "lucid" else [stem]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "lucid":
                yield node.lineno, name, id(node) in inside


def test_the_table_is_read():
    assert LEVELS["errors"] == 0
    assert LEVELS["kernels"] == 1
    assert LEVELS["core"] == 2
    assert LEVELS["ops"] == 3
    assert LEVELS["testing"] == 6


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_down(path):
    module = module_of(path)
    if module == "lucid":
        return  # the contents page imports from everywhere
    room = room_of(module)
    assert room in LEVELS, f"{room}: give it a level in CONTRIBUTING.md"
    for line, name, inside in imported(path):
        where = f"{path.relative_to(ROOT)}:{line} imports {name}"
        assert not inside, f"{where} inside of a function"
        target = room_of(name)
        assert target in LEVELS, f"{where}, which has no level"
        assert LEVELS[target] <= LEVELS[room], f"{where}, from a level above its own"


def test_rooms_of_one_level_form_no_ring():
    """Among rooms of one level, and among the files of one room, no import comes back."""
    edges = {}
    for path in FILES:
        module = module_of(path)
        if module == "lucid":
            continue
        known = {module_of(p) for p in FILES}
        edges[module] = set()
        for _, name, _ in imported(path):
            if path.name == "__init__.py" and name.startswith(module):
                continue  # a contents page
            if name in known and name != module and room_of(name) == room_of(module):
                edges[module].add(name)
    done, trail = set(), []

    def visit(module):
        if module in done:
            return
        assert module not in trail, f"a ring of imports: {' -> '.join([*trail, module])}"
        trail.append(module)
        for name in sorted(edges.get(module, ())):
            visit(name)
        trail.pop()
        done.add(module)

    for module in edges:
        visit(module)


def test_import_lucid_is_light():
    """NumPy is the only dependency that an import brings along."""
    heavy = ["numba", "scipy", "matplotlib", "torch", "sklearn", "pandas", "safetensors", "inspect"]
    code = f"import numpy, sys; before = set(sys.modules); import lucid, lucid.nn; \
        print([n for n in {heavy} if n in sys.modules and n not in before])"
    run = [sys.executable, "-X", "utf8", "-c", code]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]", found.stdout


def test_the_core_needs_numpy_alone():
    """With every other package out of reach, a network still learns."""
    code = """
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

class OnlyNumPy:
    def find_spec(name, path=None, target=None):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top in ("numpy", "lucid")
        return PathFinder.find_spec(name, path, target) if known else None

sys.meta_path[:] = [BuiltinImporter, FrozenImporter, OnlyNumPy]
import lucid
from lucid import nn

lucid.manual_seed(0)
x = lucid.randn(64, 3)
y = x @ lucid.tensor([[1.0], [-2.0], [0.5]])
model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = lucid.optim.Adam(model.parameters(), lr=0.03)
criterion = nn.HuberLoss()
losses = []
for _ in range(120):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < losses[0] / 5, losses
assert not {"numba", "scipy"} & set(sys.modules)
print("learned")
"""
    run = [sys.executable, "-c", code]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout.strip() == "learned", found.stderr
