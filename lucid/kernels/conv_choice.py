"""The one place that says how a convolution is computed.

There is no best way for all shapes. Products of matrices run at the processor's full speed, so
all but depthwise convolution ends in them; what differs is how the matrices come about, and
whether they are made at all.
"""

from __future__ import annotations

from .direct import plan
from .jit import wanted
from .tiles import LANES
from .window import Window, back

CACHE = 1 << 18  # elements of a matrix of patches that stay in cache until they are multiplied
LONG = 256  # columns below which products lose speed
WIDE = 1 << 10  # places from which an example fills a product of its own
GATHERING = 40  # output channels that take as long as gathering what they are multiplied with


def way(forward: bool, into: int, out: int, groups: int, w: Window, loops: str | None) -> str:
    """How to convolve, or to carry the gradient back through a convolution.

    Measured with float32 on two cores with AVX-512, single convolutions and both gradients.

    Parameters
    ----------
    forward : bool
        Convolve, or else the transpose: the gradient towards the input.
    into, out : int
        Channels of the convolution's input and output.
    groups : int
    w : Window
    loops : str or None
        ``"tiles"`` where arrays and processor are such as `kernels.tiles` takes, ``"kernels"``
        where other compiled loops do.

    Returns
    -------
    str
        - ``"pointwise"``: input and output are the same places; the input is the matrix.
        - ``"depthwise"``: every channel by itself, in a compiled loop; matrices of one row
          would waste what products are good for.
        - ``"direct"``: tiles that read the padded input, or for the transpose the padded
          gradient.
        - ``"panels"``: tiles, of patches gathered for 48 places at a time.
        - ``"turned"`` (the transpose only): convolve the gradient with the kernel turned round.
          Gathering patches is faster than adding them up, but there are `out` to `into` as many
          of them, and between the steps of a stride there would be zeros. For small planes it
          does not repay turning the kernels.
        - ``"patches"``: patches of the input in columns, times the kernels; for the transpose
          the patches' gradients by a product, and their sum.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> plane = window((14, 14), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    >>> way(True, 64, 128, 1, plane, "tiles"), way(True, 64, 128, 1, plane, "kernels")
    ('direct', 'patches')
    >>> way(False, 64, 128, 1, plane, "kernels")
    'turned'
    """
    if w.pointwise:
        return "pointwise"
    if into == groups > 1 and loops and wanted(into * w.places):
        return "depthwise"
    if loops == "tiles" and w.places and into:
        if forward:
            return _tiled(w, out // groups)
        if _carried_by_tiles(w, into // groups, out):
            return _tiled(back(w), into // groups)
    if not forward and w.stride == (1, 1, 1) and out <= min(2 * into, 2 * w.places):
        return "turned"
    return "patches"


def _tiled(w: Window, out: int) -> str:
    """Directly, unless what lies between the rows costs more than to gather patches.

    For each element of the kernels a tile takes a half step of the processor for a register
    and an output channel; to gather a register takes twenty.
    """
    along = -(-plan(w).reach // LANES)
    return "panels" if -(-w.places // LANES) * (out + GATHERING) < along * out else "direct"


def _carried_by_tiles(w: Window, into: int, out: int) -> bool:
    """Whether tiles carry a gradient back: turned kernels are read in leaps, which is for
    kernels that stay in cache, and rows of a tile are channels of the input."""
    return w.stride == (1, 1, 1) and into >= 6 and into * out * w.taps <= CACHE


def way_to_kernel(into: int, out: int, groups: int, w: Window, loops: str | None) -> str:
    """How to compute the gradient towards the kernels; the names are those of `way`.

    By tiles the output's gradient has to be turned first, which few elements do not repay.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> plane = window((14, 14), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    >>> way_to_kernel(64, 128, 1, plane, "tiles"), way_to_kernel(3, 64, 1, plane, "tiles")
    ('direct', 'patches')
    """
    if w.pointwise:
        return "pointwise"
    if into == groups > 1 and loops and wanted(into * w.places):
        return "depthwise"
    whole = groups == 1 or out // groups % LANES == 0
    if loops == "tiles" and whole and w.places and into // groups * w.taps >= 48:
        return "direct"
    return "patches"


def examples_at_once(channels: int, w: Window) -> int:
    """For how many examples patches are made before they are multiplied.

    As many as stay in cache, but enough for products that are long; a wide example makes a
    long one alone, and its product can be written where it belongs.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> examples_at_once(16, window((8,), (3,), (1,), ((1, 1),), (1,)))
    682
    """
    if w.places >= WIDE:
        return 1
    places = max(w.places, 1)
    return max(CACHE // max(channels * w.taps * places, 1), -(-LONG // places))


def slabs_of_one(channels: int, w: Window) -> int:
    """Into how many parts the places of a single example are divided, to stay in cache.

    Examples
    --------
    >>> from lucid.kernels.window import window
    >>> large = window((112, 112), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    >>> slabs_of_one(64, large)
    27
    """
    places = max(CACHE // max(channels * w.taps, 1), LONG)
    return max(w.places // places, 1)
