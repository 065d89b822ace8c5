"""training_state: what comes off the disk is what went there, or a sentence that says what is wrong with it."""

from __future__ import annotations

import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.resuming import begin, fingerprint, put_down
from vae_core import data
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.training import checkpoint, training_state
from vae_core.training.checkpoint import load_training, pack, unpack
from vae_core.training.training_state import Unusable

pytestmark = pytest.mark.slow

CONV = ModelConfig(body="conv", channels=1, height=8, width=8, latent=2, hidden=(4, 8), likelihood="gaussian", sigma_is="optimal")
CONFIG = TrainConfig(epochs=2, batch=500)
STATE = "training.safetensors"


@pytest.fixture(scope="module")
def digits() -> Images:
    return data.load("digits")


@pytest.fixture(scope="module")
def kept(digits: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a training after two of its six steps; not to be changed."""
    model, training = begin(CONV, CONFIG, digits)
    training.update()
    training.update()
    return put_down(training, model, CONFIG, digits, tmp_path_factory.mktemp("kept"))


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    """The same checkpoint, to be tampered with."""
    return Path(shutil.copytree(kept, tmp_path / kept.name))


def forge(kept: Path, folder: Path, changes: dict[str, NDArray[np.generic] | None], **card: object) -> Path:
    """A checkpoint with other numbers in it (None takes an array away), and a manifest that vouches for them."""
    opened, arrays = load_training(kept)
    changed = {name: array for name, array in {**arrays, **changes}.items() if array is not None}
    checkpoint.save(folder / kept.name, opened.model, opened.card.model_copy(update=card), training=changed)
    return folder / kept.name


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        training_state.load(folder)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_state_comes_back_bit_for_bit_with_its_card(digits: Images, tmp_path: Path) -> None:
    model, training = begin(CONV, CONFIG, digits)
    for _ in range(4):
        training.update()
    before = training.state()
    card, after = training_state.load(put_down(training, model, CONFIG, digits, tmp_path))
    assert fingerprint(after) == fingerprint(before)
    assert (after.step, after.seconds, after.images_per_second) == (4, before.seconds, before.images_per_second)
    assert (card.model, card.train, card.data.identity) == (CONV, CONFIG, digits.identity)
    assert "likelihood.running" in after.weights
    assert after.first.keys() == after.second.keys() == dict(model.named_parameters()).keys()


def test_the_model_file_that_people_get_has_no_training_in_it(kept: Path, digits: Images, tmp_path: Path) -> None:
    assert checkpoint.has_training(kept)
    file = pack(kept)
    with zipfile.ZipFile(BytesIO(file)) as archive:
        assert sorted(archive.namelist()) == ["card.json", "manifest.json", "weights.safetensors"]
        assert STATE not in archive.read("manifest.json").decode()
    opened = unpack(file, "model.zip")
    assert opened.weights_hash == checkpoint.load(kept).weights_hash
    checkpoint.save(tmp_path / "again", opened.model, opened.card)
    assert not checkpoint.has_training(tmp_path / "again")
    assert pack(tmp_path / "again") == file


def test_a_model_file_with_a_training_state_is_refused(kept: Path) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in kept.iterdir():
            archive.write(path, path.name)
    with pytest.raises(InputError, match="is not a Latent Loom model file"):
        unpack(buffer.getvalue(), "model.zip")


def test_a_model_is_opened_without_looking_at_its_training(copy: Path) -> None:
    (copy / STATE).write_bytes(b"damaged")
    assert checkpoint.load(copy).card.steps == 2
    assert refusal(copy) == "The training state in 00000002 is damaged: training.safetensors has changed since it was saved."


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.999])
def test_a_state_cut_short_is_refused(copy: Path, share: float) -> None:
    whole = (copy / STATE).read_bytes()
    (copy / STATE).write_bytes(whole[: int(share * len(whole))])
    assert "training.safetensors has changed" in refusal(copy)


def test_one_bit_anywhere_is_noticed(kept: Path, copy: Path) -> None:
    whole = (kept / STATE).read_bytes()
    for bit in np.random.default_rng(0).integers(0, 8 * len(whole), 50):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (copy / STATE).write_bytes(flipped)
        assert "training.safetensors has changed" in refusal(copy)


@pytest.mark.parametrize("part", ["weights.safetensors", "card.json", STATE])
def test_a_part_of_another_training_is_noticed(part: str, copy: Path, digits: Images, tmp_path: Path) -> None:
    other = CONFIG.model_copy(update={"seed": 1})
    model, training = begin(CONV, other, digits)
    training.update()
    shutil.copy(put_down(training, model, other, digits, tmp_path) / part, copy / part)
    assert f"{part} has changed since it was saved" in refusal(copy)


def test_a_step_that_somebody_wrote_in_is_noticed(copy: Path) -> None:
    card = (copy / "card.json").read_text()
    (copy / "card.json").write_text(card.replace('"steps": 2', '"steps": 3'))
    assert "card.json has changed" in refusal(copy)


@pytest.mark.parametrize("part", ["weights.safetensors", "card.json", STATE, "manifest.json"])
def test_a_part_that_is_gone_is_named(copy: Path, part: str) -> None:
    (copy / part).unlink()
    assert ("no manifest" if part == "manifest.json" else f"{part} is missing") in refusal(copy)


WEIGHT = "first.encoder.0.weight"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({WEIGHT: None}, f"{WEIGHT} is missing"),
        ({"generator": None}, "generator is missing"),
        ({"third.x": np.zeros(1)}, "third.x is not expected"),
        ({"sums": np.zeros(4)}, "sums is float64 (4,), not float64 (3,)"),
        ({"sums": np.zeros(3, np.float32)}, "sums is float32 (3,), not float64 (3,)"),
        ({"sums": np.array([0, np.nan, 0])}, "numbers in sums that training never leaves"),
        ({"generator": np.zeros(5056, np.int8)}, "does not hold the state of a random number generator"),
        ({"generator_at_epoch": np.zeros((1, 5056), np.uint8)}, "does not hold the state of a random number generator"),
    ],
)
def test_numbers_that_no_training_leaves_are_refused(
    kept: Path, tmp_path: Path, changes: dict[str, NDArray[np.generic] | None], words: str
) -> None:
    assert words in refusal(forge(kept, tmp_path, changes))


@pytest.mark.parametrize("which", ["first", "second"])
def test_moments_that_no_training_leaves_are_refused(kept: Path, tmp_path: Path, which: str) -> None:
    name = f"{which}.encoder.0.weight"
    sound = load_training(kept)[1][name]
    wrong = {
        "is float64": sound.astype(np.float64),
        "not float32": sound[..., :1],
        "training never leaves": np.where(np.arange(sound.size).reshape(sound.shape) == 3, np.inf, sound).astype(np.float32),
    }
    for number, (words, array) in enumerate(wrong.items()):
        assert words in refusal(forge(kept, tmp_path / str(number), {name: array}))
    negative = forge(kept, tmp_path, {name: -np.abs(sound) - np.float32(1)})
    if which == "first":
        training_state.load(negative)
    else:
        assert "training never leaves" in refusal(negative)


@pytest.mark.parametrize("card", [{"steps": 0}, {"images_per_second": 0.0}])
def test_a_state_of_no_step_is_refused(kept: Path, tmp_path: Path, card: dict[str, object]) -> None:
    assert refusal(forge(kept, tmp_path, {}, **card)) == "The training state in 00000002 is from before the first step."
    with pytest.raises(Unusable):
        training_state.load(tmp_path / "00000002")
