"""Data sets behind one registry: made here, downloaded on request, or imported from a user's files."""

from vae_core.data.apart import read_files, read_path
from vae_core.data.choices import ImportChoices
from vae_core.data.imageset import Images, SetInfo, Split
from vae_core.data.importing import Imported
from vae_core.data.library import (
    delete_imported,
    imported,
    is_shared,
    load_imported,
    of_students,
    owns_imported,
    restore_imported,
    save_imported,
    share_imported,
)
from vae_core.data.registry import complete, info, known, load, load_exactly
from vae_core.data.standard import SETS, at_hand, download, test_part
from vae_core.data.taken import Doubt, Question, Remedy, Taken

__all__ = [
    "SETS",
    "Doubt",
    "Images",
    "ImportChoices",
    "Imported",
    "Question",
    "Remedy",
    "SetInfo",
    "Split",
    "Taken",
    "at_hand",
    "complete",
    "delete_imported",
    "download",
    "imported",
    "info",
    "is_shared",
    "known",
    "load",
    "load_exactly",
    "load_imported",
    "of_students",
    "owns_imported",
    "read_files",
    "read_path",
    "restore_imported",
    "save_imported",
    "share_imported",
    "test_part",
]
