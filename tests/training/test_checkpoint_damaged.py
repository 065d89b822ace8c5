"""checkpoint: what is not whole, or does not fit, is refused in one sentence."""

from __future__ import annotations

import json
import pickle
import random
import shutil
import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from tests.model.test_vae import Allocated, small
from tests.training.checkpoints import (
    CARD,
    CODES,
    MANIFEST,
    WEIGHTS,
    card,
    codes,
    forged,
    kept,
    manifest,
    refusal,
    saved,
    saved_as_half,
    zipped,
)
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.training import stored_arrays
from vae_core.training.checkpoint import (
    FORMAT,
    Checkpoint,
    load,
    pack,
    read_card,
    save,
    unpack,
)


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


@pytest.mark.parametrize("make", [saved, saved_as_half])
def test_every_flipped_bit_of_a_folder_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "model")
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
        (lambda a: a.update({FIRST: a[FIRST][:-1]}), f"{FIRST} is float32 (11,), not float32 or float16 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST][None]}), f"{FIRST} is float32 (1, 12), not float32 or float16 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST].astype(np.float64)}), f"{FIRST} is float64 (12,), not float32 or float16 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST].astype(np.float16)[:-1]}), f"{FIRST} is float16 (11,), not float32 or float16 (12,)."),
        (lambda a: a.update({FIRST: a[FIRST].astype(np.int16)}), f"{FIRST} is int16 (12,), not float32 or float16 (12,)."),
        (
            lambda a: a.update({FIRST: np.full(12, np.inf, np.float16)}),
            f"holds numbers that are not finite in {FIRST}: its training diverged.",
        ),
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

    monkeypatch.setattr(stored_arrays, "load_arrays", reading)
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
    assert sentence.startswith("m.zip has a card that cannot be used: This model would have ")
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
