"""The Models page: every model listed with its figures, one chosen, renamed, deleted, brought back, added from a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.ground.model_cards import matching, offers
from pages.ui.ground.models import FIRST
from pages.ui.panels import cards
from tests.foreign.test_apart import checkpoint_files
from tests.foreign.test_importing import pair
from tests.pages.steps import choose_model, chosen_model, model_cards, open_page, press
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.display import known
from vae_core.runs import catalogue, directory, jobs
from vae_core.runs.catalogue import Entry
from vae_core.runs.execute import execute
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint

MARKUP = "<b>x</b> [y](javascript:alert(1)) :red[z]"
TINY = RunConfig(
    name="Tiny",
    data="digits",
    model=ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,)),
    train=TrainConfig(epochs=1, threads=1),
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No models but the bundled and the test's own."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)


@pytest.fixture
def trained() -> str:
    """The id of a model trained here."""
    folder = directory.create(TINY)
    for _ in execute(folder):
        pass
    return folder.name


def opened(**parameters: str) -> AppTest:
    return open_page("models", **parameters)


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.text, *page.caption, *page.code))


def test_all_models_are_listed_with_units(trained: str) -> None:
    page = opened()
    table = page.dataframe[0].value
    assert len(table) == len(catalogue.models())
    assert list(table.columns)[:4] == ["Model", "Data", "Latent", "KL weight"]
    assert {"Loss (nats)", "Distortion (nats)", "Rate (nats)"} <= set(table.columns)
    assert "Nats per image" in texts(page)
    newest = table.iloc[0]
    card = catalogue.models()[trained].card
    assert (newest["Model"], newest["From"], newest["Latent"]) == ("Tiny", "trained here", 2)
    assert newest["Loss (nats)"] == known(card.figures.loss, card.figures.error("loss"))[0]
    assert not {"Parameters", "Epochs"} & set(table.columns)  # the card has them


def test_the_address_chooses_by_id_and_a_strange_one_does_no_harm(trained: str) -> None:
    assert chosen_model(opened(**{state.MODEL: "digits-2d"})) == "digits-2d"
    strange = opened(**{state.MODEL: "../../etc/passwd"})
    assert 'There is no model "../../etc/passwd" here: choose another.' in texts(strange)
    assert strange.query_params[state.MODEL] == "../../etc/passwd"
    assert len(strange.dataframe[0].value) == len(catalogue.models())
    assert chosen_model(choose_model(strange, FIRST)) == FIRST


def test_a_page_opens_with_a_bundled_model_until_this_browser_chooses_another(trained: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_model(opened()) == FIRST
    page = choose_model(opened(), trained)
    assert page.session_state[state.SHARED_MODEL_KEPT] == trained  # what the browser is given to keep
    assert page.query_params[state.MODEL] == trained
    monkeypatch.setattr(state, "remembered", lambda: trained)
    assert chosen_model(opened()) == trained
    assert chosen_model(opened(**{state.MODEL: "digits-2d"})) == "digits-2d"
    monkeypatch.setattr(state, "remembered", lambda: "long-deleted")
    assert chosen_model(opened()) == FIRST


def test_the_cards_are_searched_by_words_and_mark_the_chosen_one(trained: str) -> None:
    page = opened()
    labels = model_cards(page)
    assert [model_id for model_id, label in labels.items() if label.endswith("(chosen)")] == [FIRST]
    assert list(labels)[-1] == trained  # after the bundled ones
    found = matching(offers(catalogue.models().values()), "FACES 16 100")
    assert list(found) == ["faces-beta-100", "faces-rates"]


def test_two_models_of_one_name_stay_two_choices(trained: str) -> None:
    folder = directory.create(TINY)
    for _ in execute(folder):
        pass
    page = opened()
    choose_model(page, trained)
    assert f"Id          {trained}" in texts(page)
    choose_model(page, folder.name)
    assert f"Id          {folder.name}" in texts(page)


def test_the_card_is_there_as_text(trained: str) -> None:
    shown = texts(opened(**{state.MODEL: trained}))
    facts = ("Digits, 1,797 images", "8 × 8 pixels", "hidden sizes 16", "2 dimensions", "1 of 1 epochs", " nats per image")
    for fact in (*facts, "179 validation images; ± is the standard error"):
        assert fact in shown


def test_the_card_says_what_training_did_beyond_a_constant_weight() -> None:
    card = catalogue.models()["digits-2d"].card
    train = card.train.model_copy(update={"schedule": "linear", "free_bits": 0.5, "binarise": "static"})
    entry = Entry("x", "run", "X", catalogue.models()["digits-2d"].folder, card.model_copy(update={"train": train, "precision": "bf16"}))
    text = cards.whole_card(entry)
    assert "rises from 0 to 1 over the first 50 %" in text
    assert "Each dimension has 0.5 nats free." in text
    assert "Greys       Black and white, fixed" in text
    assert "on cpu in bf16" in text
    assert "Greys" not in cards.whole_card(catalogue.models()["digits-2d"])
    assert "Details     those fainter than 16 of 255" in cards.whole_card(catalogue.models()["faces-beta-1"])


def test_whatever_is_uploaded_the_page_stays_small(trained: str) -> None:
    loaded = catalogue.load(trained)
    wide = "\U00020000"
    data = loaded.card.data.model_copy(update={"title": wide * 200, "licence": wide * 2000, "class_names": (wide * 300,) * 50})
    card = loaded.card.model_copy(update={"name": wide * 120, "data": data})
    added = catalogue.keep(Checkpoint(loaded.model, card, None, ""))
    folder = catalogue.models()[added].folder.parent
    for number in range(cards.MOST_OWN + 20):
        shutil.copytree(folder, folder.with_name(f"{number:012x}"))
    page = opened(**{state.MODEL: added})
    own = [each for each in page.dataframe[0].value["From"] if each != "bundled"]
    assert len(own) == cards.MOST_OWN + 1  # the chosen one too, which came first
    assert f"The {cards.MOST_OWN} newest of {cards.MOST_OWN + 22} models of your own." in texts(page)
    sent = page.dataframe[0].value.to_csv() + texts(page) + "".join(element.value for element in page.markdown)
    assert len(sent.encode()) < 200_000


def test_a_new_name_is_shown_as_text_only(trained: str) -> None:
    page = opened(**{state.MODEL: trained})
    page.text_input[0].set_value(MARKUP)
    press(page, "Save")
    assert catalogue.models()[trained].name == MARKUP
    assert f"{MARKUP} (made as Tiny)" in texts(page)
    assert MARKUP in page.dataframe[0].value["Model"].tolist()
    assert MARKUP not in "\n".join(element.value for element in (*page.markdown, *page.caption))


def test_an_empty_name_is_refused_in_a_sentence(trained: str) -> None:
    page = opened(**{state.MODEL: trained})
    page.text_input[0].set_value("   ")
    press(page, "Save")
    assert "A model's name has 1 to 80 characters." in texts(page)
    assert catalogue.models()[trained].name == "Tiny"


def test_a_deleted_model_comes_back_with_undo(trained: str) -> None:
    page = opened(**{state.MODEL: trained})
    press(page, "Delete")
    assert any("stays in the trash for a week" in text.value for text in page.markdown)
    assert trained in catalogue.models()
    press(page, "Yes, delete it")
    assert trained not in catalogue.models()
    assert chosen_model(page) == FIRST
    assert "There is no model" not in texts(page)
    page.run()
    assert "Deleted: Tiny" in texts(page)
    press(page, "Undo")
    assert trained in catalogue.models()
    assert chosen_model(page) == trained


def test_a_model_is_audited_on_request(trained: str) -> None:
    page = opened(**{state.MODEL: "digits-2d"})
    press(page, "Audit this model")
    assert "Audit sheet from 1,618 images" in [box.label for box in page.expander]
    assert any(text.value.startswith(":material/check: **KL weight**, sound. The weights behave as β") for text in page.markdown)
    assert "Take-home page with this sheet" in [element.proto.label for element in page.get("download_button")]
    choose_model(page, trained)
    assert not any(text.value.startswith(":material/check: **KL weight**") for text in page.markdown)  # another's is asked for anew


def test_a_bundled_model_cannot_be_changed() -> None:
    page = opened(**{state.MODEL: "digits-2d"})
    assert next(button for button in page.button if button.label == "Delete").disabled


def test_a_model_file_is_added_once_and_chosen(trained: str) -> None:
    packed = checkpoint.pack(catalogue.models()[trained].folder)
    page = opened()
    page.file_uploader[0].upload("model.zip", packed).run()
    assert not page.exception
    page.run()
    (added,) = [entry for entry in catalogue.models().values() if entry.kind == "upload"]
    assert chosen_model(page) == added.id


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_model_gets_one_sentence(content: bytes) -> None:
    page = opened()
    page.file_uploader[0].upload("model.zip", content).run()
    assert not page.exception
    assert "model.zip" in texts(page)
    assert [toast.value for toast in page.toast] == ["The file was refused: the page says why at its top."]
    assert not [entry for entry in catalogue.models().values() if entry.kind == "upload"]


def test_runs_without_a_model_are_named_with_a_way_to_them() -> None:
    directory.create(TINY)
    page = opened()
    assert "1 run without a model: Tiny (waiting)" in texts(page)
    assert any(link.proto.label == "See Train" for link in page.get("page_link"))


def test_no_model_at_all_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "none")
    page = opened()
    assert "no model yet" in page.info[0].value
    assert page.file_uploader[0].label == "Add a model file"


def test_a_model_from_elsewhere_is_read_looked_at_and_added() -> None:
    page = opened()
    for name, data in pair("both", "Sigmoid"):  # mean and width in one output: two readings
        page.file_uploader[1].upload(name, data)
    page.run()
    (readings,) = [radio for radio in page.radio if radio.label.startswith("Which of these")]
    assert len(readings.options) == 2
    (images,) = [box for box in page.selectbox if box.label == "Images of its kind"]
    images.select("Digits").run()
    press(page, "Add this model")
    (added,) = [entry for entry in catalogue.models().values() if entry.kind == "upload"]
    assert chosen_model(page) == added.id
    assert added.card.origin is not None
    assert added.card.validation is not None
    assert "its answers differ from those of ONNX's reference evaluator by at most" in texts(page)
    assert "Chosen by eye among 2 readings." in texts(page)


def test_what_a_user_says_of_a_model_from_elsewhere_is_seen_and_kept() -> None:
    page = opened()
    for name, data in pair("a b"):  # the names say nothing, and the decoder ends with no function
        page.file_uploader[1].upload(name, data)
    page.run()
    assert "do not say which is the mean" in texts(page)

    def choose(label: str, value: str) -> None:
        (box,) = [box for box in page.selectbox if box.label == label]
        box.select(value).run()
        assert not page.exception

    choose("The encoder gives", "mean,logvar")
    (readings,) = [radio for radio in page.radio if radio.label.startswith("Which of these")]
    assert len(readings.options) == 4  # three ranges of pixels, and logits
    choose("Its pixels are", "mean and standard deviation")
    choose("A pixel is", "gaussian")
    for label, text in (("Mean of each channel", "0.25"), ("Standard deviation of each", "0.5")):
        (field,) = [field for field in page.text_input if field.label == label]
        field.set_value(text).run()
    assert "It takes grey pictures of 8 × 8 pixels, and a code has 4 numbers." in texts(page)
    assert not [radio for radio in page.radio if radio.label.startswith("Which of these")]
    (size,) = [field for field in page.text_input if field.label == "Size of its pictures"]
    size.set_value("8x8").run()
    assert "such as 3x64x64" in texts(page)
    (size,) = [field for field in page.text_input if field.label == "Size of its pictures"]
    size.set_value("").run()
    (beta,) = [field for field in page.number_input if field.label == "KL weight of its training"]
    beta.set_value(2.0).run()
    press(page, "Add this model")
    (added,) = [entry for entry in catalogue.models().values() if entry.kind == "upload"]
    origin = added.card.origin
    assert origin is not None
    assert (origin.pixels.scale, origin.pixels.shift) == ((2,), (-0.5,))
    assert (origin.encoder_gives, origin.decoder_gives, origin.knows_beta) == ("mean,logvar", "picture", True)
    assert (added.card.train.beta, added.card.model.likelihood) == (2, "gaussian")


def test_a_checkpoint_takes_name_and_weight_from_its_settings_and_says_in_words_how_it_is_read() -> None:
    page = opened()
    settings = {"experiment": "Mine", "loss": "betaH", "betaH_B": 4}
    for name, data in (*checkpoint_files(), ("specs.json", json.dumps(settings).encode())):
        page.file_uploader[1].upload(name, data)
    page.run()
    (network,) = [box for box in page.selectbox if box.label == "Its network"]
    network.select("pytorch-example").run()
    assert not page.exception
    (name_field,) = [field for field in page.text_input if field.label == "Name"]
    (beta,) = [field for field in page.number_input if field.label == "KL weight of its training"]
    assert (name_field.value, beta.value) == ("Mine", 4)
    press(page, "Add this model")
    (added,) = [entry for entry in catalogue.models().values() if entry.kind == "upload"]
    assert (added.name, added.card.train.beta) == ("Mine", 4)
    said = "the encoder gives mean and log-variance as two outputs; the decoder gives a picture; pixels go from 0 to 1."
    assert f"Read as     {said}" in texts(page)
    assert "Mine is now the chosen model, and its card is above." in texts(page)
    assert "Nobody named images for this model, so there is no map" in open_page("map", model=added.id).info[0].value
