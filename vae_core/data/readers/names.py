"""What the names of files, folders and arrays say: parts of a set, what is a label and what an image, and their natural order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

_PART_WORDS: dict[str, Part] = {
    **dict.fromkeys(("train", "training", "trn", "trainset", "tr"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "devel", "eval", "evaluation", "valset"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "t10k", "testset", "holdout", "te"), "test"),
}
_MORE_TRAINING = {"extra", "unlabeled", "unlabelled", "unsup", "unsupervised"}
_IMAGES = {"x", "xs", "image", "images", "imgs", "img", "data", "dataset", "pixels", "pixel", "picture", "pictures", "photo", "photos"}
_IMAGES |= {"feature", "features", "inputs", "input", "frames", "faces", "samples", "arr"}
_LABELS: tuple[str, ...] = (
    "label",
    "labels",
    "y",
    "ys",
    "target",
    "targets",
    "class",
    "classes",
    "category",
    "categories",
    "lbl",
    "lbls",
    "lab",
    "labs",
)
_LABELS += (
    "digit",
    "digits",
    "character",
    "letter",
    "species",
    "gt",
    "annotation",
    "annotations",
    "identity",
    "attr",
    "attrs",
    "attributes",
)
_NAMES = {"name", "names", "text", "texts", "vocab"}
_UNSAID = {"idx", "idx1", "idx3", "ubyte", "arr", "npy", "npz", "gz", "parquet", "of", "set", "all", "full"}
_UNSAID |= {"batch", "part", "shard", "chunk", "file"}
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".ppm", ".pbm", ".pnm")
_GLUED = sorted([*_PART_WORDS, *_IMAGES, *_LABELS, *_NAMES, "set", "fine", "coarse"], key=len, reverse=True)


def is_picture(name: str) -> bool:
    """Whether a file is called as pictures are."""
    return name.strip().lower().endswith(_PICTURES)


def words_of(name: str) -> list[str]:
    """The words of a name in small letters, numbers among them; "trainLabels", "train_labels" and "trainlabels" have the same."""
    rough = re.findall(r"t10k|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+", name)
    return [part for word in rough for part in _unglued(word.lower())]


def part_of(name: str) -> Part | None:
    """Which part of a set a name speaks of; None where it speaks of none, or of several."""
    found = {_PART_WORDS[word] for word in words_of(name) if word in _PART_WORDS}
    return found.pop() if len(found) == 1 else None


def part_levels(names: Iterable[str]) -> dict[str, Part] | None:
    """The part that each of some folders beside each other stands for; None where they are not parts, as "train" beside "bus" is not."""
    found = {name: _only_part(name) for name in names}
    several = len({part for part in found.values() if part}) > 1
    parts = {name: part or ("train" if several and name.lower() in _MORE_TRAINING else None) for name, part in found.items()}
    return None if not parts or None in parts.values() else {name: part for name, part in parts.items() if part}


def kin_of(name: str) -> tuple[str, ...]:
    """What is left of a name without parts, roles and numbers: arrays of one set have the same."""
    left_out = {*_PART_WORDS, *_IMAGES, *_LABELS, *_NAMES, *_UNSAID}
    kept: list[str] = []
    for token in re.findall(r"[^\W_]+", name):
        words = [word for word in words_of(token) if word not in left_out and not word.isdigit()]
        kept += [token.lower()] if words and re.search("[0-9]", token) else words
    return tuple(kept)


def is_of_images(name: str) -> bool:
    """Whether a name says that it has images, and no labels or names."""
    words = set(words_of(name))
    return bool(words & _IMAGES) and not words & (set(_LABELS) | _NAMES)


def is_of_names(name: str) -> bool:
    """Whether a name says that it has the names of classes."""
    return bool(set(words_of(name)) & _NAMES)


def label_rank(name: str) -> int | None:
    """How surely a name is that of class labels, 0 for the surest; None where it does not say so."""
    words = words_of(name)
    if set(words) & _NAMES:
        return None
    ranks = [_LABELS.index(word) for word in words if word in _LABELS]
    coarse = len(_LABELS) if {"coarse", "super"} & set(words) else 0
    return min(ranks) + coarse if ranks else None


def without_part(name: str) -> str:
    """The name that the same array of another part has too: "labels" for "train_labels"; any other name as it is."""
    words = words_of(name)
    kept = [word for word in words if word not in _PART_WORDS and word not in _UNSAID and not word.isdigit()]
    return "_".join(kept) if kept and part_of(name) else name


def stems_of(name: str) -> set[str]:
    """The words of a name in the singular, without parts, numbers and "names"."""
    words = {word for word in words_of(name) if word not in _PART_WORDS and word not in _NAMES and not word.isdigit()}
    return {re.sub("(?<=class)es$|(?<=[^s])s$", "", word.replace("categories", "category")) for word in words} - {"set", "id", "str"}


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """The key by which "2" comes before "10", and "-1" before "0"."""
    parts = re.findall(r"(?:^-)?[0-9]+|[^0-9]+", name)
    return tuple((0, int(part), part) if part.lstrip("-").isdecimal() else (1, 0, part.casefold()) for part in parts)


def natural_path(path: str) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """The same for a path, folder by folder, so that a folder's files stay together."""
    return tuple(map(natural, path.split("/")))


def _only_part(name: str) -> Part | None:
    """The part that a name says and nothing else, as "train", "testset" and "val2017" do."""
    rest = [word for word in words_of(name) if word not in _PART_WORDS]
    return part_of(name) if all(word in _IMAGES or word == "set" or word.isdigit() for word in rest) else None


def _unglued(word: str) -> Sequence[str]:
    """A word written of known ones without a gap, as "xtrain" and "trainlabels" are; any other as it is."""
    if word in _GLUED or len(word) < 3:
        return [word]
    for known in _GLUED:
        if len(known) > 1 and word.startswith(known):
            rest = _unglued(word[len(known) :])
            if all(part in _GLUED for part in rest):
                return [known, *rest]
        if len(known) >= 4 and word.endswith(known) and word[: -len(known)] in ("x", "y"):
            return [word[: -len(known)], known]
    return [word]
