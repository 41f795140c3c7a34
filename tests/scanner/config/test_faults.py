"""However many keys of a chujing.yaml are wrong, each is named once, with its line, and no secret with it."""

import re
from collections.abc import Mapping
from pathlib import Path

import places
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.errors import ConfigError
from detectors.yaml_document import parse_document
from reports.messages.render import render_error
from scanner.config import model
from scanner.config.secret import SecretPlace, require_secrets, reveal

pytestmark = pytest.mark.system
TEXT = (places.CASES / "full_config.yaml").read_text(encoding="utf-8")
LINES = TEXT.splitlines()
KEY = re.compile(r"( *)(- )?([a-z_]+): (\S.*)")
NAMED_BY_USERS = {                            # a typo of these is another name, and no fault
    "application_name", "ciio", "sector", "notified_on", "same_purpose",
}
BREAKABLE = [
    number for number, line in enumerate(LINES) if (m := KEY.fullmatch(line)) and m[3] not in NAMED_BY_USERS
]


def misspelt(indent, item, key, value):
    return [f"{indent}{item}{key}x: {value}"]


def of_wrong_kind(indent, item, key, value):
    return [f"{indent}{item}{key}: [[]]"]


def repeated(indent, item, key, value):
    return [f"{indent}{item}{key}: {value}", f"{indent}{' ' * len(item)}{key}: {value}"]


BREAKS = {
    "misspelt": (misspelt, "unknown key"),
    "of a wrong kind": (of_wrong_kind, "must be"),
    "twice": (repeated, "stands twice"),
}


def broken(breaks):
    """Return the text with lines broken, and {line: words of its fault}."""
    lines, faults = [], {}
    for number, line in enumerate(LINES):
        if number in breaks:
            way, words = BREAKS[breaks[number]]
            indent, item, key, value = KEY.fullmatch(line).groups("")
            lines += way(indent, item, key, value)
            faults[len(lines)] = words
        else:
            lines.append(line)
    return "\n".join(lines) + "\n", faults


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("config") / "chujing.yaml"


def faults_of(file, text):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as e:
        model.read(file)
    return e.value.faults


def test_the_whole_file_is_in_order_without_network_and_secrets(file, monkeypatch):
    for name in ("CRM_PW", "HMS_PW", "HOOK"):
        monkeypatch.delenv(name, raising=False)
    file.write_text(TEXT, encoding="utf-8")

    config = model.read(file)

    assert (len(config.sources), len(config.flows), config.run.jobs) == (2, 4, 4)
    assert config.metrics == file.parent / "chujing.prom"
    assert config.secrets == ("CRM_PW", "HMS_PW", "HOOK")
    with pytest.raises(ConfigError) as e:
        config.require_secrets()
    assert len(e.value.faults) == 4


def test_secrets_are_read_where_a_source_is_opened(file, monkeypatch):
    for name in ("CRM_PW", "HMS_PW", "HOOK"):
        monkeypatch.setenv(name, f"secret of {name}")
    (file.parent / "key.txt").write_text("secret of a file\n", encoding="utf-8")
    file.write_text(TEXT, encoding="utf-8")

    config = model.read(file)
    config.require_secrets()
    crm, lake = (source.revealed() for source in config.sources)

    assert crm.password == "secret of CRM_PW"
    assert crm.options == {"application_name": "chujing", "key": "secret of a file"}
    assert (lake.password, lake.metastore_password) == (None, "secret of HMS_PW")
    assert reveal(config.webhook) == "secret of HOOK"
    assert "secret of" not in f"{config}{crm}{lake}"


def test_the_whole_file_has_every_key(file):
    def keys(schema, path=()):
        for part in schema.get("anyOf", [schema]):
            for key, below in part.get("properties", {}).items():
                yield (*path, key)
                yield from keys(below, (*path, key))
            for below in (part.get("additionalProperties"), part.get("items")):
                if isinstance(below, Mapping):
                    yield from keys(below, (*path, "*"))

    doc = parse_document(TEXT, "full", ConfigError)
    places_of_secrets = {"env", "file"}
    missing = [
        path for path in keys(model.config_schema())
        if not list(doc.at(*path)) and path[-1] not in places_of_secrets
    ]

    assert missing == [("owners",)]           # a file, which would have to be there


@settings(max_examples=60, deadline=None)
@given(
    breaks=st.dictionaries(
        st.sampled_from(BREAKABLE), st.sampled_from(sorted(BREAKS)), min_size=1, max_size=7
    )
)
def test_every_broken_key_is_named_with_its_line(file, breaks):
    text, expected = broken(breaks)

    faults = faults_of(file, text)

    named = {int(fault.where.rpartition(":")[2]): str(fault.what) for fault in faults}
    assert len(faults) == len(breaks)
    assert sorted(named) == sorted(expected)
    assert all(words in named[line] for line, words in expected.items())
    lines = [render_error(fault, lang) for fault in faults for lang in ("en", "zh")]
    assert not [line for line in lines if "hunter2" in line]


@pytest.mark.parametrize("way", sorted(BREAKS))
def test_each_key_alone(file, way):
    wrong = {}
    for number in BREAKABLE:
        text, expected = broken({number: way})
        lines = [int(f.where.rpartition(":")[2]) for f in faults_of(file, text)]
        if lines != list(expected):
            wrong[LINES[number]] = lines

    assert wrong == {}


WRONG_VALUES = {
    "    ciio: maybe": 'cannot be "maybe"',
    "  timeout: 0": "whole number >= 1",
    "    since: 1/2/2026": "must be a date",
    "    mode: transfr": 'Did you mean "transfer"?',
    "    purpose: crn": 'Did you mean "crm"?',
    "    cron: 61 * * * *": "is no",
    "    timezone: Asia/Shanghi": "no time zone",
    "  gentle: maybe": "must be yes or no",
    '        name: "{nothing}"': "is no template",
    "      same_purpos: yes": 'Did you mean "same_purpose"?',
    "  engine: sparc": 'Did you mean "spark"?',
    "    auth: 9f2c1d": "one of: bearer, basic",
}


def test_values_that_cannot_be_are_all_named_at_once(file):
    text, expected = TEXT, {}
    for line, words in WRONG_VALUES.items():
        key = line.split(":")[0].strip()
        known = {"same_purpos": "same_purpose"}.get(key, key)
        number, old = next(
            (i, x) for i, x in enumerate(text.splitlines()) if x.strip().startswith(f"{known}:")
            and (key != "name" or "{" in x)
        )
        indent = old[: len(old) - len(old.lstrip())]
        text = text.replace(old + "\n", f"{indent}{line.strip()}\n", 1)
        expected[number + 1] = words

    faults = {int(f.where.rpartition(":")[2]): f.line() for f in faults_of(file, text)}

    assert sorted(faults) == sorted(expected)
    assert [words for line, words in expected.items() if words not in faults[line]] == []
    assert "9f2c1d" not in "".join(faults.values())


SECRETS = {
    "a password instead of its place": "version: 1\nsources: {a: {url: x, password: hunter2}}",
    "cut by its comma": "version: 1\nsources: {a: {url: x, password: abc,hunter2}}",
    "beginning with a star": "version: 1\nsources: {a: {url: x, password: *hunter2}}",
    "an address without a key": "version: 1\nsources: {a: 'postgresql://reader:hunter2@db/hr'}",
    "an address as a key": "version: 1\nsources: {a: {'postgresql://reader:hunter2@db/hr': x}}",
    "an address as a word": "version: 1\nflows: [{id: a, mode: 'http://x?token=hunter2'}]",
    "a token for a way": "version: 1\ncatalogs: {atlas: {auth: hunter2}}",
    "a tag": "version: 1\nsources: {a: {url: x, password: !hunter2 }}",
    "an anchor": "version: 1\nsources: {a: {url: x, password: &hunter2 b, passwort: &hunter2 c}}",
    "a cron": "version: 1\nschedule: {a: {cron: 'http://u:hunter2@x'}}",
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_no_error_shows_a_secret(file, text):
    faults = faults_of(file, text + "\n")

    lines = [render_error(fault, lang) for fault in faults for lang in ("en", "zh")]
    assert lines and not [line for line in lines if "hunter2" in line]


@pytest.mark.parametrize("name", ["hunter2!x", "hunter2", "Passw0rd", "AKIAIOSFODNN7EXAMPLE", "pass word"])
@pytest.mark.parametrize("key", ["env", "file"])
def test_a_password_typed_as_a_name_is_not_shown(key, name):
    with pytest.raises(ConfigError) as e:
        require_secrets([SecretPlace("", Path(name)) if key == "file" else SecretPlace(name)])

    assert '"***"' in e.value.line() and name not in e.value.line()


@pytest.mark.parametrize("name", ["CRM_PW", "PW", "crm_pw", "Crm_Pw"])
def test_the_name_of_a_variable_is_shown(name):
    with pytest.raises(ConfigError, match=f'"{name}" is not set'):
        require_secrets([SecretPlace(name)])


def test_a_url_is_no_data_dictionary(file):
    (fault,) = faults_of(file, "version: 1\nsources: {a: {url: x, dictionary: 'https://u:hunter2@x/d.csv'}}\n")

    assert "a file, not a URL" in fault.line() and "hunter2" not in fault.line()


ALIASES = {
    "itself": "version: 1\nlineage: &a [*a]\n",
    "a laugh": "version: 1\nlineage: &a [" + "x," * 99 + "x]\nabroad: &b [" + "*a," * 99
    + "*a]\nsubjects: [" + "*b," * 99 + "*b]\n",
}


@pytest.mark.parametrize("text", ALIASES.values(), ids=ALIASES)
def test_aliases_without_end_are_refused(file, text):
    assert "alias" in "".join(str(f.what) for f in faults_of(file, text))
