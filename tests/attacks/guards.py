"""Guards, each with the test that dies without it: `python -m tests.attacks.guards` takes one after another out of a copy of the code.

It takes some minutes, so no test runs it; `test_guards` holds that each guard still stands where it is said to, and the table in
tests/README.md. Arguments choose guards by a word of what they keep out.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT


class Guard(NamedTuple):
    """A guard.

    Attributes:
        keeps_out: what would come in without it.
        file: where it stands.
        line: its text, which stands there once.
        without: what stands there when it is taken out.
        test: the file and the name of a test that fails then.
    """

    keeps_out: str
    file: str
    line: str
    without: str
    test: tuple[str, str]


_BAD = "tests/attacks/test_bad_inputs.py"


def bad(number: int) -> tuple[str, str]:
    """The test of a bad input."""
    return _BAD, f"test_a_bad_input_is_said_as_its_row_says[{number}]"


IMAGES, ARCHIVES, CHECKPOINT = "vae_core/data/images.py", "vae_core/data/readers/archives.py", "vae_core/training/checkpoint.py"
GUARDS = (
    Guard("a picture of too many pixels", IMAGES, "    if size.height * size.width > MAX_PIXELS:", "    if False:", bad(8)),
    Guard("a picture with a side too long", IMAGES, "    if max(size) > MAX_LENGTH:", "    if False:", bad(20)),
    Guard(
        "a picture in endless pieces",
        IMAGES,
        "        if self._left < 0:",
        "        if False:",
        ("tests/data/test_images.py", "test_refused"),
    ),
    Guard("a PNG whose checksum is wrong", IMAGES, "PngImageFile(_Pieces(data, name)).verify()", "pass", bad(5)),
    Guard("files of a ZIP that overlap", ARCHIVES, "        _check_overlap(data, archive, name)\n", "", bad(37)),
    Guard("a ZIP of endless files", ARCHIVES, "    taken.budget.list(members_at_most(data), name)\n", "", bad(44)),
    Guard("a link in a ZIP", ARCHIVES, "if stat.S_ISLNK(member.external_attr >> 16):", "if False:", bad(42)),
    Guard(
        "archives that unpack to too much",
        "vae_core/data/budget.py",
        "if self.unpacked + size > MAX_UNPACKED:",
        "if False:",
        ("tests/data/test_importing.py", "test_what_an_archive_unpacks_to_is_limited"),
    ),
    Guard(
        "an import that takes all memory",
        "vae_core/data/budget.py",
        "if not self.has_room(size):",
        "if False:",
        ("tests/data/test_budget.py", "test_files_parts_and_members_that_each_fit_are_refused_together"),
    ),
    Guard(
        "pictures that take hours to decode",
        "vae_core/data/budget.py",
        "if self.decoded + pixels > most:",
        "if False:",
        ("tests/data/test_budget.py", "test_the_pixels_of_pictures_are_counted_before_the_first_is_decoded"),
    ),
    Guard("pickled objects in an array", "vae_core/data/readers/npy.py", "    if dtype.hasobject:", "    if False:", bad(54)),
    Guard("an array that says another size than it has", "vae_core/data/readers/npy.py", "blob.size - start != size", "False", bad(55)),
    Guard("an IDX file that says it is endless", "vae_core/data/readers/idx.py", "    if size > MAX_BYTES:", "    if False:", bad(68)),
    Guard("a gzip bomb", "vae_core/data/readers/idx.py", "if done < size or stream.read(1):", "if done < size:", bad(71)),
    Guard(
        "a file that takes all memory in its process",
        "vae_core/base/limits.py",
        "    _soften(resource.RLIMIT_DATA, _written() + room)\n",
        "",
        ("tests/base/test_limits.py", "test_linux_gives_it_no_more"),
    ),
    Guard(
        "the words of the class in that process",
        "vae_core/base/child.py",
        "env=inherited | _FRUGAL,",
        "env=dict(os.environ) | _FRUGAL,",
        ("tests/base/test_child.py", "test_a_child_knows_neither_the_words_of_the_class_nor_what_the_server_has_open"),
    ),
    Guard("a program as a checkpoint", "vae_core/foreign/state_dicts.py", "    _refuse_programs(data, label)\n", "", bad(75)),
    Guard("a checkpoint that unpacks to too much", "vae_core/foreign/state_dicts.py", "if inflated > 2 * MAX_BYTES:", "if False:", bad(78)),
    Guard(
        "a model whose files have changed",
        CHECKPOINT,
        "if (part.bytes, part.sha256) != (len(data), sha256(data)):",
        "if part.bytes != len(data):",
        ("tests/training/test_checkpoint_damaged.py", "test_every_flipped_bit_of_a_folder_is_refused"),
    ),
    Guard(
        "a model file that inflates",
        CHECKPOINT,
        "if not (known and stored and sum(member.file_size for member in members) <= len(data)):",
        "if not known:",
        ("tests/training/test_checkpoint_foreign.py", "test_a_compressed_member_is_refused_unread"),
    ),
    Guard("weights that are no numbers", "vae_core/training/stored_arrays.py", "if not np.isfinite(array).all():", "if False:", bad(89)),
    Guard(
        "a checkpoint that a crash leaves half written",
        "vae_core/base/storage.py",
        "        os.fsync(file.fileno())\n",
        "",
        ("tests/base/test_storage.py", "test_every_byte_is_on_the_disk_before_the_folder_has_its_name"),
    ),
    Guard(
        "two processes that train one run",
        "vae_core/runs/directory.py",
        "if not ours or trainer.elsewhere(run):",
        "if trainer.elsewhere(run):",
        ("tests/runs/test_resuming.py", "test_a_run_is_not_resumed_under_the_hands_of_the_process_that_trains_it"),
    ),
    Guard(
        "a queue without end",
        "vae_core/runs/jobs.py",
        "if len(queue) + count > MAX_QUEUED:",
        "if False:",
        ("tests/runs/test_jobs.py", "test_the_queue_has_an_end"),
    ),
    Guard(
        "another student's models",
        "vae_core/base/shelf.py",
        "if owners.sees(folder)]",
        "]",
        ("tests/base/test_owners.py", "test_a_guessed_id_finds_nothing"),
    ),
    Guard(
        "a name that points at this computer",
        "pages/ui/server/guard.py",
        'if not is_host_allowed(headers.get("host")):',
        "if False:",
        ("tests/pages/ui/server/test_guard.py", "test_it_answers_to_no_other"),
    ),
    Guard(
        "the app in a frame of another site",
        "pages/ui/server/guard.py",
        "await self._app(scope, receive, _in_no_frame(send))",
        "await self._app(scope, receive, send)",
        ("tests/pages/ui/server/test_guard.py", "test_no_page_stands_in_another_sites_frame"),
    ),
    Guard(
        "another site at the socket",
        "pages/ui/server/socket.py",
        "is_host_allowed(host) and (origin is None or urlsplit(origin).netloc == host)",
        "is_host_allowed(host)",
        ("tests/pages/ui/server/test_socket.py", "test_another_site_is_not_let_in"),
    ),
    Guard(
        "uploads without end",
        "pages/ui/server/uploads.py",
        "if int(length) > free:",
        "if False:",
        ("tests/pages/ui/server/test_uploads.py", "test_uploads_are_bounded_for_a_session_and_in_all"),
    ),
    Guard(
        "words of the class that are guessed",
        "pages/ui/server/door.py",
        "self._tries.may(address)",
        "True",
        ("tests/pages/ui/server/test_door.py", "test_who_says_many_wrong_words_is_heard_no_more_and_whoever_is_inside_notices_nothing"),
    ),
    Guard(
        "a link that ends its page",
        "router.py",
        "    address.clean()\n",
        "",
        ("tests/pages/test_links.py", "test_what_no_page_can_use_is_left_out_and_said"),
    ),
    Guard(
        "a value of a link that is replaced in silence",
        "router.py",
        "if (left := address.complaint()) is not None:",
        "if (left := None):",
        bad(102),
    ),
    Guard(
        "a formula in a table for spreadsheets",
        "vae_core/export/codes_table.py",
        'return f"\'{text}" if text.lstrip(" ").startswith(_RUN) else text',
        "return text",
        ("tests/export/test_codes_table.py", "test_a_spreadsheet_shows_every_text_of_the_csv_and_runs_none"),
    ),
)


def main(words: list[str]) -> int:
    """Take the guards out, one after another; how many tests live on without theirs."""
    chosen = [guard for guard in GUARDS if not words or any(word in guard.keeps_out for word in words)]
    lived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "code")
        copy.mkdir()
        for part in ("pages", "tests", "vae_core"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("app.py", "router.py", "pyproject.toml"):
            shutil.copy(ROOT / part, copy / part)
        for part in ("assets", ".streamlit"):
            (copy / part).symlink_to(ROOT / part)
        whole = _run(copy, chosen)
        if whole.returncode:
            sys.stdout.write(f"With all guards in their places these tests do not pass.\n{whole.stdout[-3000:]}")
            return len(chosen)
        for guard in chosen:
            file = copy / guard.file
            text = file.read_text("utf-8")
            file.write_text(text.replace(guard.line, guard.without), encoding="utf-8")
            done = _run(copy, [guard])
            file.write_text(text, encoding="utf-8")
            died = done.returncode == 1  # other codes say that pytest could not run it
            lived += not died
            sys.stdout.write(f"{'dies' if died else 'LIVES'}  {guard.keeps_out}: {guard.test[1]}\n{'' if died else done.stdout[-1500:]}")
            sys.stdout.flush()
    return lived


def _run(copy: Path, guards: list[Guard]) -> subprocess.CompletedProcess[str]:
    """The tests of these guards, in the copy."""
    tests = sorted({"::".join(guard.test) for guard in guards})
    call = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    return subprocess.run(call, cwd=copy, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
