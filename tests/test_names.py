"""Names are plain nouns of the trade, and one type name stands for one thing."""

import ast
import re
from collections import defaultdict
from functools import cache

import pytest
from places import ROOT

pytestmark = pytest.mark.unit

PACKAGES = ("detectors", "mappings", "reports", "scanner")
# participles that say what happened to a thing, not what it is
DIALECT = {
    "asked", "counted", "drawn", "found", "given", "gone", "heard", "held", "kept", "known", "left", "looked",
    "made", "meant", "mine", "reached", "said", "seen", "spoken", "taken", "there", "told", "wanted",
}
ALLOWED = {                                   # name -> the only files that bind it
    # public classes, their fields and the keys of report.json
    "Drawn": {"detectors/model.py"},
    "drawn": {
        "reports/model.py", "scanner/connectors/protocol.py", "scanner/gather/examine.py",
        "scanner/testing.py",
    },
    "rows_drawn": {"reports/inventory/cell_values.py"},
    "found": {"reports/model.py"},
    "counted": {"mappings/flow_report.py"},
    "reached": {"mappings/model.py"},
    # tests that plug-ins inherit and may name
    "test_a_sample_says_how_it_was_drawn": {"scanner/testing.py"},
    "test_a_small_sample_is_no_larger_than_asked": {"scanner/testing.py"},
    # openpyxl's margin, and given names
    "left": {"reports/inventory/sheet_style.py"},
    "_given_name": {"detectors/language/data/sources.py"},
    "given_characters": {"detectors/language/data/sources.py"},
}
# type names of public modules that stand for two things
SHARED = {}


@cache
def trees():
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return [(f.relative_to(ROOT).as_posix(), ast.parse(f.read_text(encoding="utf-8"))) for f in files]


def bound_names(tree):
    """Names that a module binds: variables, attributes, arguments, functions, classes, aliases."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr
            case ast.alias(asname=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name


def dialect_words(name):
    """Words of a name, in either case, that are of the dialect."""
    return DIALECT & {word.lower() for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name)}


def type_names(tree):
    """Names of classes, and of types that a module gives a name of its own: `Fault = tuple[str, str]`."""
    yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    for node in tree.body:
        bound = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for name in (getattr(target, "id", "") for target in bound):
            if re.match("_?[A-Z]", name) and not name.isupper():
                yield name


@pytest.mark.parametrize(
    "source",
    [
        "told = 1", "x.told = 1", "(told := 1)", "for told in x: ...", "[told for told in x]",
        "with x as told: ...", "import x as told", "try: ...\nexcept E as told: ...",
        "match x:\n  case [*told]: ...", "match x:\n  case 1 as told: ...",
        "def f(rows_told): ...", "lambda told: 1", "def told(): ...", "class ToldRow: ...",
    ],
)
def test_every_way_to_bind_a_name_is_looked_at(source):
    assert [name for name in bound_names(ast.parse(source)) if dialect_words(name)]


def test_no_name_has_a_word_of_the_dialect(no_collection):
    bound = {(name, file) for file, tree in trees() for name in bound_names(tree) if dialect_words(name)}
    files = [file for file, _ in trees() if dialect_words(file.rpartition("/")[2].removesuffix(".py"))]

    assert sorted((file, name) for name, file in bound if file not in ALLOWED.get(name, ())) == []
    assert files == []
    assert {(name, file) for name, places in ALLOWED.items() for file in places} <= bound


def test_one_type_name_stands_for_one_thing():
    places = defaultdict(list)
    for file, tree in trees():
        for name in type_names(tree):
            places[name].append(file)

    assert {name: files for name, files in places.items() if len(files) > 1} == SHARED
