"""What libraries say by themselves is not shown: who spoke is, once for each place."""

import logging
import os
import subprocess
import sys
import threading
import warnings

import places
import pytest
from openpyxl import Workbook

from scanner.cli.library_output import LibraryOutput

VALUE = "13761537429"
SPOKEN = {
    "a warning": lambda: warnings.warn(f"cell {VALUE}", stacklevel=1),
    "a log line": lambda: logging.getLogger("lib").error("cell %s", VALUE),
    "a traceback in a log": lambda: logging.getLogger("lib").error("cell", exc_info=ValueError(VALUE)),
    "foreign code on stderr": lambda: os.write(2, f"panicked at {VALUE}\n".encode()),
    "a thread that fails": lambda: _in_thread(lambda: int(f"x{VALUE}")),
    "an error nobody can catch": lambda: _Dies(VALUE),
    "a process it started": lambda: subprocess.run(
        [sys.executable, "-c", f"raise ValueError({VALUE})"], check=False
    ),
}


class _Dies:
    def __init__(self, value):
        self.value = value

    def __del__(self):
        raise RuntimeError(self.value)


def _in_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.system
@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("speak", SPOKEN.values(), ids=SPOKEN)
def test_their_words_are_not_shown_and_that_they_spoke_is(speak, capfd, monkeypatch):
    monkeypatch.setattr(logging.root, "handlers", [])
    libraries = LibraryOutput()
    libraries.start()
    try:
        speak()
        speak()
        lines = libraries.lines()
    finally:
        libraries.stop()

    assert len(lines) == 1
    assert VALUE not in "".join(lines) + "".join(capfd.readouterr())


@pytest.mark.system
def test_what_ends_the_program_before_a_command_is_said_by_kind_and_place():
    code = (
        "from scanner.cli.library_output import LibraryOutput\nLibraryOutput().start()\n"
        "import no_such_module_of_ours\n"
    )
    fails = code.replace("import no_such_module_of_ours", f"int('x{VALUE}')")
    ends = [
        subprocess.run(
            [sys.executable, "-c", c],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(places.ROOT)},
        )
        for c in (code, fails)
    ]

    assert [e.stderr for e in ends] == [
        "chujing: ModuleNotFoundError (no_such_module_of_ours), <string>:3\n",
        "chujing: ValueError, <string>:3\n",
    ]
    assert [e.returncode for e in ends] == [1, 1]


@pytest.mark.system
def test_afterwards_all_is_as_before(capfd):
    before = (warnings.showwarning, sys.stderr, sys.excepthook, threading.excepthook, logging.lastResort)
    libraries = LibraryOutput()
    libraries.start()
    libraries.stop()
    os.write(2, b"heard again\n")

    assert (
        warnings.showwarning,
        sys.stderr,
        sys.excepthook,
        threading.excepthook,
        logging.lastResort,
    ) == before
    assert capfd.readouterr().err == "heard again\n"


@pytest.mark.system
def test_phones_formatted_as_dates_are_read_as_phones_and_no_cell_is_printed(tmp_path):
    book = Workbook()
    book.active.append(["a", "b"])
    for i in range(40):
        book.active.append([int(f"1376153{i:04d}"), 45_000 + i])
        for cell in book.active[i + 2]:
            cell.number_format = "yyyy-mm-dd"
    book.save(tmp_path / "m.xlsx")
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", "m.xlsx", "-o", "r.json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(places.ROOT)},
    )

    assert (done.returncode, done.stderr.replace("-> r.json\n", "")) == (0, "")
    assert "phone_mobile" in (tmp_path / "r.json").read_text(encoding="utf-8")
    assert "1376153" not in done.stdout + (tmp_path / "r.json").read_text(encoding="utf-8")
