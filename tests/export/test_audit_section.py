"""The audit on a page: every finding with its number and of how many images, and no text of it is markup."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.export.test_takehome import HOSTILE, Parts, point_of
from tests.model.test_vae import small
from vae_core.analysis.audit.evidence import Finding
from vae_core.analysis.audit.sheet import UNSEEN, Sheet
from vae_core.export.audit_section import audit_section
from vae_core.export.site import Exhibit, site
from vae_core.export.takehome import html_page

SHEET = Sheet(
    (
        Finding("Pixels", "fault", "Pixels are inverted: an error of 0.1.", 0.1),
        Finding("KL weight", "sound", "The weights behave as β ≈ 1.047 ± 0.020, and the card says 1.", 1.047),
    ),
    1618,
    UNSEEN,
)
POINT = point_of(small())


def words(markup: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", markup)).split())


def test_every_finding_stands_there_with_its_verdict_and_of_how_many_images() -> None:
    told = words(audit_section(POINT.card, SHEET))
    assert "read from 1,618 images when this page was made. ± is a standard error." in told
    assert "Pixels fault : Pixels are inverted: an error of 0.1." in told
    assert "KL weight sound : The weights behave as β ≈ 1.047 ± 0.020, and the card says 1." in told
    assert told.endswith(" ".join(UNSEEN))
    assert "read from the weights alone, as no images were at hand when this page" in words(
        audit_section(POINT.card, SHEET._replace(images=0))
    )


@pytest.mark.parametrize(("pair", "told"), [(None, "3"), (0.5, "3 for D_μ and 0.5 for D_σ")])
def test_of_a_multi_rate_model_it_says_at_which_weight(pair: float | None, told: str) -> None:
    of_many = point_of(small(beta_range=(0.01, 10.0), split=pair is not None))
    train = of_many.card.train.model_copy(update={"beta": 3.0, "beta_sigma": pair})
    assert f"made, at β = {told}, where it opens. ±" in words(audit_section(of_many.card.model_copy(update={"train": train}), SHEET))


def test_both_kinds_of_page_have_it_above_the_card_or_have_none() -> None:
    section = audit_section(POINT.card, SHEET)
    assert f'{section}<section aria-labelledby="card-title">' in html_page(POINT, "Mine", None, sheet=SHEET)
    assert "Audit" not in html_page(POINT, "Mine", None)
    files = site([Exhibit(POINT, "Mine", None, (), SHEET)])
    (page,) = [content for name, content in files.items() if re.fullmatch(r"mine-.*\.html", name)]
    assert section in page.decode()


def test_no_text_of_it_is_markup() -> None:
    def written(text: str) -> Parts:
        return Parts(html_page(POINT, "Mine", None, sheet=Sheet((Finding(text, "doubt", text, None),), 20, (text,))))

    plain_page, hostile = written("plain"), written(HOSTILE)
    assert hostile.elements == plain_page.elements
    assert HOSTILE in hostile.texts["th"]
    assert HOSTILE in hostile.texts[""]
