"""`Taken`: what an import read, as what, and what it did not use and why. Every reader fills it; page and command line show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vae_core.base.errors import InputError
from vae_core.data.budget import Budget
from vae_core.data.images import shown

NAMED = 3
"""Of many with the same reason, so many are named in a sentence; `Taken.unused` has them all."""


class Remedy(NamedTuple):
    """Another way to read the same files: one click on the page, one option on the command line.

    Attributes:
        title: what it does, in a few words.
        choices: fields of `ImportChoices` and their values.
    """

    title: str
    choices: Mapping[str, object]


class Doubt(NamedTuple):
    """A sentence about what may be wrong, and what would be read instead."""

    sentence: str
    remedies: tuple[Remedy, ...] = ()


class Unused(NamedTuple):
    """A file, array, column or folder level that was not used, and why: the rest of the sentence that begins with its name."""

    name: str
    why: str


class Question(InputError):
    """Files that can be read in several ways, and nothing in them says which: the user has to choose one of the remedies."""

    def __init__(self, sentence: str, remedies: Sequence[Remedy]) -> None:
        super().__init__(sentence)
        self.remedies = tuple(remedies)


@dataclass
class Taken:
    """The record of one import.

    Attributes:
        read: sentences: which images, labels and columns were read, and as what.
        notes: sentences: what was guessed, clipped, stretched, resized or joined.
        unused: what was not used.
        doubts: what the user should look at.
        budget: how much of memory and time it has taken.
    """

    read: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def leave(self, name: str, why: str | InputError) -> None:
        """Something is not used. An error's sentence begins with the name, which is not said twice."""
        rest = str(why).removeprefix(shown(name)).strip()
        self.unused.append(Unused(shown(name), rest))

    def settled(self) -> tuple[str, ...]:
        """What was guessed or changed, and what was not used, a sentence for each reason."""
        return (*self.notes, *_left_out(self.unused))

    def sentences(self) -> tuple[str, ...]:
        """All that has to be said, the doubts last; what was read in the usual way is not among them."""
        return (*self.settled(), *(doubt.sentence for doubt in self.doubts))

    def commonest(self) -> str | None:
        """The reason that most of the unused have, as a sentence about the first of them; None where all was used."""
        whys = Counter(why for _, why in self.unused)
        if not whys:
            return None
        why = whys.most_common(1)[0][0]
        return f"{next(name for name, other in self.unused if other == why)} {why}"


def _left_out(unused: Sequence[Unused]) -> Iterator[str]:
    """One sentence for each reason, the commonest first."""
    names: dict[str, list[str]] = {}
    for name, why in unused:
        names.setdefault(why, []).append(name)
    for why, named in sorted(names.items(), key=lambda pair: -len(pair[1])):
        more = f" So it is with {listed(named[1:])}." if len(named) > 1 else ""
        yield f"Not used: {named[0]} {why}{more}"


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """Names as a sentence has them: "a", "a and b", "a, b, c and 4 more"."""
    kept = list(names[:most])
    last = f"{len(names) - most:,} more" if len(names) > most else kept.pop()
    return f"{', '.join(kept)} and {last}" if kept else last
