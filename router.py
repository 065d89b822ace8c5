"""What each browser session runs: the page frame, the menu, then the chosen page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.ground import address
from pages.ui.ground.language import in_menu
from pages.ui.ground.refusals import refuse
from pages.ui.live import browser
from pages.ui.screens.classroom.menu import of_class

# A local file: without one the browser asks a font server on the internet for the icon.
st.set_page_config(page_title="Latent Loom", page_icon=Path(__file__).with_name("assets") / "icon.png", layout="wide")
page = st.navigation(
    [
        st.Page(
            "pages/home.py",
            title=in_menu("Home"),
            icon=":material/home:",
            help=in_menu("What a latent space is, in one live picture. Start here."),
        ),
        st.Page(
            "pages/learn.py",
            title=in_menu("Learn"),
            icon=":material/school:",
            help=in_menu("The lesson: ten questions, each answered by a trained model."),
        ),
        st.Page(
            "pages/sliders.py",
            title=in_menu("Sliders"),
            icon=":material/tune:",
            help=in_menu("Move each latent dimension and see the decoded image."),
        ),
        st.Page(
            "pages/map.py",
            title=in_menu("Map"),
            icon=":material/scatter_plot:",
            help=in_menu("All images as points in the latent space. Click one to see it and its nearest neighbours."),
        ),
        st.Page(
            "pages/interpolate.py",
            title=in_menu("Interpolate"),
            icon=":material/animation:",
            help=in_menu("Walk from one image to another through the latent space and save the walk as a GIF."),
        ),
        st.Page(
            "pages/kl_weight.py",
            title=in_menu("KL weight"),
            icon=":material/balance:",
            help=in_menu("The same model at several KL weights: what each one gains and what it blurs."),
        ),
        st.Page(
            "pages/compare.py",
            title=in_menu("Compare"),
            icon=":material/compare:",
            help=in_menu("PCA, autoencoders, VAEs and the machines before them on the same images; or two models of your choice."),
        ),
        st.Page(
            "pages/train.py",
            title=in_menu("Train"),
            icon=":material/model_training:",
            help=in_menu("Train a model on a built-in set or on your own images and watch it learn."),
        ),
        st.Page(
            "pages/models.py",
            title=in_menu("Models"),
            icon=":material/inventory_2:",
            help=in_menu("Every model with its figures. Choose, rename, delete, download or upload one."),
        ),
        *of_class(),
    ],
    position="top",
)
body = st.container()
browser.keep()  # begins before the page does, and lies below it, where an element that shows nothing moves nothing
with body:
    above = st.container()
    address.clean()
    try:
        page.run()
    finally:  # also where the page has stopped
        if (left := address.complaint()) is not None:
            with above:
                refuse(left)
