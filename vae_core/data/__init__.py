"""Data sets behind one registry: made here, downloaded on request, or imported from a user's files."""

from vae_core.data.imageset import Images, SetInfo, Split
from vae_core.data.importing import ImportChoices, Imported, read_files, read_path
from vae_core.data.library import delete_imported, imported, load_imported, restore_imported, save_imported
from vae_core.data.registry import available, known, load
from vae_core.data.standard import SETS, download

__all__ = [
    "SETS",
    "Images",
    "ImportChoices",
    "Imported",
    "SetInfo",
    "Split",
    "available",
    "delete_imported",
    "download",
    "imported",
    "known",
    "load",
    "load_imported",
    "read_files",
    "read_path",
    "restore_imported",
    "save_imported",
]
