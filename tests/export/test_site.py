"""site: static pages that need nothing but their folder, whose texts are text, and which a cut-off leaves as they were."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calls import refusal
from tests.export.test_takehome import DIGITS, HOSTILE, Parts, point_of
from tests.training.checkpoints import codes, saved
from vae_core.analysis.pictures import shown_with
from vae_core.base import storage
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.cli.main import main
from vae_core.export import live_page
from vae_core.export import site as site_module
from vae_core.export.live_model import live_bundle
from vae_core.export.script import LIVE
from vae_core.export.site import Exhibit, refuse_folder, site, write_site
from vae_core.export.takehome import html_page
from vae_core.runs import catalogue
from vae_core.training import checkpoint

NAME = re.compile(r"[a-z0-9-]{1,60}-([0-9a-f]{16})\.(html|js|css)")
SLOW = ModelConfig(body="conv", channels=1, height=64, width=64, latent=2, hidden=(128, 128, 64, 32, 16, 8))


def small(name: str = "Mine", config: ModelConfig = DIGITS) -> Exhibit:
    return Exhibit(point_of(config, kept=codes(config)), name, None, ())


def pages_of(files: dict[str, bytes]) -> dict[str, str]:
    return {name: content.decode() for name, content in files.items() if name.endswith(".html")}


def given(page: str) -> dict[str, Any]:
    """What the page of a model is given."""
    return Parts(page).live


def content(script: bytes) -> bytes:
    """The bytes of a model's file, whose one text JSON would write in the same way."""
    head, text = script[:5], script[5:].decode("latin-1")
    assert head == b"LOOM="
    read: str = json.loads(text, strict=False)
    return read.encode("latin-1")


def test_two_bundled_models_have_their_maps_and_keep_to_the_size() -> None:
    exhibits = []
    for model_id in ("digits-2d", "mnist-16d"):
        entry = catalogue.models()[model_id]
        point = checkpoint.load(entry.folder)
        exhibits.append(Exhibit(point, entry.name, shown_with(point.card), entry.dimension_names))
    files = site(exhibits)
    weights = [live_bundle(exhibit.point.model) for exhibit in exhibits]
    assert sum(map(len, files.values())) <= 1.2 * sum(map(len, weights)) + 300_000
    shown = [given(page) for name, page in pages_of(files).items() if name != "index.html"]
    for data_of, bundle in zip(shown, weights, strict=True):
        kept, page = content(files[data_of["file"]]), data_of["page"]

        def part(place: str, kept: bytes = kept) -> bytes:
            start, end = map(int, place.split("-"))
            return kept[start:end]

        assert part(page["model"]["weights"]) == bundle
        assert page["model"]["hash"] == hashlib.sha256(bundle).hexdigest()
        assert len(part(page["map"]["numbers"])) // 4 >= 700
        assert part(page["map"]["pictures"]["sheet"]).startswith(b"\x89PNG")


def test_the_same_models_give_the_same_bytes() -> None:
    assert site([small(), small("Other")]) == site([small(), small("Other")])


def test_every_name_holds_the_hash_of_its_content_and_pages_name_files_that_are_there() -> None:
    files = site([small(), small("Other")])
    assert [name for name in files if not NAME.fullmatch(name)] == ["index.html", "sw.js"]
    for name, written in files.items():
        if found := NAME.fullmatch(name):
            assert hashlib.sha256(written).hexdigest().startswith(found[1])
    named = {name: set(re.findall(r'(?:href|src)="([\w.-]+)"', page)) for name, page in pages_of(files).items()}
    assert {"index.html"} < set.union(*named.values()) <= files.keys()
    assert {name for name in named["index.html"] if name.endswith(".html")} == named.keys() - {"index.html"}
    assert set(re.findall(r'"([\w.-]+\.(?:html|js|css))"', files["sw.js"].decode().splitlines()[-1])) == files.keys() - {"sw.js"}
    for page in list(pages_of(files).values())[:-1]:
        model = given(page)
        digest = hashlib.sha256(files[model["file"]]).digest()
        assert model["integrity"] == f"sha256-{base64.b64encode(digest).decode()}"


def test_a_page_runs_and_fetches_nothing_but_files_of_the_site() -> None:
    files = site([small()])
    for page in pages_of(files).values():
        parts = Parts(page)
        rules = dict(rule.split(" ", 1) for rule in parts.policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert (rules["script-src"], rules["style-src"]) == ("'self' file:", "'self' file:")
        assert "style" not in parts.elements
        assert not re.search(r"<[^>]* (on\w+|style)=", page)
        assert parts.texts.get("script None", "") == ""
    everything = b"".join(written for name, written in files.items() if not name.startswith("mine-")).decode()
    assert set(re.findall(r"https?://[\w./-]+", everything)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(eval|Function|importScripts)\(|import\.meta|^(import|export) ", everything, re.MULTILINE)


def test_a_page_has_every_style_of_its_parts() -> None:
    styles = (*live_page.part_styles().values(), (LIVE / "takehome" / "site.css").read_text("utf-8"))
    used = set(re.findall(r"var\((--st-[\w-]+)\)", "".join(styles)))
    assert used <= set(re.findall(r"(--st-[\w-]+):", (LIVE / "takehome" / "page.css").read_text("utf-8")))


@pytest.mark.parametrize("title", [HOSTILE, "../../etc/passwd", "..\\up", "con", "🧶🌈", "", "a" * 10_000, "-.-", "index.html", "\0\n"])
def test_a_title_is_a_text_and_never_a_path(title: str) -> None:
    files, plain = site([small(title)]), site([small("plain")])
    assert [name for name in files if not NAME.fullmatch(name)] == ["index.html", "sw.js"]
    for name, page in pages_of(files).items():
        twin = next(other for key, other in pages_of(plain).items() if (key == "index.html") == (name == "index.html"))
        assert Parts(page).elements == Parts(twin).elements
    if title.isprintable():
        assert Parts(files["index.html"].decode()).texts.get("span", "") == title


def test_models_of_one_title_have_files_of_their_own_and_one_model_is_there_once() -> None:
    other = Exhibit(point_of(DIGITS.model_copy(update={"latent": 5})), "Mine", None, ())
    assert len(site([small(), other])) == len(site([small()])) + 2
    point = small().point
    later = Exhibit(replace(point, card=point.card.model_copy(update={"created": "2027-01-01T00:00:00+00:00"})), "Mine", None, ())
    assert len(pages_of(site([small(), later]))) == 3
    with pytest.raises(InputError, match=r'^"Mine" is named twice: a site has each model once\.$'):
        site([small(), small()])


def test_a_model_that_the_browser_cannot_draw_is_refused_by_name_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick, slow = saved(tmp_path / "quick"), saved(tmp_path / "slow", SLOW)
    sentence = refusal(["export", str(quick), str(slow), "--format", "site", "--out", str(tmp_path / "site")], capsys)
    assert '"Grüße <b>" cannot be on static pages: a picture of it takes more than 60 million multiplications' in sentence
    assert not (tmp_path / "site").exists()


def test_weights_that_do_not_fit_are_refused_with_the_models_name() -> None:
    exhibit = small("Heavy")
    next(exhibit.point.model.parameters()).data.fill_(1e6)
    with pytest.raises(InputError, match=r'^"Heavy": This model has a weight that is too large for float16'):
        site([exhibit], precision="float16")


def test_the_index_tells_what_each_model_is() -> None:
    several = DIGITS.model_copy(update={"beta_range": (0.01, 10.0)})
    page = site([small(), small("All", several), small("AE", DIGITS.model_copy(update={"variational": False}))])["index.html"].decode()
    parts = Parts(page)
    assert parts.elements.count("a") == parts.elements.count("img") == 3
    assert re.findall("<dd>(.*?)</dd>", page)[::4] == ["Digits"] * 3
    assert re.findall("<dd>(.*?)</dd>", page)[1::4] == ["3"] * 3
    assert re.findall("<dd>(.*?)</dd>", page)[2::4] == ["0.1", "any from 0.01 to 10", "none"]
    assert re.findall("<dd>(.*?)</dd>", page)[3::4] == ["under 0.1 MB"] * 3


@pytest.mark.parametrize("strange", ["notes.txt", "index.html", "mine.html", "part/"])
def test_a_folder_that_holds_anything_else_is_refused_and_stays(strange: str, tmp_path: Path) -> None:
    write_site(tmp_path / "site", site([small()]))
    path = tmp_path / "site" / strange
    path.mkdir() if strange.endswith("/") else path.write_text(html_page(small().point, "Mine", None))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=f'holds "{strange.strip("/")}", which is of no earlier site'):
        write_site(tmp_path / "site", site([small("Other")]))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_is_no_folder_and_an_empty_folder_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r'file" is a file: choose a new folder\.$'):
        refuse_folder(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    refuse_folder(tmp_path / "empty")
    refuse_folder(tmp_path / "new" / "folder")


def test_a_cut_off_at_any_instant_leaves_the_old_site_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, old, new = tmp_path / "site", site([small("Old"), small("Both")]), site([small("Both"), small("New")])
    write_site(folder, old)
    writes: list[Path] = []

    def cut(path: Path, written: bytes) -> None:
        if len(writes) == most:
            raise KeyboardInterrupt
        writes.append(path)
        storage.write_atomic(path, written)

    monkeypatch.setattr(site_module, "write_atomic", cut)
    for most in range(len(new)):
        writes.clear()
        with pytest.raises(KeyboardInterrupt):
            write_site(folder, new)
        whole = new if (folder / "index.html").read_bytes() == new["index.html"] else old
        assert (whole is new) == (most == len(new) - 1)
        assert all((folder / name).read_bytes() == written for name, written in whole.items() if name != "sw.js")
    most += 1
    (folder / ".index.html.0123456789ab.tmp").write_bytes(b"what a power cut left")
    writes.clear()
    write_site(folder, new)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == new


def test_the_command_writes_the_site_and_again_in_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, out = saved(tmp_path / "first"), tmp_path / "site"
    command = ["export", str(first), "--format", "site", "--out", str(out)]
    assert main(command) == 0
    opened = checkpoint.load(first)
    wanted = site([Exhibit(opened, opened.card.name, None, ())])
    assert {path.name: path.read_bytes() for path in out.iterdir()} == wanted
    assert main([*command, "--precision", "float16"]) == 0
    assert capsys.readouterr() == ("", "")
    assert len(list(out.iterdir())) == len(wanted)
    sentence = refusal(["export", str(first), str(first), "--format", "html", "--out", str(out)], capsys)
    assert sentence == "--format html takes one model, not 2: --format site takes several."
