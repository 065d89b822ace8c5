"""109 to 120: files of ours, a model's card, its manifest and a run's settings, and where they lie."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from unittest import mock

from tests.attacks.bad.doors import Cases, command, files, model
from tests.attacks.bad.models import parts
from tests.training.checkpoints import CARD, MANIFEST, forged, manifest, zipped
from vae_core.base.config import RunConfig
from vae_core.runs import damage, directory

case = Cases()
SETTINGS = {
    "name": "run",
    "data": "digits",
    "model": {"body": "mlp", "channels": 1, "height": 8, "width": 8, "latent": 2, "hidden": [16]},
    "train": {},
}


def card(data: bytes) -> str:
    return model(forged({**parts(), CARD: data}))


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(parts()[CARD]) | fields).encode()


@case(109)
def nothing() -> list[str]:
    return [card(data) for data in (b"", b"null", b"[]")]


@case(110)
def numbers_without_end() -> list[str]:
    return [card(changed(seconds=7.75).replace(b"7.75", text)) for text in (b"NaN", b"1e999")]


@case(111)
def deep() -> list[str]:
    return [card(b"[" * 200_000 + b"]" * 200_000)]


@case(112)
def same_key() -> list[str]:
    """The last one counts, as everywhere in JSON; what it says is checked as if it stood alone."""
    return [card(changed().rstrip(b"}") + b', "steps": -1}')]


@case(113)
def encodings() -> list[str]:
    text = changed().decode()
    return [card(data) for data in (text.encode("utf-16"), text.encode("utf-8-sig"), text.encode().replace(b"Digits", b"D\xe9"))]


@case(114)
def other_language() -> list[str]:
    return [files({"x.yaml": data})[0] for data in (b"a: &a [*a, *a]", b"!!python/object:os.system x: 1")]


@case(115)
def keys_and_versions() -> list[str]:
    newer = zipped({**parts(), MANIFEST: manifest(parts(), format=999)})
    return [card(changed(surprise=1)), model(newer), model(forged(parts(), format=0))]


@case(116)
def path_in_a_manifest() -> list[str]:
    return [model(forged({**parts(), "../x": b"x"}))]


@case(117)
def one_without_the_other() -> list[str]:
    without = {name: data for name, data in parts().items() if name != CARD}
    return [model(zipped(parts())), model(zipped({**without, MANIFEST: manifest(parts())}))]


@case(118)
def random_bytes() -> list[str]:
    """There is no database: what stands in its place are the files of a run."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, LATENT_LOOM_HOME=folder):
        run = directory.create(RunConfig.model_validate_json(json.dumps(SETTINGS)), state="queued")
        (run / "status.json").write_bytes(bytes(range(256)))
        told = directory.status(run).message
        (run / "run.json").write_bytes(bytes(range(256)))
        (broken,) = damage.listing({}).values()
        return [told, broken.why.replace(run.name, "ID")]


@case(119)
def no_home() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file").touch()
        with mock.patch.dict(os.environ, LATENT_LOOM_HOME=f"{folder}/file/home"):
            return [command("train", "--data", "digits", "--epochs", "1").replace(folder, "")]


@case(120)
def open_to_all() -> list[str]:
    return [command("serve", "--address", "0.0.0.0")]
