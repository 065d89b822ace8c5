"""The container's files name what is there. Whether Docker builds them no test here can see."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tests.test_layers import PRODUCT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
LET_THROUGH = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))


def test_what_is_copied_is_there_and_is_the_whole_product() -> None:
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    assert copied == LET_THROUGH
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {path.relative_to(ROOT).parts[0] for path in PRODUCT} - copied <= {"bench"}


def test_it_runs_as_nobody_in_particular_and_writes_to_its_volume_alone() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", last, re.MULTILINE)
    assert "LATENT_LOOM_HOME=/data" in last
    assert "VOLUME /data" in last
    assert "/_stcore/health" in last
    for setting in ("read_only: true", "tmpfs: [/tmp]", "cap_drop: [ALL]", '"runs:/data"'):
        assert setting in COMPOSE
