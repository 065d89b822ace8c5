"""What each browser session runs: the page frame, the menu, then the chosen page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.ground import address
from pages.ui.ground.refusals import refuse
from pages.ui.live import browser
from pages.ui.screens.classroom.menu import of_class

# A local file: without one the browser asks a font server on the internet for the icon.
st.set_page_config(page_title="Latent Loom", page_icon=Path(__file__).with_name("assets") / "icon.png", layout="wide")
page = st.navigation(
    [
        st.Page(
            "pages/home.py",
            title="Home",
            icon=":material/home:",
            help="What a latent space is, in one live picture. Start here.",
        ),
        st.Page(
            "pages/learn.py",
            title="Learn",
            icon=":material/school:",
            help="The lesson: ten questions, each answered by a trained model.",
        ),
        st.Page(
            "pages/sliders.py",
            title="Sliders",
            icon=":material/tune:",
            help="Move each latent dimension and see the decoded image.",
        ),
        st.Page(
            "pages/map.py",
            title="Map",
            icon=":material/scatter_plot:",
            help="All images as points in the latent space. Click one to see it and its nearest neighbours.",
        ),
        st.Page(
            "pages/interpolate.py",
            title="Interpolate",
            icon=":material/animation:",
            help="Walk from one image to another through the latent space and save the walk as a GIF.",
        ),
        st.Page(
            "pages/kl_weight.py",
            title="KL weight",
            icon=":material/balance:",
            help="The same model at several KL weights: what each one gains and what it blurs.",
        ),
        st.Page(
            "pages/compare.py",
            title="Compare",
            icon=":material/compare:",
            help="PCA, autoencoders, VAEs and the machines before them on the same images; or two models of your choice.",
        ),
        st.Page(
            "pages/train.py",
            title="Train",
            icon=":material/model_training:",
            help="Train a model on a built-in set or on your own images and watch it learn.",
        ),
        st.Page(
            "pages/models.py",
            title="Models",
            icon=":material/inventory_2:",
            help="Every model with its figures. Choose, rename, delete, download or upload one.",
        ),
        *of_class(),
    ],
    position="top",
)
body = st.container()
browser.keep()  # begins before the page does, and lies below it, where an element that shows nothing moves nothing
with body:
    unsound = address.clean()
    if unsound is not None:
        refuse(unsound)
    page.run()
