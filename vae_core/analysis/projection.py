"""Codes as a flat picture: latent dimensions as they are, PCA or UMAP; the way there for new codes and the way back for a click."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis.components import components
from vae_core.analysis.neighbours import check_codes, k_nearest
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.base.storage import home, read_sealed, sha256, write_sealed

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]
Method = Literal["raw", "pca", "umap"]

MIN_DIFFERENT, MIN_SPREAD = 5, 1e-9  # UMAP needs this many codes, this far apart: smaller squares vanish in float32
MAX_NEIGHBOURS = 100  # of UMAP: its time grows with them
UMAP_SEED = 0
_NEIGHBOURS, _MIN_DIST = 15, 0.1  # UMAP's own defaults
AVERAGED = 5  # neighbours that place a code on a UMAP map, or answer a click there
_CACHE_VERSION = 1  # raise it when a method's picture or the file's content changes: kept projections are then made again
_LAYOUT_BEGINS = 0.1  # of UMAP's progress: before it, import and neighbours

# One UMAP at a time in a process: numba's portable threading layer ends the process when two threads enter it.
# Re-entrant, because `cached` holds it around a build that takes it again.
_one_at_a_time = threading.RLock()


@dataclass(frozen=True, eq=False)
class Projection:
    """N codes of K dimensions in the plane.

    Attributes:
        method: how it was made.
        points: float32 [N, 2], in the order of the codes.
        axis_labels: what to write at the horizontal and the vertical axis.
        note: one sentence that says what the picture keeps and what it does not.
        seed: of UMAP; None where nothing is drawn at random.
        centre, axes: for raw and PCA, float64 [K] and [2, K], so that points = (codes − centre) @ axes.T; None for UMAP.
    """

    method: Method
    points: Floats
    axis_labels: tuple[str, str]
    note: str
    seed: int | None = None
    centre: Doubles | None = None
    axes: Doubles | None = None


def raw(codes: Floats, dims: tuple[int, int] = (0, 1)) -> Projection:
    """Two latent dimensions of codes [N, K] as they are.

    Raises:
        InputError: the two are not different dimensions of these codes, or a code is not finite.
    """
    check_codes(codes)
    latent = codes.shape[1]
    across, up = dims
    if across == up or not all(0 <= dim < latent for dim in dims):
        raise InputError(f"A map needs two different latent dimensions from 0 to {latent - 1}, not {across} and {up}.")
    note = "This is the latent space itself, with nothing left out."
    if latent > 2:
        note = f"Latent dimensions {across} and {up} are shown as they are; codes that differ only in the others lie on top of each other."
    labels = (dimension_name(across), dimension_name(up))
    return _linear("raw", codes, np.zeros(latent), np.eye(latent)[list(dims)], labels, note)


def pca(codes: Floats) -> Projection:
    """Codes [N, K] in the plane that keeps most of their variance (principal component analysis).

    The largest coefficient of each axis is positive, so that the same codes always give the same picture and never its mirror image.

    Raises:
        InputError: a code is not finite.
    """
    check_codes(codes)
    latent = codes.shape[1]
    found = components(codes, 2)
    first, second = (100 * found.shares).tolist()
    note = "This is the latent space turned to its widest direction, with nothing left out."
    if latent > 2:
        note = (
            f"This plane keeps {first + second:.0f} % of the variance: codes that lie far apart here are far apart in latent space, "
            "but codes that lie together may differ in what is left out."
        )
    labels = (f"PC 1 ({first:.0f} % of variance)", f"PC 2 ({second:.0f} % of variance)")
    return _linear("pca", codes, found.centre, found.axes, labels, note)


def umap_project(
    codes: Floats, *, seed: int, neighbours: int = _NEIGHBOURS, min_dist: float = _MIN_DIST, progress: Callable[[float], None] | None = None
) -> Projection:
    """UMAP of codes [N, K] (McInnes, Healy & Melville 2018): exact neighbours, PCA as the start, one thread, same seed same picture.

    Equal codes get one point. Only one layout runs at a time in a process; the others wait. The first one in a process takes 5 s
    more, to import and to compile.

    Args:
        codes: float32 [N, K].
        seed: of the layout, 0 to 2³² − 1.
        neighbours: how many codes, itself among them, count as near to a code, 2 to 100; fewer where N is smaller.
        min_dist: how close the layout packs points, 0 to 1, in units of the layout.
        progress: called from this thread with the part done, rising from 0 to 1. What it raises is raised here, though from the
            middle of the layout only when that has ended.

    Raises:
        InputError: fewer than 5 different codes, or all but equal ones, a code is not finite, or a parameter is out of range.
    """
    check_codes(codes)
    if not 0 <= seed < 2**32:
        raise InputError(f"The seed of a UMAP map must be from 0 to {2**32 - 1}, not {seed}.")
    if not 2 <= neighbours <= MAX_NEIGHBOURS:
        raise InputError(f"UMAP takes 2 to {MAX_NEIGHBOURS} neighbours, not {neighbours}.")
    if not 0 <= min_dist <= 1:
        raise InputError(f"The least distance on a UMAP map must be from 0 to 1, not {min_dist}.")
    different, which = np.unique(codes, axis=0, return_inverse=True)
    if len(different) < MIN_DIFFERENT or np.ptp(different, axis=0).max() < MIN_SPREAD:
        raise InputError(
            f"UMAP needs at least {MIN_DIFFERENT} different codes, some of them {MIN_SPREAD:.0e} or more apart: choose PCA instead."
        )
    neighbours = min(neighbours, len(different) - 1)
    with _one_at_a_time:
        points = _umap_layout(different, seed, neighbours, min_dist, progress or (lambda part: None))[which]
    note = (
        "Neighbours mostly stay together; the axes, the sizes of clusters and the distances between them mean little, "
        "and another seed gives another picture."
    )
    return Projection("umap", points, ("UMAP 1", "UMAP 2"), note, seed)


def place(projection: Projection, codes: Floats, new: Floats) -> Floats:
    """Where new codes [M, K] lie on a projection of `codes` [N, K], float32 [M, 2].

    Exact for raw and PCA. On a UMAP map the mean of the points of the 5 nearest codes, weighted by inverse distance in latent
    space; a code that was mapped lies on its own point.

    Raises:
        InputError: a code is not finite.
    """
    check_codes(new)
    if projection.centre is None or projection.axes is None:
        return _mean_of_nearest(codes, projection.points, new)
    return _along(projection.centre, projection.axes, new)


def unproject(projection: Projection, codes: Floats, point: Floats) -> Floats:
    """A code, float32 [K], for any place [2] on a projection of `codes` [N, K].

    For raw the dimensions that are not shown are 0, and for PCA they are at their mean; so the code lies on `point` again. On a
    UMAP map it is the mean of the codes of the 5 nearest points, weighted by inverse distance on the map: an answer that stays
    among the data, not an inverse.

    Raises:
        InputError: the point is not finite.
    """
    check_codes(point[np.newaxis])
    if projection.centre is None or projection.axes is None:
        code: Floats = _mean_of_nearest(projection.points, codes, point[np.newaxis])[0]
    else:
        code = (projection.centre + point @ projection.axes).astype(np.float32)
    return code


def subsample(n_total: int, limit: int, labels: Indices | None, seed: int) -> Indices:
    """Which of `n_total` codes a map of at most `limit` shows, int64 [n], ascending; drawn without replacement.

    Every class keeps its share, to within one code (largest remainders); a class of very few may thus be left out.
    """
    if limit >= n_total:
        return np.arange(n_total)
    classes, sizes = np.unique(np.zeros(n_total, np.int64) if labels is None else labels, return_inverse=True, return_counts=True)[1:]
    quotas, remainders = np.divmod(sizes * limit, n_total)
    quotas[np.argsort(-remainders, kind="stable")[: limit - quotas.sum()]] += 1
    generator = np.random.default_rng(seed)
    drawn = [generator.choice(np.flatnonzero(classes == index), quota, replace=False) for index, quota in enumerate(quotas)]
    return np.sort(np.concatenate(drawn))


def cached(key: str, build: Callable[[], Projection]) -> Projection:
    """The projection kept on the disk under `key`, else what `build` makes, which is then kept.

    The key must name everything the result depends on: model, data, method and parameters. One build runs at a time in a process,
    so that a whole class that asks for one map computes it once. What `build` raises is passed on, and nothing is kept.
    """
    projection = kept(key)
    if projection is None:
        with _one_at_a_time:
            projection = kept(key)  # by another thread, while this one waited
            if projection is None:
                projection = build()
                with contextlib.suppress(OSError):  # a full or read-only disk costs the time to make it again, nothing else
                    _keep(key, projection)
    return projection


def umap_key(weights_hash: str, source: str, most: int) -> str:
    """The key under which `cached` keeps the UMAP of a model: what lies on users' disks is found by this text.

    Args:
        weights_hash: of the model at one KL weight.
        source: whose codes are drawn: the identity of a data set, or words.
        most: how many of them at most.
    """
    return f"umap of {weights_hash} over {source} at most {most}, seed {UMAP_SEED}, neighbours {_NEIGHBOURS}, min_dist {_MIN_DIST}"


def kept(key: str) -> Projection | None:
    """What `cached` kept under this key, without waiting; None where there is no file, or a damaged or foreign one, or an old version."""
    payload = read_sealed(_file(key), _versioned(key))
    if payload is None:
        return None
    with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
        card: dict[str, Any] = json.loads(str(arrays["card"]))
        return Projection(
            card["method"],
            arrays["points"],
            tuple(card["axis_labels"]),
            card["note"],
            card["seed"],
            arrays.get("centre"),
            arrays.get("axes"),
        )


def _linear(method: Method, codes: Floats, centre: Doubles, axes: Doubles, labels: tuple[str, str], note: str) -> Projection:
    return Projection(method, _along(centre, axes, codes), labels, note, centre=centre, axes=axes)


def _along(centre: Doubles, axes: Doubles, codes: Floats) -> Floats:
    points: Floats = ((codes - centre) @ axes.T).astype(np.float32)
    return points


def _mean_of_nearest(keys: Floats, values: Floats, queries: Floats) -> Floats:
    """The mean of `values` over the rows of `keys` nearest to each query, weighted by inverse distance."""
    indices = k_nearest(keys, min(AVERAGED, len(keys)), queries)[0]
    offsets = keys[indices].astype(np.float64) - queries[:, np.newaxis]
    distances = np.linalg.norm(offsets, axis=2)  # again, since the search rounds a distance of 0
    here = distances == 0
    weights = np.where(here.any(axis=1, keepdims=True), here, 1 / np.where(here, 1, distances))
    means: Floats = ((weights[:, :, np.newaxis] * values[indices]).sum(axis=1) / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return means


def _umap_layout(codes: Floats, seed: int, neighbours: int, min_dist: float, progress: Callable[[float], None]) -> Floats:
    """UMAP's points, [N, 2]. Its own search for neighbours would be approximate and take 18 s more to compile."""
    # Not `warnings.catch_warnings`: it restores a list that all threads share, and two of them may do so in the wrong order.
    warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
    warnings.filterwarnings("ignore", r"precomputed_knn\[2\]", UserWarning)  # concerns its placing of new points, not used here
    progress(0)
    from umap import UMAP

    others, distances = k_nearest(codes, neighbours - 1)
    itself = np.arange(len(codes))[:, np.newaxis]
    progress(_LAYOUT_BEGINS)
    meter = _Meter(progress)
    umap = UMAP(
        n_neighbors=neighbours,
        min_dist=min_dist,
        init="pca",
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(np.hstack([itself, others]), np.hstack([0 * itself, distances]).astype(np.float32)),
        tqdm_kwds={"file": meter, "disable": False, "miniters": 1, "leave": False, "bar_format": "{percentage}"},
    )
    points: Floats = umap.fit_transform(codes)
    if meter.raised is not None:
        raise meter.raised
    progress(1)
    return points


class _Meter(io.TextIOBase):
    """What UMAP takes for the file that its progress bar is printed to: passes on the part done and shows nothing."""

    def __init__(self, progress: Callable[[float], None]) -> None:
        self.progress = progress
        self.raised: BaseException | None = None

    def write(self, text: str) -> int:
        """Text is a percentage between control characters, or those alone."""
        percentage = text.strip()
        if percentage and self.raised is None:
            try:
                self.progress(_LAYOUT_BEGINS + (1 - _LAYOUT_BEGINS) * float(percentage) / 100)
            except BaseException as error:  # noqa: BLE001 - kept, since tqdm would never give its lock back and the next bar would hang
                self.raised = error
        return len(text)


def _file(key: str) -> Path:
    return home() / "cache" / "projections" / f"{sha256(key.encode())}.npz"


def _versioned(key: str) -> str:
    return f"{_CACHE_VERSION}\n{key}"


def _keep(key: str, projection: Projection) -> None:
    card = {
        "method": projection.method,
        "axis_labels": projection.axis_labels,
        "note": projection.note,
        "seed": projection.seed,
    }
    arrays = {"points": projection.points, "centre": projection.centre, "axes": projection.axes, "card": np.array(json.dumps(card))}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: array for name, array in arrays.items() if array is not None})
    write_sealed(_file(key), _versioned(key), buffer.getvalue())
