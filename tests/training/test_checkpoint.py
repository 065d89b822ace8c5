"""checkpoint: what is saved comes back to the bit, and whatever is not whole, not ours or not sane is refused in one sentence."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
import random
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from tests.conftest import ROOT
from tests.model.test_vae import HIDDEN, Allocated, images, seeded, small
from vae_core.base.config import Body, ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.model.vae import VAE
from vae_core.training import checkpoint
from vae_core.training.checkpoint import (
    FORMAT,
    MAX_FILE_BYTES,
    Card,
    Checkpoint,
    Codes,
    DataCard,
    Figures,
    load,
    pack,
    read_card,
    save,
    unpack,
)
from vae_core.training.objectives import elbo

WEIGHTS, CARD, CODES, MANIFEST = "weights.safetensors", "card.json", "codes.safetensors", "manifest.json"


def card(model: ModelConfig) -> Card:
    return Card(
        name="Grüße <b>",
        data=DataCard(name="digits", title="Digits", identity="0" * 64, images=1797, licence="CC BY 4.0", class_names=("0", "1")),
        model=model,
        train=TrainConfig(beta=0.1),
        epochs=2.5,
        steps=25,
        validation=Figures(loss=21.5, distortion=20.0, rate=1.5),
        seconds=3.25,
        images_per_second=1000.0,
        created="2026-01-01T00:00:00+00:00",
        version="0.1.0",
    )


def codes(config: ModelConfig, *, labels: bool = True) -> Codes:
    rng = np.random.default_rng(0)
    mean, logvar = rng.normal(size=(2, 9, config.latent)).astype(np.float32)
    if not config.variational:
        logvar = np.full_like(logvar, -np.inf)
    return Codes(mean, logvar, np.arange(9) % 2 if labels else None)


def saved(folder: Path, config: ModelConfig | None = None) -> Path:
    """A checkpoint with codes in `folder`."""
    config = config or small()
    save(folder, VAE(config, seed=1), card(config), codes(config))
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The parts of a sound checkpoint, without its manifest."""
    folder = saved(tmp_path_factory.mktemp("parts") / "model")
    return {name: (folder / name).read_bytes() for name in (WEIGHTS, CARD, CODES)}


def manifest(parts: Mapping[str, bytes], **changes: object) -> bytes:
    listed = {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in parts.items()}
    return json.dumps({"format": FORMAT, "files": listed} | changes).encode()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def forged(parts: Mapping[str, bytes], **changes: object) -> bytes:
    """A model file whose manifest agrees with whatever its parts are."""
    return zipped({**parts, MANIFEST: manifest(parts, **changes)})


def refusal(call: Callable[[], object]) -> str:
    """The one sentence that `call` is refused with."""
    with pytest.raises(InputError) as caught:
        call()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence
    assert "/" not in sentence
    return sentence


def same(one: Checkpoint, other: Checkpoint) -> bool:
    """Whether two checkpoints hold the same card, the same bits of weights and the same bits of codes."""
    theirs = other.model.state_dict()
    weights = {name: tensor.numpy().tobytes() for name, tensor in one.model.state_dict().items()}
    return (
        one.card == other.card
        and one.weights_hash == other.weights_hash
        and weights == {name: tensor.numpy().tobytes() for name, tensor in theirs.items()}
        and (one.codes is None) == (other.codes is None)
        and (one.codes is None or other.codes is None or kept(one.codes) == kept(other.codes))
    )


def kept(found: Codes) -> list[bytes | None]:
    return [array if array is None else array.tobytes() for array in (found.mean, found.logvar, found.labels)]


@pytest.mark.parametrize("body", HIDDEN)
@pytest.mark.parametrize("variational", [True, False])
@pytest.mark.parametrize("packed", [False, True])
def test_a_model_comes_back_to_the_bit(tmp_path: Path, body: Body, variational: bool, packed: bool) -> None:
    config = small(body, channels=3, variational=variational)
    model, x = VAE(config, seed=1), images(config)
    save(tmp_path / "model", model, card(config), codes(config))
    found = unpack(pack(tmp_path / "model"), "model.zip") if packed else load(tmp_path / "model")
    before, after = model(x, seeded()), found.model(x, seeded())
    assert torch.equal(after.posterior.mean, before.posterior.mean)
    assert torch.equal(after.posterior.logvar, before.posterior.logvar)
    assert torch.equal(after.params, before.params)
    assert found.card == card(config)
    assert found.codes is not None
    assert kept(found.codes) == kept(codes(config))
    assert found.weights_hash == sha256((tmp_path / "model" / WEIGHTS).read_bytes())
    assert not found.model.training
    assert not any(parameter.requires_grad for parameter in found.model.parameters())


@pytest.mark.parametrize("likelihood", ["gaussian", "logistic"])
@pytest.mark.parametrize("sigma_is", ["learned", "optimal"])
def test_a_sigma_that_training_found_comes_back(tmp_path: Path, likelihood: str, sigma_is: str) -> None:
    if (likelihood, sigma_is) == ("logistic", "optimal"):
        return
    config = small(likelihood=likelihood, sigma_is=sigma_is)
    model, x = VAE(config, seed=1), images(config)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1, fused=True)
    for _ in range(3):
        elbo(model, x, beta=1, generator=seeded()).loss.mean().backward()
        optimiser.step()
    save(tmp_path / "model", model, card(config))
    found = load(tmp_path / "model").model
    untrained = VAE(config, seed=1).eval().likelihood.nll(x, 1 - x)
    assert torch.equal(found.likelihood.nll(x, 1 - x), model.eval().likelihood.nll(x, 1 - x))
    assert not torch.isclose(found.likelihood.nll(x, 1 - x), untrained, rtol=1e-3).any()


def test_codes_and_their_labels_are_optional(tmp_path: Path) -> None:
    save(tmp_path / "none", VAE(small()), card(small()))
    assert load(tmp_path / "none").codes is None
    save(tmp_path / "bare", VAE(small()), card(small()), codes(small(), labels=False))
    found = load(tmp_path / "bare").codes
    assert found is not None
    assert found.labels is None


def test_loading_leaves_the_global_generator_alone(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    before = torch.get_rng_state()
    load(tmp_path / "model")
    assert torch.equal(torch.get_rng_state(), before)


def test_unpacking_and_saving_again_gives_the_same_file(tmp_path: Path) -> None:
    data = pack(saved(tmp_path / "model"))
    found = unpack(data, "model.zip")
    save(tmp_path / "again", found.model, found.card, found.codes)
    assert pack(tmp_path / "again") == data


def test_the_card_alone(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    (tmp_path / "model" / WEIGHTS).unlink()
    assert read_card(tmp_path / "model") == card(small())


def test_other_people_may_read_a_saved_model(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        saved(tmp_path / "model")
    finally:
        os.umask(mask)
    for path in (tmp_path / "model").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_checkpoint_is_never_changed_in_place(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    before = pack(folder)
    with pytest.raises(FileExistsError):
        save(folder, VAE(small(), seed=2), card(small()))
    assert pack(folder) == before
    assert os.listdir(tmp_path) == ["model"]


# What is not whole


def test_every_flipped_bit_of_a_model_file_is_refused_or_harmless(tmp_path: Path) -> None:
    """A bit of a ZIP's own fields (a date, a flag) may change nothing; none may change the model."""
    data = pack(saved(tmp_path / "model"))
    whole = unpack(data, "model.zip")
    draw = random.Random(0)
    bits = draw.sample(range(8 * len(data)), 200) + [8 * byte + draw.randrange(8) for byte in range(len(data) - 400, len(data))]
    refused = 0
    for bit in bits:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            assert same(unpack(bytes(flipped), "model.zip"), whole), f"bit {bit} changed the model"
        except InputError:
            refused += 1
    assert refused > 300


def test_every_flipped_bit_of_a_folder_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    draw = random.Random(0)
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        for bit in draw.sample(range(8 * len(data)), 150):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            refusal(lambda: load(folder))
        path.write_bytes(data)
    load(folder)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_model_file_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    data = pack(saved(tmp_path / "model"))
    assert refusal(lambda: unpack(data[: int(share * len(data))], "cut.zip")).startswith("cut.zip is not a Latent Loom model file")


@pytest.mark.parametrize("name", [WEIGHTS, CARD, CODES, MANIFEST])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = saved(tmp_path / "model")
    (folder / name).unlink()
    assert name.removesuffix(".json") in refusal(lambda: load(folder))


@pytest.mark.parametrize("name", [CARD, MANIFEST])
def test_a_card_that_is_not_whole_is_refused_alone_too(tmp_path: Path, name: str) -> None:
    folder = saved(tmp_path / "model")
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data.replace(b"0", b"1"))
    refusal(lambda: read_card(folder))
    (folder / name).unlink()
    refusal(lambda: read_card(folder))


def test_a_card_that_the_manifest_does_not_vouch_for_is_refused(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    folder = saved(tmp_path / "model")
    (folder / MANIFEST).write_bytes(manifest({WEIGHTS: files[WEIGHTS]}))
    assert "card.json is missing" in refusal(lambda: read_card(folder))
    assert "card.json is missing" in refusal(lambda: load(folder))


def test_no_folder_and_an_empty_folder_are_no_models(tmp_path: Path) -> None:
    assert refusal(lambda: load(tmp_path / "nowhere")) == "The model in nowhere is not a Latent Loom model: it has no manifest."
    (tmp_path / "empty").mkdir()
    assert "no manifest" in refusal(lambda: load(tmp_path / "empty"))
    assert "no manifest" in refusal(lambda: read_card(tmp_path / "empty"))


def test_parts_of_two_models_do_not_mix(tmp_path: Path) -> None:
    one, other = saved(tmp_path / "one"), tmp_path / "other"
    save(other, VAE(small(), seed=2), card(small()), codes(small()))
    shutil.copy(other / WEIGHTS, one / WEIGHTS)
    assert refusal(lambda: load(one)) == "The model in one is damaged: weights.safetensors has changed since it was saved."


# What does not fit


def arrays(files: Mapping[str, bytes]) -> dict[str, np.ndarray]:
    return dict(load_arrays(files[WEIGHTS]))


FIRST = "decoder.0.bias"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda a: a.pop(FIRST), f"does not fit its card: {FIRST} is missing."),
        (lambda a: a.clear(), f"does not fit its card: {FIRST} is missing."),
        (lambda a: a.update(a=np.zeros(1, np.float32)), "does not fit its card: a is not expected."),
        (lambda a: a.update({FIRST: a[FIRST][:-1]}), f"{FIRST} is float32 (11,), not float32 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST][None]}), f"{FIRST} is float32 (1, 12), not float32 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST].astype(np.float64)}), f"{FIRST} is float64 (12,), not float32 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST].astype(np.float16)}), f"{FIRST} is float16 (12,), not float32 (12,)."),
        (
            lambda a: a.update({FIRST: np.full(12, np.nan, np.float32)}),
            f"holds numbers that are not finite in {FIRST}: its training diverged.",
        ),
        (lambda a: a.update({FIRST: np.full(12, -np.inf, np.float32)}), f"not finite in {FIRST}: its training diverged."),
    ],
)
def test_weights_that_do_not_fit_are_named(
    files: Mapping[str, bytes], change: Callable[[dict[str, np.ndarray]], object], complaint: str
) -> None:
    changed = arrays(files)
    change(changed)
    assert refusal(lambda: unpack(forged({**files, WEIGHTS: save_arrays(changed)}), "m.zip")).endswith(complaint)


def test_one_number_that_is_not_finite_is_enough(files: Mapping[str, bytes]) -> None:
    for name in arrays(files):
        changed = arrays(files)
        changed[name].flat[-1] = np.nan
        data = forged({**files, WEIGHTS: save_arrays(changed)})
        assert name in refusal(partial(unpack, data, "m.zip"))


def raw(header: bytes | dict[str, object], body: bytes = b"") -> bytes:
    """A safetensors file from its header and its data."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def tensor(dtype: str, shape: list[int], start: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


UNREADABLE = {
    "empty": b"",
    "seven bytes": b"1234567",
    "no header": struct.pack("<Q", 0),
    "header of 2^63": struct.pack("<Q", 2**63) + b"{}",
    "header beyond the file": struct.pack("<Q", 900_000) + b"{}",
    "not json": raw(b"nonsense"),
    "not utf-8": raw(b"\xff\xfe"),
    "deep": raw(b"[" * 200_000),
    "overlap": raw({"a": tensor("F32", [2], 0, 8), "b": tensor("F32", [2], 4, 12)}, bytes(12)),
    "hole": raw({"a": tensor("F32", [1], 0, 4), "b": tensor("F32", [1], 8, 12)}, bytes(12)),
    "reversed": raw({"a": tensor("F32", [1], 4, 0)}, bytes(4)),
    "beyond": raw({"a": tensor("F32", [4], 0, 16)}, bytes(4)),
    "overflow": raw({"a": tensor("F32", [2**40, 2**40], 0, 4)}, bytes(4)),
    "trailing": raw({"a": tensor("F32", [1], 0, 4)}, bytes(9)),
    "odd dtype": raw({"a": tensor("C64", [1], 0, 8)}, bytes(8)),
    "fp8": raw({"a": tensor("F8_E4M3", [4], 0, 4)}, bytes(4)),
    "bf16": raw({"a": tensor("BF16", [2], 0, 4)}, bytes(4)),
    "metadata": raw({"__metadata__": {"a": 1}}),
    "pickle": pickle.dumps({"a": 1}),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("part", [WEIGHTS, CODES])
def test_arrays_that_lie_are_refused(files: Mapping[str, bytes], part: str, data: bytes) -> None:
    refusal(lambda: unpack(forged({**files, part: data}), "m.zip"))


@pytest.mark.parametrize("part", [WEIGHTS, CODES])
def test_a_long_header_is_refused_unread(files: Mapping[str, bytes], part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header is sound, only padded with blanks: safetensors itself would take it."""
    sound = files[part]
    size = struct.unpack("<Q", sound[:8])[0]
    padded = raw(sound[8 : 8 + size] + b" " * 2**20, sound[8 + size :])
    assert load_arrays(padded).keys() == load_arrays(sound).keys()
    read: list[bytes] = []

    def reading(data: bytes) -> dict[str, np.ndarray]:
        read.append(data)
        return load_arrays(data)

    monkeypatch.setattr(checkpoint, "load_arrays", reading)
    assert "cannot be read" in refusal(lambda: unpack(forged({**files, part: padded}), "m.zip"))
    assert padded not in read


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("mean"),
        lambda c: c.pop("logvar"),
        lambda c: c.update(mean=c["mean"][:-1]),
        lambda c: c.update(mean=c["mean"][:, :-1], logvar=c["logvar"][:, :-1]),
        lambda c: c.update(mean=np.array(1, np.float32), logvar=np.array(1, np.float32)),
        lambda c: c.update(mean=c["mean"][:0], logvar=c["logvar"][:0], labels=c["labels"][:0]),
        lambda c: c.update(labels=c["labels"] + 1),
        lambda c: c.update(labels=c["labels"] - 1),
        lambda c: c.update(mean=c["mean"].astype(np.float64)),
        lambda c: c["logvar"].fill(np.nan),
        lambda c: c["logvar"].fill(-np.inf),
        lambda c: c["mean"].fill(np.inf),
        lambda c: c.update(labels=c["labels"][:-1]),
        lambda c: c.update(labels=c["labels"].astype(np.int32)),
        lambda c: c.update(labels=c["labels"][:, None]),
    ],
)
def test_codes_that_do_not_fit_are_refused(files: Mapping[str, bytes], change: Callable[[dict[str, np.ndarray]], object]) -> None:
    changed = dict(load_arrays(files[CODES]))
    change(changed)
    assert "codes" in refusal(lambda: unpack(forged({**files, CODES: save_arrays(changed)}), "m.zip"))


def recarded(files: Mapping[str, bytes], path: str, value: object) -> dict[str, bytes]:
    """The parts with one field of the card changed."""
    changed = json.loads(files[CARD])
    *outer, last = path.split(".")
    place = changed
    for key in outer:
        place = place[key]
    place[last] = value
    return {**files, CARD: json.dumps(changed).encode()}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model.latent", 10**9),
        ("model.hidden", [10**9]),
        ("model.hidden", [4096] * 100),
        ("model.height", 10**9),
        ("model.sigma", float("nan")),
        ("model.body", "transformer"),
        ("model.likelihood", "os.system"),
        ("train.lr", float("inf")),
        ("epochs", -1),
        ("name", ""),
        ("name", 5),
        ("data.images", 0),
        ("extra", 1),
        ("validation.loss", None),
        ("validation.loss", float("nan")),
        ("seconds", float("inf")),
    ],
)
def test_a_card_beyond_its_bounds_is_refused(files: Mapping[str, bytes], path: str, value: object) -> None:
    with Allocated() as made:
        sentence = refusal(lambda: unpack(forged(recarded(files, path, value)), "m.zip"))
    assert sentence.startswith("m.zip has a card that cannot be used: ")
    assert path.split(".")[0] in sentence
    assert made.numbers == 0


def test_a_number_of_5000_digits_is_refused(files: Mapping[str, bytes]) -> None:
    text = files[CARD].replace(b'"latent": 3', b'"latent": 1' + b"0" * 5000)
    assert text != files[CARD]
    refusal(lambda: unpack(forged({**files, CARD: text}), "m.zip"))


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b"\xff\xfe{}", b"[" * 200_000, b'{"format": 1e999}'])
def test_a_card_and_a_manifest_must_be_json_of_the_right_kind(files: Mapping[str, bytes], data: bytes) -> None:
    refusal(lambda: unpack(forged({**files, CARD: data}), "m.zip"))
    refusal(lambda: unpack(zipped({**files, MANIFEST: data}), "m.zip"))


def test_a_model_of_too_many_parameters_is_refused_before_it_takes_memory(files: Mapping[str, bytes]) -> None:
    with Allocated() as made:
        sentence = refusal(lambda: unpack(forged(recarded(files, "model.hidden", [4096] * 8)), "m.zip"))
    assert sentence.startswith("This model would have ")
    assert made.numbers == 0


def test_a_large_model_whose_weights_are_not_there_takes_no_memory(files: Mapping[str, bytes]) -> None:
    with Allocated() as made:
        assert "does not fit its card" in refusal(lambda: unpack(forged(recarded(files, "model.hidden", [2048] * 4)), "m.zip"))
    assert made.numbers == 0


@pytest.mark.parametrize("format", [FORMAT + 1, FORMAT + 1000])
def test_a_newer_format_is_named_as_such_whatever_else_it_holds(tmp_path: Path, files: Mapping[str, bytes], format: int) -> None:
    newer = manifest(files, format=format, signature="…", files={"weights.bin": {"blake3": "…"}})
    sentence = "m.zip was made by a newer version of Latent Loom: update this one to open it."
    assert refusal(lambda: unpack(zipped({**files, MANIFEST: newer}), "m.zip")) == sentence
    assert refusal(lambda: unpack(forged(files, format=format), "m.zip")) == sentence
    folder = saved(tmp_path / "model")
    (folder / MANIFEST).write_bytes(newer)
    assert "newer version" in refusal(lambda: read_card(folder))


@pytest.mark.parametrize("format", [0, -1, "1", 1.0, True, None])
def test_a_format_that_never_was_is_refused(files: Mapping[str, bytes], format: object) -> None:
    assert "damaged manifest" in refusal(lambda: unpack(forged(files, format=format), "m.zip"))


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {"../card.json": {"sha256": "0" * 64, "bytes": 1}},
        {CARD: {"sha256": "0" * 64}},
        {CARD: {"sha256": "0", "bytes": 1}},
        {CARD: {"sha256": "0" * 64, "bytes": -1}},
        {CARD: {"sha256": "0" * 64, "bytes": 1}, WEIGHTS: {"sha256": "0" * 64, "bytes": 1}},
    ],
)
def test_a_manifest_that_lies_is_refused(files: Mapping[str, bytes], listed: dict[str, object]) -> None:
    refusal(lambda: unpack(forged(files, files=listed), "m.zip"))


def test_a_size_that_is_not_the_files_is_refused(files: Mapping[str, bytes]) -> None:
    lie = json.loads(manifest(files))["files"]
    lie[WEIGHTS]["bytes"] += 1
    assert "weights.safetensors has changed" in refusal(lambda: unpack(forged(files, files=lie), "m.zip"))


# What is not ours


class Gadget:
    """Makes a folder as soon as it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (str(self.canary),)


def test_no_pickle_is_ever_run(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    canary = tmp_path / "canary"
    payload = pickle.dumps(Gadget(canary))
    modern, legacy = io.BytesIO(), io.BytesIO()
    torch.save({"model": Gadget(canary)}, modern)
    torch.save({"model": Gadget(canary)}, legacy, _use_new_zipfile_serialization=False)
    hostile = [payload, modern.getvalue(), legacy.getvalue(), zipped({"data.pkl": payload}), zipped({**files, "data.pkl": payload})]
    hostile += [forged({**files, part: payload}) for part in files] + [zipped({**files, MANIFEST: payload})]
    for data in hostile:
        refusal(partial(unpack, data, "m.pt"))
    assert not canary.exists()
    pickle.loads(payload)
    assert canary.exists()


@pytest.mark.parametrize(
    "start", [b"GGUF\3\0\0\0", b"\x89HDF\r\n\x1a\n", b"\x08\x07\x12\x07pytorch", b"\x1f\x8b\x08", b"%PDF-1.7", b"", b"P"]
)
def test_other_formats_are_refused(start: bytes) -> None:
    sentence = "model is not a Latent Loom model file, or it is cut short."
    assert refusal(lambda: unpack(start + bytes(1000), "model")) == sentence


@pytest.mark.parametrize(
    "name",
    [
        "../card.json",
        "../../x",
        "/etc/cron.d/x",
        "..\\card.json",
        "C:\\card.json",
        "weights.safetensors/",
        "Card.json",
        "CON",
        "card.json\n",
    ],
)
def test_a_member_with_another_name_is_refused(files: Mapping[str, bytes], name: str) -> None:
    members = {**files, MANIFEST: manifest(files)}
    assert "not a Latent Loom model file" in refusal(lambda: unpack(zipped({**members, name: b"x"}), "m.zip"))
    del members[CARD]
    refusal(lambda: unpack(zipped({**members, name: files[CARD]}), "m.zip"))


def test_a_member_that_is_there_twice_is_refused(files: Mapping[str, bytes]) -> None:
    file = io.BytesIO(forged(files))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(CARD, files[CARD])
    refusal(lambda: unpack(file.getvalue(), "m.zip"))


def test_a_member_that_is_a_link_is_refused(files: Mapping[str, bytes]) -> None:
    link = zipfile.ZipInfo(CARD)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO(zipped({WEIGHTS: files[WEIGHTS], MANIFEST: manifest(files)}))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refusal(lambda: unpack(file.getvalue(), "m.zip"))


def memory(call: Callable[[], object]) -> int:
    """The most bytes that Python held at once during `call`, beyond those before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_member_is_refused_unread(files: Mapping[str, bytes], method: int) -> None:
    bomb = zipped({**files, WEIGHTS: bytes(20 * 2**20)}, method)
    assert len(bomb) < 2**20
    assert memory(lambda: refusal(lambda: unpack(bomb, "m.zip"))) < 2**20
    refusal(lambda: unpack(zipped({**files, MANIFEST: manifest(files)}, method), "m.zip"))


def local(name: str, data: bytes) -> bytes:
    """A stored ZIP member with its header."""
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0) + name.encode() + data


def central(name: str, data: bytes, offset: int) -> bytes:
    """A ZIP directory's entry for the member at `offset`."""
    fields = (20, 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name.encode()


def archive(body: bytes, entries: list[bytes]) -> bytes:
    directory = b"".join(entries)
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), len(body), 0)


def test_members_that_share_their_bytes_are_refused() -> None:
    inner = bytes(100_000)
    outer = local(CARD, inner)
    body = local(WEIGHTS, outer)
    entries = [central(WEIGHTS, outer, 0), central(CARD, inner, len(body) - len(outer))]
    with zipfile.ZipFile(io.BytesIO(archive(body, entries[:1]))) as sound:
        assert sound.read(WEIGHTS) == outer
    assert "not a Latent Loom model file" in refusal(lambda: unpack(archive(body, entries), "m.zip"))


def test_a_member_that_lies_about_its_size_is_refused(files: Mapping[str, bytes]) -> None:
    lie = bytearray(forged(files))
    entry = lie.index(b"PK\1\2")
    struct.pack_into("<2L", lie, entry + 20, 2**31, 2**31)  # packed and unpacked
    assert memory(lambda: refusal(lambda: unpack(bytes(lie), "m.zip"))) < 2**20


def test_an_encrypted_member_is_refused(files: Mapping[str, bytes]) -> None:
    data = bytearray(forged(files))
    for start, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.index(start) + flags] |= 1
        refusal(lambda: unpack(bytes(data), "m.zip"))


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch, files: Mapping[str, bytes]) -> None:
    assert MAX_FILE_BYTES == 256 * 2**20
    data = forged(files)
    monkeypatch.setattr(checkpoint, "MAX_FILE_BYTES", 2**20)
    unpack(data, "m.zip")
    assert refusal(lambda: unpack(data + bytes(3 * 2**20), "m.zip")) == "m.zip has 3 MB; a model file may have 1 MB."


# What a crash leaves


@pytest.mark.parametrize(("call", "nth"), [*(("write_synced", n) for n in (1, 2, 3, 4)), ("sync_folder", 1), ("rename", 1)])
def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int) -> None:
    before = pack(saved(tmp_path / "old"))
    owner = Path if call == "rename" else checkpoint
    real, calls = getattr(owner, call), iter(range(1, 100))

    def failing(path: Path, *rest: object) -> object:
        if next(calls) < nth:
            return real(path, *rest)
        if call == "write_synced":
            path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(owner, call, failing)
    with pytest.raises(OSError, match="No space left"):
        saved(tmp_path / "new")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["old"]
    assert pack(tmp_path / "old") == before
    load(tmp_path / "old")
    saved(tmp_path / "new")


SAVER = """
import itertools, os, sys
from pathlib import Path
from tests.training.test_checkpoint import card, small
from vae_core.training.checkpoint import save
from vae_core.model.vae import VAE

model = VAE(small(hidden=(512, 256)))
for line in sys.stdin:
    child = os.fork()
    if not child:
        for n in itertools.count():
            save(Path(line.strip()) / str(n), model, card(model.config))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_save_leaves_whole_checkpoints_only(tmp_path: Path) -> None:
    draw, whole = random.Random(0), 0
    command = [sys.executable, "-c", SAVER]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as saver:
        assert saver.stdin is not None
        assert saver.stdout is not None
        for attempt in range(20):
            folder = tmp_path / str(attempt)
            folder.mkdir()
            saver.stdin.write(f"{folder}\n")
            saver.stdin.flush()
            child = int(saver.stdout.readline())
            patience = time.monotonic() + 10
            while not any(folder.iterdir()) and time.monotonic() < patience:
                time.sleep(0.001)
            time.sleep(draw.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
            assert saver.stdout.readline() == "gone\n"
            visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
            for path in visible:
                load(path)
            whole += len(visible)
            shutil.rmtree(folder)
        saver.stdin.close()
        assert saver.wait(10) == 0
    assert whole > 0
