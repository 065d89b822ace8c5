"""The Train page's runs, as they stand on the disk: progress, snapshots, live curves, a strip that sharpens, and what to do next."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.cache import Unfolded
from pages.ui.ground import state, wording
from pages.ui.ground.figures import training_curve
from pages.ui.ground.menus import choose_id
from pages.ui.ground.models import links_to_pages, trained_sigma
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import attempt, refuse, show_refusal
from pages.ui.panels import replay
from pages.ui.screens.train import objective
from vae_core.analysis import constant
from vae_core.base.config import RunConfig
from vae_core.base.display import duration, with_error
from vae_core.base.errors import InputError
from vae_core.data.images import open_image, shown
from vae_core.runs import damage, directory, jobs, resuming
from vae_core.runs.directory import Run, State
from vae_core.training import snapshots
from vae_core.training.figures import Figures
from vae_core.training.train import Record

POLL_SECONDS = 1.0
LISTED_RUNS = 30
ANOTHER = "another"  # the anchor of the form below the runs
STRIP_WIDTH = 640
MOST_BROKEN = 5
_STATES = {
    "queued": "Waiting",
    "submitted": "In the cluster's queue",
    "running": "Training",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
}
_ICONS = {
    "queued": ":material/hourglass_empty:",
    "submitted": ":material/schedule_send:",
    "running": ":material/model_training:",
    "finished": ":material/check_circle:",
    "stopped": ":material/stop_circle:",
    "failed": ":material/error:",
}
_COLOURS: dict[State, Literal["gray", "blue", "green", "yellow", "red"]] = {
    "queued": "gray",
    "submitted": "gray",
    "running": "blue",
    "finished": "green",
    "stopped": "yellow",
    "failed": "red",
}


def watch() -> None:
    """The runs; drawn again each second as long as one is active, and not at all after that."""
    jobs.tend()
    broken = [each.why for each in damage.listing(cache.models()).values() if each.kind == "run"]
    if broken:
        with st.container(border=True):
            st.text("\n".join(broken[:MOST_BROKEN]))
            st.page_link("pages/models.py", label="See what can be done", icon=":material/inventory_2:")
    active = _any_active(directory.own())
    st.fragment(_watch, run_every=POLL_SECONDS if active else None)(active)


def _watch(polling: bool) -> None:
    if polling:
        jobs.tend()
    asked = state.asked(state.TRAIN_RUN)
    listed = [run for place, run in enumerate(directory.own()) if place < LISTED_RUNS or run.id == asked]
    show_refusal()
    if polling != _any_active(listed):
        st.rerun()  # the page begins to poll, or stops it, and the new model is in every list
    if not listed:
        if asked is not None:
            refuse(InputError(f'Run: there is no "{shown(asked)}" here, which the link asks for.'))
        st.markdown("There is no run yet. Choose images, press the button, and watch here how a model learns.")
        return
    by_id = {run.id: run for run in listed}
    names = {run.id: f"{run.config.name}, {_clock(run.created)}" for run in listed}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose_id(label="Run", options=names, key=state.TRAIN_RUN, help=f"The {LISTED_RUNS} newest runs, the newest first.")
        st.markdown(f"[:material/add: Train another model](#{ANOTHER})", width="content")
    _show(by_id[chosen])
    with st.expander(f"All runs ({len(listed)})", icon=":material/list:"):
        _table(listed)


def _any_active(listed: list[Run]) -> bool:
    return any(run.status.active for run in listed)


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%d %b %H:%M")


def _show(run: Run) -> None:
    """One run: how it stands, its curves, its strip, and where to go with it."""
    status = run.status
    records = directory.records(run.folder)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(_STATES[status.state], icon=_ICONS[status.state], color=_COLOURS[status.state])
        st.text(_sentence(run, records), width="stretch")
        if status.active:
            stopping = (run.folder / "stop").exists()
            st.button(
                "Stopping …" if stopping else "Stop",
                icon=":material/stop:",
                disabled=stopping,
                on_click=directory.request_stop,
                args=(run.folder,),
                help="What it has learnt so far is kept.",
                key=state.TRAIN_STOP,
            )
        elif resuming.cannot_resume(run) is None:
            anew = resuming.begins_again(run)
            st.button(
                "Begin again" if anew else "Resume",
                icon=":material/replay:" if anew else ":material/resume:",
                on_click=attempt,
                args=(jobs.resume, run.id),
                help="It has saved nothing yet, and begins with the same settings."
                if anew
                else "It goes on with the very next step, as if it had never stopped.",
                key=state.TRAIN_RESUME,
            )
    if status.state == "running":
        st.progress(status.step / max(1, status.steps))
    if status.state == "failed" and resuming.begins_again(run):
        st.markdown("*Begin again* takes the same settings; or change them below and start another run.")
    elif status.state == "failed" and resuming.cannot_resume(run) is not None:
        st.markdown("Change the settings below and start again.")
    lost = directory.damaged_records(run.folder)
    if lost:
        st.caption(f":material/warning: {lost} record{'' if lost == 1 else 's'} of this run cannot be read: the curves leave a gap there.")
    unfolded = replay.snapshots_of(run.folder, run.config)
    _pictures(run, unfolded, records)
    if unfolded is not None:
        replay.about(run.config, unfolded)
    elif records or snapshots.version(run.folder):
        st.caption(f":material/info: {replay.none_of(run.folder)}")
    if unfolded is None or run.config.model.beta_range is not None:  # of one KL weight, the newest snapshot shows the same
        _strip(run)
    if not status.active:
        _verdict(run.config, records)
    if not status.active and directory.newest_checkpoint(run.folder) is not None:
        with st.container(horizontal=True):
            links_to_pages(run.id, run.config.model)
    st.caption(f"{wording.of_run(run.config)}{_sigma(run)}")
    if records:
        _figures(records, run.config)
        objective.chart(run.config.train, records[-1].steps, done=records[-1].step, key=state.TRAIN_RUN_OBJECTIVE)


def _pictures(run: Run, unfolded: Unfolded | None, records: list[Record]) -> None:
    """The snapshots under their slider, beside them the curves."""
    config, curves = run.config, _curves(records, run.config) if records else {}
    left, right = st.columns([2, 1]) if unfolded is not None and curves else (st.container(), st.container())
    if unfolded is not None:
        with left:
            replay.show(run.id, config, unfolded, key=state.TRAIN_RUN_REPLAY)
    with right:
        for name, figure in curves.items():
            alt = f"{name} over the epochs, on training and validation images; the newest figures stand below"
            key = state.part(state.TRAIN_RUN_CURVE, name)
            st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)
    if records and config.model.beta_range is not None:
        every = "pairs of KL weights, each image at a pair" if config.model.split else "KL weights, each image at one"
        st.caption(
            f"The training curve is the mean over all {every} drawn at random. The validation curve is at {wording.at_weights(config)}."
        )


def _verdict(config: RunConfig, records: list[Record]) -> None:
    """The run beside a constant picture, where it has been validated and its images are still here."""
    held_out = _held_out(records)
    if held_out is None:
        return
    try:
        nothing = cache.constant_picture(config)
    except InputError:
        return
    icon = {"learnt": ":material/check:", "hardly": ":material/warning:", "worse": ":material/error:"}
    found = constant.verdict(held_out.loss, nothing)
    said = constant.sentence(held_out, nothing, variational=config.model.variational)
    (st.success if found == "learnt" else st.warning)(said, icon=icon[found])


def _held_out(records: list[Record]) -> Figures | None:
    return next((record.validation for record in reversed(records) if record.validation), None)


def _sentence(run: Run, records: list[Record]) -> str:
    """How the run stands, in words."""
    status = run.status
    if status.state in directory.WAITING:
        ahead = jobs.ahead(run.id)
        turn = f"{ahead} run{'' if ahead == 1 else 's'} ahead of this one." if ahead else "The process that trains it is starting."
        if status.state == "submitted":
            turn = "It waits for its turn on the cluster."
        return f"{turn} It goes on after epoch {records[-1].epoch:.3g}." if records else turn
    if not records:
        return status.message or "The images are being loaded."
    done = f"Epoch {records[-1].epoch:.3g} of {run.config.train.epochs}"
    if status.state == "running":
        left = status.seconds / max(1, status.step) * (status.steps - status.step)
        return f"{done}, about {duration(left)} left."
    return f"{done} in {duration(status.seconds)}. {status.message}"


def _sigma(run: Run) -> str:
    """What a σ that was not fixed has become, once the run has ended."""
    folder = directory.newest_checkpoint(run.folder)
    if run.config.model.sigma_is == "fixed" or run.status.active or folder is None:
        return ""
    try:
        return f" σ is now {trained_sigma(folder):.3g}."
    except InputError:  # the links below lead to pages that say what is wrong
        return ""


def _figures(records: list[Record], config: RunConfig) -> None:
    """The newest figures; those of the validation images, as soon as there are any."""
    newest, train = records[-1], config.train
    held_out = _held_out(records)
    shown = held_out or newest
    variational = config.model.variational
    apart = config.model.split or train.beta_sigma is not None
    weighed = "β_μ × D_μ + β_σ × D_σ, the halves of the rate" if apart else "KL weight × rate"
    said = f"loss = distortion + {weighed}" if variational else "the loss is the distortion"
    if train.shapes_the_rate:
        said = f"{said}, with the final KL weight and nothing else" if held_out else "the loss is what training makes small"
    if config.model.beta_range is not None:
        said = f"{said}, {f'at a KL weight of {wording.at_weights(config)}' if held_out else 'over all KL weights'}"
    elif apart:
        said = f"{said}, at {wording.of_weights(train.weights)}"
    counted = f"{held_out.images:,} " if held_out and held_out.images else ""
    st.caption(f"Nats per image, means over the {counted}{'validation' if held_out else 'training'} images, ± standard error: {said}.")
    with st.grid(4, min_column_width=120):
        for name in ("loss", "distortion", "rate") if variational else ("distortion",):
            st.metric(name.capitalize(), with_error(getattr(shown, name), held_out.error(name) if held_out else math.nan))
        st.metric("Images per second", f"{newest.images_per_second:,.0f}")


def _curves(records: list[Record], config: RunConfig) -> dict[str, go.Figure]:
    """Distortion and rate over the epochs, by name; a plain autoencoder has no rate."""
    epochs = [record.epoch for record in records]
    held_out = [(record.epoch, record.validation) for record in records if record.validation]
    charts = {
        "Distortion": ([record.distortion for record in records], [(epoch, figures.distortion) for epoch, figures in held_out]),
        "Rate": ([record.rate for record in records], [(epoch, figures.rate) for epoch, figures in held_out]),
    }
    if not config.model.variational:
        del charts["Rate"]
    return {
        name: training_curve(f"{name} (nats per image)", epochs, training, validation) for name, (training, validation) in charts.items()
    }


def _strip(run: Run) -> None:
    """The validation images above their reconstructions, enlarged by a whole factor."""
    try:
        rows = np.atleast_3d(np.asarray(open_image((run.folder / "preview.png").read_bytes(), "The preview"))).transpose(2, 0, 1)
    except FileNotFoundError:
        return
    except (OSError, InputError):
        st.caption(":material/warning: The preview of this run, preview.png in its folder, is damaged.")
        return
    decoded = f"Each one decoded from {'the mean of its posterior' if run.config.model.variational else 'its code'}"
    at = [f"{decoded}, at KL weight {wording.at_weights(run.config, weights)}" for weights in directory.preview_weights(run.config)]
    titles = ["Validation images, never trained on", *(at or [decoded])]
    for title, row in zip(titles, np.split(rows, len(titles), axis=1), strict=True):
        st.caption(title)
        show_picture(row, alt=title, target=STRIP_WIDTH)


def _table(listed: list[Run]) -> None:
    st.dataframe(
        {
            "Run": [run.config.name for run in listed],
            "State": [_STATES[run.status.state] for run in listed],
            "Done": [run.status.step / max(1, run.status.steps) for run in listed],
            "Training time": [duration(run.status.seconds) for run in listed],
            "Started": [_clock(run.created) for run in listed],
        },
        column_config={"Done": st.column_config.NumberColumn(format="percent")},
        hide_index=True,
        alt="All runs with their state, the newest first",
    )
