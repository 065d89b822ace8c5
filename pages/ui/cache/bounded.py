"""How many bytes the large caches of a server hold together: what comes beyond that, the value that was used longest ago makes way for.

Models, image sets and codes are shared by all sessions. Two sessions that ask for the same at once wait for one computation.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
import streamlit as st

MOST = 2**30
"""Bytes of all that is kept by `in_memory`; one value that is larger is kept alone."""

P = ParamSpec("P")
T = TypeVar("T")


class _Kept(NamedTuple):
    value: int  # its id: another value under the same key has another size
    size: int
    forget: Callable[[], None]


_ledger: OrderedDict[tuple[str, Hashable], _Kept] = OrderedDict()  # what was used last is last
_lock = threading.Lock()


def in_memory(max_entries: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`st.cache_resource` for a function of hashable arguments, whose values count for `MOST`."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached = st.cache_resource(max_entries=max_entries, show_spinner=False)(function)
        name = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def call(*arguments: P.args, **named: P.kwargs) -> T:
            value = cached(*arguments, **named)
            key = (name, (arguments, tuple(sorted(named.items()))))
            _use(key, value, max_entries, lambda: cached.clear(*arguments, **named))
            return value

        return call

    return decorate


def held() -> int:
    """Bytes that are kept now."""
    with _lock:
        return sum(kept.size for kept in _ledger.values())


def _use(key: tuple[str, Hashable], value: object, max_entries: int, forget: Callable[[], None]) -> None:
    with _lock:
        known = _ledger.get(key)
        if known is None or known.value != id(value):
            _ledger[key] = _Kept(id(value), size_of(value), forget)
        _ledger.move_to_end(key)
        own = [each for each in _ledger if each[0] == key[0]]
        for gone in own[:-max_entries]:  # which Streamlit has let go of
            del _ledger[gone]
        total, leaving = sum(kept.size for kept in _ledger.values()), list[_Kept]()
        while total > MOST and len(_ledger) > 1:
            _, oldest = _ledger.popitem(last=False)
            total -= oldest.size
            leaving.append(oldest)
    for each in leaving:
        each.forget()


def size_of(value: object) -> int:
    """Bytes of the arrays, weights and texts in a value; an array that lies in a file has none."""
    return sum(_size(part) for part in {id(part): part for part in _parts(value)}.values())


def _parts(value: object) -> Iterable[object]:
    if hasattr(value, "state_dict"):
        yield from value.state_dict().values()
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, dict):
        for part in value.values():
            yield from _parts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _parts(part)
    else:
        yield value


def _size(part: object) -> int:
    if isinstance(part, np.ndarray):
        base: object = part
        while isinstance(base, np.ndarray) and not isinstance(base, np.memmap) and base.base is not None:
            base = base.base
        return 0 if isinstance(base, np.memmap) else part.nbytes
    if isinstance(part, bytes | str):
        return len(part)
    found = getattr(part, "nbytes", 0)  # of a tensor of torch, which pages do not import
    return found if isinstance(found, int) else 0
