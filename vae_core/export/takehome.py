"""One page to take home: a model with its sliders, its map and its card in one HTML file that opens from disk without a network.

The parts are those of the app, the modules of assets/live, joined into one script. Weights, codes and pictures stand in the file
itself. The page's own policy lets it run that script alone, and fetch nothing from any address.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from vae_core.analysis import folding
from vae_core.analysis.audit.sheet import Sheet
from vae_core.analysis.directions import MOST
from vae_core.data import Images
from vae_core.export import live_page
from vae_core.export.audit_section import audit_section
from vae_core.export.live_content import MIN_POINTS, content, point_bytes, shown_codes
from vae_core.export.live_model import Precision, live_bundle
from vae_core.export.script import bundle, live_modules, style
from vae_core.training.checkpoint import Checkpoint

ENTRY = "takehome/page.js"
_SPARE_BYTES = 260_000  # of the file besides the thumbnails and 1.5 times the weights
_WIDE_BYTES = 1_200_000  # the same for a wide code, of which each point takes kilobytes
_MARKUP_BYTES = 8_000  # of these, besides script and styles, for markup, sentences and names of classes
_DIMENSION_BYTES = 300  # and for each slider, and its part of the map's plane
_NUMBER_BYTES = 90  # and for each number of a wide code, in the map's plane and where its sliders stand
_BASE64 = 4 / 3


def html_page(
    point: Checkpoint,
    name: str,
    images: Images | None,
    *,
    precision: Precision = "float32",
    dimension_names: Sequence[str] = (),
    sheet: Sheet | None = None,
) -> str:
    """The page of a model; without thumbnails and audit it has at most 1.5 times the bytes of its weights and 260 kB.

    Of a wide code it has 1.2 MB besides the weights, or a little more where 16 codes take that. The page of a multi-rate model has
    its KL weight as a slider, or two, and opens at the one of its card; the map's points stay there.

    Args:
        point: the model.
        name: what to call it.
        images: what `pictures.shown_with` gives, where it gives any; else the map shows the codes kept with the model, if there are any.
        precision: of the weights in the page.
        dimension_names: what to call the K dimensions, empty for one without a name; none: as the card has them.
        sheet: an audit of the model, to be shown above its card; None: there is none.

    Raises:
        InputError: the browser cannot run this model, or its weights are too large for the precision.
    """
    card, latent = point.card, point.card.model.latent
    weights = live_bundle(point.model, precision=precision)
    modules = (
        live_modules() if card.model.graph is not None else live_modules() | {"engine/graph_layers.js": "export const GRAPH_LAYERS = {}"}
    )
    script = f'\n{bundle(modules, ENTRY)}\nmodules["{ENTRY}"].openPage(document)\n'
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    shared = f'<style id="live-style">\n{style(live_page.SHARED_STYLE)}</style>'
    head = f'<meta name="generator" content="Latent Loom">\n{_element(style("takehome/page"))}\n{shared}'
    several = card.model.beta_range is not None
    styles = {part: _element(text) for part, text in live_page.part_styles().items() if part != "weight" or several}
    fixed = len("".join([script, head, *styles.values(), live_page.facts(card)]).encode()) + _MARKUP_BYTES
    fixed += int((4 * (1 + MOST) * _BASE64 + _NUMBER_BYTES) * latent) if card.model.wide else _DIMENSION_BYTES * latent
    room = 1.5 * len(weights) - len(_address(weights, "")) + (_WIDE_BYTES if card.model.wide else _SPARE_BYTES) - fixed
    shown = shown_codes(folding.plain(point), images, max(MIN_POINTS, int(room / (point_bytes(latent) * _BASE64))))
    return live_page.page(
        card,
        name,
        shown,
        audit_section(card, sheet),
        policy=f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; img-src data:; connect-src data:; "
        "base-uri 'none'; form-action 'none'",
        head=head,
        above="",
        styles=styles,
        at_hand="It runs in this page: nothing is installed, fetched or sent.",
        given=content(point, name, weights, shown, _address, dimension_names),
        script=f'<script type="module">{script}</script>',
    )


def _element(text: str) -> str:
    return f"<style>\n{text}</style>"


def _address(kept: bytes, mime: str) -> str:
    """A data: address, which a page can fetch without a network."""
    return f"data:{mime};base64,{base64.b64encode(kept).decode()}"
