"""What training does with the rate beyond D + β·R, on the Train page: how β moves over the run, capacity, free bits, total correlation."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.ground import figures, state
from pages.ui.ground.wording import SCHEDULES, of_objective
from vae_core.base.colours import PALETTE
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig, parse
from vae_core.base.errors import InputError
from vae_core.training import schedules

_POINTS = 600  # of the curve
_BARE = ModelConfig(body="linear", channels=1, height=8, width=8, latent=2)  # a model's shape does not matter for how its rate is weighed


def halves(train: TrainConfig, *, every: bool) -> tuple[TrainConfig, bool]:
    """Whether each half of the rate has a weight of its own: `train` with that of D_σ, and whether a multi-rate model is told both.

    Args:
        train: with one weight, which becomes that of D_μ.
        every: whether the model is for every KL weight.
    """
    lessons = cache.lessons("train")
    with st.grid("auto", min_column_width=210, vertical_alignment="bottom"):
        apart = st.toggle("Weigh the halves of the rate apart", key=state.TRAIN_HALVES, bind="query-params", help=lessons["Halves"])
        if apart and not every:
            weight = st.number_input(
                "KL weight of D_σ",
                0.0,
                10_000.0,
                1.0,
                step=0.5,
                format="%g",
                key=state.TRAIN_WEIGHT_SIGMA,
                bind="query-params",
                help="The KL weight above is then that of D_μ.",
            )
            train = parse(TrainConfig, train.model_dump() | {"beta_sigma": float(weight)})
    if apart:
        st.caption(f"{lessons['Halves']} {lessons['Halves of every']}" if every else lessons["Halves"])
    return train, apart and every


def choose(train: TrainConfig, steps: int, model: ModelConfig) -> TrainConfig:
    """`train` with the objective asked for; what the configuration rules out cannot be chosen, and its rule is said.

    Args:
        train: with the plain objective.
        steps: of the whole run.
        model: what is trained.
    """
    refused = _refusal(train, model, schedule="linear")
    if refused:
        st.caption(refused)
        return train
    lessons = cache.lessons("train")
    st.caption(lessons["Objective"])
    with st.grid("auto", min_column_width=210, vertical_alignment="bottom"):
        schedule = SCHEDULES[
            st.selectbox(
                "KL weight over the run",
                list(SCHEDULES),
                key=state.TRAIN_SCHEDULE,
                bind="query-params",
                help="Constant, rising from 0 once, or rising from 0 again and again.",
            )
        ]
        free_bits = st.number_input(
            "Free bits λ",
            0.0,
            100.0,
            0.0,
            step=0.05,
            format="%g",
            key=state.TRAIN_FREE_BITS,
            bind="query-params",
            help="This many nats of each dimension cost nothing, so that none is given up early. 0 is off.",
        )
        tc = st.number_input(
            "Total correlation",
            0.0,
            10_000.0,
            0.0,
            step=1.0,
            format="%g",
            key=state.TRAIN_TC,
            bind="query-params",
            help="Weight of what the dimensions say about each other, added to the loss: more of it makes them independent. 0 is off.",
        )
        ruled_out = _refusal(train, model, schedule=schedule, free_bits=free_bits, capacity=1.0)
        capacity = st.number_input(
            "Capacity C",
            0.0,
            10_000.0,
            None,
            step=1.0,
            format="%g",
            key=state.TRAIN_CAPACITY,
            bind="query-params",
            placeholder="off",
            disabled=ruled_out is not None,
            help="In nats. C rises over the run and pulls the rate along: the price is β × the rate's distance from C. Empty is off.",
        )
    if ruled_out:
        st.caption(f"No capacity here. {ruled_out}")
        capacity = None
    fields = {"schedule": schedule, "free_bits": float(free_bits), "tc": float(tc), "capacity": capacity}
    if schedule != "constant" or capacity is not None:
        fields |= _rise(cyclical=schedule == "cyclical")
    chosen = parse(TrainConfig, train.model_dump() | fields)
    st.caption(lessons[schedule])
    chart(chosen, steps, key=state.TRAIN_OBJECTIVE)
    return chosen


def chart(train: TrainConfig, steps: int, *, done: int | None = None, key: str) -> None:
    """What rises over the run, β or C, as a small curve, with a mark after `done` steps; nothing where nothing does."""
    if train.schedule == "constant" and train.capacity is None:
        return
    what, unit = ("β", "KL weight β") if train.capacity is None else ("C", "Capacity C, nats")
    count = min(steps, max(_POINTS, 12 * train.cycles))
    at = np.unique(np.linspace(0, steps - 1, count).astype(int)).tolist()
    figure = go.Figure()
    line = {"color": PALETTE[0], "width": 2}
    epochs = [train.epochs * step / steps for step in at]
    hover = f"{what} %{{y:.3g}} at epoch %{{x:.3g}}<extra></extra>"
    figure.add_scatter(x=epochs, y=[_risen(train, step, steps) for step in at], mode="lines", line=line, hovertemplate=hover)
    words = of_objective(train)
    if done is not None:
        now = _risen(train, min(done, steps - 1), steps)
        words += f" After epoch {train.epochs * done / steps:.3g} it is {now:.3g}."
        mark = {"symbol": "diamond", "size": 13, "color": PALETTE[5], "line": {"color": "white", "width": 2}}
        figure.add_scatter(x=[train.epochs * done / steps], y=[now], mode="markers", marker=mark, hoverinfo="skip", cliponaxis=False)
    figure.update_xaxes(title="Epoch", range=[0, train.epochs])
    figure.update_yaxes(title=unit, rangemode="tozero")
    figure.update_layout(showlegend=False, dragmode=False)
    st.plotly_chart(figures.plain(figure, height=170), key=key, config={"displayModeBar": False}, alt=words)


def _risen(train: TrainConfig, step: int, steps: int) -> float:
    goal = schedules.capacity(train, step, steps)
    return schedules.beta(train, step, steps) if goal is None else goal


def _rise(*, cyclical: bool) -> dict[str, float | int]:
    """How long the rise takes, and how often there is one."""
    with st.grid("auto", min_column_width=210, vertical_alignment="bottom"):
        share = st.slider(
            "Rise, share of each cycle" if cyclical else "Rise, share of the run",
            0.05,
            1.0,
            0.5,
            0.05,
            format="percent",
            key=state.TRAIN_RAMP,
            bind="query-params",
            help="How long the rise from 0 takes. After that the value stays.",
        )
        if not cyclical:
            return {"ramp": share}
        cycles = st.number_input("Cycles", 1, 1000, 4, key=state.TRAIN_CYCLES, bind="query-params", help="How often β rises from 0.")
    return {"ramp": share, "cycles": cycles}


def _refusal(train: TrainConfig, model: ModelConfig, **fields: str | float) -> str | None:
    """Why the configuration does not allow these fields, in its own words; None where it does."""
    try:
        asked = parse(TrainConfig, train.model_dump() | fields)
        bare = _BARE.model_copy(update={name: getattr(model, name) for name in ("variational", "beta_range", "split")})
        parse(RunConfig, {"name": "run", "data": "data", "model": bare, "train": asked.model_copy(update={"binarise": "no"})})
    except InputError as error:
        return str(error)
    return None
