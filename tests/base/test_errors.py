"""errors: what the disk refuses is one sentence, and all else passes as it is."""

from __future__ import annotations

import errno
import os

import pytest

from vae_core.base.errors import InputError, disk_errors_as


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/long/path/to/x.json"),
            "No space left on device (path/to/x.json). Free some space, then try again.",
        ),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device. Free some space, then try again."),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "Disk quota exceeded. Free some space, then try again."),
        (OSError(errno.EACCES, os.strerror(errno.EACCES), "x\u202e"), "Permission denied."),
        (OSError(errno.EIO, os.strerror(errno.EIO), 3), "Input/output error."),
        (OSError("odd"), "odd."),
    ],
)
def test_a_refusal_of_the_disk_is_a_sentence(error: OSError, reason: str) -> None:
    with pytest.raises(InputError) as caught, disk_errors_as("The model cannot be kept"):
        raise error
    assert str(caught.value) == f"The model cannot be kept: {reason}"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [InputError("A sentence."), RuntimeError("a bug")])
def test_what_is_not_the_disks_passes_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, disk_errors_as("The model cannot be kept"):
        raise error
    assert caught.value is error
