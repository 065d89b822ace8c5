"""Every record that a live part is given, as JSON; `typedefs` writes the same as types of JavaScript.

A part gets one record of data at each update. C, H and W are an image's channels, rows and columns, K is the number
of latent dimensions, N that of a map's points. Bytes travel in base64. An array of numbers stands behind an address, without a header,
little-endian; an address may hold its content itself (data:).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict


class AtWeight(TypedDict):
    """Where on its range of KL weights a multi-rate model is."""

    hash: str  # of its weights, whatever the KL weight
    beta: Sequence[float]  # [β], or [β_μ, β_σ] of a split model


class WeightsSource(TypedDict):
    """A model that the browser runs itself."""

    hash: str  # of the weights: the same hash is the same model
    weights: str  # address of the file that vae_core/export/live_model.py writes
    stream: None  # no stream: this tells the two kinds of source apart
    worker: NotRequired[Literal[False]]  # where the page may start no worker
    at: NotRequired[AtWeight]  # of a multi-rate model at one KL weight: it then counts as a model of that weight, with a hash of its own


class StreamSource(TypedDict):
    """A model that the server runs, because it is too large for the browser."""

    hash: str  # of the weights: the same hash is the same model
    stream: str  # address of the WebSocket that answers
    latent: int  # K
    shape: tuple[int, int, int]  # [C, H, W]
    variational: bool  # an image has a posterior, not a code alone


ModelSource = WeightsSource | StreamSource  # how the browser gets a model


class DeckSuggestion(TypedDict):
    """A known factor of the images that a dimension follows."""

    name: str  # of the factor
    note: str  # how closely, such as r = 0.93


class DeckDimension(TypedDict):
    """One slider of the deck."""

    index: int  # of the latent dimension, or of the direction, from 0
    name: str  # on screen, such as z₀
    note: str  # what the dimension carries, such as 1.23 nats; empty where that is not known
    low: float  # where the slider begins; it grows where the code lies beyond
    high: float  # where the slider ends
    unused: bool  # below 0.01 nats, or without any variance: put aside
    given: str  # what the user calls it; empty where it has no name of that kind
    suggested: DeckSuggestion | None  # what it could be called; null where nothing is known


class DeckOther(TypedDict):
    """Another model whose picture stands beside the deck's."""

    source: ModelSource
    name: str  # the caption of its picture
    z: Sequence[float] | None  # its own code of the start's image; null: it draws the deck's code


class DeckStart(TypedDict):
    """The code that a double-click on a slider leads back to, one dimension at a time."""

    z: Sequence[float]  # the code, [K]


class DeckPosterior(TypedDict):
    """Where the encoder places the image that the start comes from."""

    mean: Sequence[float]  # μ, [K], or [D] along directions
    std: Sequence[float]  # σ, [K], or [D] along directions


class DeckDirections(TypedDict):
    """Directions through latent space, one for each slider of a code that has too many numbers for a slider each."""

    url: str  # address of float32 [1 + D, K]: the code at which all sliders are 0, then what one step of each adds
    about: str  # a sentence that says what they are


class DeckContent(TypedDict):
    """What the deck shows, but for the model."""

    other: DeckOther | None
    name: str  # the caption of the picture
    z: Sequence[float]  # the code where the user is, [K]
    start: DeckStart | None  # null: zero
    posterior: DeckPosterior | None  # drawn as a band on each slider; null: the start is no image, or has a code alone
    directions: DeckDirections | None  # what the sliders move, and `posterior` then has D numbers; null: one dimension each
    difference: bool  # also draw how the picture differs from that of the start
    side: int  # screen pixels of the picture's longer side, at least
    dims: Sequence[DeckDimension]  # the most informative first
    shown: int  # how many sliders there are before the user asks for all
    unused_note: str  # a sentence that says what an unused dimension is
    compact: bool  # a small deck within a page: the picture at the right of the sliders
    nameable: bool  # the user may name the dimensions here
    drawn: str | None  # what Python drew at z, uint8 [C, H, W] in base64; null: the browser runs the model itself


class DeckData(DeckContent):
    """The deck: sliders, and the picture that their code decodes to."""

    channel: str  # what else on the page shows this code
    model: ModelSource


class MapView(TypedDict):
    """A plane through latent space, or a map without a way back: place = axes · (z − centre)."""

    method: Literal["raw", "pca", "umap"]
    labels: tuple[str, str]  # of the axis across and the axis up
    centre: Sequence[float] | None  # [K]; null for UMAP
    axes: Sequence[Sequence[float]] | None  # [2, K]; null for UMAP


class Colour(TypedDict):
    """What colours points: groups with names, or a quantity."""

    title: str  # what the colours stand for
    names: Sequence[str] | None  # of the groups, which the points' values index; null for a quantity
    palette: Sequence[str]  # "#rrggbb": one per group, or the steps of a scale from low to high


class MapColour(Colour):
    """What colours the points of the map, and where their values are."""

    url: str  # address of the values, float32 [N]: an index into the names, or a quantity; NaN: none


class PicturesByNumber(TypedDict):
    """Pictures that the server sends when asked."""

    url: str  # address; ?n=1,5,7 asks for the images of these numbers, uint8 [n, C, H, W]
    most: int  # how many at once
    shape: tuple[int, int, int]  # [C, H, W]


class PicturesOnSheet(TypedDict):
    """Pictures as the tiles of one image, in the order of the points, row by row."""

    sheet: str  # address of a PNG
    columns: int  # tiles in a row
    shape: tuple[int, int, int]  # of a tile, [C, H, W]


class MapContent(TypedDict):
    """What the map shows, but for the model."""

    points: str  # address of the places in the plane, float32 [N, 2]
    numbers: str | None  # address of what the points' images are called, int32 [N]; null: 0 to N − 1
    codes: str | None  # address of float32 means [N, K], then standard deviations [N, K]
    colour: MapColour
    pictures: PicturesByNumber | PicturesOnSheet | None  # null: decoded from the codes
    view: MapView
    latent: int  # K
    prior: bool  # draw the prior as circles at 1 and 2 standard deviations
    star: tuple[float, float] | None  # the place of an uploaded image, in the plane
    pinnable: bool  # the user may move the pin


class MapData(MapContent):
    """The map: all codes of a model as points in a plane, and a pin that decodes."""

    channel: str  # what else on the page shows the code of the pin, and the window in sight
    model: ModelSource | None
    selected: Sequence[int]  # numbers of the images to mark
    pin: Sequence[float] | None  # the code of the pin, [K]


class GridContent(TypedDict):
    """What the grid shows, but for the model."""

    side: int  # pictures per row and per column


class GridData(GridContent):
    """The grid of a model with two latent dimensions: decoded pictures, within what the map of the same channel shows."""

    channel: str  # of the map that it follows
    model: ModelSource
    pin: Sequence[float]  # the code to mark, [2]


class PathPoints(TypedDict):
    """The codes behind a path, in its plane."""

    xy: Sequence[float]  # their places, [x, y, x, y, …]
    classes: Sequence[int] | None  # the group of each, an index into the names; null: no classes
    names: Sequence[str]  # of the groups
    palette: Sequence[str]  # "#rrggbb", one per group


class PathTwin(TypedDict):
    """A second model, which walks between its own codes of the same two images."""

    model: ModelSource
    name: str  # the caption of its picture
    a: Sequence[float]  # its code at A, [its K]
    b: Sequence[float]  # its code at B, [its K]


class PathData(TypedDict):
    """A walk between two codes, A and B."""

    model: ModelSource
    name: str  # the caption of the picture; empty where it stands alone
    twin: PathTwin | None
    a: Sequence[float]  # the code at A, [K]
    b: Sequence[float]  # the code at B, [K]
    dragged: tuple[bool, bool]  # whether A and B were dragged away from their images
    kind: Literal["linear", "spherical"]
    t: float  # where the user is: 0 at A, 1 at B, from −0.5 to 1.5
    view: MapView  # never of a UMAP
    titles: tuple[str, str]  # what A and B are
    images: tuple[str | None, str | None]  # A and B as they are, uint8 [C, H, W] in base64; null where they are not at hand
    points: PathPoints | None  # null where the codes of the data are not known
    drawn: str | None  # what Python drew at t, uint8 [C, H, W] in base64; null: the browser runs the model itself


class DrawContent(TypedDict):
    """What a canvas to draw on is, but for the model and the drawing."""

    shape: tuple[int, int, int]  # of the canvas, [C, H, W]
    ground: Sequence[int]  # what lies behind the model's images, 0 to 255, [C]
    order: Sequence[int] | None  # the latent dimensions, the most informative first; null where that is not known


class DrawData(DrawContent):
    """A canvas on which to draw an input for a model."""

    channel: str | None  # what on the page follows the posterior mean of the drawing; null: nothing
    model: ModelSource
    picture: str | None  # what is drawn already, uint8 [C, H, W] in base64; null: nothing


class AtlasContent(TypedDict):
    """A small map of codes."""

    view: MapView  # never of a UMAP
    points: PathPoints  # the codes behind the map
    prior: bool  # draw the prior as circles at 1 and 2 standard deviations


class AtlasData(AtlasContent):
    """The small map beside sliders: where their code lies."""

    channel: str  # what else on the page shows this code
    z: Sequence[float]  # the code where the user is, [K]
    posterior: DeckPosterior | None  # drawn as ellipses; null: the start is no image, or has a code alone


class MachineData(AtlasContent):
    """The machine of the Home page: a picture, its code with the dice, the place of z, and what z decodes to."""

    model: ModelSource
    shape: tuple[int, int, int]  # of a picture, [C, H, W]
    ground: Sequence[int]  # what lies behind the model's images, 0 to 255, [C]
    picture: str | None  # the user's own, uint8 [C, H, W] in base64; null: there is none yet
    note: str  # a sentence about the user's picture; empty: nothing to say
    images: str  # n pictures to take, between which the machine walks by itself, uint8 [n, C, H, W] in base64
    names: Sequence[str]  # what these are, [n]
    start: int | None  # which of these is taken; null: none was chosen, and it walks by itself until it is touched
    dims: Sequence[DeckDimension]  # all K, the most informative first
    regions: Sequence[float] | None  # σ of each code on a map of two dimensions, [2N]; null: no regions are drawn


class PickerData(TypedDict):
    """Pictures of which the user chooses one by clicking it."""

    legend: str  # what is chosen, for a screen reader
    images: str  # n pictures, uint8 [n, C, H, W] in base64
    shape: tuple[int, int, int]  # of a picture, [C, H, W]
    numbers: Sequence[int]  # the number of each image in its set, [n]
    titles: Sequence[str]  # what to call each, [n]
    chosen: int | None  # the number that is chosen; null: none


class PairModel(TypedDict):
    """One of two models that are laid over each other."""

    source: ModelSource
    name: str  # on screen
    codes: str  # of the images, float32 [N, K] in base64
    centre: Sequence[float]  # of the plane that both share: place = axes · (z − centre), [K]
    axes: Sequence[Sequence[float]]  # at right angles and equally long, [2, K]


class PairData(TypedDict):
    """Two models of the same N images, linked."""

    pair: str  # names both models and the images; another one begins anew
    models: tuple[PairModel, PairModel]  # the plane is that of the first
    aligned: str | None  # codes of the second in the space of the first, float32 [N, K] in base64; null where K is not the same
    dims: Sequence[str]  # names of the latent dimensions, of the model that has more of them
    labels: tuple[str, str]  # of the axis across and the axis up
    numbers: Sequence[int]  # of the images in their set, [N]
    groups: Sequence[int] | None  # the group of each image, an index into the names of the colour, [N]; null: no classes
    colour: Colour  # of the groups
    scale: Sequence[str]  # "#rrggbb": the steps of a scale from low to high, for how many neighbours are kept
    by: Literal["class", "kept"]  # what colours the points
    near: int  # how many neighbours of each image are looked at
    kept: Sequence[int]  # of these, how many are the same in both models, [N]
    pictures: PicturesByNumber
    image: int  # the number of the image that is picked
    title: str  # what it is
    step: tuple[float, float]  # by which its code was moved in the plane, in both models
    group: Sequence[int]  # numbers of the images that were lassoed


class ReplayData(TypedDict):
    """How a model came to be: S snapshots of its training, of the same n images, under a slider."""

    run: str  # names the run; another one begins at its last snapshot
    steps: Sequence[int]  # of each snapshot, ascending, [S]
    epochs: Sequence[float]  # passes over the data, [S]
    places: str  # of the images' codes in one plane, float16 [S, n, 2] in base64
    labels: tuple[str, str]  # of the axis across and the axis up
    prior: tuple[float, float] | None  # the place of its mean, drawn as circles at 1 and 2 standard deviations; null: there is none
    groups: Sequence[int] | None  # the group of each image, an index into the names of the colour, [n]; null: no classes
    colour: Colour
    pictures: PicturesOnSheet  # one row of images as they are, then a row of reconstructions for each snapshot
    shown: Sequence[int]  # which of the images the pictures are of, a row of them
    pictured: int  # the first so many images have pictures, to be asked for
    dims: Sequence[str]  # names of the K latent dimensions, those that carry most in the last snapshot first
    amounts: Sequence[Sequence[float]]  # how much each of these carries, [S][K]
    unit: str  # of the amounts, such as nats
    used: Sequence[int]  # dimensions in use, [S]
    errors: Sequence[float]  # mean root mean squared error of all pictures that were kept, on a scale from 0 to 1, [S]
