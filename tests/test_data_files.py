"""Our own YAML is held to what may stand in it, and no text is cut by a comma or a colon."""

from __future__ import annotations

import places
import pytest
import yaml
from data_grammar import GRAMMARS

from detectors.errors import RulesError
from detectors.grammar import parsed
from detectors.yaml_document import parse_document

pytestmark = pytest.mark.unit
ROOT = places.CASES.parents[1]
OTHERS = {                                    # a template, a JSON Schema, commands with damaged files
    "scanner/setup/init_config.yaml", "tests/cases/odcs.yaml", "tests/bench/recorded_cases.yaml",
}
FILES = {path: grammar for pattern, grammar in GRAMMARS.items() for path in sorted(ROOT.glob(pattern))}


def split_sentences(node, file):
    """Yield unquoted items of `[a, b c]` that have several words: a comma in one would cut it unseen."""
    for child in node.value if isinstance(node, yaml.CollectionNode) else ():
        for part in child if isinstance(child, tuple) else (child,):
            is_item = isinstance(node, yaml.SequenceNode) and node.flow_style
            if is_item and isinstance(part, yaml.ScalarNode) and not part.style and " " in part.value:
                yield f"{file}:{part.start_mark.line + 1}: {part.value}"
            yield from split_sentences(part, file)


@pytest.mark.parametrize(
    "path", FILES, ids=[path.relative_to(ROOT).as_posix() for path in FILES]
)
def test_a_data_file_holds_what_it_may(path):
    text = path.read_text(encoding="utf-8")

    document = parse_document(text, path.name, RulesError)
    parsed(document, FILES[path], RulesError)

    assert list(split_sentences(document.root, path.name)) == []


def test_no_data_file_is_left_out():
    ours = {
        path.relative_to(ROOT).as_posix()
        for room in ("detectors", "mappings", "reports", "scanner", "tests")
        for path in (ROOT / room).rglob("*.yaml")
    }

    assert ours - OTHERS == {path.relative_to(ROOT).as_posix() for path in FILES}


@pytest.mark.parametrize(
    ("text", "fault"),
    {
        "an unquoted comma": ("a: {zh: 甲, en: do this, then that}", "comma stands here without quotes"),
        "an unquoted colon": ("a: {zh: 甲, en: {see: that}}", "single value"),
        "a key twice": ("a: {zh: 甲, en: b}\na: {zh: 乙, en: c}", '"a" stands twice'),
        "an unknown key": ("a: {zh: 甲, en: b, zhh: c}", 'Did you mean "zh"?'),
        "a text that is a list": ("a: {zh: 甲, en: [b]}", "single value"),
        "a key left out": ("a: {zh: 甲}", '"en" is missing'),
    }.values(),
)
def test_what_would_cut_a_text_is_named(text, fault):
    document = parse_document(text, "words.yaml", RulesError)

    with pytest.raises(RulesError) as e:
        parsed(document, GRAMMARS["mappings/wording/*.yaml"], RulesError)

    assert fault in e.value.line()
