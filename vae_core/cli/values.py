"""Numbers as people type them: plain digits only, where Python would also take ``1_000`` and ``１２``."""

from __future__ import annotations

import argparse
import re

from vae_core.base.errors import InputError
from vae_core.data.images import shown

_MOST_DIGITS = 30


def whole(text: str) -> int:
    """A whole number of at most 30 digits, more than any option takes; raises argparse.ArgumentTypeError for anything else."""
    digits = text.strip().lstrip("+-")
    if len(digits) > _MOST_DIGITS and re.fullmatch("[0-9]+", digits):
        raise argparse.ArgumentTypeError(f"a number of {len(digits):,} digits is too large; it may have {_MOST_DIGITS}")
    if not re.fullmatch("[+-]?[0-9]+", text.strip()):
        raise argparse.ArgumentTypeError(f'"{shown(text)}" is not a whole number')
    return int(text)


def real(text: str) -> float:
    """A number; infinity and NaN pass, and the configurations refuse them. Raises argparse.ArgumentTypeError for other text."""
    try:
        return float(text if text.isascii() and "_" not in text else "")
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{shown(text)}" is not a number') from None


def wholes(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers separated by commas; raises InputError with the option's name for anything else."""
    try:
        return tuple(whole(part) for part in text.split(","))
    except argparse.ArgumentTypeError:
        raise InputError(f'{option} takes whole numbers separated by commas, not "{shown(text)}".') from None
