"""A table of strips of pictures: one element, which the Tab key passes in one step, with a heading for each row and column."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.ground.pictures import picture_address, picture_scale
from vae_core.data.images import strip_bytes

_STYLE = """<style>
.strips { border-collapse: collapse; }
.strips th { font-weight: 600; text-align: left; padding: 0 12px 1px 0; }
.strips tbody th { width: 9rem; line-height: 1.2; }
.strips td { padding: 0 12px 1px 0; vertical-align: middle; }
.strips img { display: block; max-width: 100%; image-rendering: pixelated; }
@media (max-width: 900px) {
  .strips thead { display: none; }
  .strips tr, .strips th, .strips td { display: block; padding-right: 0; }
  .strips tbody th { width: auto; padding-top: 10px; }
  .strips td:empty { display: none; }
  .strips td::before { content: attr(data-column); display: block; font-size: 0.8rem; opacity: 0.7; }
}
</style>"""


class Line(NamedTuple):
    """A row: what it is of, and its strips, uint8 [n, C, H, W], or words where there is none."""

    name: str
    cells: list[NDArray[np.uint8] | str]


def show(columns: list[str], lines: list[Line], *, target: int) -> None:
    """The table. Each picture has about `target` screen pixels; on a narrow screen the strips of a row stand below each other."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("", *columns))
    body = "".join(
        f'<tr><th scope="row">{escape(line.name)}</th>'
        + "".join(_cell(line.name, column, cell, target) for column, cell in zip(columns, line.cells, strict=True))
        + "</tr>"
        for line in lines
    )
    st.html(f'{_STYLE}<table class="strips"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _cell(name: str, column: str, cell: NDArray[np.uint8] | str, target: int) -> str:
    if isinstance(cell, str):
        return f'<td data-column="{escape(column)}">{escape(cell)}</td>'
    scale = picture_scale(cell.shape, target)
    address = picture_address(strip_bytes(cell))
    width, height = scale * cell.shape[-1] * len(cell), scale * cell.shape[-2]
    alt = escape(f"{column}: {name}")
    return f'<td data-column="{escape(column)}"><img src="{address}" width="{width}" height="{height}" alt="{alt}"></td>'
