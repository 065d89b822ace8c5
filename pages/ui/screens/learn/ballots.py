"""The votes of a class, in memory alone: one at a time for each step of the lesson, of which nothing is left once it is closed."""

from __future__ import annotations

import secrets
import threading
from typing import NamedTuple

from vae_core.base import owners
from vae_core.base.errors import InputError

MOST_VOTERS = 1000
"""Of one vote: a browser that comes in anew is a new voter."""


class _Vote(NamedTuple):
    number: str
    answers: int
    chosen: dict[str, int]  # by the voter's name, which nobody is shown


_lock = threading.Lock()
_votes: dict[str, _Vote] = {}


def begin(step: str, answers: int) -> None:
    """Open a vote on a step with this many answers; one that was open there is forgotten.

    Raises:
        InputError: a student asks.
    """
    _check_teacher()
    with _lock:
        _votes[step] = _Vote(secrets.token_hex(4), answers, {})


def end(step: str) -> list[int]:
    """Close the vote on a step and forget it; how many have chosen each answer, none where no vote was open.

    Raises:
        InputError: a student asks.
    """
    _check_teacher()
    with _lock:
        return _counted(_votes.pop(step, None))


def number(step: str) -> str | None:
    """What tells the open vote on a step from those before it; None where none is open."""
    with _lock:
        return _votes[step].number if step in _votes else None


def cast(step: str, asked: str, answer: int) -> bool:
    """Count an answer of who asks in the vote of this number, in place of the one given before; False where that is not open any more.

    Raises:
        InputError: it is no student of the class, there is no such answer, or there are voters enough.
    """
    voter = owners.asking()
    if not voter:
        raise InputError("Only students vote, each in a browser of their own.")
    with _lock:
        vote = _votes.get(step)
        if vote is None or vote.number != asked:
            return False
        if not 0 <= answer < vote.answers:
            raise InputError(f"An answer is a number from 0 to {vote.answers - 1}.")
        if voter not in vote.chosen and len(vote.chosen) >= MOST_VOTERS:
            raise InputError(f"{MOST_VOTERS:,} have voted already, and no more are counted.")
        vote.chosen[voter] = answer
        return True


def counts(step: str) -> list[int]:
    """How many have chosen each answer of the open vote on a step; none where no vote is open."""
    with _lock:
        return _counted(_votes.get(step))


def _counted(vote: _Vote | None) -> list[int]:
    if vote is None:
        return []
    chosen = list(vote.chosen.values())
    return [chosen.count(answer) for answer in range(vote.answers)]


def _check_teacher() -> None:
    if owners.asking() is not None:
        raise InputError("Only the teacher opens and closes a vote.")
