"""What a bundled model ships computed: all that its pages ask for at their first opening and that takes long."""

from __future__ import annotations

import numpy as np

from pages.ui.cache.compare import VARIATIONAL, figures, ways_of
from pages.ui.cache.coverage import covered
from pages.ui.cache.encoding import axes, mixture, sample
from pages.ui.cache.learn import FIRST_DIGIT, OF_BEFORE, before, best, one_of_each, truth
from pages.ui.cache.maps import errors, overlap, umap
from pages.ui.cache.memory import keep_memorised
from pages.ui.cache.multirate import mark
from pages.ui.cache.pictures import images_of
from pages.ui.cache.populations import population
from pages.ui.cache.strangeness import stranger_than
from pages.ui.cache.sweeps import sample_quality
from pages.ui.cache.thumbnails import thumbnails
from vae_core.analysis import projection
from vae_core.runs.catalogue import Entry


def ask(entry: Entry) -> None:
    """Ask for each of them once, as the pages do: to be called while `precomputed.recording`."""
    thumbnails(entry.folder)
    found, images = sample(entry), images_of(entry)
    if found is None or images is None:
        return
    axes(entry)
    errors(entry, found)
    mixture(entry)
    stranger_than(entry, images.take(np.array([0]))[0])
    codes = found.posterior.mean
    planes = [umap(entry, codes, lambda _: None), projection.pca(codes)]
    if entry.card.model.latent == 2:
        planes.append(projection.raw(codes))
    for plane in planes:
        overlap(entry, codes, plane.points, plane.axis_labels)
    if entry.card.model.variational:
        population_ = population(entry)
        assert population_ is not None  # its images are at hand
        covered(entry, None, population_)
    if entry.card.model.beta_range is None:
        sample_quality(entry)
        if entry.card.model.variational:
            mark(entry)
    if entry.id == VARIATIONAL:
        keep_memorised(entry)
        shown = one_of_each()
        truth(entry.folder, int(shown[FIRST_DIGIT]))
        for number in shown.tolist():
            best(entry.folder, number)
    if entry.id == OF_BEFORE:
        before(entry.folder)
    for way in ways_of(entry):
        figures(way)
