"""The card of a model from elsewhere, as it is kept: texts and lists within bounds, and no character that moves what stands around it."""

from __future__ import annotations

from datetime import datetime

from vae_core.base.errors import InputError
from vae_core.data.images import printable, shown
from vae_core.training.checkpoint import Card

MOST_CLASSES = 10_000
MOST_COUNTED = 2**53
"""The largest number of images or steps: up to here every program counts exactly."""

_MOST = {"name": 4096, "title": 200, "identity": 64, "licence": 2000}  # characters, of texts in `data`; a longer class name is no name
_MOST_OF_CLASS, _MOST_OF_TEXT = 300, 40
_NAMELESS = "untitled"


def admitted(card: Card) -> Card:
    """A card that somebody else wrote, as we keep it: only printable characters are left of its texts.

    Raises:
        InputError: a text, a list or a number is beyond its limit, or `created` is no date.
    """
    data = card.data
    if len(data.class_names) > MOST_CLASSES:
        raise InputError(f"The model's card has {len(data.class_names):,} texts in data.class_names; the limit is {MOST_CLASSES:,}.")
    texts = [(f"data.{field}", getattr(data, field), most) for field, most in _MOST.items()]
    texts += [(f"data.class_names[{place}]", name, _MOST_OF_CLASS) for place, name in enumerate(data.class_names)]
    texts += [("created", card.created, _MOST_OF_TEXT), ("version", card.version, _MOST_OF_TEXT)]
    for field, text, most in texts:
        if len(text) > most:
            raise InputError(f"The model's card has {len(text):,} characters in {field}; the limit is {most:,}.")
    for field, count in (("data.images", data.images), ("steps", card.steps)):
        if count > MOST_COUNTED:
            raise InputError(f"The model's card has a number in {field} that is too large; the limit is {MOST_COUNTED:,}.")
    try:
        datetime.fromisoformat(card.created)
    except ValueError as error:
        raise InputError(
            f'The model\'s card says "{shown(card.created)}" in created, which is no date; one is written 2026-01-31T12:00:00+00:00.'
        ) from error
    plain = _plain(card.model_dump())
    assert isinstance(plain, dict)
    return Card.model_validate(plain | {"name": printable(card.name).strip() or _NAMELESS})


def _plain(value: object) -> object:
    """The same with only the printable characters of each text in it."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
