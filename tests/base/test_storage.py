"""storage: a sealed file gives back what was written, for its key alone, or nothing."""

from __future__ import annotations

from pathlib import Path

from vae_core.base.storage import read_sealed, write_sealed


def test_a_sealed_payload_comes_back_for_its_key_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "sealed"
    assert read_sealed(file, "key") is None
    write_sealed(file, "key", b"payload")
    assert read_sealed(file, "key") == b"payload"
    assert read_sealed(file, "kez") is None
    write_sealed(file, "key", b"")
    assert read_sealed(file, "key") == b""


def test_no_damage_passes(tmp_path: Path) -> None:
    file = tmp_path / "sealed"
    write_sealed(file, "key", b"payload")
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_sealed(file, "key") is None
        file.write_bytes(whole[:place])
        assert read_sealed(file, "key") is None
