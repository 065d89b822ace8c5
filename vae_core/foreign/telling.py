"""How far an import is: what works on it tells, and a bar on the page or in the shell hears."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float, str], None]
"""Given the part done, from 0 to 1, and what is done now, in a few words."""


def silent(part: float, words: str) -> None:
    """Nobody listens."""
