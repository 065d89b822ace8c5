"""errors: what the disk refuses is one sentence, and all else passes as it is."""

from __future__ import annotations

import errno
import os

import pytest

from vae_core.base.errors import InputError, disk_errors_as


@pytest.mark.parametrize(
    ("error", "reason"),
    [(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/path"), "No space left on device"), (OSError("odd"), "odd")],
)
def test_a_refusal_of_the_disk_is_a_sentence(error: OSError, reason: str) -> None:
    with pytest.raises(InputError) as caught, disk_errors_as("The model cannot be kept"):
        raise error
    assert str(caught.value) == f"The model cannot be kept: {reason}."
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [InputError("A sentence."), RuntimeError("a bug")])
def test_what_is_not_the_disks_passes_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, disk_errors_as("The model cannot be kept"):
        raise error
    assert caught.value is error
