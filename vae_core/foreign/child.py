"""The process in which a stranger's model becomes numbers and layers; `apart` starts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from vae_core.base.serving import Progress, serve
from vae_core.foreign import evaluator, opening
from vae_core.foreign.halves import Source
from vae_core.foreign.opening import Opened, Upload


def _open(
    progress: Progress,
    files: Sequence[Upload],
    architecture: str | None,
    image: tuple[int, int, int] | None,
    latent: tuple[int, ...] | None,
) -> Opened:
    return opening.open_files(files, architecture=architecture, image=image, latent=latent)


def _weights_alone(progress: Progress, files: Sequence[Upload]) -> bool:
    return opening.holds_weights_alone(files)


def _answers(progress: Progress, half: Source, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return evaluator.answers(half, x, progress)


if __name__ == "__main__":
    serve({"open": _open, "weights_alone": _weights_alone, "answers": _answers}, {"Source": Source})
