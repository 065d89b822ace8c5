"""The lesson as a static page: all texts in all languages, each step's pictures drawn by the browser, its arrays in a file of its own."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from string import Template

from vae_core.base.storage import sha256
from vae_core.base.translation import ENGLISH, SHORT, TEXTS, sections, translated
from vae_core.export import lesson_content as content
from vae_core.export import lesson_parts
from vae_core.export.lesson_content import LessonModels, Shared, Told
from vae_core.export.live_content import Keep
from vae_core.export.live_model import Precision, live_bundle
from vae_core.export.live_page import SHARED_STYLE, script_safe
from vae_core.export.mathml import mathml
from vae_core.export.prose import rich, told, words_of
from vae_core.export.script import LIVE, bundle, live_modules, style
from vae_core.export.site_files import GENERATOR, INDEX, LESSON, POLICY, keep_bytes, keep_file
from vae_core.export.wire.lesson import LessonFile, LessonModel, LessonShort

LANGUAGES = (ENGLISH, *sorted(file.name.split(".")[1] for file in TEXTS.glob("learn.*.md")))

STEPS: Mapping[str, Callable[[Shared, Keep], Told]] = {
    "compress": content.compress,
    "dream": content.dream,
    "regions": content.regions,
    "continuity": content.continuity,
    "trick": content.trick,
    "bound": content.the_bound,
    "forces": lesson_parts.forces,
    "tradeoff": lesson_parts.the_tradeoff,
    "before": content.before,
    "create": content.create,
}
"""What each step is given, in their order."""

_ENTRY = "lesson/lesson.js"
_PARTS = (
    "parts/atlas/atlas",
    "parts/map/map",
    "parts/machine/machine",
    "parts/multirate/multirate",
    "parts/multirate/sliders",
    "parts/replay/replay",
    "lesson/parts",
)
_WIDE = ("regions", "tradeoff")
_SAID = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"')


def said() -> list[str]:
    """The short strings of the script, which has each as it stands."""
    sources = (path.read_text("utf-8") for path in sorted((LIVE / "lesson").rglob("*.js")))
    return sorted({found for source in sources for found in _SAID.findall(source)})


def lesson_files(models: LessonModels, precision: Precision) -> dict[str, bytes]:
    """The files of the lesson by their names, the same for the same models.

    Raises:
        InputError: a model has lost its snapshots or its figures.
    """
    files: dict[str, bytes] = {}
    shared = content.shared(models)
    weights = {key: live_bundle(point.model, precision=precision) for key, point in models.points.items()}
    kept: list[LessonModel] = [
        {**keep_bytes(files, f"learn-{key}".replace(".", "-"), part), "id": key, "hash": sha256(part)} for key, part in weights.items()
    ]
    steps: dict[str, Told] = {}
    arrays: list[LessonFile] = []
    for key, step in STEPS.items():
        part = bytearray()
        steps[key] = step(shared, partial(_kept, part))
        arrays.append(keep_bytes(files, f"learn-{key}", bytes(part)))
    data = {
        "languages": LANGUAGES,
        "short": _short(),
        "digits": base64.b64encode(shared.one_of_each.tobytes()).decode(),
        "models": kept,
        "files": arrays,
        **{key: step.given for key, step in steps.items()},
    }
    sheets = json.dumps([style(part) for part in (SHARED_STYLE, *_PARTS)])
    started = f'modules["{_ENTRY}"].openLesson(document, {sheets})'
    code = f"(() => {{\n{bundle(live_modules(), _ENTRY)}\n{started}\n}})()\n".replace("import.meta.url", "document.baseURI")
    script = keep_file(files, "learn", "js", code.encode())
    sheet = keep_file(files, "learn", "css", "".join(map(style, ("takehome/page", "takehome/site", "lesson/lesson"))).encode())
    frame = Template((LIVE / "lesson" / "page.html").read_text("utf-8"))
    page = frame.substitute(
        policy=POLICY,
        head=f'{GENERATOR}\n<link rel="stylesheet" href="{sheet}">',
        index=INDEX,
        languages="\n".join(_language(language, {key: step.figures for key, step in steps.items()}) for language in LANGUAGES),
        data=script_safe(data),
        script=f'<script src="{script}" defer></script>',
    )
    return files | {LESSON: page.encode()}


def card(size: int) -> str:
    """What the index says of the lesson, whose files have so many bytes."""
    return (
        f'<li><a href="{LESSON}"><span>Learn · Lernen</span></a><p>Ten questions about these networks, each answered by a picture that '
        "moves and a number. In English; auf Deutsch.</p>"
        f"<dl><div><dt>Size</dt><dd>{size / 1e6:.0f} MB, a part of it for each step</dd></div></dl></li>"
    )


def _kept(part: bytearray, kept: bytes, _mime: str) -> str:
    part.extend(kept)
    return f"{len(part) - len(kept)}-{len(part)}"


def _short() -> list[LessonShort]:
    """The short strings of the script in all languages."""
    others = [sections(SHORT, language) for language in LANGUAGES[1:]]
    return [{"text": text, "said": [text, *(short[text] for short in others)]} for text in said()]


def _language(language: str, figures: Mapping[str, Mapping[str, str]]) -> str:
    """The lesson in one language: the rail, then the steps."""
    say, lesson = partial(translated, language=language), sections("learn", language)
    rail = "\n".join(f'<li><a href="#{key}">{escape(lesson[f"{key}: name"])}</a></li>' for key in STEPS)
    steps = "\n".join(_step(key, language, lesson, figures[key]) for key in STEPS)
    return (
        f'<div class="lesson-language" lang="{language}">\n<h1>{escape(say("Learn"))}</h1>\n'
        f'<nav class="lesson-rail" aria-label="{escape(say("Step"))}"><ol>\n{rail}\n</ol></nav>\n{steps}\n</div>'
    )


def _step(key: str, language: str, lesson: Mapping[str, str], figures: Mapping[str, str]) -> str:
    say, scope, met = partial(translated, language=language), f"{language}-{key}", set[str]()
    text = partial(told, language=language, met=met, figures=figures, scope=scope)
    ask, see = text(lesson[f"{key}: ask"]), text(lesson[f"{key}: see"])
    question, *answers = lesson[f"{key}: predict"].split("\n- ")
    choices = "\n".join(
        f'<label><input type="radio" name="{scope}" value="{place}"> <span>{escape(answer)}</span></label>'
        for place, answer in enumerate(answers)
    )
    why, maths = text(lesson[f"{key}: why"]), lesson[f"{key}: maths"]
    words = words_of(maths, language, met, scope)
    row = f'<p class="told">{escape(say("Words:"))} {" · ".join(words)}</p>' if words else ""
    shown = rich(maths, language, figures).replace('<p><span data-figure="terms">…</span></p>', _terms(language))
    program = escape((TEXTS / "learn" / f"{key}.py").read_text("utf-8"))
    onward = list(STEPS)[list(STEPS).index(key) + 1 :]
    after = "" if not onward else _onward(onward[0], language, lesson)
    wide = " lesson-wide" if key in _WIDE else ""
    picture = '<div class="lesson-picture"></div>\n'
    asked = f"""<fieldset class="lesson-ask">
<legend><strong>{escape(say("Predict."))}</strong> {escape(question)}</legend>
{choices}
<p class="note lesson-hint">{escape(say("Choose an answer: the model's own numbers then tell."))}</p>
<div class="lesson-answer" aria-live="polite"><p class="lesson-verdict"></p><div class="told lesson-why"><p>{why}</p></div></div>
</fieldset>
"""
    return f"""<article class="lesson-step{wide}" data-step="{key}">
<div class="told"><h2 tabindex="-1">{ask}</h2></div>
<div class="told"><p>{see}</p></div>
<div class="lesson-beside">
{"".join([asked, picture] if key in _WIDE else [picture, asked])}</div>
<details><summary>{escape(say("Show the maths"))}</summary>
{shown}
{row}</details>
<details><summary>{escape(say("Show the code"))}</summary>
<p class="note">{escape(say("It runs as it is, in the folder of this program."))}</p>
<pre tabindex="0"><code>{program}</code></pre></details>
<details><summary>{escape(say("For the teacher"))}</summary>
{rich(lesson[f"{key}: notes"], language, {})}</details>
{after}</article>"""


def _onward(key: str, language: str, lesson: Mapping[str, str]) -> str:
    name, why = lesson[f"{key}: name"], lesson[f"{key}: ask"]
    line = rich(translated("**Next: {name}.** {why}", language, name=name, why=why), language, {})
    return f'<a class="lesson-next" href="#{key}">{line}</a>\n'


def _terms(language: str) -> str:
    """The closed form with the numbers of the image, dimension by dimension, which the page fills in."""
    formula = mathml(r"\mathrm{KL} = \sum_j \tfrac12\left(\mu_j^2 + \sigma_j^2 - 1 - \ln\sigma_j^2\right)")
    lines = [translated("{formula} (Kingma & Welling 2014, appendix B).", language, formula="\0")]
    formulas = [formula]
    for number in range(2):
        lines.append(translated("Dimension {number}: {term} nats.", language, number=number, term="\0"))
        inner = rf"(\figure{{mean_{number}}})^2 + \figure{{std_{number}}}^2 - 1 - \ln \figure{{std_{number}}}^2"
        formulas.append(mathml(rf"\tfrac12\left({inner}\right) = \figure{{kl_{number}}}"))
    return "\n".join(f"<p>{escape(line).replace(chr(0), made)}</p>" for line, made in zip(lines, formulas, strict=True))
