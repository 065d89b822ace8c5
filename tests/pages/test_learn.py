"""The lesson: every step opens on its bundled models, its answer is the model's own, and the program it shows runs."""

from __future__ import annotations

import json
import re
import runpy
from html import unescape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.language import LANGUAGES
from pages.ui.screens.learn import sheet
from tests.conftest import ROOT
from tests.pages.live import send, sent
from tests.pages.steps import SECONDS, captions, open_page, press
from vae_core import data
from vae_core.base.glossary import glossary
from vae_core.export.worksheet import SheetStep

NAMES = {
    "compress": "Compress",
    "dream": "Dream",
    "regions": "Regions",
    "continuity": "Continuity",
    "trick": "The trick",
    "bound": "The bound",
    "forces": "Two forces",
    "tradeoff": "Trade-off",
    "before": "Before",
    "create": "Create",
}
STEPS = list(NAMES)
TEXTS = cache.lessons("learn")


def opened(step: str) -> AppTest:
    return open_page("learn", step=NAMES.get(step, step))


def written(page: AppTest) -> str:
    """All sentences, without what their words say when one points at them."""
    assert not page.exception
    told = [re.sub("<[^>]+>", "", re.sub("<span role.*?</span>", "", html.proto.body)) for html in page.get("html")]
    return "\n".join([*map(unescape, told), *(element.value for element in page.markdown)])


def words(page: AppTest) -> list[str]:
    """The words of the glossary that say what they mean, in their order."""
    return [unescape(word) for html in page.get("html") for word in re.findall("<button[^>]*>(.*?)</button>", html.proto.body)]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_asks_shows_and_answers_with_the_models_own_figures(step: str) -> None:
    page = opened(step)
    assert TEXTS[f"{step}: ask"] in written(page)
    assert "Not so" not in written(page)
    if step == "forces":
        assert sent(page, state.LEARN_REPLAY)["run"] == "digits-2d"
    answers = TEXTS[f"{step}: predict"].split("\n- ")[1:]
    verdicts = []
    for answer in answers:
        page.radio(key=state.part(state.LEARN_ANSWER, step)).set_value(answer).run()
        verdicts.append("**Right.**" in written(page))
    assert sum(verdicts) == 1
    assert f"{answers[verdicts.index(True)]}." in written(page)
    assert not re.search(r"\{[a-z_]+[0-9]*\}|\bnan\b|\binf\b", written(page))


def test_the_answers_are_those_that_were_measured() -> None:
    """By figures that other tests hold to their definitions; a change here is a change of what the lesson teaches."""
    taught = {"compress": 1, "dream": 1, "regions": 1, "continuity": 1, "trick": 2, "bound": 2, "forces": 1, "tradeoff": 1, "create": 1}
    for step, right in taught.items():
        page = opened(step)
        answers = TEXTS[f"{step}: predict"].split("\n- ")[1:]
        page.radio(key=state.part(state.LEARN_ANSWER, step)).set_value(answers[right]).run()
        assert "**Right.**" in written(page), step


def test_random_codes_stand_above_the_codes_of_images() -> None:
    """Plotly paints what it leaves to the graphics card above all else, in whatever order it comes."""
    for chart in opened("dream").get("plotly_chart"):
        images, codes = json.loads(chart.proto.spec)["data"]
        assert (images["type"], codes["type"], codes["marker"]["symbol"]) == ("scattergl", "scattergl", "star")


def test_the_bound_never_passes_the_evidence_wherever_the_ellipse_is() -> None:
    page = opened("bound")
    for move in (-4.0, 0.0, 2.5):
        page.slider[0].set_value(move).run()
        bound, gap, evidence = (float(metric.value.replace("−", "-")) for metric in page.metric)
        assert gap >= 0
        assert bound + gap == pytest.approx(evidence, abs=0.02)


def test_no_step_or_an_unknown_one_is_the_first() -> None:
    assert TEXTS["compress: ask"] in written(opened("nowhere"))
    assert "as a share of the way from black to white" in captions(open_page("learn"))


@pytest.mark.parametrize("step", STEPS)
def test_the_program_of_a_step_runs_and_prints(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "assets" / "text" / "learn" / f"{step}.py"))
    assert capsys.readouterr().out.strip()


def test_a_step_whose_model_is_gone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "models", lambda: {})
    page = opened("bound")
    sentence = "This step shows the bundled model mnist-2d, which is gone or damaged: install Latent Loom again."
    assert sentence in [text.value for text in page.text]
    assert not page.exception


def test_the_lesson_is_on_test_images_whatever_of_mnist_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all of MNIST was downloaded, its first images are those that the models learnt from."""
    monkeypatch.setattr(data, "at_hand", lambda name: pytest.fail(f"{name} may be a larger set"))
    assert len(cache.digits().pixels) == 10_000
    assert cache.digits().identity != cache.models()["mnist-2d"].card.data.identity


def test_a_link_opens_a_step_as_it_was_left_and_it_stays_so_while_others_are_looked_at() -> None:
    answer = TEXTS["compress: predict"].split("\n- ")[2]
    page = open_page("learn", step="Compress", learn_digit="7", learn_kept="9", **{state.part(state.LEARN_ANSWER, "compress"): answer})
    assert "**Right.**" in written(page)
    link = page.code[-1].value
    assert "learn_digit=7" in link
    assert "learn_kept=9" in link
    page.slider(key=state.LEARN_KEPT).set_value(12).run()
    page.segmented_control(key=state.LEARN_STEP).set_value("Continuity").run()
    page.segmented_control(key=state.LEARN_STEP).set_value("Compress").run()
    assert page.slider(key=state.LEARN_KEPT).value == 12
    assert page.segmented_control(key=state.LEARN_DIGIT).value == 7
    assert "**Right.**" in written(page)


def test_what_a_picture_takes_is_never_written_as_nothing() -> None:
    page = opened("before")
    page.radio(key=state.part(state.LEARN_ANSWER, "before")).set_value(TEXTS["before: predict"].split("\n- ")[1]).run()
    (rounds, one_pass) = re.findall(r"take ([0-9.e-]+) ms for a picture, one pass of the decoder ([0-9.e-]+) ms", written(page))[0]
    assert 0 < float(one_pass) < float(rounds)


def test_each_code_on_the_map_of_regions_has_the_widths_that_the_encoder_gives_it() -> None:
    data = sent(opened("regions"), state.LEARN_MACHINE)
    found = cache.sample(cache.models()["mnist-2d"])
    assert found is not None
    mean, std = (values.astype(np.float64) for values in (found.posterior.mean, found.posterior.std))
    widths = dict(zip(map(tuple, mean.round(3).tolist()), std.tolist(), strict=True))
    places = zip(data["points"]["xy"][::2], data["points"]["xy"][1::2], strict=True)
    regions = np.reshape(data["regions"], (-1, 2))
    assert len(regions) == 2_000
    apart = np.abs(regions - [widths[place] for place in places]).max(axis=1)
    assert np.count_nonzero(apart > 1e-4) <= 2  # to three digits, codes can share a place


def test_a_link_opens_what_is_chosen_in_the_browser() -> None:
    assert sent(open_page("learn", step="Regions", learn_taken="4"), state.LEARN_MACHINE)["start"] == 4
    page = open_page("learn", step="Regions", learn_taken="99")
    assert sent(page, state.LEARN_MACHINE)["start"] is None
    send(page, state.LEARN_MACHINE, {"kind": "choose", "numbers": [3]})
    assert sent(page, state.LEARN_MACHINE)["start"] == 3
    assert "learn_taken=3" in page.code[-1].value
    send(page, state.LEARN_MACHINE, {"kind": "choose", "numbers": [True]})
    assert sent(page, state.LEARN_MACHINE)["start"] == 3
    page = open_page("learn", step="Trade-off", learn_beta="0.5", learn_place="1,-1")
    assert (sent(page, state.LEARN_MULTIRATE)["beta"], sent(page, state.LEARN_MULTIRATE)["place"]) == ([0.5], [1, -1])
    assert sent(open_page("learn", step="Trade-off", learn_beta="none"), state.LEARN_MULTIRATE)["beta"] == [1]


def test_for_a_room_there_are_buttons_and_notes_and_less_to_read() -> None:
    page = open_page("learn", step="Continuity", present="true", notes="true")
    assert TEXTS["continuity: notes"] in written(page)
    assert not page.title
    assert [box.label for box in page.expander] == ["Show the maths"]
    press(page, "On")
    assert TEXTS["trick: ask"] in written(page)
    press(page, "Back")
    assert TEXTS["continuity: ask"] in written(page)
    ends = [open_page("learn", step=name, present="true").button for name in ("Compress", "Create")]
    assert [[button.disabled for button in buttons if button.label in ("Back", "On")] for buttons in ends] == [[True, False], [False, True]]
    page = open_page("learn", notes="true")
    assert TEXTS["compress: notes"] not in written(page)


def test_before_a_room_the_step_that_fills_a_screen_has_smaller_type() -> None:
    steps = {step: open_page("learn", step=step, present="true").get("html") for step in ("Trade-off", "Dream")}
    types = {
        step: re.findall(r"html:root {font-size: clamp\((\d+)px", "".join(part.proto.body for part in parts))
        for step, parts in steps.items()
    }
    assert types == {"Trade-off": ["16"], "Dream": ["18"]}


def test_the_last_step_opens_the_train_page_with_the_lessons_settings_whatever_was_set_there() -> None:
    page = open_page("train", set="digits", latent="3")
    page.toggle(key=state.TRAIN_PLAIN).set_value(True).run()
    page.number_input(key=state.TRAIN_SEED).set_value(7).run()
    page.switch_page("pages/learn.py").run()
    page.segmented_control(key=state.LEARN_STEP).set_value("Create").run()
    press(page, "Train your own, set as this model was")
    card = cache.models()["mnist-16d"].card
    fields = {field.label: field.value for field in (*page.number_input, *page.text_input)}
    shown = [fields[name] for name in ("Latent dimensions", "KL weight", "Epochs", "Batch", "Learning rate", "Hidden sizes")]
    assert shown == [card.model.latent, card.train.beta, card.train.epochs, card.train.batch, card.train.lr, "320, 320"]
    assert page.selectbox(key=state.TRAIN_DATA).value == "mnist"
    assert not page.toggle(key=state.TRAIN_PLAIN).value
    assert page.number_input(key=state.TRAIN_SEED).value == card.train.seed


def test_a_word_says_what_it_means_where_a_step_uses_it_first() -> None:
    page = opened("dream")
    assert words(page)[0] == "autoencoder"
    assert len(words(page)) == len({word.lower() for word in words(page)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_used_and_none_waits_for_a_prediction(language: str) -> None:
    """A question to predict cannot hold the meaning of a word, so what it uses was said above."""
    known, lesson = glossary(language), cache.lessons("learn", language)

    def used(text: str) -> set[str]:
        return {known.headings[form.lower()] for form in known.forms.findall(text)}

    for step in STEPS:
        assert used(lesson[f"{step}: predict"]) <= used(f"{lesson[f'{step}: ask']} {lesson[f'{step}: see']}"), step
    assert used(" ".join(lesson.values())) == set(known.meanings)


def test_a_german_browser_has_the_lesson_in_german_and_what_is_chosen_by_words_stays_so_in_english() -> None:
    german = cache.lessons("learn", "de")
    page = of_german_browser()
    page.segmented_control(key=state.LEARN_STEP).set_value(german["bound: name"]).run()
    answer = german["bound: predict"].split("\n- ")[3]
    page.radio(key=state.part(state.LEARN_ANSWER, "bound")).set_value(answer).run()
    assert f"**Richtig.** {answer}." in written(page)
    assert page.title[0].value == "Lernen"
    assert "lang=de" in page.code[-1].value  # for a browser of another country
    page.segmented_control(key=state.LEARN_LANGUAGE).set_value("en").run()
    assert TEXTS["bound: ask"] in written(page)
    assert f"**Right.** {TEXTS['bound: predict'].split(chr(10) + '- ')[3]}." in written(page)


def test_a_link_is_in_the_language_of_its_words_whatever_the_browsers_is() -> None:
    assert TEXTS["bound: ask"] in written(of_german_browser(step="The bound"))
    german = cache.lessons("learn", "de")
    assert german["bound: ask"] in written(open_page("learn", step=german["bound: name"]))
    assert german["bound: ask"] in written(open_page("learn", step="The bound", lang="de"))
    assert TEXTS["bound: ask"] in written(open_page("learn", step=german["bound: name"], lang="en"))


def of_german_browser(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=SECONDS)
    page.context["locale"] = "de-DE"
    for key, value in parameters.items():
        page.query_params[key] = value
    return page.switch_page("pages/learn.py").run()


def test_the_worksheet_has_fourteen_questions_with_what_was_seen_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[SheetStep]] = []

    def keep(steps: list[SheetStep], *, name: str, language: str) -> str:
        made.append(steps)
        return name + language

    monkeypatch.setattr(sheet, "worksheet", keep)
    page = open_page("learn", step="Compress", learn_kept="9")
    page.text_area[0].set_value("A pair of networks.").run()
    page.segmented_control(key=state.LEARN_STEP).set_value("The trick").run()
    press(page, "Make my worksheet")
    (steps,) = made
    assert sum(len(step.questions) for step in steps) == 14
    assert all(question.answer for step in steps for question in step.questions)
    first = steps[0]
    assert first.questions[0].written == "A pair of networks."
    assert first.settings["Numbers kept"] == "9"
    assert {pixels.shape for pixels in first.pictures.values()} == {(1, 1, 28, 28)}
    assert [step.name for step in steps if step.settings] == ["Compress", "The trick"]
    page.segmented_control(key=state.LEARN_STEP).set_value("Compress").run()
    assert page.text_area[0].value == "A pair of networks."
