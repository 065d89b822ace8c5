"""The records as types of JavaScript, in assets/live/kit; ``python -m vae_core.export.wire.typedefs`` writes these files anew."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from vae_core.export.wire import events, lesson, multirate, records, takehome

KIT = Path(__file__).parents[3] / "assets" / "live" / "kit"
PARTS, PAGES = "wire.js", "wire_pages.js"
FILES: dict[str, tuple[str, tuple[ModuleType, ...]]] = {
    PARTS: ("what each live part is given and what it sends back", (records, multirate, events)),
    PAGES: ("what pages without Python are given", (takehome, lesson)),
}
"""What each file says, and from which modules it is written; the second names records of the first."""

_HEAD = """\
// @ts-check
// The wire between Python and the browser: {about}. Types only.
// `python -m vae_core.export.wire.typedefs` writes this file from {sources} in there.

"""
_SIMPLE = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}


def typedefs(file: str) -> str:
    """The text of one of `FILES`. A record's docstring and the comment behind each field go with it."""
    about, modules = FILES[file]
    source = "".join(map(inspect.getsource, modules))
    lines = source.splitlines()

    def comment(statement: ast.stmt) -> str:
        return lines[statement.lineno - 1].partition("  # ")[2]

    texts: list[str] = []
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
    head = _HEAD.format(about=about, sources=", ".join(Path(inspect.getfile(module)).name for module in modules))
    return "".join([head, "" if file == PARTS else _taken(source), *texts, "export {}\n"])


def _taken(source: str) -> str:
    """The line that names what a file takes from `PARTS`: what its modules import from those of that file."""
    names = {
        alias.name
        for statement in ast.parse(source).body
        if isinstance(statement, ast.ImportFrom) and statement.module in {module.__name__ for module in FILES[PARTS][1]}
        for alias in statement.names
    }
    return f'/** @import {{ {", ".join(sorted(names))} }} from "./{PARTS}" */\n\n'


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
    for name in FILES:
        (KIT / name).write_text(typedefs(name), "utf-8")
