"""The codes that a user of the Sliders page has visited."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Walk:
    """The codes a user has visited, float32 [K] each, with undo and redo; all of one length.

    Attributes:
        start: where the walk began, or began anew.
        text: what the Code field was last given; whatever else stands there was typed by the user.
        address: the code that the address named when the page was last drawn; another one, not ours, came with a link.
    """

    def __init__(self, start: NDArray[np.float32]) -> None:
        self.start = start
        self.text = ""
        self.address: str | None = None
        self._codes = [start]
        self._place = 0

    @property
    def now(self) -> NDArray[np.float32]:
        """Where the user is."""
        return self._codes[self._place]

    @property
    def can_undo(self) -> bool:
        """Whether there is a code before this one."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a code after this one."""
        return self._place < len(self._codes) - 1

    def visit(self, code: NDArray[np.float32]) -> None:
        """Go to a code; what could be redone is forgotten, and so is what is older than 200 visits."""
        if not np.array_equal(code, self.now):
            self._codes = [*self._codes[: self._place + 1], code][-201:]
            self._place = len(self._codes) - 1

    def undo(self) -> None:
        """Go back one code."""
        self._place = max(0, self._place - 1)

    def redo(self) -> None:
        """Go forth again."""
        self._place = min(len(self._codes) - 1, self._place + 1)
