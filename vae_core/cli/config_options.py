"""Options made from the fields of a configuration: name, type, choices, default, bounds and help come from its JSON schema.

No library does this for us: pydantic-settings reads ``1_000`` and ``1e3`` as a number of epochs, and cyclopts hands pydantic the text
of a number, which a strict configuration refuses.
"""

from __future__ import annotations

import argparse
from collections.abc import Container, Mapping
from typing import Any

from vae_core.base.strict import Config
from vae_core.cli.values import real, whole

_READ = {"integer": whole, "number": real, "string": str}
_METAVARS = {"integer": "N", "number": "X", "string": "TEXT"}
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}


def flag_of(field: str, flags: Mapping[str, str]) -> str:
    """The option of a field: what `flags` calls it, else ``--its-name``."""
    return flags.get(field, f"--{field.replace('_', '-')}")


def add_fields(
    where: argparse._ActionsContainer,
    config: type[Config],
    *,
    without: Container[str] = (),
    flags: Mapping[str, str] | None = None,
    defaults: Mapping[str, object] | None = None,
) -> None:
    """Add an option for each field of `config` but those in `without`; `defaults` are for fields that have none."""
    for field, schema in config.model_json_schema()["properties"].items():
        if field not in without:
            where.add_argument(flag_of(field, flags or {}), dest=field, **_settings({"default": (defaults or {}).get(field)} | schema))


def field_values(chosen: argparse.Namespace, config: type[Config], *, without: Container[str] = ()) -> dict[str, Any]:
    """The values chosen for the fields of `config` but those in `without`."""
    values = {field: getattr(chosen, field) for field in config.model_fields if field not in without}
    return {field: tuple(value) if isinstance(value, list) else value for field, value in values.items()}


def _settings(schema: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `add_argument` for a field with this JSON schema."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind["type"] != "null"]
    several = kinds[0].get("prefixItems", [])  # of a tuple
    (json_type,) = {kind["type"] for kind in several or kinds}
    default, description = schema["default"], schema["description"].replace("%", "%%")
    if json_type == "boolean":
        return {"action": argparse.BooleanOptionalAction if default else "store_true", "default": default, "help": description}
    choices = [value for kind in kinds for value in kind.get("enum", [kind["const"]] if "const" in kind else [])]
    limits = (several or kinds)[0]
    notes = [f"{words} {limits[bound]:,}" for bound, words in _BOUNDS.items() if bound in limits]
    notes += ["default: %(default)s"] if default is not None else []
    return {
        "type": _READ[json_type],
        "choices": choices or None,
        "nargs": len(several) or None,
        "metavar": None if choices else tuple("ABCD"[: len(several)]) or _METAVARS[json_type],
        "default": default,
        "help": f"{description} ({', '.join(notes)})" if notes else description,
    }
