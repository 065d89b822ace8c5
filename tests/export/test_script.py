"""The script of the page to take home: modules joined in the order of their imports, and refused where they cannot be."""

from __future__ import annotations

import re

import pytest

from vae_core.export import takehome
from vae_core.export.script import bundle, live_modules


def test_modules_are_joined_in_the_order_of_their_imports() -> None:
    modules = {
        "a/a.js": 'import {\n  b,\n  other,\n} from "./b.js"\nimport { c } from "../c.js"\n\nexport const a = b() + other + c\n',
        "a/b.js": 'import { c } from "../c.js"\nconst d = c\nexport function b() {\n  return "export const c"\n}\nexport class other {}\n',
        "c.js": "// A *\n/** B,\n * twice. **/\nexport const c = 1\n/* C */\n\nexport async function d() {} // D\n"
        'const e = (/** @type {number} */ x) => x + "a // b"\n',
        "unused.js": "export default 3",
    }
    assert bundle(modules, "a/a.js").split("\n") == [
        "const modules = {}",
        'modules["c.js"] = (() => {',
        "const c = 1",
        "async function d() {}",
        'const e = (x) => x + "a // b"',
        "return { c, d }",
        "})()",
        'modules["a/b.js"] = (() => {',
        'const { c } = modules["c.js"]',
        "const d = c",
        "function b() {",
        'return "export const c"',
        "}",
        "class other {}",
        "return { b, other }",
        "})()",
        'modules["a/a.js"] = (() => {',
        'const { b, other } = modules["a/b.js"]',
        'const { c } = modules["c.js"]',
        "const a = b() + other + c",
        "return { a }",
        "})()",
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ('import { x } from "./x.js"', "a.js imports x.js, and there is no such module."),
        ('import { x } from "../c.js"', "a.js imports ../c.js, and there is no such module."),
        ('import { d } from "./c.js"', "a.js imports d from c.js, which exports no such name."),
        ('import { a } from "./a.js"', "a.js imports a.js, which in the end imports a.js."),
        ('import { b } from "./b.js"', "b.js imports a.js, which in the end imports b.js."),
        ('import c from "./c.js"', "a.js has a line that cannot be joined with other modules: import c from"),
        ('import { c as d } from "./c.js"', "a.js has a line that cannot be joined with other modules: import"),
        ('import "./c.js"', "a.js has a line that cannot be joined with other modules: import"),
        ("export default 1", "a.js has a line that cannot be joined with other modules: export default 1"),
        ("export let b = 1", "a.js has a line that cannot be joined with other modules: export let b = 1"),
        ("const t = `", "a.js has a text of several lines, which would lose its indents: const t = `"),
        ('export { c } from "./c.js"', "a.js has a line that cannot be joined with other modules: export { c }"),
    ],
)
def test_what_cannot_be_joined_is_refused_in_a_sentence(source: str, sentence: str) -> None:
    modules = {"a.js": source, "b.js": 'import { a } from "./a.js"\nexport const b = a', "c.js": "export const c = 1"}
    with pytest.raises(ValueError, match=re.escape(sentence)):
        bundle(modules, "a.js")


def test_the_page_holds_no_comment_of_the_modules() -> None:
    joined = bundle(live_modules(), takehome.ENTRY)
    assert "/*" not in joined
    assert not re.search("^//", joined, re.MULTILINE)
