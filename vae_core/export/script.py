"""The modules of assets/live as one script, and its style sheets as text, for pages that no server of ours answers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

LIVE = Path(__file__).parents[2] / "assets" / "live"
_IMPORT = re.compile(r'^import \{(\s*\w+(?:,\s*\w+)*,?\s*)\} from "(\.\.?/[\w./]+)"$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
# a comment after code goes only where no quote follows: what looks like one may stand in a text
_COMMENT = re.compile(r"^ *(?://.*|/\*\*?[^*]*(?:\*(?!/)[^*]*)*\*/ *)$| // [^\"'`\n]*$|/\*\* @type [^*]*\*/ ?", re.MULTILINE)


def live_modules() -> dict[str, str]:
    """The source of each module of assets/live, by its path in there."""
    return {path.relative_to(LIVE).as_posix(): path.read_text("utf-8") for path in LIVE.rglob("*.js")}


def bundle(modules: Mapping[str, str], entry: str) -> str:
    """The module `entry` and all that it imports as one script, in which each module comes after those that it imports.

    The script declares `modules`, the exports of each module by its path; each module is a function with names of its own. Modules
    import by statements such as ``import { a, b } from "./x.js"`` and export by the word before a declaration. Comments, types and
    indents are left out, which saves a third.

    Args:
        modules: source by path.
        entry: a path among them.

    Raises:
        ValueError: a module is missing, lacks what is imported from it, imports itself in the end, or does not keep to this form.
    """
    parts = ["const modules = {}"]
    exports: dict[str, list[str]] = {}
    unfinished: list[str] = []

    def add(file: str) -> None:
        unfinished.append(file)
        source = _COMMENT.sub("", modules[file])

        def taken(found: re.Match[str]) -> str:
            names, other = re.findall(r"\w+", found[1]), posixpath.normpath(posixpath.join(posixpath.dirname(file), found[2]))
            if other not in modules:
                raise ValueError(f"{file} imports {other}, and there is no such module.")
            if other in unfinished:
                raise ValueError(f"{file} imports {other}, which in the end imports {file}.")
            if other not in exports:
                add(other)
            missing = [name for name in names if name not in exports[other]]
            if missing:
                raise ValueError(f"{file} imports {missing[0]} from {other}, which exports no such name.")
            return f'const {{ {", ".join(names)} }} = modules["{other}"]'

        given = [found[1] for found in _EXPORT.finditer(source)]
        source = _EXPORT.sub("", _IMPORT.sub(taken, source))
        for line in source.splitlines():
            if re.match(r"(import|export)\b", line):
                raise ValueError(f"{file} has a line that cannot be joined with other modules: {line}")
            if line.count("`") % 2:
                raise ValueError(f"{file} has a text of several lines, which would lose its indents: {line}")
        body = re.sub(r"^\s+", "", source, flags=re.MULTILINE).rstrip()
        parts.append(f'modules["{file}"] = (() => {{\n{body}\nreturn {{ {", ".join(given)} }}\n}})()')
        exports[file] = given
        unfinished.remove(file)

    add(entry)
    return "\n".join(parts)


def style(part: str) -> str:
    """A style sheet without its comments."""
    return re.sub(r"^ *|/\*.*?\*/\n?", "", (LIVE / f"{part}.css").read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
