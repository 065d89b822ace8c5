"""The name of each class, written in the middle of its codes, so that a map needs no colours to be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

_LONGEST = 12  # letters that have room on a map


def write(figure: go.Figure, points: NDArray[np.floating], labels: NDArray[np.int64], names: tuple[str, ...]) -> None:
    """Write the name of each class at the median of its points, [N, 2], with labels [N]."""
    for label in np.unique(labels).tolist():
        across, up = np.median(points[labels == label], axis=0).tolist()
        font: dict[str, Any] = {"size": 14, "color": "black"}
        text = f"<b>{names[label]}</b>" if len(names[label]) <= _LONGEST else ""
        figure.add_annotation(x=across, y=up, text=text, showarrow=False, font=font, bgcolor="rgba(255,255,255,0.7)", borderpad=0)
