"""The Models page with real clicks: choose in the list, rename, delete, undo, download a model file and add it again."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Server
from tests.browser.steps import model_bar, open_link, settle, upload, visit
from vae_core.cli.main import main

MARKUP = "<img src=x onerror=alert(1)> [y](javascript:alert(1)) :red[z]"
ROW = 35  # pixels of a line in Streamlit's table, and of its header


NAME = "Trained by hand"


@pytest.fixture(scope="module")
def run_folder(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a model trained by the command line, kept where the server does not see it."""
    command = ["train", "--data", "digits", "--hidden", "16", "--latent", "2", "--epochs", "1", "--threads", "1", "--name", NAME]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setenv("LATENT_LOOM_HOME", str(server.home))
        assert main(command) == 0
    run = str(json.loads(printed.getvalue().splitlines()[-1])["run"])
    kept = tmp_path_factory.mktemp("trained") / run
    shutil.move(server.home / "runs" / run, kept)
    return kept


@pytest.fixture
def trained(server: Server, run_folder: Path) -> Iterator[str]:
    """The id of a model in the server's home; afterwards no model is called so."""
    run = run_folder.name
    shutil.copytree(run_folder, server.home / "runs" / run)
    yield run
    shutil.rmtree(server.home / "runs" / run)
    shutil.rmtree(server.home / "models", ignore_errors=True)


def open_models(page: Page, model: str) -> None:
    open_link(page)
    open_link(page, f"/models?model={model}")


def expect_chosen(page: Page, name: str) -> None:
    """Wait until the bar at the top shows this name."""
    expect(model_bar(page)).to_contain_text(name, timeout=30_000)


def test_a_click_in_the_list_chooses_a_model_for_every_page(page: Page, trained: str) -> None:
    open_models(page, "digits-2d")
    table = page.get_by_test_id("stDataFrame").bounding_box()
    assert table is not None
    page.mouse.click(table["x"] + 18, table["y"] + ROW + ROW / 2)  # the first line: the newest model
    settle(page)
    expect_chosen(page, NAME)
    expect(page).to_have_url(re.compile(f"model={trained}$"))
    visit(page, "Sliders")
    settle(page, seconds=60)
    expect_chosen(page, NAME)


def test_a_model_is_renamed_deleted_and_brought_back(page: Page, trained: str) -> None:
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    open_models(page, trained)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill(MARKUP)
    page.get_by_role("button", name="Save").click()
    settle(page)
    expect_chosen(page, MARKUP.replace(":", ":\N{WORD JOINER}"))
    expect(page.get_by_label("New name")).not_to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, delete it").click()
    settle(page)
    expect(page.get_by_text(f"Deleted: {MARKUP}")).to_be_visible()
    expect(model_bar(page)).to_contain_text("MNIST, 2-D")
    visit(page, "Home")
    visit(page, "Models")
    page.get_by_role("button", name="Undo").click()
    settle(page)
    expect_chosen(page, MARKUP.replace(":", ":\N{WORD JOINER}"))
    assert page.locator("img[src=x]").count() == 0
    assert dialogs == []


def test_a_model_file_goes_out_and_comes_back(page: Page, trained: str, tmp_path: Path) -> None:
    open_models(page, trained)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download model file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "Trained-by-hand.zip"
    assert "weights.safetensors" in zipfile.ZipFile(file).namelist()
    upload(page, "Add a model file", [file])
    expect(model_bar(page)).to_contain_text("uploaded")
    expect_chosen(page, NAME)
    file.write_bytes(file.read_bytes()[:-100])
    upload(page, "Add a model file", [file])
    expect(page.get_by_text("Not accepted")).to_be_visible()
    expect(page.get_by_text("Trained-by-hand.zip is not a Latent Loom model file")).to_be_visible()
