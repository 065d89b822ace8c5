"""Static pages for a class of any size: a folder that any web server hosts, and that opens from the disk or a file share too.

    index.html            a card for each model, and one for the lesson
    learn.html            the lesson
    NAME-HASH.html, .js   a model's page, and its bytes: weights, codes and pictures
    kit-HASH.js, .css     what all pages share
    sw.js                 keeps what was opened for times without a network

Each name but those of the index, the lesson and the worker holds a hash of the content. So files of the old site stay as they are while a
new one is written, and the index, which is replaced last, is what makes it the new one.

A model's bytes are one text in a script, ``LOOM="…"``, in which only four values of a byte are written as two. A page from a server
fetches it and checks its SHA-256; a page from the disk, which may fetch nothing, runs it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from vae_core.analysis import folding
from vae_core.analysis.audit.sheet import Sheet
from vae_core.analysis.pictures import thumbnails
from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic
from vae_core.data import Images
from vae_core.data.images import shown, strip_bytes
from vae_core.export import lesson_page, live_page
from vae_core.export.audit_section import audit_section
from vae_core.export.card_words import kl_weight
from vae_core.export.lesson_content import LessonModels
from vae_core.export.live_content import MAX_POINTS, MIN_POINTS, content, shown_codes
from vae_core.export.live_model import STREAM_MACS, Precision, live_bundle, runs_in_browser
from vae_core.export.script import LIVE, bundle, live_modules, style
from vae_core.export.site_files import GENERATOR, INDEX, LESSON, POLICY, WORKER, keep_bytes, keep_file
from vae_core.export.wire.takehome import SiteData
from vae_core.training.checkpoint import Checkpoint

_SHARE = 1.2  # of the weights' bytes: for all that a model adds, with themselves
_SPARE_BYTES = 80_000  # besides the weights, where that is more: a small model shall have its map too
_ENTRY, _OFFLINE = "takehome/site.js", "takehome/offline.js"
_LONGEST = 40  # letters of a title in a file's name
_OURS = re.compile(r"[a-z0-9-]+-[0-9a-f]{16}\.(html|js|css)|\..+\.[0-9a-f]{12}\.tmp")


@dataclass(frozen=True)
class Exhibit:
    """A model of a site.

    Attributes:
        point: the model.
        name: what to call it.
        images: what it is shown with, as in `takehome.html_page`.
        dimension_names: what to call the K dimensions, as there.
        sheet: an audit of the model, as there.
    """

    point: Checkpoint
    name: str
    images: Images | None
    dimension_names: Sequence[str]
    sheet: Sheet | None = None


def site(exhibits: Sequence[Exhibit], *, lesson: LessonModels | None = None, precision: Precision = "float32") -> dict[str, bytes]:
    """The files of a site by their names, the same for the same models; with a lesson where its models are given.

    All files together have at most 1.2 times the bytes of the models' weights, those of the lesson too, and 300 kB: a map shows as many
    of its points as fit. A model of less than 0.4 MB may add 80 kB to its weights instead.

    Raises:
        InputError: the browser cannot draw one of the models, its weights are too large for the precision, or it is there twice.
    """
    for exhibit in exhibits:
        _refuse_slow(exhibit)
    modules = live_modules()
    styles, shared = live_page.part_styles(), style(live_page.SHARED_STYLE)
    files: dict[str, bytes] = {}
    started = f'modules["{_ENTRY}"].openSite(document, {json.dumps(styles)}, {json.dumps(shared)})'
    # A script that is no module knows no address of its own. The worker for which the engine would ask it is never started here.
    kit = f"(() => {{\n{bundle(modules, _ENTRY)}\n{started}\n}})()\n".replace("import.meta.url", "document.baseURI")
    script = keep_file(files, "kit", "js", kit.encode())
    sheet = keep_file(files, "kit", "css", (style("takehome/page") + style("takehome/site")).encode())
    head = f'{GENERATOR}\n<link rel="stylesheet" href="{sheet}">'
    element = f'<script src="{script}" defer></script>'
    cards = []
    if lesson is not None:
        files |= lesson_page.lesson_files(lesson, precision)
        cards.append(lesson_page.card(sum(map(len, files.values()))))
    for exhibit in exhibits:
        pages, card = _fitting(exhibit, precision, head, element)
        if any(name in files for name in pages if name.endswith(".html")):
            raise InputError(f'"{shown(exhibit.name)}" is named twice: a site has each model once.')
        files |= pages
        cards.append(card)
    index = Template((LIVE / "takehome" / "index.html").read_text("utf-8"))
    files[INDEX] = index.substitute(policy=POLICY, head=head, cards="\n".join(cards), script=element).encode()
    others = [name for name in files if name not in (INDEX, script, sheet)]
    renewed = [name for name in files if name in (INDEX, LESSON)]
    offline = f'modules["{_OFFLINE}"].keepSite(self, {json.dumps([INDEX, script, sheet])}, {json.dumps(others)}, {json.dumps(renewed)})'
    return files | {WORKER: f"{bundle(modules, _OFFLINE)}\n{offline}\n".encode()}


def refuse_folder(folder: Path) -> None:
    """Refuse a folder that is neither new, nor empty, nor a site of ours.

    Raises:
        InputError: it is a file, or holds something else, which is named.
    """
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if not (path.is_file() and _is_ours(path)):
                raise InputError(
                    f'The folder "{shown(str(folder))}" holds "{shown(path.name)}", which is of no earlier site: choose a new folder.'
                )
    elif folder.exists():
        raise InputError(f'"{shown(str(folder))}" is a file: choose a new folder.')


def write_site(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a site into a new folder, or in place of an earlier one: a cut-off at any instant leaves the old site whole, or the new one.

    Raises:
        InputError: as `refuse_folder`.
        OSError: the disk is full or cannot be written.
    """
    refuse_folder(folder)
    last = (LESSON, INDEX, WORKER)  # what a page names is there before it
    for name in sorted(files, key=lambda name: last.index(name) if name in last else -1):
        write_atomic(folder / name, files[name])
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()


def _is_ours(path: Path) -> bool:
    if path.name in (INDEX, LESSON):
        return GENERATOR.encode() in path.read_bytes()
    return path.name == WORKER or _OURS.fullmatch(path.name) is not None


def _refuse_slow(exhibit: Exhibit) -> None:
    if not runs_in_browser(exhibit.point.card.model):
        raise InputError(
            f'"{shown(exhibit.name)}" cannot be on static pages: a picture of it takes more than {STREAM_MACS // 10**6} million '
            "multiplications, or layers that the browser does not know, and there is no server to draw it."
        )


def _fitting(exhibit: Exhibit, precision: Precision, head: str, script: str) -> tuple[dict[str, bytes], str]:
    """The files of a model and its card, with as many points on its map as its share of the site has room for."""
    point = exhibit.point
    plain = folding.plain(point)
    try:
        weights = live_bundle(point.model, precision=precision)
    except InputError as error:
        raise InputError(f'"{shown(exhibit.name)}": {error}') from error
    strip = strip_bytes(thumbnails(plain))

    def made(most: int) -> tuple[int, int, dict[str, bytes], str]:
        files, card, points = _files_of(exhibit, plain, weights, strip, head, script, most)
        return sum(map(len, files.values())) + len(card.encode()), points, files, card

    room = max(_SHARE * len(weights), len(weights) + _SPARE_BYTES)
    least, fewest, files, card = made(MIN_POINTS)
    size, points, files, card = made(MAX_POINTS)
    while size > room and points > fewest:
        each = (size - least) / (points - fewest)
        size, points, files, card = made(fewest + max(0, int(0.98 * (room - least) / each)))
    return files, card


def _files_of(
    exhibit: Exhibit, plain: Checkpoint, weights: bytes, strip: bytes, head: str, script: str, most: int
) -> tuple[dict[str, bytes], str, int]:
    """A model's page and its bytes, its card, and how many points its map has, at most `most`."""
    point, name = exhibit.point, exhibit.name
    codes = shown_codes(plain, exhibit.images, most)
    kept = bytearray()

    def keep(part: bytes, _mime: str) -> str:
        kept.extend(part)
        return f"{len(kept) - len(part)}-{len(kept)}"

    given = content(point, name, weights, codes, keep, exhibit.dimension_names)
    files: dict[str, bytes] = {}
    packed = keep_bytes(files, _stem(name), bytes(kept))
    data: SiteData = {**packed, "page": given}
    page = live_page.page(
        point.card,
        name,
        codes,
        audit_section(point.card, exhibit.sheet),
        policy=POLICY,
        head=head,
        above=f'<nav><a href="{INDEX}">All models</a></nav>\n',
        styles={},
        at_hand="It runs in this page: nothing is installed, and nothing of yours is sent.",
        given=data,
        script=script,
    )
    address = keep_file(files, _stem(name), "html", page.encode())
    return files, _card(exhibit, address, strip, len(files[packed["file"]])), 0 if codes is None else len(codes.numbers)


def _card(exhibit: Exhibit, address: str, strip: bytes, size: int) -> str:
    """What the index says of a model."""
    card, name = exhibit.point.card, escape(exhibit.name)
    megabytes = "under 0.1 MB" if size < 1e5 else f"{size / 1e6:.1f} MB"
    facts = {"Images": card.data.title, "K": str(card.model.latent), "KL weight": kl_weight(card), "Size": megabytes}
    rows = "".join(f"<div><dt>{escape(fact)}</dt><dd>{escape(text)}</dd></div>" for fact, text in facts.items())
    picture = f'<img src="data:image/png;base64,{base64.b64encode(strip).decode()}" alt="">'
    return f'<li><a href="{address}">{picture}<span>{name}</span></a><dl>{rows}</dl></li>'


def _stem(name: str) -> str:
    """What is left of a title in a file's name: letters from a to z, digits and hyphens."""
    return re.sub("[^a-z0-9]+", "-", name.lower())[:_LONGEST].strip("-") or "model"
