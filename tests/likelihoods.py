"""Every likelihood with each kind of σ that it can have, for the tests of what holds for all."""

from __future__ import annotations

from vae_core.model.likelihoods import LIKELIHOODS

EVERY = [(name, sigma_is) for name, family in LIKELIHOODS.items() for sigma_is in family.of_sigma]
