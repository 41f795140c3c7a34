"""A folder opened once: chujing.yaml with what people recorded beside it;
and files written whole or not at all.
"""

from datetime import date

import pytest

from detectors.errors import ConfigError
from scanner.config.model import Config, read
from scanner.config.sources import Source
from scanner.files import write_atomically
from scanner.records import answers
from scanner.workspace import open_workspace, workspace_of

CONFIG = """version: 1
exporter: {id: acme, entities: [acme-cn, acme-hk], facts: {ciio: unknown}}
flows:
  - {id: hq, entity: acme-cn, recipient: {name: HQ, country: DE}, purpose: crm, fields: [crm/member/mobile]}
"""
REVIEW = "- {verdict: reject, column: crm/member/mobile, by: lin, on: 2026-11-01, why: no}\n"


def record(folder, **entry):
    answers.append(folder, [{"by": "lin", "on": date(2026, 11, 2), **entry}])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def test_answers_are_laid_over_what_the_file_leaves_open(folder):
    record(folder, fact="ciio", value="no")
    record(folder, fact="ciio", value="yes", entity="acme-hk")
    record(folder, fact="fields_necessary", value="yes", flow="hq")
    record(folder, fact="ciio", value="no", flow="gone")
    workspace = open_workspace(folder / "chujing.yaml")

    assert workspace.config.facts == {"ciio": "no"}
    assert workspace.config.fact_provenance["ciio"]["by"] == "lin"
    assert workspace.entity_facts == {"acme-hk": {"ciio": "yes"}}
    assert workspace.config.flows[0].facts == {"fields_necessary": "yes"}
    assert read(folder / "chujing.yaml").facts == {"ciio": "unknown"}


def test_a_folder_without_configuration_has_its_reviews(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reviews.yaml").write_text(REVIEW, encoding="utf-8")
    workspace = open_workspace(required=False)

    assert (workspace.configured, len(workspace.reviews.standing)) == (False, 1)
    with pytest.raises(ConfigError, match="no such file"):
        open_workspace()
    with pytest.raises(ConfigError, match="no such file"):
        open_workspace(tmp_path / "other.yaml", required=False)


def test_a_configuration_made_by_hand_has_nothing_beside_it(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "reviews.yaml").write_text(REVIEW, encoding="utf-8")

    assert not workspace_of(Config((Source("crm", "crm.db"),))).reviews.standing
    assert workspace_of(read(folder / "chujing.yaml")).reviews.standing


def test_a_file_is_whole_or_as_it_was(tmp_path):
    file = tmp_path / "a.txt"
    write_atomically(file, "eins\n")
    write_atomically(file, b"zwei\n")

    def half(part):
        part.write(b"dr")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(file, half)
    with pytest.raises(ConfigError, match="cannot be written: a file stands where a folder should be"):
        write_atomically(file / "a.txt", "")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"] and file.read_bytes() == b"zwei\n"
