"""files: pipes, devices, links, folders and huge files, where a command reads a file or writes one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.cli.calls import in_short

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")

HUGE = 40 * 2**30


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder with a pipe, links to a file and to nothing, a file of 40 GB that takes no room, and one of PyTorch."""
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "file.txt").write_text("kept")
    (tmp_path / "link.png").symlink_to(tmp_path / "file.txt")
    (tmp_path / "lost.png").symlink_to(tmp_path / "nothing")
    with open(tmp_path / "huge.onnx", "wb") as file:
        file.truncate(HUGE)
    os.link(tmp_path / "huge.onnx", tmp_path / "huge.npz")
    torch.save({"x": torch.zeros(40, 8, 8)}, tmp_path / "images.pt")
    torch.save({"x": torch.zeros(40, 8, 8)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    np.savez(tmp_path / "cut.npz", images=np.zeros((40, 8, 8), np.uint8))
    os.truncate(tmp_path / "cut.npz", 900)
    return tmp_path


PIPE = "pipe.png is a pipe, a socket or a device, and a file"
OF_TORCH = "is a file of PyTorch, a model or tensors: `import-model` opens a model, and numpy.savez makes an .npz of tensors"
CUT_OFF = "cut.npz is a ZIP archive that is cut off, its end is missing: copy or download it again"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["encode", "{run}", "{tmp}/pipe.png"], f"{PIPE} is needed."),
        (["encode", "{run}", "/dev/zero"], "/dev/zero is a pipe, a socket or a device, and a file is needed."),
        (["encode", "{run}", "{tmp}/huge.onnx"], "huge.onnx has 40,960 MB; such a file may have 20 MB."),
        (["encode", "{run}", "{tmp}/images.pt"], f"images.pt {OF_TORCH}."),
        (["encode", "{run}", "{tmp}/old.pt"], f"old.pt {OF_TORCH}."),
        (["encode", "{run}", "{tmp}/cut.npz"], CUT_OFF),
        (["import-model", "{tmp}/pipe.png"], f"{PIPE} is needed."),
        (["import-model", "{tmp}"], "is a folder, and a file is needed."),
        (["import-model", "{tmp}/huge.onnx"], "huge.onnx has 40,960 MB; such a file may have 512 MB."),
        (["train", "--data", "{tmp}/pipe.png"], f"{PIPE} or a folder is needed."),
        (["train", "--data", "/dev/zero"], "/dev/zero is a pipe, a socket or a device, and a file or a folder is needed."),
        (["train", "--data", "{tmp}/huge.npz"], "huge.npz is larger than the 20 MB that are read of one file"),
        (["train", "--data", "{tmp}/images.pt"], f"images.pt {OF_TORCH}"),
        (["train", "--data", "{tmp}/old.pt"], f"old.pt {OF_TORCH}"),
        (["train", "--data", "{tmp}/cut.npz"], CUT_OFF),
        (["evaluate", "{run}", "--data", "{tmp}/pipe.png"], f"{PIPE} or a folder is needed."),
        (["decode", "{run}", "--z", "0,0", "--out", "{tmp}/link.png"], "link.png is a link, which is not replaced: choose another name"),
        (["decode", "{run}", "--z", "0,0", "--out", "{tmp}/lost.png"], "lost.png is a link, which is not replaced"),
        (["decode", "{run}", "--z", "0,0", "--out", "{tmp}/pipe.png"], "is a pipe, a socket or a device, which is not replaced"),
        (["export", "{run}", "--out", "{tmp}/link.png"], "link.png is a link, which is not replaced"),
        (["export", "{run}", "--out", "/dev/null"], "/dev/null is a pipe, a socket or a device, which is not replaced"),
        (["export", "{run}", "--out", "{tmp}"], "is a folder, which is not replaced"),
        (["train", "--data", "digits", "--out", "{tmp}/lost.png"], "lost.png could not be made: File exists."),
        (
            ["export", "{run}", "--out", "{tmp}/x.zip", "--format", "onnx", "--precision", "float16"],
            "--precision float16 is for the formats",
        ),
    ],
    ids=in_short,
)
def test_what_is_no_ordinary_file_is_refused_and_kept(
    arguments: list[str], words: str, strange: Path, refused_cleanly: Callable[[list[str]], str]
) -> None:
    assert words in refused_cleanly(arguments)
    assert (strange / "link.png").read_text() == "kept"
    assert (strange / "lost.png").is_symlink()
    assert Path("/dev/null").is_char_device()
