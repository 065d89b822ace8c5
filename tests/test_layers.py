"""The import ladder and the forbidden calls, read from the source with `ast`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import ROOT

BELOW = {
    "base": set(),
    "data": {"base"},
    "model": {"base"},
    "training": {"base", "data", "model"},
    "analysis": {"base", "data", "model", "training"},
    "runs": {"base", "data", "model", "training", "analysis"},
    "export": {"base", "data", "model", "training", "analysis"},
    "foreign": {"base", "data", "model", "training", "analysis", "runs"},
    "cli": {"base", "data", "model", "training", "analysis", "runs", "export", "foreign"},
    "__main__": {"cli"},
}
"""What each folder of vae_core may import besides itself."""


UI_BELOW = {
    "cache": set(),
    "ground": {"cache"},
    "server": {"cache", "ground"},
    "live": {"cache", "ground", "server"},
    "panels": {"cache", "ground", "server", "live"},
    **{
        page: {"cache", "ground", "server", "live", "panels"}
        for page in ("train", "map", "sliders", "interpolate", "kl_weight", "compare", "learn", "models", "classroom")
    },
}
"""What each folder of pages/ui may import besides itself: the last row is of those in `screens`, one page each."""


OURS = {"vae_core", "pages", "app", "router"}


SCREEN = {"streamlit", "plotly"}


LATE = {"sklearn", "umap", "numba"}


PICKLES = {"pickle", "cPickle", "cloudpickle", "dill", "marshal", "shelve"}


BARE_CALLS = {"eval", "exec", "__import__"}


DOTTED_CALLS = {"importlib.import_module", "joblib.load"}


LIGHT = ("pages.ui.server.routes", "pages.ui.server.upkeep", "pages.ui.server.guard")
"""What app.py may import before it has said how torch is to run."""

PRODUCT = sorted(
    path
    for pattern in ("app.py", "router.py", "vae_core/**/*.py", "pages/**/*.py", "assets/**/*.py", "bench/**/*.py")
    for path in ROOT.glob(pattern)
)


def module_name(path: PurePosixPath) -> str:
    """`vae_core/data/__init__.py` is `vae_core.data`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, path: PurePosixPath) -> Iterator[tuple[ast.stmt, str]]:
    """Every import statement with each full name it brings in; `from a import b` gives `a.b`, whether b is a module or not."""
    package = path.parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(filter(None, (base, node.module)))
            yield from ((node, f"{source}.{alias.name}") for alias in node.names)


def inside_functions(tree: ast.Module) -> set[ast.AST]:
    """All nodes that run only when some function is called."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))
    return {inner for function in functions for inner in ast.walk(function)}


def refusal(importer: str, name: str) -> str | None:
    """Why the module `importer` may not import `name`; None where it may."""
    top, *below = name.split(".")
    layer, *own = importer.split(".")
    if layer == "vae_core":
        if top in SCREEN or (top in OURS and top != "vae_core"):
            return "vae_core knows no screen"
        if top == "vae_core" and own:  # the package's own __init__ may import all
            return climb(BELOW, own[0], below[0] if below else "")
    elif layer == "pages" and own[:1] != ["ui"]:
        if top == "torch":
            return "a page sees arrays, never torch"
        if top in ("app", "router") or (top == "pages" and below[:1] != ["ui"]):
            return "a page imports pages.ui and vae_core only"
    elif layer == "pages":
        if top in ("app", "router") or (top == "pages" and below[:1] != ["ui"]):
            return "pages.ui is below the pages"
        if top == "pages" and own[1:] and below[1:]:
            return climb(UI_BELOW, *(next(part for part in parts[1:] if part != "screens" or len(parts) == 2) for parts in (own, below)))
        if importer == "pages.ui.ground.figures" and top in ("streamlit", "torch"):
            return "figures are made of arrays alone"
    elif layer == "app":
        if top in OURS and not name.startswith(LIGHT):
            return "app.py imports the light modules of pages.ui.server only"
    elif layer == "router" and top in OURS and not name.startswith("pages.ui"):
        return "router.py names the pages by path"
    return None


def climb(ladder: Mapping[str, set[str]], importer: str, target: str) -> str | None:
    """Why the folder `importer` of a ladder may not import the folder `target`."""
    if importer not in ladder:
        return f"{importer} has no place on the ladder yet"
    if target not in ladder:
        return "a name comes from the module that defines it"
    return None if target == importer or target in ladder[importer] else "imports run downward only"


def violations(source: str, file: str) -> list[str]:
    """Every break of the rules in `source`, read as if it stood at `file`, each as `file:line: name: rule`."""
    path = PurePosixPath(file)
    tree = ast.parse(source)
    late = inside_functions(tree)
    texts = named_texts(tree)
    found: list[tuple[int, str, str | None]] = []

    for statement, name in imported(tree, path):
        found.append((statement.lineno, name, refusal(module_name(path), name)))
        top = name.partition(".")[0]
        if top in LATE and statement not in late:
            found.append((statement.lineno, name, "is slow to import: import it inside the function that needs it"))
        if top in PICKLES:
            found.append((statement.lineno, name, "can run code from a file"))
        if isinstance(statement, ast.ImportFrom) and name in DOTTED_CALLS | {"torch.load"}:
            found.append((statement.lineno, name, "is called by its full name or not at all, so that this test sees it"))

    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.append((node.lineno, ast.unparse(node.func), forbidden_call(node)))
            if path.parts[0] == "pages":
                undeclared = (key for key in keys(node) if is_text(key, texts))
                found.extend((key.lineno, ast.unparse(key), "is a key: it is declared in state.py") for key in undeclared)
        for word in words(node):
            found.append((getattr(node, "lineno", 0), word, misplaced(word, file)))

    return sorted({f"{file}:{line}: {name}: {rule}" for line, name, rule in found if rule})


def forbidden_call(call: ast.Call) -> str | None:
    """Why this call may not stand anywhere in the product."""
    name = ast.unparse(call.func)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}

    def literally(keyword: str, value: bool) -> bool:
        node = keywords.get(keyword)
        return isinstance(node, ast.Constant) and node.value is value

    if name in BARE_CALLS | DOTTED_CALLS:
        return "hides an import or runs code from data"
    if name.endswith("torch.load") and not literally("weights_only", True):
        return "needs weights_only=True, written out"
    if "allow_pickle" in keywords and not literally("allow_pickle", False):
        return "allow_pickle lets a file run code"
    if "unsafe_allow_html" in keywords:
        return "unsafe_allow_html shows a user's text as markup"
    return None


def keys(call: ast.Call) -> Iterator[ast.expr]:
    """What a call takes for the key of a widget, of the session's state or of the address, and for the parts of such a key."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if "key" in keywords:
        yield keywords["key"]
    name = ast.unparse(call.func)
    if name.endswith(".form"):
        yield from call.args[:1]
    if name.startswith("state."):
        yield from call.args[:1]
    if name == "state.part":  # a name is which of several, such as a model's id
        yield from (part for part in call.args[1:] if not isinstance(part, ast.Name))
    callback = next((value for value in (*call.args[:1], *keywords.values()) if ast.unparse(value).startswith("state.")), None)
    if callback is not None and isinstance(arguments := keywords.get("args"), ast.Tuple):
        yield from arguments.elts[:1]
    if callback is not None and name.endswith("partial"):
        yield from call.args[1:2]
    if isinstance(parameters := keywords.get("query_params"), ast.Dict):
        yield from filter(None, parameters.keys)


def is_text(node: ast.expr, texts: Collection[str]) -> bool:
    """Whether an expression is a text that is written or put together on the spot, or a name for one, of `texts`."""
    if isinstance(node, ast.IfExp):
        return is_text(node.body, texts) or is_text(node.orelse, texts)
    if isinstance(node, ast.Call):  # as in "_".join(…)
        return isinstance(node.func, ast.Attribute) and is_text(node.func.value, texts)
    written = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return written or isinstance(node, ast.JoinedStr | ast.BinOp) or (isinstance(node, ast.Name) and node.id in texts)


def named_texts(tree: ast.Module) -> set[str]:
    """The names that are given such a text somewhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                found |= {name.id for name, value in pairs if isinstance(name, ast.Name) and is_text(value, ())}
    return found


def words(node: ast.AST) -> Iterator[str]:
    """The attribute and imported names a node spells."""
    if isinstance(node, ast.Attribute) and ast.unparse(node) != "request.query_params":  # of a route, which Streamlit knows nothing of
        yield node.attr
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names)


def misplaced(word: str, file: str) -> str | None:
    """Why `file` may not use this piece of Streamlit."""
    if word in ("cache_data", "cache_resource") and not file.startswith("pages/ui/cache/"):
        return "belongs in pages/ui/cache/"
    if word in ("session_state", "query_params") and file not in ("pages/ui/ground/state.py", "pages/ui/ground/address.py"):
        return "belongs in pages/ui/ground/state.py"
    return None


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_product_keeps_the_rules(path: Path) -> None:
    assert violations(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()) == []


def pinned_in(file: str) -> set[str]:
    return {line.partition("==")[0].lower() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()}


def test_every_imported_package_is_pinned() -> None:
    run = pinned_in("requirements.txt") | pinned_in("requirements-cluster.txt")
    develop = pinned_in("requirements-dev.txt")
    provided_by = packages_distributions()
    for path in PRODUCT:
        file = PurePosixPath(path.relative_to(ROOT).as_posix())
        names = {name.partition(".")[0] for _, name in imported(ast.parse(path.read_text(encoding="utf-8")), file)}
        used = {distribution.lower() for name in names for distribution in provided_by.get(name, ())}
        assert used - run - (develop if file.parts[0] == "bench" else set()) == set(), file


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("vae_core/data/images.py", "import streamlit as st"),
        ("vae_core/data/images.py", "def f():\n    from plotly import graph_objects"),
        ("vae_core/data/images.py", "from pages.ui import figures"),
        ("vae_core/base/errors.py", "from vae_core.data.images import shown"),
        ("vae_core/data/images.py", "from vae_core import model"),
        ("vae_core/data/images.py", "from vae_core import VAE"),
        ("vae_core/data/images.py", "import vae_core"),
        ("vae_core/data/images.py", "from ..model.vae import VAE"),
        ("vae_core/data/images.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from vae_core.model.vae import VAE"),
        ("vae_core/model/networks.py", "from vae_core.data import load"),
        ("vae_core/data/faces.py", "from ..model import VAE"),
        ("vae_core/analysis/blur.py", "from vae_core.runs.jobs import start"),
        ("vae_core/export/live_model.py", "from vae_core.runs.directory import Run"),
        ("vae_core/training/train.py", "import vae_core.__main__"),
        ("vae_core/runs/jobs.py", "from vae_core.cli.main import main"),
        ("vae_core/cli/main.py", "from vae_core import __main__"),
        ("vae_core/__main__.py", "from vae_core.runs import jobs"),
        ("vae_core/tools.py", "from vae_core.base.errors import InputError"),
        ("vae_core/analysis/projection.py", "import umap"),
        ("vae_core/analysis/projection.py", "from sklearn.decomposition import PCA"),
        ("vae_core/analysis/projection.py", "class P:\n    import numba"),
        ("pages/map.py", "import torch"),
        ("pages/map.py", "from torch import nn"),
        ("pages/map.py", "from pages import home"),
        ("pages/map.py", "import pages.home"),
        ("pages/map.py", "from . import home"),
        ("pages/map.py", "import app"),
        ("pages/map.py", "import router"),
        ("pages/ui/ground/panels.py", "from pages.home import title"),
        ("pages/ui/ground/panels.py", "from ... import home"),
        ("pages/ui/ground/figures.py", "import streamlit"),
        ("pages/ui/ground/figures.py", "import torch"),
        ("app.py", "from vae_core.analysis import explore"),
        ("app.py", "from pages.ui.ground import state"),
        ("router.py", "from pages import home"),
        ("router.py", "import vae_core"),
        ("pages/map.py", "import streamlit as st\n@st.cache_data\ndef f(): ..."),
        ("pages/ui/ground/panels.py", "from streamlit import cache_resource"),
        ("pages/map.py", "import streamlit as st\nst.session_state['z'] = 0"),
        ("pages/ui/cache/checkpoints.py", "import streamlit as st\nst.query_params.clear()"),
        ("router.py", "from streamlit import session_state"),
        ("vae_core/data/blobs.py", "import pickle"),
        ("bench/__main__.py", "from pickle import loads"),
        ("vae_core/data/blobs.py", "import joblib\njoblib.load('x')"),
        ("vae_core/training/checkpoint.py", "import torch\ntorch.load('x')"),
        ("vae_core/training/checkpoint.py", "import torch\ntorch.load('x', weights_only=False)"),
        ("vae_core/training/checkpoint.py", "import torch\ntorch.load('x', weights_only=flag)"),
        ("vae_core/training/checkpoint.py", "from torch import load"),
        ("vae_core/base/config.py", "eval('1')"),
        ("vae_core/base/config.py", "__import__('torch')"),
        ("vae_core/base/config.py", "import importlib\nimportlib.import_module('torch')"),
        ("assets/build.py", "import numpy as np\nnp.load('x', allow_pickle=True)"),
        ("vae_core/data/blobs.py", "import numpy as np\nnp.load('x', allow_pickle=trusted)"),
        ("pages/home.py", "import streamlit as st\nst.markdown('x', unsafe_allow_html=True)"),
        ("pages/home.py", "import streamlit as st\nst.toggle('Plain', key='plain')"),
        ("pages/ui/ground/panels.py", "import streamlit as st\ndef f(key): st.toggle('Plain', key=f'{key}_plain')"),
        ("pages/ui/ground/panels.py", "import streamlit as st\ndef f(key): st.toggle('Plain', key=key + '_plain')"),
        ("pages/ui/ground/panels.py", "import streamlit as st\ndef f(key): st.toggle('Plain', key='_'.join((key, 'plain')))"),
        ("pages/ui/ground/panels.py", "import streamlit as st\ndef f(key): st.toggle('Plain', key=key if key else 'plain')"),
        ("pages/sliders.py", "DECK = 'deck'\nlatent_deck(key=DECK)"),
        ("pages/ui/x.py", "def f(key):\n    way, seed = f'{key}_way', 0\n    choose(key=way)"),
        ("pages/models.py", "editor.form('rename', border=False)"),
        ("pages/home.py", "from pages.ui.ground import state\nstate.get('row', 0)"),
        ("pages/home.py", "from pages.ui.ground import state\nstate.put('row', 0)"),
        ("pages/home.py", "from pages.ui.ground import state\nstate.asked(f'{state.CODE}_start')"),
        ("pages/home.py", "from pages.ui.ground import state\nstate.part(state.HOME_OWN, 'start')"),
        ("pages/home.py", "from pages.ui.ground import state\nmove(on_move=partial(state.put, 'moved'))"),
        (
            "pages/home.py",
            "from streamlit import button\nfrom pages.ui.ground import state\nbutton('Undo', on_click=state.take, args=('moved',))",
        ),
        ("pages/home.py", "import streamlit as st\nst.page_link('pages/map.py', query_params={'model': 'faces'})"),
    ],
)
def test_a_break_of_the_rules_is_found(file: str, source: str) -> None:
    assert violations(source, file) != []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("vae_core/__init__.py", "from vae_core.runs.jobs import start\nfrom vae_core.base.errors import InputError"),
        ("vae_core/data/images.py", "from vae_core.base.errors import InputError\nfrom vae_core.base import storage\nimport torch"),
        ("vae_core/data/__init__.py", "from vae_core.data.faces import faces\nfrom .blobs import read_files"),
        ("vae_core/runs/jobs.py", "from vae_core.runs import directory\nfrom vae_core.training import train"),
        ("vae_core/cli/runs.py", "from vae_core.runs import jobs\nfrom vae_core import data"),
        ("vae_core/__main__.py", "from vae_core.cli.main import main"),
        ("vae_core/analysis/projection.py", "def fit():\n    import umap\n    from sklearn.decomposition import PCA"),
        ("vae_core/model/vae.py", "def f(model): return model.eval()"),
        ("vae_core/training/checkpoint.py", "import torch\ntorch.load('x', weights_only=True)"),
        ("vae_core/data/blobs.py", "import numpy as np\nnp.load('x', allow_pickle=False)"),
        ("pages/map.py", "import streamlit as st\nfrom pages.ui import cache, figures\nfrom vae_core.analysis import explore"),
        ("pages/ui/ground/panels.py", "from pages.ui.ground import state\nfrom vae_core.analysis.explore import decode"),
        ("pages/ui/cache/checkpoints.py", "import streamlit as st\n@st.cache_resource(max_entries=8)\ndef f(): ..."),
        ("pages/ui/ground/state.py", "import streamlit as st\nst.session_state['z'] = st.query_params.get('z')"),
        ("app.py", "from pages.ui.server.routes import ROUTES"),
        ("pages/home.py", "import streamlit as st\nfrom pages.ui.ground import state\nst.toggle('Pause', key=state.HOME_MODEL)"),
        (
            "pages/ui/ground/panels.py",
            "import streamlit as st\ndef f(key, row): st.toggle('Plain', key=state.part(key, state.PART_PICK, row))",
        ),
        (
            "pages/ui/ground/panels.py",
            "def f(key):\n    way = state.part(key, state.PART_WAY)\n    choose(key=way)\n    state.put(way, 'File')",
        ),
        ("pages/home.py", "from pages.ui.ground import state\nmove(label='On', on_click=state.put, args=(state.HOME_OWN, 'x'))"),
        ("pages/home.py", "first = sorted(models, key=lambda entry: entry.kind == 'bundled')\nlast = max(models, key=len)"),
        ("bench/live.py", "import streamlit as st\nst.toggle('Plain', key='plain')"),
    ],
)
def test_what_the_rules_allow_passes(file: str, source: str) -> None:
    assert violations(source, file) == []
