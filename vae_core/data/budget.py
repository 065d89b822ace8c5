"""`Budget`: what one import may take in all. It is counted over every file, part and member, before memory or time is spent on them."""

from __future__ import annotations

from dataclasses import dataclass

from vae_core.base.display import three_digits
from vae_core.base.errors import InputError
from vae_core.data.images import shown

MAX_MEMBERS = 65_535  # as many as the end of an ordinary archive can count
MAX_UNPACKED = 2**30
MAX_HELD = 5 * 2**28
MAX_DECODED = 4_000_000_000
DECODED_PER_BYTE = 16
"""A photograph has fewer pixels for each byte of its file: a large folder of them is never over the limit."""


@dataclass
class Budget:
    """What an import has taken so far.

    Attributes:
        given: bytes of the files as the user gave them.
        members: files in archives.
        unpacked: bytes that archives of files hold, as their directories state them; a reader never yields more than that.
        held: bytes in memory at once: pixels, labels, texts, and copies of them.
        decoded: pixels of pictures, as their headers state them.
    """

    given: int = 0
    members: int = 0
    unpacked: int = 0
    held: int = 0
    decoded: int = 0

    def list(self, members: int, name: str) -> None:
        """Count the files in an archive, before its directory is read.

        Raises:
            InputError: all archives together hold more than 65,535 files.
        """
        if self.members + members > MAX_MEMBERS:
            raise InputError(f"{shown(name)} holds too many files: archives may hold {MAX_MEMBERS:,} in all, those inside them included.")
        self.members += members

    def unpack(self, size: int, name: str) -> None:
        """Count bytes that will come out of an archive.

        Raises:
            InputError: all archives together unpack to more than 1 GiB.
        """
        if self.unpacked + size > MAX_UNPACKED:
            raise InputError(f"{shown(name)} unpacks to more than {MAX_UNPACKED // 2**30} GB, the most that archives may hold in all.")
        self.unpacked += size

    def hold(self, size: int, name: str) -> None:
        """Count bytes of memory that will be taken and kept.

        Raises:
            InputError: all of the import takes more than 1.25 GiB.
        """
        if not self.has_room(size):
            raise InputError(
                f"{shown(name)} takes this import over the {MAX_HELD / 2**30:.3g} GB of memory that one may hold: bring fewer or smaller "
                "images."
            )
        self.held += size

    def has_room(self, size: int) -> bool:
        """Whether so many bytes more can be held."""
        return self.held + size <= MAX_HELD

    def decode(self, pixels: int, name: str) -> None:
        """Count the pixels of a picture that will be decoded.

        Raises:
            InputError: all pictures together have more than 4,000 million pixels, and more than 16 for each byte of the files given.
        """
        most = max(MAX_DECODED, DECODED_PER_BYTE * self.given)
        if self.decoded + pixels > most:
            raise InputError(
                f"The pictures in {shown(name)} have more than {most // 10**6:,} million pixels in all, the most that are decoded "
                f"of {three_digits(self.given / 2**20)} MB of files: make them smaller first."
            )
        self.decoded += pixels
