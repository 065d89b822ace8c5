"""A picture that somebody brought, decoded once: every later run of the page takes it from here, and it goes when its session goes."""

from __future__ import annotations

import threading
from weakref import WeakSet

import streamlit as st
from PIL.Image import Image

from vae_core.data.apart import open_picture
from vae_core.data.framing import LARGEST

EACH = 2
"""Pictures that are kept of one session: Interpolate has two at once."""
MOST = 2**28
"""Bytes of those of all sessions; what comes beyond that is decoded again in each run."""


class _Kept:
    """The pictures of one session by the ids of their uploads; the one that was used last is last."""

    def __init__(self) -> None:
        self.pictures: dict[str, Image] = {}


_sessions: WeakSet[_Kept] = WeakSet()
_lock = threading.Lock()


@st.cache_resource(scope="session", show_spinner=False)
def _of_session() -> _Kept:
    kept = _Kept()
    with _lock:
        _sessions.add(kept)
    return kept


def decoded(upload: str, data: bytes, name: str) -> Image:
    """As `apart.open_picture`. What is refused is tried again the next time, for the reason may be of the moment.

    Args:
        upload: the id of the upload, which no other has.
        data: the file.
        name: quoted in refusals.

    Raises:
        InputError: as there.
    """
    kept = _of_session().pictures
    picture = kept.get(upload) or open_picture(data, name, LARGEST)
    with _lock:
        kept.pop(upload, None)
        while len(kept) >= EACH:
            del kept[next(iter(kept))]
        if sum(_size(each) for session in _sessions for each in session.pictures.values()) + _size(picture) <= MOST:
            kept[upload] = picture
    return picture


def _size(picture: Image) -> int:
    return picture.width * picture.height * len(picture.getbands())
