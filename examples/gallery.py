"""What the examples share: how they are called, and how their figures look.

A figure has a headline that says what was found, one colour a thing and the name beside it,
and a last line that says where the data are from.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which stay apart for colour-blind eyes.
VERMILION, GREEN, BLUE, SKY, PURPLE = "#D55E00", "#009E73", "#0072B2", "#56B4E9", "#CC79A7"
ORANGE = "#E69F00"
INK, GREY, PALE = "#222222", "#767676", "#C4C4C4"
STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.color": INK,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#ECECEC",
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "savefig.dpi": 150,
}


def arguments(description: str, figure: str) -> argparse.Namespace:
    """What the command line of an example asks for: ``quick`` and ``output``.

    Parameters
    ----------
    description : str
        The module's docstring; its first line is shown.
    figure : str
        The file that the figure is drawn into unless another is named.
    """
    sys.stdout.reconfigure(errors="replace")  # a pipe on Windows may not know every letter
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a glimpse of it, in seconds")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(figure),
        metavar="PATH",
        help="where to draw the figure, as png, pdf or svg (default: %(default)s)",
    )
    args = parser.parse_args()
    if args.output.suffix not in (".png", ".pdf", ".svg"):
        parser.error(f"--output must end in .png, .pdf or .svg, not {args.output.name}")
    try:
        args.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--output: {error}")
    return args


@contextmanager
def page(path: Path, headline: str, source: str, size: tuple[float, float]) -> Iterator[Figure]:
    """A figure in our style, written to `path` when the block ends; then it says where."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=size, layout="constrained")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.12)
        figure.suptitle(headline, x=0.01, ha="left", fontsize=15, fontweight="bold")
        figure.supxlabel(source, x=0.01, ha="left", fontsize=8, color=GREY)
        yield figure
        figure.savefig(path)
        plt.close(figure)
    print(f"\nFigure: {path.resolve()}")


def say(axes: Axes, x: float, y: float, text: str, colour: str, **options: Any) -> None:
    """Write beside a line, in its colour."""
    axes.text(x, y, text, color=colour, **({"weight": "bold"} | options))


def picture(axes: Axes) -> None:
    """Make an axes one that shows a picture: no ticks, no grid, no frame."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set_visible(False)
