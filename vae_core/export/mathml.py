"""The LaTeX of our texts as MathML, which browsers draw themselves: what the lesson uses, and no more.

One command is our own: ``\\figure{name}`` is a number that the page fills in, by its name.
"""

from __future__ import annotations

import re
from html import escape

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\S")
_LETTERS = {"mu": "μ", "sigma": "σ", "varepsilon": "ε", "beta": "β", "partial": "∂"}
_OPERATORS = {"pm": "±", "sim": "∼", "sum": "∑", "int": "∫", "|": "∥", "top": "⊤"}
_FUNCTIONS = ("log", "ln")
_ALPHABETS = {"mathcal": {"N": "𝒩"}, "mathbb": {"E": "𝔼"}}
_SIGNS = {"-": "−", "'": "′"}
_UPRIGHT = ' stretchy="false"'  # of a bracket that is as high as a letter, whatever it holds
_CLOSE = ' lspace="0" rspace="0"'


def mathml(latex: str) -> str:
    """A formula as a ``math`` element.

    Raises:
        ValueError: it holds what no text of ours had before, which is named.
    """
    parser = _Parser(latex)
    row = parser.row()
    if parser.tokens:
        raise ValueError(f"{latex!r} closes what it has not opened.")
    return f"<math>{row}</math>"


class _Parser:
    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.texts = re.findall(r"\\(?:text|figure)\{([^}]*)\}", latex)  # in which spaces count, in their order
        self.tokens = _TOKEN.findall(re.sub(r"(\\(?:text|figure))\{[^}]*\}", r"\1", latex))
        self.tokens.reverse()

    def take(self) -> str:
        if not self.tokens:
            raise ValueError(f"{self.latex!r} ends too early.")
        token: str = self.tokens.pop()
        return token

    def row(self, *ends: str) -> str:
        """All up to one of these tokens, which stays."""
        parts = []
        while self.tokens and self.tokens[-1] not in (*ends, "}"):
            parts.append(self.scripted())
        return "".join(parts)

    def argument(self) -> str:
        """A group in braces, or one token."""
        if self.tokens and self.tokens[-1] == "{":
            self.take()
            row = self.row()
            if self.take() != "}":
                raise ValueError(f"{self.latex!r} opens what it does not close.")
            return f"<mrow>{row}</mrow>"
        if self.tokens and self.tokens[-1].isdigit():
            digits = self.take()
            self.tokens += [digits[1:]] if digits[1:] else []
            return f"<mn>{digits[0]}</mn>"
        return self.atom()

    def scripted(self) -> str:
        """An atom with what is written above and below it."""
        base = self.argument() if self.tokens[-1] == "{" else self.atom()
        scripts = {}
        while self.tokens and self.tokens[-1] in ("^", "_"):
            sign = self.take()
            scripts[sign] = self.argument()
        if base.startswith('<mrow class="braced">') and "_" in scripts:
            return f"<munder>{base}{scripts['_']}</munder>"
        match sorted(scripts):
            case []:
                return base
            case ["_"]:
                return f"<msub>{base}{scripts['_']}</msub>"
            case ["^"]:
                return f"<msup>{base}{scripts['^']}</msup>"
        return f"<msubsup>{base}{scripts['_']}{scripts['^']}</msubsup>"

    def atom(self) -> str:
        token = self.take()
        if token.startswith("\\"):
            return self.command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token in "()[]":
            return f"<mo{_UPRIGHT}>{token}</mo>"
        if token in "|'":
            return f"<mo{_UPRIGHT}{_CLOSE}>{_SIGNS.get(token, token)}</mo>"
        if token in "+-=/,":
            return f"<mo>{_SIGNS.get(token, token)}</mo>"
        raise ValueError(f"{self.latex!r} holds {token!r}, which is not known here.")

    def command(self, name: str) -> str:
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>"
        if name in _FUNCTIONS:
            return f'<mi>{name}</mi><mspace width="0.1667em"></mspace>'
        if name == ",":
            return '<mspace width="0.1667em"></mspace>'
        if name in ("frac", "tfrac"):
            above, below = self.argument(), self.argument()
            return f"<mfrac>{above}{below}</mfrac>"
        if name == "hat":
            return f'<mover accent="true">{self.argument()}<mo stretchy="false">^</mo></mover>'
        if name == "underbrace":
            return self.argument().replace("<mrow>", '<mrow class="braced">', 1)  # a line: few fonts have a brace that stretches
        if name == "text":
            return f"<mtext>{escape(self.texts.pop(0))}</mtext>"
        if name == "figure":
            return f'<mn data-figure="{escape(self.texts.pop(0))}">…</mn>'
        if name == "left":
            opened, inner = self.take(), self.row("\\right")
            if self.take() != "\\right":
                raise ValueError(f"{self.latex!r} opens what it does not close.")
            return f"<mrow><mo>{opened}</mo>{inner}<mo>{self.take()}</mo></mrow>"
        if name == "mathrm" or name in _ALPHABETS:
            letters = re.sub("<[^>]*>", "", self.argument())
            return f"<mi>{_ALPHABETS[name][letters] if name in _ALPHABETS else letters}</mi>"
        raise ValueError(f"{self.latex!r} holds \\{name}, which is not known here.")
