"""YAML by a declared grammar: values as typed, merged keys, what follows from what, and nothing echoed."""

import pytest

from detectors import custom
from detectors.custom_grammar import DetectorKeys
from detectors.errors import ConfigError, Gathering, RulesError, combined
from detectors.grammar import Day, Keys, Positive, Typed, YesNo, described, json_schema, parsed
from detectors.message import Msg
from detectors.yaml_document import parse_document


class Inner(Keys):
    word: str
    rate: Positive = 1


class File(Keys):
    name: str = described("what it is called", ...)
    on: Day | None = None
    sure: YesNo = False
    any: tuple[Typed, ...] = ()
    inner: dict[str, Inner] = {}


def read(text):
    return parsed(parse_document(text, "f.yaml", ConfigError), File, ConfigError)


def faults(text):
    with pytest.raises(ConfigError) as e:
        read(text)
    return [fault.line() for fault in e.value.faults]


def test_a_text_is_what_was_typed_and_the_key_says_what_it_means():
    keys = read("name: 010\non: 2026-01-31\nsure: yes\nany: [010, '010', 1.5, no, x]\n").keys

    assert (keys.name, f"{keys.on:%d.%m.%Y}", keys.sure) == ("010", "31.01.2026", True)
    assert keys.any == (8, "010", 1.5, False, "x")


def test_keys_of_another_mapping_are_merged_and_its_own_come_first():
    keys = read("name: a\ninner:\n  a: &a {word: x, rate: 2}\n  b: {<<: *a, word: y}\n").keys

    assert [(i.word, i.rate) for i in keys.inner.values()] == [("x", 2), ("y", 2)]


CASES = {
    "a typo of a required key is one fault": (
        "nam: a\n", ['f.yaml:1: unknown key "nam". Did you mean "name"?'],
    ),
    "a key far from any": (
        "name: a\nzzz: b\n",
        ['f.yaml:2: unknown key "zzz". known here: any, inner, name, on, sure'],
    ),
    "a fault at every depth": (
        "inner: {a: {rate: 0}, b: [], c: {word: {}}}\non: 1/2/3\n",
        [
            'f.yaml:1: "name" is missing',
            'f.yaml:1: "word" is missing',
            'f.yaml:1: "rate" must be a whole number >= 1',
            'f.yaml:1: "b" must be a mapping (key: value)',
            'f.yaml:1: "word" must be a single value',
            'f.yaml:2: "on" must be a date such as 2026-01-31',
        ],
    ),
    "the file is a list": ("- a\n", ['f.yaml:1: "the file" must be a mapping (key: value)']),
    "no text": ("# nothing\n", ["f.yaml: the file is empty"]),
    "a merge of a text": (
        "name: a\ninner: {<<: x}\n", ['f.yaml:2: "<<" must be a mapping (key: value)'],
    ),
}


@pytest.mark.parametrize(("text", "lines"), CASES.values(), ids=CASES)
def test_what_is_wrong(text, lines):
    assert sorted(faults(text)) == sorted(lines)


def test_the_schema_accepts_what_may_be_typed():
    schema = json_schema(File)

    assert schema["required"] == ["name"] and schema["additionalProperties"] is False
    assert schema["properties"]["name"] == {
        "description": "what it is called", "type": ["string", "number", "boolean"],
    }
    assert schema["properties"]["inner"]["additionalProperties"]["properties"]["rate"] == {
        "default": 1, "minimum": 1, "type": "integer",
    }


def test_several_errors_are_one_with_each_once():
    a, b, c = (ConfigError(Msg("fault {n}", n=n), where="f") for n in (1, 2, 3))
    whole = combined([combined([a, b]), b, c])

    assert whole.faults == (a, b, c)
    assert str(whole).splitlines() == ["f: fault 1", "f: fault 2", "f: fault 3"]


def test_steps_go_on_after_an_error_of_ours_alone():
    problems = Gathering()
    problems.raise_all()
    with problems:
        raise RulesError("one")
    with problems:
        raise ConfigError("two")
    with pytest.raises(RulesError, match="one\ntwo"):
        problems.raise_all()
    with pytest.raises(KeyError), problems:
        raise KeyError("not ours")


def test_the_public_names_of_keys_are_those_of_the_grammar():
    assert set(custom.KEYS) == set(DetectorKeys.model_fields)
