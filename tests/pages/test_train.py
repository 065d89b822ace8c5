"""The Train page: images chosen or brought, a model set within its limits, a run started and watched to its end."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.ground.figures import CURVE_MARKERS, CURVE_POINTS, training_curve
from pages.ui.ground.wording import PIXELS
from pages.ui.screens.train import uploads
from tests.pages.steps import open_page, press
from vae_core import data
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.display import duration, with_error
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.data.images import png_bytes
from vae_core.runs import directory, jobs
from vae_core.runs.execute import execute

BERNOULLI, CONTINUOUS, GAUSSIAN, LOGISTIC = PIXELS
HIDDEN = state.part(state.TRAIN_HIDDEN, "mlp")
MARKUP = "<b>x</b> [y](javascript:alert(1)) :red[z]"
TINY = RunConfig(
    name=MARKUP,
    data="digits",
    model=ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,)),
    train=TrainConfig(epochs=2, threads=1),
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No runs but the test's own, and no worker: what is queued stays queued."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)


def opened(**parameters: str) -> AppTest:
    return open_page("train", **parameters)


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.text, *page.caption, *page.markdown))


def zipped(colour: bool = False) -> bytes:
    """Twelve pictures in two folders, the second folder's name full of markup."""
    buffer = io.BytesIO()
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in range(12):
            pixels = generator.integers(0, 256, (3 if colour else 1, 10, 12), np.uint8)
            archive.writestr(f"{'one' if index % 2 else '[two](x)'}/{index}.png", png_bytes(pixels))
    return buffer.getvalue()


def import_zip(page: AppTest, content: bytes) -> AppTest:
    page.button_group(key=state.TRAIN_SOURCE).set_value(uploads.OWN).run()
    page.file_uploader[0].upload("pictures.zip", content).run()
    assert not page.exception
    return page


def test_a_set_is_shown_with_its_classes_before_anything_is_trained() -> None:
    page = opened()
    assert "1,797 images, 8 × 8 pixels" in texts(page)
    assert "10 classes (images in each): 0 (178)" in texts(page)
    assert "There is no run yet" in texts(page)
    assert "on this machine" in texts(page)


def test_settings_suit_the_set_and_change_with_it() -> None:
    page = opened()
    assert page.button_group(key=state.TRAIN_BODY).value == "Fully connected"
    page.number_input(key=state.TRAIN_LATENT).set_value(3).run()
    assert page.number_input(key=state.TRAIN_LATENT).value == 3
    name = data.save_imported(coloured(), "Coloured")
    page.query_params[state.TRAIN_DATA] = name
    page.run()
    assert page.button_group(key=state.TRAIN_BODY).value == "Convolutional"
    assert page.number_input(key=state.TRAIN_LATENT).value == 16
    assert page.selectbox(key=state.TRAIN_PIXEL).value == GAUSSIAN
    assert page.number_input(key=state.TRAIN_BATCH).value == 16  # the set has no more


def coloured() -> Images:
    return Images("upload", np.random.default_rng(0).integers(0, 256, (20, 3, 28, 28), np.uint8))


@pytest.mark.parametrize("latent", ["2", "128"])
def test_the_address_sets_the_model(latent: str) -> None:
    parameters = {
        state.TRAIN_LATENT: latent,
        state.TRAIN_EPOCHS: "1",
        state.TRAIN_KL_WEIGHT: "0.0",
        state.TRAIN_BODY: "Linear",
        state.TRAIN_PIXEL: BERNOULLI,
    }
    page = opened(**parameters)
    assert page.number_input(key=state.TRAIN_LATENT).value == int(latent)
    assert page.number_input(key=state.TRAIN_EPOCHS).value == 1
    assert page.number_input(key=state.TRAIN_KL_WEIGHT).value == 0
    assert page.button_group(key=state.TRAIN_BODY).value == "Linear"


def test_one_model_for_every_kl_weight_is_asked_for_filled_in_and_queued() -> None:
    page = opened()
    epochs = 100
    assert page.number_input(key=state.TRAIN_EPOCHS).value == epochs
    page.toggle(key=state.TRAIN_EVERY_WEIGHT).set_value(True).run()
    assert not page.exception
    assert state.TRAIN_KL_WEIGHT not in {field.key for field in page.number_input}
    assert [page.number_input(key=key).value for key in (state.TRAIN_WEIGHT_FROM, state.TRAIN_WEIGHT_TO)] == [0.01, 10]
    assert (page.number_input(key=state.TRAIN_EPOCHS).value, page.number_input(key=state.TRAIN_LEARNING_RATE).value) == (2 * epochs, 4e-3)
    assert "both are filled in for you. Other pages show the model as it is at β = 1." in texts(page)
    assert "trains on every KL weight: leave out schedule, capacity, free_bits and tc." in texts(page)
    assert state.TRAIN_SCHEDULE not in {field.key for field in page.selectbox}
    press(page, "Start training")
    (queued,) = jobs.waiting()
    assert (queued.config.model.beta_range, queued.config.model.split, queued.config.train.beta) == ((0.01, 10), False, 1)
    assert queued.config.name == "Digits β0.01–10 mlp z8"
    assert "One model for every KL weight from 0.01 to 10. It is judged at β = 1." in texts(page)
    page.toggle(key=state.TRAIN_EVERY_WEIGHT).set_value(False).run()
    assert (page.number_input(key=state.TRAIN_EPOCHS).value, page.number_input(key=state.TRAIN_LEARNING_RATE).value) == (epochs, 2e-3)
    assert page.number_input(key=state.TRAIN_KL_WEIGHT).value == 1


@pytest.mark.parametrize(
    ("asked", "beta_range", "beta"), [(("2", "30"), (2, 30), 2), (("0.001", "0.5"), (0.001, 0.5), 0.5), (("0.5", "4"), (0.5, 4), 1)]
)
def test_the_address_sets_the_range_of_kl_weights(asked: tuple[str, str], beta_range: tuple[float, float], beta: float) -> None:
    page = opened(
        **{state.TRAIN_EVERY_WEIGHT: "true", state.TRAIN_WEIGHT_FROM: asked[0], state.TRAIN_WEIGHT_TO: asked[1], state.TRAIN_EPOCHS: "7"}
    )
    press(page, "Start training")
    config = jobs.waiting()[0].config
    assert (config.model.beta_range, config.train.beta, config.train.epochs, config.train.lr) == (beta_range, beta, 7, 4e-3)


def test_colour_pictures_have_larger_kl_weights_and_a_plain_autoencoder_has_none() -> None:
    page = opened(**{state.TRAIN_DATA: data.save_imported(coloured(), "Coloured"), state.TRAIN_EVERY_WEIGHT: "true"})
    assert [page.number_input(key=key).value for key in (state.TRAIN_WEIGHT_FROM, state.TRAIN_WEIGHT_TO)] == [10, 1000]
    page.toggle(key=state.TRAIN_PLAIN).set_value(True).run()
    assert state.TRAIN_EVERY_WEIGHT not in {field.key for field in page.toggle}
    assert state.TRAIN_KL_WEIGHT not in {field.key for field in page.number_input}
    press(page, "Start training")
    assert jobs.waiting()[0].config.model.beta_range is None


def test_a_range_of_kl_weights_that_does_not_rise_is_refused() -> None:
    page = opened(**{state.TRAIN_EVERY_WEIGHT: "true", state.TRAIN_WEIGHT_FROM: "4", state.TRAIN_WEIGHT_TO: "0.5"})
    assert "A beta_range must rise: 4 is not below 0.5." in texts(page)
    assert next(button for button in page.button if button.label == "Start training").disabled


def test_the_halves_of_the_rate_are_weighed_apart_by_one_model_or_by_one_for_every_pair() -> None:
    page = opened(
        **{state.TRAIN_HALVES: "true", state.TRAIN_WEIGHT_SIGMA: "0.25", state.TRAIN_KL_WEIGHT: "2", state.TRAIN_SCHEDULE: "Warm-up"}
    )
    assert "The KL weight β is 2 for D_μ and 0.25 for D_σ all through the run." in texts(page)
    assert "Beta_sigma weighs one half of the plain rate" in texts(page)
    press(page, "Start training")
    page.toggle(key=state.TRAIN_EVERY_WEIGHT).set_value(True).run()
    assert state.TRAIN_WEIGHT_SIGMA not in {field.key for field in page.number_input}
    press(page, "Start training")
    first, second = (run.config for run in jobs.waiting())
    assert (first.name, first.train.weights, first.train.schedule) == ("Digits β2,0.25 mlp z8", (2, 0.25), "constant")
    assert (second.name, second.model.split, second.train.weights) == ("Digits β0.01–10 split mlp z8", True, 1)
    assert "It is told one for each half of the rate." in texts(page)


@pytest.mark.parametrize("hostile", ["../../etc/passwd", "\0", "x" * 5000, "nan", "10001", ""])
def test_a_hostile_address_opens_the_page_as_it_is(hostile: str) -> None:
    page = opened(
        **dict.fromkeys(
            (
                state.TRAIN_DATA,
                state.TRAIN_RUN,
                state.TRAIN_BODY,
                state.TRAIN_LATENT,
                state.TRAIN_KL_WEIGHT,
                state.TRAIN_EPOCHS,
                state.TRAIN_PIXEL,
            ),
            hostile,
        )
    )
    assert page.selectbox(key=state.TRAIN_DATA).value == "digits"
    assert page.number_input(key=state.TRAIN_LATENT).value == 8


@pytest.mark.parametrize("hostile", ["../../etc/passwd", "\0", "nan", "-1", "1e999", ""])
def test_a_hostile_range_of_kl_weights_is_the_suggested_one(hostile: str) -> None:
    hostiles = dict.fromkeys((state.TRAIN_WEIGHT_FROM, state.TRAIN_WEIGHT_TO, state.TRAIN_HALVES, state.TRAIN_WEIGHT_SIGMA), hostile)
    press(opened(**{state.TRAIN_EVERY_WEIGHT: "true"}, **hostiles), "Start training")
    model = jobs.waiting()[0].config.model
    assert (model.beta_range, model.split) == ((0.01, 10), False)


def test_a_full_queue_is_said_beside_the_button_and_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_QUEUED", 0)
    page = opened()
    press(page, "Start training")
    said = [text.value for text in page.text]
    about = next(number for number, text in enumerate(said) if text.startswith("About "))
    assert said[about + 1] == "0 runs are waiting already: stop some, or try again when they are done."


def test_start_queues_the_run_that_was_asked_for_and_shows_it() -> None:
    page = opened(**{state.TRAIN_LATENT: "2", state.TRAIN_EPOCHS: "3"})
    page.text_input(key=HIDDEN).set_value("32, 16").run()
    page.text_input(key=state.TRAIN_NAME).set_value(MARKUP).run()
    press(page, "Start training")
    (queued,) = jobs.waiting()
    assert queued.config.name == MARKUP
    assert (queued.config.data, queued.config.model.latent, queued.config.model.hidden) == ("digits", 2, (32, 16))
    assert (queued.config.train.epochs, queued.config.train.batch) == (3, 128)
    assert page.selectbox(key=state.TRAIN_RUN).value == queued.id
    assert "The process that trains it is starting." in texts(page)
    assert MARKUP not in "\n".join(element.value for element in page.markdown)
    assert "Train another model" in [each.value for each in page.subheader]  # where the link beside the run leads, from the first run on


def test_a_second_run_waits_behind_the_first_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_DOUBLE_CLICK_SECONDS", 600)
    page = opened()
    press(press(page, "Start training"), "Start training")
    assert len(jobs.waiting()) == 1  # a double click
    page.number_input(key=state.TRAIN_EPOCHS).set_value(7).run()
    press(page, "Start training")
    assert "1 run ahead of this one." in texts(page)
    press(page, "Stop")
    assert [run.status.state for run in directory.listing()] == ["stopped", "queued"]
    assert "Stopped before it began." in texts(page)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (HIDDEN, "many", "whole numbers separated by commas"),
        (HIDDEN, "9999", "less than or equal to 4096"),
        (HIDDEN, "4096," * 6, "the limit is 50,000,000"),
        (state.TRAIN_BATCH, 65_536, "more than the 1,439 training images"),
    ],
)
def test_a_setting_out_of_its_limits_gets_a_sentence_and_no_start(field: str, value: str | int, sentence: str) -> None:
    page = opened()
    if isinstance(value, str):
        page.text_input(key=field).set_value(value).run()
    else:
        page.number_input(key=field).set_value(value).run()
    assert not page.exception
    assert sentence in texts(page)
    assert next(button for button in page.button if button.label == "Start training").disabled


def test_a_finished_run_has_figures_curves_pictures_and_links() -> None:
    folder = directory.create(TINY)
    for _ in execute(folder):
        pass
    page = opened()
    assert "Epoch 2 of 2 in" in texts(page)
    assert [metric.label for metric in page.metric] == ["Loss", "Distortion", "Rate", "Images per second"]
    validation = directory.records(folder)[-1].validation
    assert validation is not None
    assert page.metric[0].value == with_error(validation.loss, validation.error("loss"))
    assert any("for the mean of the training images" in element.value for element in (*page.success, *page.warning))
    assert len(page.get("plotly_chart")) == 2
    alts = [image.alt for element in page.get("image") for image in element.proto.imgs]
    assert not [alt for alt in alts if "decoded" in alt]  # the newest snapshot shows the same
    links = [link.proto.query_string for link in page.get("page_link")]
    assert links == [f"{state.MODEL}={folder.name}"] * 4


def test_a_run_of_every_kl_weight_says_at_which_its_figures_and_pictures_are() -> None:
    model = TINY.model.model_copy(update={"beta_range": (0.1, 4.0)})
    folder = directory.create(TINY.model_copy(update={"model": model, "train": TINY.train.model_copy(update={"beta": 2.0})}))
    for _ in execute(folder):
        pass
    page = opened()
    assert "loss = distortion + KL weight × rate, at a KL weight of 2." in texts(page)
    assert "the mean over all KL weights, each image at one drawn at random. The validation curve is at 2." in texts(page)
    assert page.get("page_link")[0].proto.query_string == f"{state.KL_SWEEP}={folder.name}"
    alts = [image.alt for element in page.get("image") for image in element.proto.imgs]
    assert [alt.rpartition(" ")[2] for alt in alts if "decoded" in alt] == ["0.1", "2", "4"]
    assert "Validation images, never trained on" in alts


def test_a_failed_run_says_why_and_what_to_do() -> None:
    folder = directory.create(TINY)
    directory.set_status(folder, "failed", "Training diverged at step 3: lower the learning rate.", final=True)
    page = opened()
    assert "lower the learning rate" in texts(page)
    assert "Change the settings below and start again." in texts(page)


def test_own_files_are_previewed_kept_chosen_deleted_and_brought_back() -> None:
    page = import_zip(opened(), zipped(colour=True))
    assert "12 images, 10 × 12 pixels (height × width), RGB." in texts(page)
    page.button_group(key=state.TRAIN_IMPORT_CHANNELS).set_value("Grey").run()
    page.number_input(key=state.TRAIN_IMPORT_HEIGHT).set_value(20).run()
    assert "12 images, 20 × 12 pixels (height × width), grey." in texts(page)
    assert "Resized 12 of 12 images" in texts(page)
    page.text_input(key=state.TRAIN_IMPORT_TITLE).set_value(MARKUP).run()
    press(page, "Keep this set")
    (kept,) = data.imported()
    assert data.load(kept).shape == (1, 20, 12)
    assert page.selectbox(key=state.TRAIN_DATA).value == kept
    assert "[two](x) (6), one (6)" in "\n".join(element.value for element in page.text)
    assert "[two](x)" not in "\n".join(element.value for element in page.markdown)
    press(page, "Delete this set")
    assert not data.imported()
    assert page.selectbox(key=state.TRAIN_DATA).value == "digits"
    press(page, "Undo")
    assert page.selectbox(key=state.TRAIN_DATA).value == kept
    assert not any(button.label == "Undo" for button in page.button)


def test_files_that_are_no_images_get_a_sentence() -> None:
    page = import_zip(opened(), b"not a zip")
    assert "pictures.zip" in texts(page)
    assert not any(button.label == "Keep this set" for button in page.button)
    assert "keep your own files as one" in texts(page)


def test_a_question_is_answered_by_a_button_and_what_was_not_used_is_named() -> None:
    five, labels = io.BytesIO(), io.BytesIO()
    np.save(five, np.random.default_rng(0).integers(0, 256, (20, 9, 9, 5), np.uint8))
    np.save(labels, np.arange(20) % 3)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("five.npy", five.getvalue()), ("labels.npy", labels.getvalue()), ("a.pdf", b"%PDF"), ("b.doc", b"x")):
            archive.writestr(name, content)
    page = import_zip(opened(), buffer.getvalue())
    assert "five has 5 channels, and the last is no transparency" in texts(page)
    press(page, "Take each as grey")
    assert "100 images, 9 × 9 pixels (height × width), grey." in texts(page)
    assert "3 classes (images in each): 0 (35)" in texts(page)
    assert "Not used: a.pdf is not a PNG" in texts(page)
    assert page.dataframe[0].value["Name"].tolist() == ["a.pdf", "b.doc"]
    press(page, "As first read")
    assert "five has 5 channels" in texts(page)


def test_a_title_that_is_in_the_list_already_is_said() -> None:
    page = import_zip(opened(), zipped())
    assert "in the list already" not in texts(page)
    for title in ("DIGITS", "digits"):
        page.text_input(key=state.TRAIN_IMPORT_TITLE).set_value(title).run()
        assert f"There is a set {title} in the list already: another name would tell them apart." in texts(page)


def test_files_are_read_once_and_not_at_every_click(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read_files = data.read_files

    def counted(files, choices, progress):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        reads.append(len(files))
        return read_files(files, choices, progress)

    monkeypatch.setattr(data, "read_files", counted)
    page = import_zip(opened(), zipped())
    page.text_input(key=state.TRAIN_IMPORT_TITLE).set_value("Other").run()
    assert reads == [1]


def test_of_mnist_the_test_images_are_there_at_once_and_a_failed_download_of_all_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str) -> Images:
        raise InputError(f"The program could not download {name}.")

    monkeypatch.setattr(data, "download", offline)
    page = opened(**{state.TRAIN_DATA: "mnist"})
    assert not next(button for button in page.button if button.label == "Start training").disabled
    assert "10,000 of 70,000:" in "\n".join(element.value for element in page.markdown)
    assert any("CC BY-SA 3.0, Y. LeCun and C. Cortes" in caption.value for caption in page.caption)
    press(page, "Get all 70,000")
    assert "could not download mnist" in texts(page)


def test_a_long_curve_is_thinned_keeps_its_newest_point_and_differs_by_more_than_colour() -> None:
    epochs = [step / 10 for step in range(1, 100_001)]
    figure = training_curve("Rate", epochs, epochs, [(epoch, epoch) for epoch in epochs[9::10]])
    training, validation = figure.data
    assert len(training.x) < 2 * CURVE_POINTS
    assert len(validation.x) < 2 * CURVE_MARKERS
    assert training.x[-1] == validation.x[-1] == 10_000
    assert (training.mode, validation.mode, validation.line.dash) == ("lines", "lines+markers", "dash")


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (42.4, "42 s"), (150, "2 min"), (9000, "2.5 h")])
def test_a_length_of_time_is_said_as_exactly_as_it_is_known(seconds: float, text: str) -> None:
    assert duration(seconds) == text
