"""The answers to what the browser fetches besides Streamlit; `routes` says at which address."""

from __future__ import annotations

import re

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from pages.ui import cache
from pages.ui.cache import Codes, Stations
from pages.ui.server import addresses, map_data, multirate_data
from vae_core.base.errors import InputError
from vae_core.export import live_model
from vae_core.export.wire.builders import MAX_GROUPS, direction_bytes
from vae_core.runs import catalogue

# Without an encoding of its own Streamlit would compress each answer, which for numbers takes long and gains little.
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": "identity"}


def code(request: Request) -> Response:
    """A module of assets/live."""
    content = addresses.CODE.get(request.path_params["file"])
    if content is None or request.path_params["version"] != addresses.CODE_VERSION:
        raise HTTPException(404, "Latent Loom was updated: reload the page.")
    return Response(content, media_type="text/javascript", headers=_FOR_GOOD)


def model(request: Request) -> Response:
    """A model's weights, as assets/live/engine/model.js reads them; a multi-rate model has a hash as a whole and one at each KL weight."""
    entry = catalogue.models().get(request.path_params["model"])
    for opened in (cache.opened, cache.whole):
        if entry is not None and opened(entry.folder).weights_hash == request.path_params["hash"]:
            return numbers(live_model.live_bundle(opened(entry.folder).model))
    raise _gone()


def directions(request: Request) -> Response:
    """What the sliders of a model with wide codes move, as `direction_bytes` has it."""
    found = cache.directions(_mapped(request))
    if found is None:
        raise HTTPException(404, "This model has a slider for each number of its codes.")
    return numbers(direction_bytes(found))


def points(request: Request) -> Response:
    """Where the points of a map lie, float32 [N, 2]."""
    try:
        drawn = map_data.plane(_mapped(request), request.path_params["view"])
    except InputError as error:
        raise HTTPException(404, str(error)) from error
    if drawn is None:
        raise HTTPException(404, "This map was not drawn yet.")
    return numbers(drawn.points.astype("<f4").tobytes())


def point_numbers(request: Request) -> Response:
    """What the points of a map are called, int32 [N]."""
    return numbers(_part(request)[1].numbers.astype("<i4").tobytes())


def point_codes(request: Request) -> Response:
    """The codes behind the points of a map, float32: their means [N, K], then their standard deviations [N, K]."""
    posterior = _part(request)[1].posterior
    return numbers(np.concatenate([posterior.mean, posterior.std]).astype("<f4").tobytes())


def point_colours(request: Request) -> Response:
    """What colours the points of a map, float32 [N]: `map_data.painted` for the colour ?name= and the groups that ?only=1,5 lists."""
    offered = map_data.colours(*_part(request))
    name = request.query_params.get("name", "")
    if name not in offered:
        raise HTTPException(404, "A map of this model has no such colour.")
    only = request.query_params.get("only", "").split(",")[:MAX_GROUPS]
    wanted = [int(part) for part in only if part.isascii() and part.isdigit() and len(part) < 10]
    return numbers(map_data.painted(offered[name](), wanted)[0].astype("<f4").tobytes())


def pictures(request: Request) -> Response:
    """The images whose numbers ?n=1,5,7 lists, uint8 [n, C, H, W]."""
    entry = _mapped(request)
    images = cache.images_of(entry)
    if images is None:
        raise HTTPException(404, "The images of this model are not on this computer.")
    asked, most = request.query_params.get("n", ""), map_data.most_pictures(entry)
    if not re.fullmatch(rf"[0-9]{{1,9}}(,[0-9]{{1,9}}){{0,{most - 1}}}", asked):
        raise HTTPException(400, f"?n= takes 1 to {most} numbers of images, separated by commas.")
    rows = np.array(asked.split(","), np.int64)
    if rows.max() >= len(images):
        raise HTTPException(400, f"There is no image {rows.max()}: the last one is {len(images) - 1}.")
    return numbers(images.take(rows).tobytes())


def station_codes(request: Request) -> Response:
    """The codes of a multi-rate model at each KL weight at which it is measured, as `multirate_data.codes_address` says."""
    posterior = _stations(request)[1].posterior
    return numbers(np.concatenate([posterior.mean, posterior.std]).astype("<f4").tobytes())


def station_labels(request: Request) -> Response:
    """The group of each picture at the stations, as `multirate_data.labels_address` says."""
    entry, found = _stations(request)
    return numbers(multirate_data.groups(entry, found).astype("<f4").tobytes())


def _stations(request: Request) -> tuple[catalogue.Entry, Stations]:
    """The model and its codes that an address names by its id and its hash as a whole.

    Raises:
        HTTPException: 404, there is none such, it is of one KL weight, or its images have changed.
    """
    entry = catalogue.models().get(request.path_params["model"])
    if (
        entry is None
        or entry.card.model.beta_range is None
        or cache.whole(entry.folder).weights_hash != request.path_params["hash"]
        or multirate_data.source(entry) != request.path_params["source"]
    ):
        raise _gone()
    found = cache.at_stations(entry)
    if found is None:
        raise HTTPException(404, "Neither the images of this model nor codes of them are on this computer.")
    return entry, found


def _mapped(request: Request) -> catalogue.Entry:
    """The model whose map an address names.

    Raises:
        HTTPException: 404, there is none such, or its images have changed.
    """
    entry = entry_of(request)
    if map_data.source(entry) != request.path_params["source"]:
        raise HTTPException(404, "The images of this model have changed: reload the page.")
    return entry


def _part(request: Request) -> tuple[catalogue.Entry, Codes]:
    """The model whose map an address names, and those of its codes that are asked for."""
    entry, part = _mapped(request), map_data.PARTS.get(request.path_params["part"])
    found = None if part is None else part(entry)
    if found is None:
        raise HTTPException(404, "A map of this model has no such points.")
    return entry, found


def numbers(content: bytes) -> Response:
    """An answer of binary numbers, which stay the same for good."""
    return Response(content, media_type="application/octet-stream", headers=_FOR_GOOD)


def entry_of(request: HTTPConnection) -> catalogue.Entry:
    """The model that an address names by its id and the hash of its weights.

    Raises:
        HTTPException: 404, there is none such.
    """
    entry = catalogue.models().get(request.path_params["model"])
    if entry is None or cache.opened(entry.folder).weights_hash != request.path_params["hash"]:
        raise _gone()
    return entry


def _gone() -> HTTPException:
    return HTTPException(404, "There is no such model, or it has changed: reload the page.")
