"""Models: all of them, and the checkpoints of one whole, as a plain model, and as a file."""

from __future__ import annotations

from pathlib import Path

from pages.ui.cache.bounded import in_memory
from vae_core.analysis import folding
from vae_core.analysis.folding import Beta
from vae_core.base.errors import disk_errors_as
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint


def models() -> dict[str, Entry]:
    """All models by id; read from disk at each run, because another session may just have finished one."""
    return catalogue.models()


@in_memory(8)
def whole(folder: Path) -> Checkpoint:
    """The checkpoint in a folder of `catalogue.Entry`, of one KL weight or multi-rate; shared by all sessions, never changed."""
    with disk_errors_as("The model cannot be read"):
        return checkpoint.load(folder)


@in_memory(8)
def opened(folder: Path) -> Checkpoint:
    """The checkpoint in a folder of `catalogue.Entry`; that of a multi-rate model as the plain model that it is at the β of its card."""
    return folding.plain(whole(folder))


@in_memory(8)
def opened_at(folder: Path, beta: Beta) -> Checkpoint:
    """The checkpoint of a multi-rate model as the plain model that it is at β, or at (β_μ, β_σ).

    Args:
        folder: of `catalogue.Entry`.
        beta: from few values, since each has a place in the cache.

    Raises:
        InputError: β is outside the model's range, or it has none.
    """
    return folding.at(whole(folder), beta)


@in_memory(4)
def packed(folder: Path, dimension_names: tuple[str, ...] = ()) -> bytes:
    """The model file of a folder of `catalogue.Entry`, with these names of its dimensions."""
    return checkpoint.pack(folder, dimension_names)
