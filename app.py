"""The server: `streamlit run app.py` finds `app` here and runs router.py for each browser session."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from pages.ui.server import upkeep
from pages.ui.server.guard import Guard
from pages.ui.server.routes import ROUTES, middleware
from pages.ui.server.uploads import Uploads

log = logging.getLogger("latent_loom")

# Before torch is imported: several sessions that decode on two threads each wait for one another for up to 0.2 s a picture.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def report(error: Exception) -> bool:
    """Log an error no page expected, with its full trace, and show a sentence that carries nothing but the log entry's id.

    Returns True, which tells Streamlit to show nothing of its own.
    """
    entry = secrets.token_hex(3)
    log.error("error %s on a page", entry, exc_info=error)
    st.error(
        f"Something went wrong on this page. Reload it to go on. If it happens again, look in the server's log under **{entry}**.",
        icon=":material/error:",
    )
    return True


# Streamlit takes a folder called pages/ for its old kind of menu until st.navigation has run once in the process: the first
# address that a new server is asked for would otherwise run its page alone, without the router.
PagesManager.uses_pages_directory = False
app = st.App(
    Path(__file__).with_name("router.py"),
    routes=ROUTES,
    lifespan=upkeep.lifespan,
    middleware=[Middleware(Guard), *middleware(), Middleware(Uploads)],
    on_script_error=report,
)
