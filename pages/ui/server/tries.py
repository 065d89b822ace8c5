"""How many wrong words the door of a class listens to: so many from one address and so many in all, however many come at once.

An address that has said no wrong word is heard whatever others have said, so that nobody can lock the room.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

EACH, IN_ALL = 10, 100
"""Wrong words in a row, of one address and of all; each minute takes as many off."""

_MOST_ADDRESSES = 4_096
_MINUTE = 60.0


@dataclass
class _Count:
    """Wrong words, of which the passing time takes `most` off in a minute."""

    most: int
    words: float = 0.0
    at: float = 0.0

    def now(self) -> float:
        """How many there are still."""
        moment = time.monotonic()
        self.words, self.at = max(0.0, self.words - (moment - self.at) / _MINUTE * self.most), moment
        return self.words


class Tries:
    """The wrong words of late."""

    def __init__(self) -> None:
        self._all = _Count(IN_ALL)
        self._each: dict[str, _Count] = {}

    def may(self, address: str) -> bool:
        """Whether a word from this address is looked at."""
        own = self._each.get(address, _Count(EACH)).now()
        return own == 0 or (own <= EACH - 1 and self._all.now() <= IN_ALL - 1)

    def wrong(self, address: str) -> None:
        """A word from this address was wrong."""
        if len(self._each) >= _MOST_ADDRESSES:
            self._each = {name: count for name, count in self._each.items() if count.now()}
        if len(self._each) >= _MOST_ADDRESSES and address not in self._each:
            del self._each[next(iter(self._each))]
        for count in (self._all, self._each.setdefault(address, _Count(EACH))):
            count.words = count.now() + 1
