"""Where names of tables and columns are taken from, a value of somebody's becomes none."""

import logging

import canary_names
import pytest

from detectors.errors import ChujingError
from detectors.model import Skipped
from scanner.connectors import connect


def spoken(path):
    """What a reader says of a file: names, comments, losses and reasons; and how many tables it reads."""
    texts, n = [], 0
    source = connect(str(path))
    for info in source.tables():
        if isinstance(info, Skipped):
            texts.append(str(info))
            continue
        texts += [str(info.ref), str(info.comment)]
        texts += [f"{c.parts} {c.name} {c.comment}" for c in info.columns]
        try:
            sample = source.sample(info.ref, [c.name for c in info.columns], 1_000, 1)
        except ChujingError as e:
            texts.append(str(e))
            continue
        n += 1
        texts += [str(sample.losses), *(str(batch.schema) for batch in sample.batches)]
    return "\n".join(texts), n


@pytest.mark.parametrize("value", canary_names.VALUES, ids=["mobile", "mail", "resident"])
def test_no_value_becomes_a_name(tmp_path, caplog, value):
    caplog.set_level(logging.DEBUG)
    leaks, n = [], 0
    for i, (place, make) in enumerate(canary_names.PLACES.items()):
        name, content = make(value)
        folder = tmp_path / f"p{i:02}"
        folder.mkdir()
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        text, tables = spoken(folder / name)
        n += tables
        leaks += [place] if value in text else []

    assert leaks == []
    assert value not in caplog.text
    assert len(canary_names.PLACES) >= 40 and n >= 40
