"""arrival: a card from elsewhere is bounded in all that it says, and its texts are text only."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from tests.model.test_vae import small
from tests.training.checkpoints import CARD, CODES, WEIGHTS, card, forged, refusal, saved
from vae_core.base.errors import InputError
from vae_core.training import checkpoint
from vae_core.training.arrival import MOST_CLASSES, admitted
from vae_core.training.checkpoint import MAX_CARD_BYTES, Card, pack, unpack

HOSTILE = "a\u202eb\x1b[2J\0c\n\u2066d\u200b"


def changed(**changes: object) -> Card:
    """A card that says this of its data, or of itself."""
    sound = card(small())
    data = {name: value for name, value in changes.items() if name in type(sound.data).model_fields and name != "name"}
    own = {name: value for name, value in changes.items() if name not in data}
    return sound.model_copy(update=own | {"data": sound.data.model_copy(update=data)})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "x" * 201}, "201 characters in data.title; the limit is 200"),
        ({"title": "x" * 50_000_000}, "50,000,000 characters in data.title"),
        ({"identity": "x" * 65}, "65 characters in data.identity; the limit is 64"),
        ({"licence": "x" * 2001}, "2,001 characters in data.licence; the limit is 2,000"),
        ({"class_names": ("a", "x" * 301)}, "301 characters in data.class_names[1]; the limit is 300"),
        ({"class_names": ("a",) * (MOST_CLASSES + 1)}, "10,001 texts in data.class_names; the limit is 10,000"),
        ({"class_names": ("a",) * 1_000_000}, "1,000,000 texts in data.class_names"),
        ({"created": "z" * 41}, "41 characters in created; the limit is 40"),
        ({"version": "z" * 41}, "41 characters in version; the limit is 40"),
        ({"created": "zzz"}, 'says "zzz" in created, which is no date'),
        ({"images": 10**4000}, "a number in data.images that is too large"),
        ({"steps": 2**63}, "a number in steps that is too large"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_by_its_name(changes: dict[str, object], said: str) -> None:
    assert said in refusal(lambda: admitted(changed(**changes)))


def test_a_card_of_our_own_is_kept_as_it_is() -> None:
    assert admitted(card(small())) == card(small())
    at_the_limits = changed(title="x" * 200, licence="y" * 2000, class_names=("z" * 300,) * MOST_CLASSES, version="9" * 40)
    assert admitted(at_the_limits) == at_the_limits


def test_what_moves_the_text_around_it_is_left_out() -> None:
    kept = admitted(changed(name=HOSTILE, title=HOSTILE, licence=HOSTILE, class_names=(HOSTILE, "🏳️\u200d🌈"), version=HOSTILE))
    plain = "ab[2Jcd"
    assert (kept.name, kept.data.title, kept.data.licence, kept.version) == (plain,) * 4
    assert kept.data.class_names == (plain, "🏳️\u200d🌈")
    assert admitted(changed(name="\u202e\n")).name == "untitled"


def test_a_card_of_many_megabytes_is_not_read(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    parts = {name: (folder / name).read_bytes() for name in (WEIGHTS, CARD, CODES)}
    said = json.loads(parts[CARD])
    said["data"]["title"] = "x" * MAX_CARD_BYTES
    with pytest.raises(InputError, match=r"^theirs\.zip has a card\.json of 4 MB; the limit is 4 MB\.$"):
        unpack(forged(parts | {CARD: json.dumps(said).encode()}), "theirs.zip")


def test_a_long_list_of_members_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(2_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    monkeypatch.setattr(checkpoint.zipfile, "ZipFile", None)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="has 1,000 files or more and is no Latent Loom model file"):
        unpack(file.getvalue(), "many.zip")


def test_a_list_that_says_another_length_than_it_has_is_refused(tmp_path: Path) -> None:
    data = bytearray(pack(saved(tmp_path / "model")))
    struct.pack_into("<I", data, len(data) - 10, 2**31)
    with pytest.raises(InputError, match="is not a Latent Loom model file"):
        unpack(bytes(data), "long.zip")
