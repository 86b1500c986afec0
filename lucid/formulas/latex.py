r"""The formulas of docstrings, written in LaTeX, as a line of text for a terminal."""

from __future__ import annotations

import re
import sys

SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Lambda": "Λ", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "cdot": "·", "times": "×", "le": "≤", "leq": "≤",
    "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "in": "∈", "infty": "∞",
    "sum": "Σ", "prod": "Π", "int": "∫", "ldots": "…", "dots": "…", "cdots": "…", "pm": "±",
    "to": "→", "lVert": "‖", "rVert": "‖", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
    "rceil": "⌉", "top": "T", "mid": "|", "partial": "∂", "quad": " ", "qquad": "  ",
    "odot": "⊙", "ast": "*", "star": "*", "sim": "~", "propto": "∝", "colon": ":", "prime": "′",
    "mapsto": "→", "ell": "ℓ", "forall": "∀", "setminus": "\\", "mod": "mod", "lvert": "|",
    "rvert": "|", "equiv": "≡", "gg": "≫", "ll": "≪",
    "notin": "∉", "leftarrow": "←",
}  # fmt: skip
SILENT = {"left", "right", "big", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "limits"}
FRACTIONS = {"\\frac", "\\tfrac", "\\dfrac"}
UPRIGHT = {"mathrm", "text", "operatorname", "mathbf", "mathcal", "mathbb", "mathit", "boldsymbol"}
OVER = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307"}
RAISED = dict(zip("0123456789+-=()niTHabxyk", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᴴᵃᵇˣʸᵏ", strict=True))
LOWERED = dict(
    zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
RATIOS = {("1", "2"): "½", ("1", "3"): "⅓", ("1", "4"): "¼", ("3", "4"): "¾"}
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]|[0-9.]+|\s+|.", re.DOTALL)
_LOOSE = re.compile(r"[\s+*/·-]")


def plain(latex: str) -> str:
    r"""A formula in LaTeX as one line of Unicode text.

    Examples
    --------
    >>> plain(r"\sigma(x) = 1 / (1 + e^{-x})")
    'σ(x) = 1 / (1 + e⁻ˣ)'
    >>> plain(r"\frac{1}{n - c} \sum_i (x_i - \bar x)^2")
    '1/(n - c) Σᵢ (xᵢ - x̄)²'
    >>> plain(r"\begin{cases} \tfrac12 r^2 & |r| \le \delta \\ 0 & \text{otherwise} \end{cases}")
    '{ ½ r² if |r| ≤ δ; 0 otherwise }'
    """
    text = _Reader(latex).all()
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ([,;.)\]⌋⌉])", r"\1", text)
    return re.sub(r"([(\[⌊⌈]) ", r"\1", text).strip()


ASCII = str.maketrans(
    {sign: f"^{plain}" for plain, sign in RAISED.items()}
    | {sign: f"_{plain}" for plain, sign in LOWERED.items()}
    | {sign: f"{a}/{b}" for (a, b), sign in RATIOS.items()}
    | {sign: name for name, sign in SYMBOLS.items() if len(name) > 2 and sign > "~"}
    | {"√": "sqrt ", "·": "*", "×": "x", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "…": "...",
       "′": "'", "‖": "|", "│": "|", "┌": "+", "└": "+", "─": "-", "∞": "inf", "ᵀ": "'"}
)  # fmt: skip


def printable(text: str) -> str:
    """The text, spelled out where the terminal has no such signs.

    Examples
    --------
    >>> "½ r² ≤ δ".translate(ASCII)
    '1/2 r^2 <= delta'
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeError, LookupError):
        return text.translate(ASCII)
    return text


class _Reader:
    """Reads the tokens of a formula from left to right."""

    def __init__(self, latex: str) -> None:
        self._tokens = _TOKEN.findall(latex)
        self._at = 0

    def all(self, end: str | None = None) -> str:
        """Everything up to a closing token, or to the end."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            token = self._next()
            if token == end:
                break
            said = self._said(token)
            if token in FRACTIONS and re.search(r"[a-z]{2}\s*$", "".join(parts)):
                said = f"({said})"  # ln ((1 + x)/2), not ln (1 + x)/2
            parts.append(said + " " if token in FRACTIONS else said)
        return "".join(parts)

    def _next(self) -> str:
        token: str = self._tokens[self._at]
        self._at += 1
        return token

    def _argument(self) -> str:
        """The group in braces, or the single token, that follows."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at >= len(self._tokens):
            return ""
        token = self._next()
        if token == "{":
            return self.all("}").strip()
        if token.isdigit() and len(token) > 1:  # \frac12: a digit is an argument by itself
            self._at -= 1
            self._tokens[self._at] = token[1:]
            return token[0]
        return self._said(token).strip()

    def _said(self, token: str) -> str:
        if token == "{":
            return self.all("}")
        if token in "^_":
            return self._script(self._argument(), token)
        if token == "&":
            return " if "
        if token == "'":
            return "′"
        if not token.startswith("\\"):
            return token
        return self._command(token[1:]) if token[1:] else ""

    def _command(self, name: str) -> str:
        if f"\\{name}" in FRACTIONS:
            above, below = self._argument(), self._argument()
            return RATIOS.get((above, below)) or f"{_tight(above)}/{_tight(below)}"
        if name == "sqrt":
            return f"√{_tight(self._argument())}"
        if name in UPRIGHT:
            return self._argument()
        if name == "binom":
            return f"({self._argument()} over {self._argument()})"
        if name in OVER:
            inner = self._argument()
            return inner + OVER[name] if len(inner) == 1 else f"{name}({inner})"
        if name in ("overline", "underline"):
            return f"conj({self._argument()})" if name == "overline" else self._argument()
        if name == "begin":
            return self._environment(self._argument())
        if name in SILENT:
            return ""
        if name in SYMBOLS:
            return SYMBOLS[name]
        if not name[0].isalpha():  # a space of some width, a line's end, or a sign by itself
            return {"\\": "; ", "|": "‖", "{": "{", "}": "}", "%": "%", "_": "_"}.get(name, " ")
        return name  # \max, \ln and the like are said as they are written

    def _environment(self, kind: str) -> str:
        parts = []
        while self._at < len(self._tokens):
            token = self._next()
            if token == "\\end":
                self._argument()
                break
            parts.append(self._said(token))
        inner = re.sub(r"\s+", " ", "".join(parts)).strip()
        if kind != "cases":
            return inner
        return "{ " + inner.replace(" if otherwise", " otherwise").replace(" ;", ";") + " }"

    def _script(self, text: str, mark: str) -> str:
        table = RAISED if mark == "^" else LOWERED
        close = text.replace(" ", "")
        if close and all(character in table for character in close):
            return "".join(table[character] for character in close)
        return f"{mark}({text})" if re.search(r"[ /*=≤⁰¹²³⁻ⁿ]", text) else f"{mark}{text}"


def _tight(text: str) -> str:
    """In brackets, unless it is one thing."""
    return f"({text})" if _LOOSE.search(text) else text
