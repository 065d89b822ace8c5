"""``audit``: what a model's weights betray about its training, and what is wrong with it."""

from __future__ import annotations

import argparse
import json
import sys

from tqdm import tqdm

from vae_core.analysis.audit.sheet import Sheet, audit
from vae_core.analysis.pictures import shown_with
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data, check_named
from vae_core.cli.model_images import images_for
from vae_core.cli.model_option import add_model, model_of
from vae_core.data import Images
from vae_core.training.checkpoint import Checkpoint


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    add_data(command, command)
    command.add_argument("--json", action="store_true", help="print one JSON object, not lines of text")


def _audit(chosen: argparse.Namespace) -> None:
    check_named(chosen)
    point = model_of(chosen)
    images = images_for(chosen, point.card)[1] if chosen.data else shown_with(point.card)
    sheet = told_audit(point, images)
    if chosen.json:
        findings = [finding._asdict() for finding in sheet.findings]
        print(json.dumps({"model": point.card.name, "images": sheet.images, "findings": findings, "unseen": sheet.unseen}))
    else:
        print(_text(sheet))


def told_audit(point: Checkpoint, images: Images | None) -> Sheet:
    """An audit that says on stderr how far it is."""
    with tqdm(total=1.0, file=sys.stderr, leave=False, delay=1, bar_format="{l_bar}{bar}| {elapsed}") as bar:

        def tell(share: float, words: str) -> None:
            bar.set_description_str(words, refresh=False)
            bar.update(share - bar.n)

        return audit(point, images, tell)


def _text(sheet: Sheet) -> str:
    lines = [f"{finding.severity:14}{finding.name}: {finding.sentence}" for finding in sheet.findings]
    return "\n".join([*lines, "", f"From {sheet.images:,} images. What no audit sees:", *sheet.unseen])


AUDIT = Command(_add_options, _audit)
