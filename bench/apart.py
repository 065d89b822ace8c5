"""What a good upload pays for being read in another process: `python -m bench.apart`.

Each upload is read here and apart. Time of the processor is counted, of both processes, which a busy computer changes little.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from tests.base.test_child import children
from tests.foreign.test_importing import pair
from vae_core.data import ImportChoices, importing
from vae_core.data import apart as images_apart
from vae_core.data.framing import LARGEST
from vae_core.data.images import open_image, png_bytes
from vae_core.foreign import apart as models_apart
from vae_core.foreign import opening

TURNS = 3
LEAST = 0.5  # seconds that are measured: the clock of a process ticks a hundred times in one
Call = Callable[[], object]


def uploads() -> Iterator[tuple[str, Call, Call]]:
    """What is read, how here, and how apart."""
    random = np.random.default_rng(0)
    small = png_bytes(random.integers(0, 256, (1, 28, 28), np.uint8))
    smooth = Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8)).resize((4000, 3000))
    photo = io.BytesIO()
    smooth.save(photo, "JPEG")
    for what, data in (("a picture of 28 x 28", small), ("a photograph of 12 million pixels", photo.getvalue())):
        yield what, partial(open_image, data, "x", least=LARGEST), partial(images_apart.open_picture, data, "x", LARGEST)
    pictures = [(f"{index}.png", png_bytes(random.integers(0, 256, (3, 64, 64), np.uint8))) for index in range(1000)]
    array = io.BytesIO()
    np.savez(array, images=random.integers(0, 256, (20_000, 64, 64), np.uint8))
    for what, files in (("1,000 pictures of 64 x 64", pictures), ("an .npz of 82 MB", [("x.npz", array.getvalue())])):
        yield what, partial(importing.read_files, files, ImportChoices()), partial(images_apart.read_files, files, ImportChoices())
    model = list(pair("mean logvar"))
    yield "a small pair of ONNX files", partial(opening.open_files, model), partial(models_apart.open_files, model)


def processor() -> float:
    """Seconds of the processor that this process and its children have taken; Linux tells."""
    taken = time.process_time()
    for child in children():
        fields = Path(f"/proc/{child}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        taken += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return taken


def milliseconds(call: Call) -> float:
    """What one call takes of the processor, after one to warm up."""
    call()
    turns, before = 0, processor()
    while turns < TURNS or processor() - before < LEAST:
        call()
        turns += 1
    return 1000 * (processor() - before) / turns


def cold(call: Call) -> float:
    """Milliseconds by the clock of a call whose process has to start, the quickest of some."""
    times = []
    for _ in range(TURNS):
        images_apart.close()
        models_apart.close()
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


def main() -> None:
    """Measure and print the table."""
    print(f"{'processor':36} {'here':>9} {'apart':>9} {'ratio':>7} {'cold, clock':>13}")
    for what, here, apart in uploads():
        first, near, far = cold(apart), milliseconds(here), milliseconds(apart)
        print(f"{what:36} {near:6.1f} ms {far:6.1f} ms {far / near:7.2f} {first:10.0f} ms", flush=True)


if __name__ == "__main__":
    main()
