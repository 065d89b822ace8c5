"""Open a model that was trained elsewhere: bring its files, see what each reading of its numbers makes of eight images, choose one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.models import links_to_pages
from pages.ui.ground.pictures import show_row
from pages.ui.ground.refusals import refuse
from pages.ui.screens.models import saying
from pages.ui.server.uploads import largest_file
from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.foreign import importing, joining
from vae_core.foreign.adopting import Reading, chosen
from vae_core.foreign.architectures import ARCHITECTURES
from vae_core.foreign.opening import Opened, Upload
from vae_core.runs import catalogue

TYPES = ["onnx", "zip", "pt", "pth", "safetensors", "json"]
NO_IMAGES, BETA = "No images", "KL weight of its training"
SCRIPT = """import torch

class Encode(torch.nn.Module):                     # give back mean and log-variance, and draw nothing
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, image):
        mean, logvar = self.vae.encode(image)      # call your own encoder here
        return mean, logvar

class Decode(torch.nn.Module):
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, z):
        return self.vae.decode(z)                  # call your own decoder here

vae.eval()                                         # your trained network; BatchNorm and Dropout as after training
image = torch.rand(1, 3, 64, 64)                   # of your pictures' size: channels, height, width
z = torch.randn(1, 10)                             # as long as your code

def write(half, example, file, takes, gives):
    axes = {name: {0: "batch"} for name in (takes, *gives)}
    torch.onnx.export(half, (example,), file, input_names=[takes], output_names=gives, dynamic_axes=axes, dynamo=False)

write(Encode(vae), image, "encoder.onnx", "image", ["mean", "logvar"])
write(Decode(vae), z, "decoder.onnx", "z", ["picture"])
"""


def adopt(take: Callable[[str], None]) -> None:
    """Ask for files, and for what they leave open; `take` chooses the model by its id once it is kept."""
    with st.expander("Open a model that was trained elsewhere", icon=":material/input:"):
        st.markdown(
            "Bring `encoder.onnx` and `decoder.onnx`, one `.onnx` of both, a ZIP of them, or a checkpoint of a network that is known here. "
            "Nothing in these files is run: their layers are read and written down as layers of this app."
        )
        with st.popover("How to export yours", icon=":material/code:"):
            st.markdown("From PyTorch, on your computer. From Keras: `tf2onnx` for encoder and decoder, without the layer that samples.")
            st.code(SCRIPT, language="python")
        scope = state.part(state.MODELS_FOREIGN, state.get(state.MODELS_ADDED, 0))
        key = state.part(scope, state.PART_UPLOAD)
        files = st.file_uploader("Its files", type=TYPES, accept_multiple_files=True, key=key, max_upload_size=largest_file())
        if files:
            try:
                _ask(scope, tuple((file.name, file.getvalue()) for file in files), take)
            except InputError as error:
                refuse(error)
        else:
            _say_added()


def _say_added() -> None:
    """That the model was added just now, and where to go with it: its card stands far above."""
    added = cache.models().get(state.get(state.MODELS_ADOPTED) or "")
    if added is None or added.id != state.get(state.MODEL):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(":material/check_circle: **Added**", width="content")
        st.text(f"{added.name} is now the chosen model, and its card is above.", width="stretch")
        links_to_pages(added.id, added.card.model)


def _ask(scope: str, files: tuple[Upload, ...], take: Callable[[str], None]) -> None:
    architecture = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if cache.holds_weights_alone(files):
            architecture = st.selectbox(
                "Its network",
                list(ARCHITECTURES),
                format_func=lambda name: ARCHITECTURES[name].words,
                key=state.part(scope, state.PART_SOURCE),
            )
        sets = {NO_IMAGES: None} | {info.title: name for name, info in data.known().items() if data.complete(data.at_hand(name))}
        title = st.selectbox(
            "Images of its kind",
            list(sets),
            key=state.MODELS_FOREIGN_DATA,
            help="The map, the figures and the sliders' ranges need them. Yours are not in the list? Bring them on the Train page first.",
        )
    said, name = saying.ask(scope), sets[title]
    opened = cache.from_elsewhere(files, architecture, said.image, said.latent)
    with saying.bar() as tell:
        found, shape, seen, rows = cache.tried(files, architecture, said, name, tell)
    channels, height, width = shape
    code = " × ".join(map(str, opened.halves.decoder.shape))
    st.caption(
        f"It takes {'grey' if channels == 1 else 'colour'} pictures of {height} × {width} pixels, and a code has {code} numbers."
        + ("" if name else f" Without images of its kind it has no map and no figures, and its sliders {_sliders(found[0])}.")
    )
    if seen is not None:
        show_row(seen, alt="Eight images of the set", caption="Images of the set")
    for reading, row in zip(found, rows, strict=False):
        error = "" if seen is None else f"; error {reading.error:.3f}"
        what = "Reconstructions" if seen is not None else "Pictures it makes up"
        show_row(row, alt=f"{what}, where {reading.words}", caption=f"{what}: {reading.words}{error}.")
    words = [reading.words for reading, _ in zip(found, rows, strict=False)]
    best = words[0]
    if len(words) > 1:
        best = st.radio("Which of these is as you expect it?", words, key=state.part(scope, state.PART_PICK))
    reading = found[words.index(best)]
    stem = files[0][0].rsplit(".", 1)[0]
    own = opened.card.name or ("From elsewhere" if stem.lower() in ("encoder", "decoder", "model") else stem)
    said_beta = importing.beta_of(opened.card, reading.model.config)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.text_input("Name", shown(own), max_chars=catalogue.MAX_NAME, key=state.part(scope, state.PART_OWN))
        beta = st.number_input(
            BETA,
            min_value=0.0,
            max_value=10_000.0,
            value=said_beta,
            placeholder="not known",
            format="%g",
            key=state.part(scope, state.PART_OWN, BETA),
            help="β of D + β·KL, both summed over an image. The translator on the KL weight page turns other people's numbers into it.",
        )
    if st.button("Add this model", type="primary", icon=":material/add:", key=state.part(scope, state.PART_PICKED)):
        _keep(opened, reading, len(found), label or own, None if name is None else cache.images(name), shape, beta, take)
        st.rerun()


def _sliders(reading: Reading) -> str:
    """What the sliders of a model without images do."""
    config = reading.model.config
    if not config.wide:
        return "span the prior N(0, I)"
    return "move one channel each" if len(config.code_shape) == 3 else "move only the first of its numbers"


def _keep(
    opened: Opened,
    reading: Reading,
    many: int,
    name: str,
    images: Images | None,
    shape: tuple[int, int, int],
    beta: float | None,
    take: Callable[[str], None],
) -> None:
    """Check the model, keep it and choose it."""
    _, why = chosen([reading], opened.halves.label)
    if many > 1:
        why.append(f"Chosen by eye among {many} readings.")
    with saying.bar() as tell:
        joined = None if images is None else joining.fitted(images, shape)
        point = importing.adopted(opened, reading, why, name, joined, beta=beta, tell=tell)
    kept = catalogue.keep(point)
    state.put(state.MODELS_ADDED, state.get(state.MODELS_ADDED, 0) + 1)
    state.put(state.MODELS_ADOPTED, kept)
    take(kept)
