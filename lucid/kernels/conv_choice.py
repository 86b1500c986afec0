"""The one place that says how a convolution is computed.

There is no best way for all shapes. Products of matrices run at the processor's full speed, so
all but depthwise convolution ends in them; what differs is how the matrices come about.
"""

from __future__ import annotations

from .jit import wanted
from .window import Window

CACHE = 1 << 18  # elements of a matrix of patches that stay in cache until they are multiplied
LONG = 256  # columns below which products lose speed
WIDE = 1 << 10  # places from which an example fills a product of its own


def way(forward: bool, into: int, out: int, groups: int, w: Window, kernels: bool) -> str:
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
    kernels : bool
        Whether the arrays are such as compiled loops take.

    Returns
    -------
    str
        - ``"pointwise"``: input and output are the same places; the input is the matrix.
        - ``"depthwise"``: every channel by itself, in a compiled loop; matrices of one row
          would waste what products are good for.
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
    >>> way(True, 64, 128, 1, plane, True), way(False, 64, 128, 1, plane, True)
    ('patches', 'turned')
    """
    if w.pointwise:
        return "pointwise"
    if into == groups > 1 and kernels and wanted(into * w.places):
        return "depthwise"
    if not forward and w.stride == (1, 1, 1) and out <= min(2 * into, 2 * w.places):
        return "turned"
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
