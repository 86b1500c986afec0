"""What `import lucid` costs: NumPy, and hardly anything beside."""

import subprocess
import sys

import pytest

LATER = [
    # optional packages
    *("numba", "scipy", "matplotlib", "safetensors", "threadpoolctl", "ml_dtypes", "torch"),
    # parts of the standard library and of NumPy that take milliseconds, and few programs need
    *("numpy.random", "concurrent.futures", "json", "difflib", "secrets", "logging"),
]


def loaded(code):
    """Which of `LATER` a process has imported once it ran `code`."""
    code += f"; import sys; print(*[name for name in {LATER!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


def test_import_takes_numpy_alone():
    numpys_own = loaded("import numpy")
    assert [name for name in loaded("import lucid") if name not in numpys_own] == []


def test_the_first_random_number_brings_its_library():
    code = "import lucid; lucid.manual_seed(0); a = lucid.rand(1); lucid.manual_seed(0)"
    assert "numpy.random" in loaded(f"{code}; assert lucid.rand(1).item() == a.item()")


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_that_draw_first_share_one_stream(threads):
    code = f"""if True:
        import threading, lucid
        generator = lucid.Generator(0)
        barrier, drawn = threading.Barrier({threads}), []
        def draw():
            barrier.wait()
            drawn.append(generator.rng.integers(1 << 62))
        workers = [threading.Thread(target=draw) for _ in range({threads})]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        alone = lucid.Generator(0).rng.integers(1 << 62, size={threads})
        assert sorted(drawn) == sorted(alone.tolist()), (drawn, alone)
    """
    subprocess.run([sys.executable, "-c", code], check=True)
