"""How many epochs a first training takes, by steps: a small set has few in an epoch."""

from __future__ import annotations

import math

from vae_core.base.config import Body

LEAST_STEPS = 1_000
"""Below so many steps of Adam a model has hardly left its first weights."""

MAX_EPOCHS = 2_000
"""Beyond, a tiny set is learnt by heart whatever is done."""

_IMAGES: dict[Body, int] = {"mlp": 500_000, "linear": 500_000, "conv": 100_000}  # that a first run sees: a minute or two
_LEAST_EPOCHS, _ENOUGH_EPOCHS = 5, 100  # the second: beyond it more images do not help, only more steps


def suggested_epochs(training_images: int, batch: int, body: Body, *, every: bool = False) -> int:
    """Passes over the training images that give a run enough images and at least `LEAST_STEPS` steps, as far as `MAX_EPOCHS` go.

    Args:
        training_images: how many the set has for training, at least 1.
        batch: images per step.
        body: kind of network; a convolutional one takes longer for an image and needs fewer.
        every: whether the model is for every KL weight, which takes twice as many.
    """
    seen = min(_ENOUGH_EPOCHS, max(_LEAST_EPOCHS, _IMAGES[body] // training_images))
    for_steps = math.ceil(LEAST_STEPS / math.ceil(training_images / batch))
    return min(MAX_EPOCHS, max(seen, for_steps)) * (2 if every else 1)
