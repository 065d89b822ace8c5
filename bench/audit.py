"""The audit sheet of every bundled model, and of published models where there are some: `python -m bench.audit [FOLDER]`.

FOLDER holds `foreign`, the checkpoints with their specs.json. They are judged on the images in their own probe.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from vae_core.analysis.audit.sheet import audit
from vae_core.analysis.pictures import shown_with
from vae_core.data import Images
from vae_core.foreign import apart, importing
from vae_core.foreign.adopting import Choices, chosen, readings
from vae_core.runs import catalogue
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint


def models(folder: Path | None) -> Iterator[tuple[Checkpoint, Images | None]]:
    """Each model with its images."""
    for entry in catalogue.models().values():
        if entry.kind == "bundled":
            point = checkpoint.load(entry.folder)
            yield point, shown_with(point.card)
    for each in [] if folder is None else sorted((folder / "foreign").glob("*/model.pt")):
        files = [(name, (each.parent / name).read_bytes()) for name in ("model.pt", "specs.json")]
        opened = apart.open_files(files, architecture="burgess")
        reading, why = chosen(readings(opened.halves, importing.choices_of(opened.card, Choices()), None), opened.halves.label)
        pixels = np.rint(255 * np.load(each.parent / "probe.npz")["x"]).astype(np.uint8)
        images = Images("probe", np.concatenate([pixels, pixels]), validation_start=len(pixels), test_start=2 * len(pixels))
        yield importing.adopted(opened, reading, why, each.parent.name, None), images


def main() -> None:
    """Print a sheet for each model."""
    torch.set_num_threads(1)
    for point, images in models(Path(sys.argv[1]) if sys.argv[1:] else None):
        started = time.perf_counter()
        sheet = audit(point, images, lambda share, words: None)
        print(f"\n{point.card.name}: {sheet.images} images, {time.perf_counter() - started:.1f} s")
        for finding in sheet.findings:
            print(f"  {finding.severity:13} {finding.name}: {finding.sentence}", flush=True)


if __name__ == "__main__":
    main()
