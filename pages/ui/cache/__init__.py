"""What is kept between runs of a page: opened models as resources, arrays as data, by folders and names that never change content.

The only folder with `st.cache_*`. A file is for one concept, and each name is asked for here: `cache.codes(entry)`.
"""

from pages.ui.cache.audit import audited
from pages.ui.cache.blur import Averaged, averaged
from pages.ui.cache.checkpoints import models, opened, opened_at, packed, whole
from pages.ui.cache.classroom import codes_of_drawings
from pages.ui.cache.compare import (
    AUTOENCODER,
    DEEP,
    EVERY_WEIGHT,
    LINEAR,
    RESTRICTED,
    VARIATIONAL,
    Way,
    drawn,
    figures,
    method,
    older_ways,
    places,
    regions,
    unseen,
    ways_of,
)
from pages.ui.cache.constant import constant_picture
from pages.ui.cache.coverage import covered
from pages.ui.cache.encoding import MAX_POINTS, SAMPLE, axes, codes, directions, mixture, sample, wide_plane
from pages.ui.cache.factors import follows
from pages.ui.cache.foreign import from_elsewhere, holds_weights_alone, tried
from pages.ui.cache.galleries import Gallery, gallery
from pages.ui.cache.history import Unfolded, snapshot_sheet, unfolded
from pages.ui.cache.home import Welcome, lessons, program, welcome
from pages.ui.cache.learn import (
    FIRST_DIGIT,
    OF_BEFORE,
    before,
    best,
    changes,
    components,
    digits,
    halfway,
    losses,
    one_of_each,
    pairs,
    trembling,
    truth,
)
from pages.ui.cache.linked import Linked, linked
from pages.ui.cache.maps import errors, kept_umap, overlap, umap
from pages.ui.cache.memory import FOLDS, PLANTED, TRIED, Trial, memorised, trial
from pages.ui.cache.multirate import Stations, alone, at_stations, joined_tradeoff, kept_tradeoff, mark, tradeoff
from pages.ui.cache.pictures import images, images_of, pictures_of, unseen_by
from pages.ui.cache.populations import Population, effective, population
from pages.ui.cache.strangeness import stranger_than
from pages.ui.cache.sweeps import measures, sample_quality, samples_compared
from pages.ui.cache.thumbnails import thumbnails
from pages.ui.cache.timing import bytes_foreseen, parameter_count, seconds_per_image
from pages.ui.cache.uploads import decoded
from vae_core.analysis.coverage import Covered
from vae_core.analysis.encoding import Encoded as Codes

__all__ = [
    "AUTOENCODER",
    "DEEP",
    "EVERY_WEIGHT",
    "FIRST_DIGIT",
    "FOLDS",
    "LINEAR",
    "MAX_POINTS",
    "OF_BEFORE",
    "PLANTED",
    "RESTRICTED",
    "SAMPLE",
    "TRIED",
    "VARIATIONAL",
    "Averaged",
    "Codes",
    "Covered",
    "Gallery",
    "Linked",
    "Population",
    "Stations",
    "Trial",
    "Unfolded",
    "Way",
    "Welcome",
    "alone",
    "at_stations",
    "audited",
    "averaged",
    "axes",
    "before",
    "best",
    "bytes_foreseen",
    "changes",
    "codes",
    "codes_of_drawings",
    "components",
    "constant_picture",
    "covered",
    "decoded",
    "digits",
    "directions",
    "drawn",
    "effective",
    "errors",
    "figures",
    "follows",
    "from_elsewhere",
    "gallery",
    "halfway",
    "holds_weights_alone",
    "images",
    "images_of",
    "joined_tradeoff",
    "kept_tradeoff",
    "kept_umap",
    "lessons",
    "linked",
    "losses",
    "mark",
    "measures",
    "memorised",
    "method",
    "mixture",
    "models",
    "older_ways",
    "one_of_each",
    "opened",
    "opened_at",
    "overlap",
    "packed",
    "pairs",
    "parameter_count",
    "pictures_of",
    "places",
    "population",
    "program",
    "regions",
    "sample",
    "sample_quality",
    "samples_compared",
    "seconds_per_image",
    "snapshot_sheet",
    "stranger_than",
    "thumbnails",
    "tradeoff",
    "trembling",
    "trial",
    "tried",
    "truth",
    "umap",
    "unfolded",
    "unseen",
    "unseen_by",
    "ways_of",
    "welcome",
    "whole",
    "wide_plane",
]
