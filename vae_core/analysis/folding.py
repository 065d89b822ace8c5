"""Folding: from a multi-rate model to the plain model that it is at one KL weight."""

from __future__ import annotations

from typing import TypeAlias

from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.base.storage import sha256
from vae_core.model.vae import VAE
from vae_core.training.checkpoint import Checkpoint, Codes
from vae_core.training.figures import UNKNOWN_FIGURES

Beta: TypeAlias = float | tuple[float, float]


def plain(loaded: Checkpoint) -> Checkpoint:
    """The checkpoint itself; that of a multi-rate model folded at the β of its card."""
    return loaded if loaded.card.model.beta_range is None else at(loaded, loaded.card.train.weights)


def at(loaded: Checkpoint, beta: Beta) -> Checkpoint:
    """Fold a multi-rate model at β, or at (β_μ, β_σ): returns the checkpoint of the plain model that it is there.

    The new card has this β. Its validation figures are NaN, except at the β at which the model was judged. The codes kept with a multi-rate
    model are those at its lowest β: it draws pictures of them, and the new checkpoint keeps the codes of these pictures.

    Args:
        loaded: a checkpoint as `checkpoint.load` gives it.
        beta: in the model's range.

    Raises:
        InputError: β is outside the range, or the model has none.
    """
    of_means, of_widths = pair = _pair(beta)
    same = of_means == of_widths
    model = loaded.model.at(of_means if same else pair)
    card, codes = loaded.card, loaded.codes
    train = card.train.model_copy(update={"beta": of_means, "beta_sigma": None if same else of_widths})
    judged = card.validation if pair == _pair(card.train.weights) else UNKNOWN_FIGURES
    card = card.model_copy(update={"model": model.config, "train": train, "validation": judged})
    if codes is not None:
        codes = Codes(*explore.encode(model, drawn(loaded.model, codes)), codes.labels)
    return Checkpoint(model, card, codes, sha256(f"{loaded.weights_hash} at {of_means!r} {of_widths!r}".encode()))


def _pair(beta: Beta) -> tuple[float, float]:
    """The weights of D_μ and of D_σ."""
    of_means, of_widths = beta if isinstance(beta, tuple) else (beta, beta)
    return float(of_means), float(of_widths)


def drawn(model: VAE, codes: Codes) -> Pixels:
    """The pictures of the codes kept with a model, uint8 [N, C, H, W]; a multi-rate model draws them at its lowest KL weight."""
    lowest = model if model.config.beta_range is None else model.at(model.config.beta_range[0])
    return explore.decode(lowest, codes.mean)
