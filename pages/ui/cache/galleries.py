"""The pictures that one can choose for a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.pictures import images_of
from vae_core.analysis import explore
from vae_core.analysis.posterior import Posterior
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint


@dataclass(frozen=True)
class Gallery:
    """The pictures one can choose for a model: its images, or where they are not on this computer, what its kept codes decode to."""

    model: VAE
    images: Images | None
    kept: checkpoint.Codes | None

    def __len__(self) -> int:
        return len(self.images) if self.images is not None else 0 if self.kept is None else len(self.kept.mean)

    def pictures(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 [n, C, H, W]."""
        return explore.decode(self.model, self.codes(rows)) if self.images is None else self.images.take(rows)

    def posterior(self, rows: NDArray[np.int64]) -> Posterior:
        """The posteriors of n images."""
        if self.images is not None:
            return explore.encode(self.model, self.images.take(rows))
        assert self.kept is not None  # an empty gallery has no rows
        return Posterior(self.kept.mean, self.kept.logvar).of(rows)

    def codes(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The means of the posteriors, float32 [n, K]."""
        return self.posterior(rows).mean

    def label(self, row: int) -> int | None:
        """An index into the class names, where the set has classes."""
        labels = self.images.labels if self.images is not None else self.kept.labels if self.kept is not None else None
        return None if labels is None else int(labels[row])


def gallery(entry: Entry) -> Gallery:
    """The pictures to choose from; none at all where neither the model's images nor its codes are on this computer."""
    loaded = opened(entry.folder)
    return Gallery(loaded.model, images_of(entry), loaded.codes)
