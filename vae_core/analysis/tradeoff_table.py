"""The figures of a multi-rate model as a table, to take into another program."""

from __future__ import annotations

import csv
import io
import math

import numpy as np

from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.tradeoff import Tradeoff


def csv_table(found: Tradeoff) -> bytes:
    """The figures over β as CSV: quoted names in the first line, below them only numbers, nothing that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    weights = ["beta"] if len(found.axes) == 1 else ["beta_mu", "beta_sigma"]
    nats = ["distortion_nats", "rate_nats", "rate_mu_nats", "rate_sigma_nats"]
    drawn = [] if found.samples is None else [f"sample_{name}" for name in Fidelity._fields]
    errors = [f"{name}_standard_error" for name in (*nats, "sharpness", "effective_images")]
    writer.writerow([*weights, *nats, "unused_dimensions", "effective_images", "sharpness", *drawn, *errors])
    unused = np.where(np.isnan(found.rate), np.nan, found.unused)  # without a KL term there is nothing to count
    columns = (found.distortion, found.rate, found.rate_mu, found.rate_sigma, unused, found.effective, found.sharpness)
    quality = np.empty((len(found.rate), 0)) if found.samples is None else found.samples.figures
    rows = np.column_stack([*columns, quality, found.errors]).tolist()
    for weights_here, row in zip(found.weights.tolist(), rows, strict=True):
        writer.writerow([*weights_here, *(None if math.isnan(value) else value for value in row)])
    return text.getvalue().encode()
