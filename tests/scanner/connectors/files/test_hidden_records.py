"""Records of people in files whose names speak of settings, programs, pictures or documents count as unread;
settings and programs without any are set aside.
"""

import json
import random

import bent
import pytest

from detectors.model import Skipped
from scanner.connectors import connect

WRITERS = {
    "people.yaml": lambda rows: "".join(f'- name: {name}\n  tel: "{tel}"\n' for name, tel, _ in rows),
    "people.toml": lambda rows: "".join(f'[[people]]\ntel = "{tel}"\n' for _, tel, _ in rows),
    "people.ini": lambda rows: "".join(f"[{name}]\ntel={tel}\n" for name, tel, _ in rows),
    "people.properties": lambda rows: "".join(f"tel.{i}={row[1]}\n" for i, row in enumerate(rows)),
    "people.js": lambda rows: f"var people = {json.dumps(rows)};\n",
    "people.ipynb": lambda rows: json.dumps({"cells": [{"outputs": [",".join(row) for row in rows]}]}),
    "people.svg": lambda rows: "<svg>" + "".join(f"<text>{tel}</text>" for _, tel, _ in rows) + "</svg>",
    "people.md": lambda rows: "".join(f"| {name} | {tel} |\n" for name, tel, _ in rows),
    "people.eml": lambda rows: "Subject: x\n\n" + "".join(f"{name},{tel}\n" for name, tel, _ in rows),
}
CLEAN = {
    "app.yaml": "".join(f"port_{i}: {8000 + i}\nstarted: {1_700_000_000 + i}\n" for i in range(40)),
    "app.js": "".join(f"var a{i} = {i * 7919}; // 0x{i:012x}\n" for i in range(60)),
    "deps.lock": "".join(f"sha256:{random.Random(i).randbytes(32).hex()}\n" for i in range(60)),
    "support.ini": "".join(f"[shop{i}]\nhotline=400-800-{i:04}\nowner=13700000001\n" for i in range(20)),
}


@pytest.mark.parametrize("file", WRITERS)
def test_records_under_another_name_are_unread(file, tmp_path):
    (tmp_path / "x.csv").write_text("id,city\n1,上海\n2,北京\n")
    (tmp_path / file).write_text(WRITERS[file](bent.people(random.Random(1), 30)))
    unread = [table for table in connect(str(tmp_path)).tables() if isinstance(table, Skipped)]

    assert [str(table.reason) for table in unread] == ["text that holds numbers like those of people"]


@pytest.mark.parametrize("file", CLEAN)
def test_settings_and_programs_are_set_aside(file, tmp_path):
    (tmp_path / "x.csv").write_text("id,city\n1,上海\n2,北京\n")
    (tmp_path / file).write_text(CLEAN[file])
    source = connect(str(tmp_path))

    assert not any(isinstance(table, Skipped) for table in source.tables())
    assert source.other_files()
