"""The records as types of JavaScript, assets/live/kit/wire.js; ``python -m vae_core.export.wire.typedefs`` writes that file anew."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from vae_core.export.wire import events, lesson, records

FILE = Path(__file__).parents[3] / "assets" / "live" / "kit" / "wire.js"

_HEAD = """\
// @ts-check
// The wire between Python and the browser: what each live part is given and what it sends back. Types only.
// `python -m vae_core.export.wire.typedefs` writes this file from records.py, lesson.py and events.py in there.

"""
_SIMPLE = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}


def typedefs() -> str:
    """The text of the file. A record's docstring and the comment behind each field go with it."""
    source = inspect.getsource(records) + inspect.getsource(lesson) + inspect.getsource(events)
    lines = source.splitlines()

    def comment(statement: ast.stmt) -> str:
        return lines[statement.lineno - 1].partition("  # ")[2]

    texts = [_HEAD]
    fields: dict[str, list[str]] = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ClassDef):
            above = [line for base in statement.bases if isinstance(base, ast.Name) for line in fields.get(base.id, [])]
            own = [_property(field, comment(field)) for field in statement.body if isinstance(field, ast.AnnAssign)]
            fields[statement.name] = above + own
            head = f"/** {ast.get_docstring(statement)}\n * @typedef {{object}} {statement.name}\n"
            texts.append((head + "".join(fields[statement.name])).rstrip() + " */\n")
        elif isinstance(statement, ast.Assign):
            (name,) = statement.targets
            texts.append(f"/** @typedef {{{_type(statement.value)}}} {ast.unparse(name)} {comment(statement)}".rstrip() + " */\n")
    return "".join([*texts, "export {}\n"])


def _property(field: ast.AnnAssign, comment: str) -> str:
    name, wanted = ast.unparse(field.target), field.annotation
    if isinstance(wanted, ast.Subscript) and ast.unparse(wanted.value) == "NotRequired":
        name, wanted = f"[{name}]", wanted.slice
    return f" * @property {{{_type(wanted)}}} {name} {comment}".rstrip() + "\n"


def _type(annotation: ast.expr) -> str:
    """The annotation in the words of JavaScript."""
    if isinstance(annotation, ast.BinOp):
        return f"{_type(annotation.left)} | {_type(annotation.right)}"
    if isinstance(annotation, ast.Subscript):
        inner = list(_parts(annotation.slice))
        match ast.unparse(annotation.value):
            case "Sequence":
                return f"{_type(inner[0])}[]" if not isinstance(inner[0], ast.BinOp) else f"({_type(inner[0])})[]"
            case "tuple":
                return f"[{', '.join(map(_type, inner))}]"
            case "Literal":
                return " | ".join(ast.unparse(value).replace("'", '"').replace("False", "false") for value in inner)
    name = ast.unparse(annotation)
    return "null" if name == "None" else _SIMPLE.get(name, name)


def _parts(content: ast.expr) -> Iterator[ast.expr]:
    yield from content.elts if isinstance(content, ast.Tuple) else [content]


if __name__ == "__main__":
    FILE.write_text(typedefs(), "utf-8")
