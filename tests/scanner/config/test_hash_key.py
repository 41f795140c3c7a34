"""The hash key: made once, private, one a year, and never mixed up."""

import os
import stat

import pytest

import scanner
from detectors.errors import ConfigError, StateError
from scanner.config.hash_key import fingerprint, key_path, master_key, year_key
from scanner.state.key_fingerprints import check_key

CONFIG = """
version: 1
exporter: {id: a, entities: [a]}
sources: {s: {url: m.csv}}
flows: [{id: f, entity: a, recipient: {name: HQ}, purpose: crm, fields: [s/m/mobile]}]
"""


@pytest.mark.system
def test_it_is_made_once_and_private():
    first, created = master_key()
    second, again = master_key()

    assert created == key_path() and again is None
    assert first == second and len(first) == 32
    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600


@pytest.mark.system
def test_a_key_file_others_can_read_is_refused():
    master_key()
    key_path().chmod(0o644)

    with pytest.raises(ConfigError, match="others can read") as e:
        master_key()

    assert e.value.hint == f"chmod 600 {key_path()}"


def test_the_environment_comes_first_and_must_be_well_formed(monkeypatch):
    monkeypatch.setenv("CHUJING_KEY", "ab" * 32)
    assert master_key() == (bytes([0xAB]) * 32, None)

    monkeypatch.setenv("CHUJING_KEY", "short")
    with pytest.raises(ConfigError, match="64 hexadecimal") as e:
        master_key()
    assert "short" not in e.value.line()


def test_years_have_different_keys():
    assert year_key(b"m" * 32, 2026) != year_key(b"m" * 32, 2027)
    assert year_key(b"m" * 32, 2026) == year_key(b"m" * 32, 2026)


def test_another_key_in_the_same_year_stops(tmp_path, monkeypatch):
    (tmp_path / "chujing.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "m.csv").write_text("id,mobile\n1,13700000001\n", encoding="utf-8")
    monkeypatch.setenv("CHUJING_KEY", os.urandom(32).hex())
    scanner.scan(str(tmp_path / "chujing.yaml"))
    monkeypatch.setenv("CHUJING_KEY", os.urandom(32).hex())

    with pytest.raises(StateError, match="not the one used before"):
        scanner.scan(str(tmp_path / "chujing.yaml"))


def test_the_state_holds_the_fingerprint_and_not_the_key(tmp_path):
    key = year_key(b"m" * 32, 2026)
    check_key(fingerprint(key), 2026, tmp_path)

    state = (tmp_path / ".chujing" / "state.db").read_bytes()
    assert fingerprint(key).encode() in state
    assert key not in state and key.hex().encode() not in state


def counted(folder, year=2026):
    """A folder whose state knows a key of its own, kept beside its configuration."""
    from scanner.config.hash_key import key_of_year

    return key_of_year(folder / "own.key", year, folder)[0]


def test_a_key_file_the_configuration_names_is_made_once_and_used_again(tmp_path, monkeypatch):
    monkeypatch.delenv("CHUJING_KEY_FILE")
    (tmp_path / "chujing.yaml").write_text(CONFIG + "key_file: own.key\n", encoding="utf-8")
    (tmp_path / "m.csv").write_text("id,mobile\n1,13700000001\n", encoding="utf-8")
    scanner.scan(str(tmp_path / "chujing.yaml"))
    key = (tmp_path / "own.key").read_text()
    scanner.scan(str(tmp_path / "chujing.yaml"))

    assert (tmp_path / "own.key").read_text() == key
    assert stat.S_IMODE((tmp_path / "own.key").stat().st_mode) == 0o600


def test_the_error_names_the_file_of_the_key_used_before_and_no_other_is_made(tmp_path, monkeypatch):
    monkeypatch.delenv("CHUJING_KEY_FILE")
    counted(tmp_path)
    elsewhere = tmp_path / "elsewhere.key"
    monkeypatch.setenv("CHUJING_KEY_FILE", str(elsewhere))

    with pytest.raises(StateError, match="is not here") as e:
        counted(tmp_path)

    assert e.value.hint == f"export CHUJING_KEY_FILE={tmp_path / 'own.key'}" and not elsewhere.exists()


def test_where_no_file_fits_the_error_says_how_to_name_it(tmp_path, monkeypatch):
    monkeypatch.delenv("CHUJING_KEY_FILE")
    counted(tmp_path)
    (tmp_path / "own.key").unlink()
    monkeypatch.setenv("CHUJING_KEY", "ab" * 32)

    with pytest.raises(StateError, match="not the one used before") as e:
        counted(tmp_path)

    assert all(word in e.value.hint for word in ("CHUJING_KEY_FILE", "key_file:", "CHUJING_KEY;", "hash.key"))
    assert "ab" * 32 not in e.value.line()
