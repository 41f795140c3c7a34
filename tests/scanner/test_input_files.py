"""Files that a person names: a device or a socket is refused in one line by whatever would read it."""

import shlex
import socket

import pytest

from scanner.cli.app import main

CONFIG = """version: 1
sources: {{crm: {{url: crm}}}}
exporter: {{id: hq, entities: [hq]}}
flows:
  - {{id: out, entity: hq, status: active, since: 2026-01-01, purpose: crm,
     recipient: {{name: X, country: DE}}, fields: [crm/member/mobile]}}
{more}
"""
NAMED = {                                     # on the command line
    "gold of evaluate": "evaluate last {file}",
    "a report": "evaluate {file} gold.csv",
    "fields as CSV": "fields import out {file} --by 王敏",
    "fields as XLSX": "fields import out {file}.xlsx --by 王敏",
    "reviews": "review import {file}",
    "reviews as YAML": "review import {file}.yaml",
    "facts": "decide --facts {file}",
    "flows": "flows import {file}.xlsx",
    "a filing as DOCX": "baseline import {file}.docx --flow out --by 王敏",
    "recognisers": "detectors import {file}",
    "a zone list": "zones import {file}.xlsx",
    "a configuration": "check -c {file}",
    "texts": "flows suggest {file}",
    "a dictionary": "scan crm --dictionary {file}",
}
CONFIGURED = {                                # in chujing.yaml
    "owners": "owners: {file}",
    "detectors": "detectors: {file}",
    "a taxonomy": "taxonomies: [{file}.yaml]",
    "the key": "key_file: {file}",
    "lineage": "lineage: [{file}]",
    "a dictionary of a source": "sources: {{crm: {{url: crm, dictionary: {file}}}}}",
    "a password": "sources: {{crm: {{url: crm, password: {{file: {file}}}}}}}",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder scanned once. `unread`, with any suffix, is a device there; so is `unread.sock` a socket."""
    place = tmp_path_factory.mktemp("named")
    (place / "crm").mkdir()
    rows = "".join(f"137{i:08d}\n" for i in range(20))
    (place / "crm" / "member.csv").write_text(f"mobile\n{rows}", encoding="utf-8")
    (place / "gold.csv").write_text("system,table,column\n", encoding="utf-8")
    for suffix in ("", ".xlsx", ".yaml", ".docx"):
        (place / f"unread{suffix}").symlink_to("/dev/null")     # empty: what reads it does not hang the test
    (place / "chujing.yaml").write_text(CONFIG.format(more=""), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUJING_KEY", "0" * 64)
        patch.chdir(place)
        assert run(patch, "scan -q") == 0
    return place


def run(patch, words):
    patch.setattr("sys.argv", ["chujing", *shlex.split(words)])
    with pytest.raises(SystemExit) as exit:
        main()
    return exit.value.code or 0


@pytest.mark.parametrize("words", NAMED.values(), ids=NAMED)
def test_no_device_on_the_command_line_is_read(folder, monkeypatch, capfd, words):
    monkeypatch.chdir(folder)
    status = run(monkeypatch, words.format(file="unread") + " --lang en")

    said = "".join(capfd.readouterr())
    assert "a pipe, a socket or a device is not read" in said and status in (2, 3), said


@pytest.mark.parametrize("lines", CONFIGURED.values(), ids=CONFIGURED)
def test_no_device_in_the_configuration_is_read(folder, monkeypatch, capfd, lines):
    text = CONFIG.format(more=lines.format(file="unread"))
    if "sources:" in lines:
        text = text.replace("sources: {crm: {url: crm}}\n", "", 1)
    (folder / "other.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CHUJING_KEY", "" if "key_file" in lines else "0" * 64)
    monkeypatch.delenv("CHUJING_KEY_FILE", raising=False)
    run(monkeypatch, "scan -c other.yaml --lang en")

    assert "a pipe, a socket or a device is not read" in "".join(capfd.readouterr())


def test_neither_a_socket_nor_a_device_is_a_token(tmp_path, monkeypatch):
    from detectors.errors import ConfigError
    from scanner.config.catalogs import Catalog

    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as open_socket:
        open_socket.bind("a.sock")
        for file in (tmp_path / "a.sock", tmp_path / "link"):
            if file.name == "link":
                file.symlink_to("/dev/zero")
            with pytest.raises(ConfigError, match="a pipe, a socket or a device is not read"):
                Catalog(token_file=file).token("datahub")
