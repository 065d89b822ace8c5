"""A model's card in words, for the page to take home."""

from __future__ import annotations

import math

from vae_core.analysis import tradeoff
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.display import BODIES, class_list, with_error
from vae_core.model.vae import count_parameters
from vae_core.training.checkpoint import Card
from vae_core.training.origin import Origin, reading_in_words


def intro(card: Card) -> str:
    """What the model is."""
    kind = "variational autoencoder" if card.model.variational else "autoencoder"
    if card.origin is not None:
        shown = f" and is shown with {card.data.title}, {card.data.images:,} images" if card.data.images else ""
        return (
            f"This {kind} was trained elsewhere{shown}. It describes an image by {card.model.latent:,} numbers, its code, and draws a "
            "picture for any code."
        )
    return (
        f"This {kind} was trained on {card.data.title}, {card.data.images:,} images, of which some were held out to judge it. It describes "
        f"each by {card.model.latent} numbers, its code, and draws a picture for any code."
    )


def draw_intro(card: Card, *, examples: bool) -> str:
    """What becomes of a drawing; `examples` says whether there are images to take."""
    if card.model.variational:
        code, there = "for each number of its code a mean and a width σ", "to the mean"
    else:
        code, there = "its code", "there"
    return (
        f"Draw a picture{', or take one' if examples else ''}. The encoder gives {code}. The sliders go {there}, and the decoder draws the "
        "picture again from that code alone."
    )


def weight_note(card: Card) -> str:
    """What the slider of the KL weight does, and what stays while it moves; empty for a model of one weight."""
    if card.model.beta_range is None:
        return ""
    low, high = card.model.beta_range
    crossing = (
        f" Left of {tradeoff.CROSSING:g} it may keep its codes closer together than a model trained for such a weight alone would."
        if tradeoff.left_of_crossing(low)
        else ""
    )
    return (
        f"One network knows every KL weight from {low:g} to {high:g}, and all that it draws follows the slider; so do the codes of your "
        f"drawing and of both ends of the walk.{crossing} The map's points, and the order and the nats of the sliders below, stay those "
        f"of β = {weight(card.train)}, where this page opens."
    )


def facts(card: Card) -> dict[str, str]:
    """The model's card, in words."""
    model, train = card.model, card.train
    found = {
        "Data": f"{card.data.title}{f', {card.data.images:,}' if card.data.images else ': it takes'} images of "
        f"{model.height} × {model.width} pixels, {'grey' if model.channels == 1 else 'RGB'}",
        "Licence of the data": card.data.licence,
        "Classes": class_list(card.data.class_names),
        "Model": f"{BODIES[model.body]}, {model.latent:,} latent dimensions{axes_of_space(model)}, {count_parameters(model):,} parameters",
        "Likelihood": model.likelihood_words,
        "KL weight β": _weights(card),
        "Distortion": figure(card, "distortion"),
        "Rate": figure(card, "rate") if model.variational else "not defined",
        "Loss": f"{figure(card, 'loss')}{' = distortion + β × rate' if model.variational and not math.isnan(card.figures.loss) else ''}",
        "Judged on": judged_on(card),
        "Training": f"{card.epochs:g} epochs, batch {train.batch}, learning rate {train.lr:g}, seed {train.seed}",
        "Made": f"{card.created[:10]}, Latent Loom {card.version}",
    }
    found |= {"Details": model.faint_words} if model.faint_words else {}
    return found if card.origin is None else found | from_elsewhere(card.origin)


def axes_of_space(model: ModelConfig) -> str:
    """The axes of a code that has some, ", 4 × 8 × 8"; else empty."""
    return "" if len(model.code_shape) == 1 else f", {' × '.join(map(str, model.code_shape))}"


def figures_note(card: Card) -> str:
    """What the figures among the facts are of."""
    if card.data.images:
        return "Figures are means over the validation images."
    return "Nobody named images for this model, so its figures were not measured."


def figure(card: Card, name: str) -> str:
    """The figure of this name with its standard error; it is NaN at a KL weight at which a multi-rate model was not judged."""
    value = getattr(card.figures, name)
    return "not measured" if math.isnan(value) else f"{with_error(value, card.figures.error(name))} nats per image"


def judged_on(card: Card) -> str:
    """Of which images the figures are, and what ± is."""
    if math.isnan(card.figures.loss):
        return "no images"
    counted = "its validation images" if card.figures.images is None else f"{card.figures.images:,} validation images"
    return counted if card.figures.standard_error is None else f"{counted}; ± is the standard error of the mean"


def of_greys(card: Card) -> str:
    """What codes of the images as they are have to do with figures of a model that is judged on black-and-white draws; else empty."""
    if card.train.binarise == "no":
        return ""
    return (
        "The codes are those of the images with their greys. The model learnt from black-and-white draws of these, and D and R on its card "
        "are of such draws, so the nats here differ from those a little."
    )


def from_elsewhere(origin: Origin) -> dict[str, str]:
    """What a card says of a model that was trained elsewhere, in words."""
    found = {
        "Training": f"elsewhere; from {', '.join(origin.files)} ({origin.producer}), licence of the weights: {origin.licence}",
        "Read as": f"{reading_in_words(origin.encoder_gives, origin.decoder_gives, origin.pixels)}. " + " ".join(origin.found),
    }
    if origin.off is not None:
        found["Checked"] = f"its answers differ from those of {origin.checked_with} by at most {origin.off:.1g}"
    return found


def kl_weight(card: Card) -> str:
    """The KL weight that a model has, or all that it knows."""
    if not card.model.variational:
        return "none"
    if card.origin is not None and not card.origin.knows_beta:
        return "not known"
    if card.model.beta_range is None:
        return weight(card.train)
    low, high = card.model.beta_range
    return f"any from {low:g} to {high:g}"


def _weights(card: Card) -> str:
    """The same, and the one that its figures are of where that is not the same."""
    known = kl_weight(card)
    if known == "not known":
        return f"{known}; the figures are those at 1"
    return known if card.model.beta_range is None else f"{known}; the figures are those at {weight(card.train)}"


def weight(train: TrainConfig) -> str:
    """A KL weight, or both: "2 for D_μ and 0.5 for D_σ"."""
    return f"{train.beta:g}" if train.beta_sigma is None else f"{train.beta:g} for D_μ and {train.beta_sigma:g} for D_σ"
