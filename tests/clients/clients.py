"""Other people's programs, in an environment of their own: `make clients` makes it."""

import json
import os
import subprocess
from pathlib import Path

import places
import pytest

PYTHON = Path(os.environ.get("CHUJING_CLIENTS_PYTHON", places.ROOT / ".venv-clients" / "bin" / "python"))
HERE = Path(__file__).parent


def run_client(script, question, folder, **env):
    """What a script of this folder answers to a question, run by the clients' Python. Both are JSON.

    Skips the test where there is no such Python, and fails it where servers are required.
    """
    ran = run_program([str(HERE / script)], folder, text=json.dumps(question), **env)
    assert ran.returncode == 0, ran.stdout[-2_000:] + ran.stderr[-4_000:]
    return json.loads(ran.stdout.splitlines()[-1])


def run_program(words, folder, text="", **env):
    """A finished run of the clients' Python with these words after it."""
    if not PYTHON.exists():
        if os.environ.get("CHUJING_REQUIRE_SERVERS") == "1":
            pytest.fail(f"{PYTHON} is missing: make clients makes it")
        pytest.skip("needs the Python of the clients: make clients makes one")
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    return subprocess.run(
        [str(PYTHON), *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=folder,
        env={**kept, "HOME": str(folder), "PYTHONUTF8": "1", **env},
    )
