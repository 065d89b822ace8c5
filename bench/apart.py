"""What a good upload pays for being read in another process: `python -m bench.apart`.

Each upload is read here and there in turn. "Cold" is with a process that has to start; the figures are the quickest of some.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image

from tests.foreign.test_importing import pair
from vae_core.data import ImportChoices, importing
from vae_core.data import apart as images_apart
from vae_core.data.images import open_image, png_bytes
from vae_core.foreign import apart as models_apart
from vae_core.foreign import opening

TURNS = 7
Call = Callable[[], object]


def uploads() -> Iterator[tuple[str, Call, Call]]:
    """What is read, how here, and how there."""
    random = np.random.default_rng(0)
    small = png_bytes(random.integers(0, 256, (1, 28, 28), np.uint8))
    smooth = Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8)).resize((4000, 3000))
    photo = io.BytesIO()
    smooth.save(photo, "JPEG")
    for what, data in (("a picture of 28 x 28", small), ("a photograph of 12 million pixels", photo.getvalue())):
        yield what, partial(open_image, data, "x"), partial(images_apart.open_picture, data, "x")
    pictures = [(f"{index}.png", png_bytes(random.integers(0, 256, (3, 64, 64), np.uint8))) for index in range(1000)]
    array = io.BytesIO()
    np.savez(array, images=random.integers(0, 256, (20_000, 64, 64), np.uint8))
    for what, files in (("1,000 pictures of 64 x 64", pictures), ("an .npz of 82 MB", [("x.npz", array.getvalue())])):
        yield what, partial(importing.read_files, files, ImportChoices()), partial(images_apart.read_files, files, ImportChoices())
    model = list(pair("mean logvar"))
    yield "a small pair of ONNX files", partial(opening.open_files, model), partial(models_apart.open_files, model)


def quickest(call: Call, turns: int = TURNS) -> float:
    """Milliseconds of the quickest of some calls."""
    times = []
    for _ in range(turns):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


def cold(call: Call) -> float:
    """Milliseconds with a process that has to start."""
    images_apart.close()
    models_apart.close()
    return quickest(call, 1)


def main() -> None:
    """Measure and print the table."""
    print(f"{'':36} {'here':>9} {'there':>9} {'ratio':>7} {'cold':>9}")
    for what, here, there in uploads():
        first = min(cold(there) for _ in range(2))
        near, far = quickest(here), quickest(there)
        print(f"{what:36} {near:6.1f} ms {far:6.1f} ms {far / near:7.2f} {first:6.0f} ms", flush=True)


if __name__ == "__main__":
    main()
