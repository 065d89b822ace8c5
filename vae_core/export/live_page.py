"""The page of one model around its live parts, for a browser alone: the page to take home, and each page of a static site."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from string import Template

from vae_core.export import card_words
from vae_core.export.live_content import Shown, may_be_passed_on
from vae_core.export.script import LIVE, style
from vae_core.training.checkpoint import Card

SHARED_STYLE = "kit/base"
"""The style sheet of all live parts."""


def part_styles() -> dict[str, str]:
    """The style sheets of the live parts of a page, by part, besides `SHARED_STYLE`."""
    return {
        "weight": style("parts/multirate/sliders"),
        "deck": style("parts/deck/deck") + ".deck-pictures { top: var(--above, 0px); }\n",
        "draw": style("parts/draw/draw") + style("takehome/strip"),
        "walk": style("takehome/walk"),
        "map": style("parts/map/map"),
        "grid": style("parts/grid/grid"),
    }


def facts(card: Card) -> str:
    """The model's card as rows of a table."""
    return "\n".join(
        f'<tr><th scope="row">{escape(fact)}</th><td>{escape(text)}</td></tr>' for fact, text in card_words.facts(card).items()
    )


def page(
    card: Card,
    name: str,
    shown: Shown | None,
    audit: str = "",
    *,
    policy: str,
    head: str,
    above: str,
    styles: Mapping[str, str],
    at_hand: str,
    given: Mapping[str, object],
    script: str,
) -> str:
    """The page; what is not named a text here is markup, and a text of a user in it is escaped already.

    Args:
        card: of the model.
        name: a text, what to call it.
        shown: what its map shows.
        audit: what `audit_section` gives of it.
        policy: what the page may run and fetch.
        head: its styles.
        above: what stands above its title.
        styles: the style elements of the parts of `part_styles` that it has; none where the script brings the styles.
        at_hand: a text, how the model comes to the page.
        given: what the script is given.
        script: the script's element.
    """
    return Template((LIVE / "takehome" / "page.html").read_text("utf-8")).substitute(
        policy=policy,
        head=head,
        above=above,
        name=escape(name),
        intro=escape(f"{card_words.intro(card)} {at_hand}"),
        weight_hidden="hidden" if card.model.beta_range is None else "",
        weight_note=escape(card_words.weight_note(card)),
        draw_intro=escape(card_words.draw_intro(card, examples=shown is not None)),
        walk_intro=escape(_walk_intro(shown)),
        map_intro=escape(_map_intro(shown)),
        map_note=escape(map_note(card, shown)),
        grid_hidden="" if card.model.latent == 2 else "hidden",
        audit=audit,
        figures_note=escape(card_words.figures_note(card)),
        facts=facts(card),
        data=script_safe(given),
        script=script,
        **{f"{part}_style": styles.get(part, "") for part in part_styles()},
    )


def _walk_intro(shown: Shown | None) -> str:
    along = "The sliders go along." if shown is None else "The sliders go along, and so does the pin on the map."
    return f"From the code of A to the code of B: move the slider, or press Play. {along}"


def _map_intro(shown: Shown | None) -> str:
    if shown is None:
        return "There is no map: neither the images of this model nor their codes were at hand when this page was made."
    return "Every point is an image, at its code."


def map_note(card: Card, shown: Shown | None) -> str:
    """What the map shows, what it leaves out, and whose the images are."""
    if shown is None:
        return ""
    seen = "" if card.model.latent == 2 else ", as seen on this plane"
    circles = f" The dotted circles, at 1 and 2 σ, hold 39 % and 86 % of what the prior draws{seen}." if card.model.variational else ""
    if shown.pixels is not None:
        pictures = f"Images: {shown.licence}."
    elif may_be_passed_on(shown.licence):
        pictures = "The images were not at hand when this page was made: pictures are decoded from the codes."
    else:
        pictures = (
            f"The licence of the images ({shown.licence}) does not clearly let others have them, so this page holds no image: "
            "pictures are decoded from the codes."
        )
    of_what = f"codes of the test images of {card.data.title}, which the model has not seen" if shown.unseen else "codes"
    greys = card_words.of_greys(card)
    return f"Showing {len(shown.numbers):,} of {shown.total:,} {of_what}.{circles} {shown.plane.note} {pictures} {greys}".rstrip()


def script_safe(value: object) -> str:
    """JSON, in ASCII, in which no text can end the script element around it or be taken for markup."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)
