"""How much pictures change over a small step of their codes."""

import numpy as np

from vae_core import data
from vae_core.analysis import continuity, explore
from vae_core.runs import catalogue

for name in ("mnist-2d-ae", "mnist-2d"):
    model = catalogue.load(name).model
    codes = explore.encode(model, data.load("mnist-10k").pixels[:500]).mean
    step = 0.1 * np.sqrt(codes.var(axis=0).mean())  # a tenth of how far the codes spread
    print(name, step, np.median(continuity.changes(model, codes, length=float(step))))
