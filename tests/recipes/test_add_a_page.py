"""How to add a page.

1. Write ``pages/NAME.py``, a script that Streamlit runs from top to bottom. It imports `pages.ui` and `vae_core`, never torch and no other
   page. What takes long to compute comes from a function in ``pages/ui/cache``.
2. In ``router.py``, add an `st.Page` to the menu: the file, the title, an icon and one sentence of help. If newcomers shall find it, give
   it a tile too, in `TILES` of ``pages/home.py``.
3. In ``pages/ui/ground/state.py``, declare the key of each widget, a constant that begins with the page's name. Add that name to `PAGES`
   in ``tests/pages/ui/ground/test_state.py``. A key that stands in an address may be short: list it in `IN_ADDRESSES` there.
4. Parts of one page that are too long for its file go in a folder ``pages/ui/screens/NAME``. Give the folder a row in `UI_BELOW` of
   ``tests/test_layers.py``.
5. Test it in ``tests/pages/test_NAME.py``: `open_page` opens it without a browser.

The test below takes these steps in a copy of the code, with a page that shows the first images of the digits. It is short, so there is no
step 4.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.tree import Tree

STEP_1 = '''"""First: the first images of the digits."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.pictures import show_tiles

st.title("First images")
count = st.slider("How many", 1, 20, 5, key=state.FIRST_COUNT, help="They are shown in the order of the data set.")
show_tiles(cache.images("digits").take(range(count)), names=[f"Image {row}" for row in range(count)])
'''

STEP_2 = """        st.Page(
            "pages/first.py",
            title="First",
            icon=":material/looks_one:",
            help="The first images of the digits.",
        ),
"""

STEP_3_KEY = '''FIRST_COUNT = _key("first_count")
"""How many images the page of the first images shows."""

'''
STEP_3_NAME = '"FIRST_", '

STEP_5 = '''"""The page of the first images."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.pages.steps import open_page


def test_it_is_in_the_menu_and_shows_as_many_images_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    menu: list[str] = []
    navigation = st.navigation

    def listed(pages, **settings):
        menu[:] = [page.title for page in pages]
        return navigation(pages, **settings)

    monkeypatch.setattr(st, "navigation", listed)
    page = open_page("first")
    assert "First" in menu
    assert [title.value for title in page.title] == ["First images"]
    assert shown(page) == [f"Image {row}" for row in range(5)]
    page.slider(key=state.FIRST_COUNT).set_value(7).run()
    assert not page.exception
    assert shown(page) == [f"Image {row}" for row in range(7)]


def shown(page: AppTest) -> list[str]:
    return [picture.alt for element in page.get("image") for picture in element.proto.imgs]
'''


@pytest.mark.slow
def test_a_page_opens_is_in_the_menu_and_keeps_the_rules(fresh_home: Path, tmp_path: Path) -> None:
    tree = Tree(tmp_path / "copy")
    tree.write("pages/first.py", STEP_1)
    tree.insert("router.py", STEP_2, before='        st.Page(\n            "pages/models.py",\n')
    tree.insert("pages/ui/ground/state.py", STEP_3_KEY, before="HOME_MODEL, HOME_MACHINE, ")
    tree.insert("tests/pages/ui/ground/test_state.py", STEP_3_NAME, before='"SHARED_")\n')
    tree.write("tests/pages/test_first.py", STEP_5)
    tree.python("pytest", "-q", "tests/pages/test_first.py", "tests/pages/ui/ground/test_state.py", "tests/test_layers.py")
