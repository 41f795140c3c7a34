"""chujing.yaml is read strictly: every fault names file, line and the nearest known name."""

import os
from pathlib import Path

import jsonschema
import pytest

from detectors.errors import ConfigError
from scanner.config import model
from scanner.config.secret import reveal

GOOD = """version: 1
exporter: {id: acme, entities: [acme-cn], facts: {ciio: no}}
sources:
  crm: {url: "sqlite:///crm.db", password: {env: CRM_PW}, include: ["member*"], exclude: ["*_bak"]}
flows:
  - {id: crm-hq, entity: acme-cn, recipient: {name: HQ, country: DE}, purpose: crm, fields: [member/name],
     where: {crm/member: {region: {in: [EU]}}}}
"""

BROKEN = {
    "unknown key": ("version: 1\nsuorces: {}\n", 'Did you mean "sources"?', ":2"),
    "unknown fact": ("version: 1\nexporter: {id: a, facts: {cioi: no}}\n", 'Did you mean "ciio"?', ":2"),
    "absurd fact": ("version: 1\nexporter: {id: a, facts: {ciio: maybe}}\n", "", ":2"),
    "unknown purpose": (GOOD.replace("purpose: crm,", "purpose: crn,"), 'Did you mean "crm"?', ":6"),
    "unknown entity": (GOOD.replace("entity: acme-cn,", "entity: acme-ch,"), 'Did you mean "acme-cn"?', ":6"),
    "date in the wrong form": (
        "version: 1\nignore: [{column: a, why: b, by: c, until: 1/2/2027}]\n",
        "",
        ":2",
    ),
    "key twice": ("version: 1\nversion: 1\n", "remove one", ":2"),
    "not yaml": ("version: [1\n", "", ":2"),
    "version of tomorrow": ("version: 9\n", "reads version 1", ":1"),
    "no fields": (GOOD.replace("fields: [member/name],", ""), "", ":6"),
    "unknown mode": (
        GOOD.replace("purpose: crm,", "purpose: crm, mode: transfr,"),
        'Did you mean "transfer"?',
        ":6",
    ),
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_PW", "s3cret-in-env")

    def write(text):
        path = tmp_path / "chujing.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_good_file(write):
    c = model.read(write(GOOD))

    assert c.facts == {"ciio": "no"}
    assert c.flows[0].where == {"crm/member": {"region": {"in": ["EU"]}}}
    assert reveal(c.sources[0].password) == "s3cret-in-env"
    assert "s3cret" not in repr(c)


def test_include_and_exclude(write):
    crm = model.read(write(GOOD)).sources[0]

    assert crm.selects("", "member") and crm.selects("public", "member_address")
    assert not crm.selects("", "member_bak") and not crm.selects("", "shop")


@pytest.mark.parametrize(("text", "hint", "line"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_says_where_and_what(write, text, hint, line):
    with pytest.raises(ConfigError) as e:
        model.read(write(text))

    assert hint in e.value.line()
    assert f"chujing.yaml{line}" in e.value.line()


def test_password_must_exist(write, monkeypatch):
    monkeypatch.delenv("CRM_PW")
    c = model.read(write(GOOD))
    with pytest.raises(ConfigError, match="CRM_PW"):
        c.require_secrets()


def test_schema_accepts_what_the_reader_accepts():
    import yaml

    schema = model.config_schema()
    good = yaml.safe_load(GOOD.replace("ciio: no", 'ciio: "no"'))

    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 1, "suorces": {}}, schema)


def test_a_device_or_pipe_is_no_configuration(tmp_path):
    os.mkfifo(tmp_path / "chujing.yaml")
    for path in (tmp_path / "chujing.yaml", Path("/dev/zero")):
        with pytest.raises(ConfigError, match="a pipe, a socket or a device is not read"):
            model.read(path)


@pytest.mark.parametrize(("named", "hint"), [("crm-hQ", "crm-hq"), ("other", "crm-hq"), ("crm-hq", None)])
def test_a_filing_names_flows_that_there_are(tmp_path, named, hint):
    file = tmp_path / "chujing.yaml"
    file.write_text(
        "version: 1\nexporter: {id: g, entities: [a]}\nflows:\n"
        "- {id: crm-hq, entity: a, purpose: crm, recipient: {name: HQ, country: DE},"
        " declared: {individuals: 10, by: lin, on: 2026-11-02, evidence: list}}\n"
        f"filings:\n- {{id: f1, kind: contract, entity: a, on: 2026-01-05, flows: [{named}]}}\n",
        encoding="utf-8",
    )
    if hint is None:
        assert model.read(file).filings[0].flows == ("crm-hq",)
        return
    with pytest.raises(ConfigError) as caught:
        model.read(file)

    [fault] = caught.value.faults
    assert named in str(fault.what) and str(fault.where).endswith(":6") and hint in str(fault.hint)
