"""From a fresh checkout to something running, with nothing but Python 3.11+ and pip.

    python3 start.py demo     a network learns real data with outliers, and draws a figure
    python3 start.py test     the test suite
    python3 start.py bench    Lucid's speed here (beside PyTorch's, if that is installed)

Whatever follows the command is passed on: `python3 start.py test -k huber -x`.
A virtual environment of Lucid's own is made in .venv beside this file, or where LUCID_VENV
says; nothing else on the machine is touched, and deleting that folder undoes it all.
"""
# Any Python must be able to parse this file, so that an old one gets to say that it is too
# old: hence no f-strings, no annotations, no pathlib.

import hashlib
import importlib
import os
import shutil
import subprocess
import sys

NEEDED = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.abspath(os.environ.get("LUCID_VENV") or os.path.join(ROOT, ".venv"))
COMMANDS = {  # name: (the optional dependencies it needs, what the new Python then runs)
    "demo": ("examples", [os.path.join("examples", "robust_regression.py")]),
    "test": ("test", ["-m", "pytest", "-n", "auto"]),
    "bench": ("examples", ["-m", "benchmarks"]),
}


class SetupError(Exception):
    """Something that the person at the keyboard must know about, in words for them."""


def main(arguments):
    """Prepare what a command needs and run it; returns its exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        asked_for_help = arguments[:1] in (["-h"], ["--help"])
        print(__doc__.strip())
        return 0 if asked_for_help else 2
    extras, command = COMMANDS[arguments[0]]
    try:
        check_python()
        prepare(extras)
    except SetupError as problem:
        sys.stderr.write("\n{}\n".format(problem))
        return 1
    say("Running: python {}".format(" ".join(command + arguments[1:])))
    return subprocess.call([venv_python()] + command + arguments[1:], cwd=ROOT)


def say(text):
    """Print at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def check_python():
    """Refuse a Python that Lucid does not run on."""
    if sys.version_info < NEEDED:
        raise SetupError(
            "Lucid needs Python {}.{} or newer; this is Python {}.{} ({}).\n"
            "Run this file with a newer one, for example: python3.12 start.py demo\n"
            "Python can be had from your system's packages or from python.org.".format(
                NEEDED[0], NEEDED[1], sys.version_info[0], sys.version_info[1], sys.executable
            )
        )


def prepare(extras):
    """Make the virtual environment and install into it, unless that was done before."""
    stamp = os.path.join(VENV, "lucid-{}.stamp".format(extras))
    wanted = fingerprint()
    if os.path.exists(venv_python()) and read(stamp) == wanted:
        return
    pip = make_venv()
    say(
        "Installing what Lucid needs (NumPy, Numba, the packages of '{}').\n"
        "The first time this takes a minute or two, mostly for downloads of some 175 MB; "
        "after that nothing is left to do.".format(extras)
    )
    install(pip, extras)
    with open(stamp, "w") as file:
        file.write(wanted)
    say("Installed.")


def fingerprint():
    """What an installation depends on: our list of packages, and which Python it is for."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return "{} {}\n".format(hashlib.sha256(file.read()).hexdigest(), sys.version.split()[0])


def read(path):
    """The text of a file; None if there is none."""
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()


def venv_python():
    """The Python of the virtual environment."""
    if os.name == "nt":
        return os.path.join(VENV, "Scripts", "python.exe")
    return os.path.join(VENV, "bin", "python")


def make_venv():
    """Make the virtual environment where there is none; returns the command that is its pip.

    Debian and its kin take `ensurepip` out of Python, without which a new environment has no
    pip. The pip of this Python then installs into it from outside.
    """
    venv, inside, outside = (has(name) for name in ("venv", "ensurepip", "pip"))
    if not venv or not (inside or outside):
        raise SetupError(
            "This Python cannot make virtual environments: its module {} is missing.\n"
            "On Debian and Ubuntu: sudo apt install python3-venv\n"
            "Then run the same command again.".format("venv" if not venv else "ensurepip")
        )
    if not usable():
        if os.path.exists(VENV) and not os.path.exists(os.path.join(VENV, "pyvenv.cfg")):
            raise SetupError("{} is there already and is no virtual environment.".format(VENV))
        say("Making a virtual environment in {}".format(VENV))
        shutil.rmtree(VENV, ignore_errors=True)
        options = [] if inside else ["--without-pip"]
        code, log = run([sys.executable, "-m", "venv"] + options + [VENV])
        if code:
            raise SetupError(
                "The virtual environment could not be made:\n{}".format("\n".join(log))
            )
    if inside:
        return [venv_python(), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", venv_python()]


def has(module):
    """Whether this Python has a module."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def usable():
    """Whether there is an environment, made by the same release of Python."""
    if not os.path.exists(venv_python()):
        return False
    version = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
    code, lines = run([venv_python(), "-c", version])
    return code == 0 and lines == ["{}.{}".format(*sys.version_info[:2])]


def install(pip, extras):
    """Install Lucid from this folder, so that changes to its source take effect at once."""
    target = "{}[{}]".format(ROOT, extras)
    command = ["install", "--disable-pip-version-check", "--progress-bar", "off"]
    code, log = run(pip + command + ["--editable", target], on_line=show_progress)
    if code:
        raise SetupError(
            "pip could not install what Lucid needs. Its last words:\n\n    {}\n\n"
            "If this machine is offline or behind a proxy, pip cannot reach its package index:\n"
            "connect, or set the proxy (HTTPS_PROXY=...), and run the same command again; it\n"
            "goes on where it stopped.".format("\n    ".join(log[-12:]))
        )


def show_progress(line):
    """Tell which package pip is busy with."""
    words = line.split()
    if words[:1] == ["Collecting"]:
        say("  {}".format(words[1]))
    elif words[:1] == ["Processing"]:  # a wheel that lies on this machine already
        say("  {}".format(os.path.basename(words[1]).split("-")[0]))
    elif line.startswith("Installing collected"):
        say("  unpacking them all")


def run(command, on_line=None):
    """Run a command; returns its exit code and the lines it printed."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if on_line is not None:
            on_line(line.strip())
    return process.wait(), lines


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        sys.exit(130)
