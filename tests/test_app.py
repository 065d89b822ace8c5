"""What an unexpected error leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT


def failing_page() -> None:
    from app import report

    try:
        raise ValueError("/home/teacher/secret")
    except ValueError as error:
        report(error)


def test_an_unexpected_error_goes_to_the_log_and_only_its_id_to_the_page(caplog: pytest.LogCaptureFixture) -> None:
    page = AppTest.from_function(failing_page, default_timeout=30).run()

    (shown,) = page.error
    entry = re.findall(r"\*\*([0-9a-f]{6})\*\*", shown.value)[0]
    assert "secret" not in shown.value
    (record,) = (record for record in caplog.records if record.name == "latent_loom")
    assert entry in record.getMessage()
    assert record.exc_info is not None
    assert "/home/teacher/secret" in str(record.exc_info[1])


@pytest.mark.slow
def test_the_server_decodes_on_one_thread() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    command = [sys.executable, "-c", "import app, torch; print(torch.get_num_threads())"]
    assert subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip() == "1"
