"""Results of one batch after another, in one place."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor


def gathered(parts: Iterable[Tensor]) -> Tensor:
    """The rows of all parts, [n, D] each and at least one, one below the other: [N, D].

    They are kept in one tensor, which doubles when it is full. A list of small tensors that stay, made between large ones that go, leaves
    the memory of those in pieces, each too small for the next: 74,000 images of 64 × 64 pixels took 1.4 GB in that way.
    """
    each = iter(parts)
    rows = next(each)
    count = len(rows)
    for part in each:
        end = count + len(part)
        if end > len(rows):
            larger = rows.new_empty(max(end, 2 * len(rows)), rows.shape[1])
            larger[:count] = rows[:count]
            rows = larger
        rows[count:end] = part
        count = end
    return rows[:count].clone()
