"""Lab mode: the words by which a class and its teacher come in, and the passes that their browsers hold from then on.

A pass is a name and a signature of it, HMAC-SHA256 (RFC 2104), by a key that stays on this computer. It holds as long as the word that
it was given for, also when the server starts anew. The words and the key lie in ``home()/class``, which no other user of the computer
may read.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.storage import home, sha256, write_atomic
from vae_core.base.strict import Config

TEACHER = "teacher"
"""The name on the teacher's pass; a student's is 16 random hexadecimal digits."""

LEAST_CLASS, LEAST_TEACHER, MOST = 8, 16, 64
"""Characters of the words: 8 random ones of `_LETTERS` are 40 bits, 16 are 80."""

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is easily read as another
_ADDRESS = "LATENT_LOOM_CLASS"

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=MOST)]


class Words(Config):
    """What lets people in.

    Attributes:
        students: the word of the class.
        teacher: the teacher's own, which is longer.
        key: what signs the passes, 64 hexadecimal digits.
    """

    students: Word
    teacher: Word
    key: str

    def name_for(self, word: str) -> str | None:
        """The name for a new pass of somebody who says this word; None where it is wrong. It takes as long whatever it is."""
        said = sha256(word.encode("utf-8", "replace"))
        teacher, student = (hmac.compare_digest(said, sha256(right.encode())) for right in (self.teacher, self.students))
        return TEACHER if teacher else secrets.token_hex(8) if student else None

    def signed(self, name: str) -> str:
        """The pass of this name."""
        word = self.teacher if name == TEACHER else self.students
        return f"{name}.{hmac.new(bytes.fromhex(self.key), f'{name} {word}'.encode(), hashlib.sha256).hexdigest()}"

    def name_on(self, held: str) -> str | None:
        """The name on a pass; None where it is no pass of ours."""
        name = held.partition(".")[0]
        if name != TEACHER and not re.fullmatch("[0-9a-f]{16}", name):
            return None
        return name if hmac.compare_digest(held.encode("utf-8", "replace"), self.signed(name).encode()) else None


def settled(students: str | None, teacher: str | None) -> Words:
    """The words of this class, which are kept: those given here, else those of the last time, else new ones.

    Raises:
        InputError: a word is too short or has other characters than letters, digits and hyphens, both are the same, or the disk cannot be
            written.
    """
    try:
        last = kept()
    except InputError:
        last = Words(students=_drawn(LEAST_CLASS), teacher=_drawn(LEAST_TEACHER), key=secrets.token_hex(32))
    words = {"students": students or last.students, "teacher": teacher or last.teacher}
    for title, least in (("students", LEAST_CLASS), ("teacher", LEAST_TEACHER)):
        if not re.fullmatch(rf"[A-Za-z0-9-]{{{least},{MOST}}}", words[title]):
            whose = "class" if title == "students" else "teacher"
            raise InputError(f"The word of the {whose} has {least} to {MOST} letters, digits and hyphens: give another.")
    if words["students"] == words["teacher"]:
        raise InputError("Class and teacher have the same word, and everybody would come in as the teacher: give two different ones.")
    new = last.model_copy(update=words)
    with disk_errors_as("The words of the class cannot be kept"):
        place().mkdir(parents=True, exist_ok=True)
        place().chmod(0o700)
        write_atomic(_file(), new.model_dump_json().encode())
    return new


def kept() -> Words:
    """The words that `settled` kept.

    Raises:
        InputError: it kept none, or they cannot be read.
    """
    try:
        return Words.model_validate_json(_file().read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError("This class has no words: start it with `make serve`.") from error


def address() -> str | None:
    """Where the class finds this server, "https://name:port"; None outside lab mode."""
    return os.environ.get(_ADDRESS)


def environment(address: str) -> dict[str, str]:
    """The variables that start a server in lab mode at this address."""
    return {**os.environ, _ADDRESS: address}


def link(word: str) -> str:
    """The address that lets in who opens it."""
    return f"{address()}/?class={word}"


def place() -> Path:
    """Where things of the class are kept."""
    return home() / "class"


def _file() -> Path:
    return place() / "words.json"


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
