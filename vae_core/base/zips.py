"""What a ZIP archive is, seen from its bytes alone: nothing is unpacked, and its list of files is not read."""

from __future__ import annotations

_ENTRY, _END = b"PK\1\2", b"PK\5\6"
_LONGEST_END = 2**16 + 22
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # a pickled number


def members_at_most(data: bytes) -> int:
    """At least as many as the files that a ZIP archive lists.

    Every entry of its list begins with these four bytes, whatever the record at the end says of their number; archives that lie
    unpacked in it are counted with it. Python's own reader makes an object of each before it can be asked how many there are.
    """
    return data.count(_ENTRY)


def is_cut_off(data: bytes) -> bool:
    """Whether a file begins as a ZIP archive and has no end of one."""
    return data.startswith(b"PK\3\4") and _END not in data[-_LONGEST_END:]


def is_of_torch(data: bytes) -> bool:
    """Whether a file begins as one that `torch.save` writes: a ZIP with a pickled object in it, or the magic number of old ones."""
    return b"/data.pkl" in data[:4096] if data.startswith(b"PK\3\4") else data.startswith(_OLD_TORCH)
