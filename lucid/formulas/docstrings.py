r"""The formula that a docstring states: what stands in its summary, or is displayed below it."""

from __future__ import annotations

import re

from .latex import plain

_INLINE = re.compile(r":math:`([^`]*)`")
_SPAN = re.compile(r":math:`[^`]*`|``[^`]*``")
_DISPLAY = re.compile(r"^\.\. math::[ \t]*(.*(?:\n(?:[ \t]+.*)?)*)", re.MULTILINE)
_SECTION = re.compile(r"\n[A-Z][A-Za-z ]+\n-{3,}")
_REMARK = re.compile(r",?\s*element by element|,? along (?:a|some) dimensions?")
_GOES_ON = re.compile(r"\s*,?\s*(?:where|if|else|otherwise)\b(?=\s+\S)")


def stated(docstring: str) -> str | None:
    r"""The formula in a docstring, as reStructuredText; None if it states none.

    Parameters
    ----------
    docstring : str
        As `inspect.getdoc` gives it.

    Examples
    --------
    >>> stated("The rectifier :math:`\\max(x, 0)`, element by element.")
    ':math:`\\max(x, 0)`'
    >>> stated(":math:`x` where it exceeds a threshold, else a fixed value.")
    ':math:`x` where it exceeds a threshold, else a fixed value'
    >>> stated("The variance.\n\n.. math:: \\frac{1}{n} \\sum_i x_i^2")
    ':math:`\\frac{1}{n} \\sum_i x_i^2`'
    """
    head = _SECTION.split(docstring)[0]
    summary = " ".join(head.partition("\n\n")[0].split())
    found = _in_sentence(summary)
    display = _DISPLAY.search(head)
    if display is None or (found is not None and len(found) > len(":math:`x`")):
        return found
    text = re.split(r"\\qquad|\n[ \t]*\n(?=[ \t]*\S)", display[1].strip())[0]
    return f":math:`{' '.join(text.split()).rstrip(' .,')}`"


def _in_sentence(summary: str) -> str | None:
    """From the first formula of a sentence to its last, and what goes on from there."""
    for sentence in _sentences(summary):
        spans = [span for span in _SPAN.finditer(sentence) if _begins(sentence, *span.span())]
        if not spans:
            continue
        every = list(_SPAN.finditer(sentence))
        start, end = spans[0].start(), every[-1].end()
        if _GOES_ON.match(sentence, end):
            end = len(sentence)
        return _REMARK.sub("", sentence[start:end]).rstrip(" .,")
    return None


def _begins(sentence: str, at: int, end: int) -> bool:
    """Whether a formula there says what comes out, rather than qualify a verb or an option."""
    before = sentence[:at].rstrip()
    if sentence.startswith("``", at):  # code may be an argument: dim=0
        named = re.fullmatch(r"The [a-z ]+", before) and not sentence[end:].strip(".")
        return bool(not before or before.endswith(":") or named)
    return not re.search(r"(?:\b(?:by|with|as)|\()$", before)


def _sentences(text: str) -> list[str]:
    """Sentences and their parts, where formulas may contain any sign."""
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match[0])
        return f"\0{len(hidden) - 1}\0"

    parts = re.split(r"(?<=[.;])\s", _SPAN.sub(hide, text))
    return [re.sub(r"\0(\d+)\0", lambda m: hidden[int(m[1])], part).rstrip(";") for part in parts]


def in_text(formula: str) -> str:
    r"""A formula in reStructuredText as plain text.

    Examples
    --------
    >>> in_text(":math:`x` if :math:`x > 0`, else :math:`\\alpha (e^x - 1)`")
    'x if x > 0, else α (eˣ - 1)'
    """
    text = _INLINE.sub(lambda match: plain(match[1]), formula)
    return text.replace("``", "").replace("`", "")


def summary_of(docstring: str) -> str:
    """The first sentence of a docstring, as plain text.

    Examples
    --------
    >>> summary_of("The sum along some dimensions. More.")
    'The sum along some dimensions'
    """
    first = " ".join(docstring.partition("\n\n")[0].split())
    return in_text(_sentences(first)[0].rstrip(" .:,")) if first else ""
