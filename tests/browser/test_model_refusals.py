"""What the browser refuses of a model's file, and of what it is asked."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.test_model import OPENING, SMALL
from vae_core.export.live_model import FORMAT, live_bundle
from vae_core.model.vae import VAE

REFUSALS = f"""async (bundles) => {{
  {OPENING}
  return Promise.all(bundles.map(async (bundle) => {{
    try {{
      openModel(await bytes(bundle))
      return null
    }} catch (error) {{
      return error.constructor === Error ? error.message : `not a refusal: ${{error}}`
    }}
  }}))
}}"""


def refusals(page: Page, bundles: Sequence[bytes]) -> list[str | None]:
    """What is said to each of these in place of a model; None where it was opened."""
    refusals: list[str | None] = page.evaluate(REFUSALS, [base64.b64encode(bundle).decode() for bundle in bundles])
    return refusals


def test_no_changed_bit_goes_unseen(empty: Page) -> None:
    bundle = live_bundle(VAE(SMALL))
    rng = random.Random(0)
    damaged = []
    for place in [*range(4, 12), *rng.sample(range(12, len(bundle)), 50)]:
        changed = bytearray(bundle)
        changed[place] ^= 1 << rng.randrange(8)
        damaged.append(bytes(changed))
    said = refusals(empty, [bundle, *damaged])
    assert said[0] is None
    assert set(said[1:]) == {"This model is damaged: it has changed since it was written. Reload the page to fetch it again."}


def test_a_file_cut_short_or_of_another_kind_is_refused(empty: Page) -> None:
    bundle = live_bundle(VAE(SMALL))
    lengths = (0, 3, 11, 12, 13, len(bundle) // 2, len(bundle) - 1)
    said = refusals(empty, [*(bundle[:length] for length in lengths), bundle + b"\0", b"\x89PNG" + bundle[4:], b"<!doctype html>"])
    foreign, damaged = "This is not a model for the browser, or it is cut short.", "This model is damaged: it has changed"
    expected = [*[foreign] * 3, *[damaged] * 5, *[foreign] * 2]
    assert all(answer is not None and answer.startswith(start) for answer, start in zip(said, expected, strict=True)), said


def resigned(bundle: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with another header and a checksum that fits."""
    length = struct.unpack_from("<I", bundle, 8)[0]
    header = json.loads(bundle[12 : 12 + length])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I", len(text)) + text + bundle[12 + length :]
    return b"LOOM" + struct.pack("<I", zlib.crc32(body)) + body


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda header: header.update(format=FORMAT + 1, decoder=None), "newer version"),
        (lambda header: header.update(mean="softplus"), '"softplus"'),
        (lambda header: header.update(precision="float8"), '"float8"'),
        (lambda header: header["decoder"][1].update(kind="gelu"), '"gelu"'),
        (lambda header: header["decoder"][1].update(kind="constructor"), '"constructor"'),
        (lambda header: header["decoder"][0].update(weight=10**9), "weights that it does not hold"),
        (lambda header: header["decoder"][0].update(weight=-1), "weights that it does not hold"),
        (lambda header: header["decoder"][0].update(weight=0.5), "weights that it does not hold"),
        (lambda header: header["decoder"][2].update(bias=header["decoder"][2]["bias"] + 1), "weights that it does not hold"),
        (lambda header: header["decoder"][0].update(outputs=-4), "do not fit together"),
        (lambda header: header["decoder"][2].update(inputs=5), "do not fit together"),
        (lambda header: header["decoder"].pop(), "do not fit together"),
        (lambda header: header.update(latent=3), "do not fit together"),
    ],
)
def test_a_header_that_cannot_be_right_is_refused(empty: Page, change: Callable[[dict[str, Any]], None], said: str) -> None:
    (refusal,) = refusals(empty, [resigned(live_bundle(VAE(SMALL)), change)])
    assert refusal is not None
    assert said in refusal
    assert not refusal.startswith("not a refusal")


@pytest.mark.parametrize(
    ("call", "said"), [("decode", "A code of this model has 2 numbers"), ("encode", "An image for this model has 64 numbers")]
)
def test_an_input_of_the_wrong_length_is_refused(empty: Page, call: str, said: str) -> None:
    bundle = base64.b64encode(live_bundle(VAE(SMALL))).decode()
    script = f"""async (bundle) => {{
      {OPENING}
      const model = openModel(await bytes(bundle))
      try {{ model.{call}(new Float32Array(3)) }} catch (error) {{ return error.message }}
    }}"""
    assert empty.evaluate(script, bundle) == f"{said}, not 3."
