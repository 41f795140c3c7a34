"""`make messages`: bring the catalogue of messages up to date with the sources and compile it.

Templates that the sources use and zh.po lacks are added with a proposed id and no Chinese. zh.po is then
compiled to zh.mo, which gettext reads, and to ids.json, which says what each id stands for.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import polib

from detectors.message import BLANK

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGES = ("detectors", "mappings", "reports", "scanner")
WORDS_OF_AN_ID = 4
SINCE = "0.2.0"  # the version that new templates are of; those of 0.1.0 bear none
FILLERS = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "has",
        "have",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "their",
        "there",
        "this",
        "to",
        "was",
        "were",
        "with",
    }
)
ID = re.compile("[a-z0-9]+([-.][a-z0-9_]+)*")
COMMENT = re.compile(r"(?m)^(id|from|since): (.+)$")


def used_templates() -> dict[tuple[str, str], str]:
    """Return every (template, plural template or "") of a `Msg(...)` in the sources, and where it stands."""
    places: dict[tuple[str, str], str] = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for template, line in templates_of(ast.parse(file.read_text(encoding="utf-8"))):
                places.setdefault(template, f"{file.relative_to(ROOT).as_posix()}:{line}")
    return places


def templates_of(tree: ast.AST) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the templates of a module with their lines; raise ValueError where one is not a literal."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "Msg":
            yield (_literal(node, 0), ""), node.lineno
        elif isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "Msg.plural":
            yield (_literal(node, 0), _literal(node, 1)), node.lineno


def _literal(call: ast.Call, position: int) -> str:
    argument = call.args[position] if position < len(call.args) else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise ValueError(f"line {call.lineno}: a template is text, written out")


def comments(entry: polib.POEntry) -> dict[str, str]:
    """Return the comments of an entry: `id`, `since` if version 0.1.0 lacked it, `from` if it is not ours."""
    return dict(COMMENT.findall(entry.tcomment))


def propose(template: str, ids: Collection[str]) -> str:
    """Return a short id for a template, other than those in use.

    >>> propose('no flow "{id}"', ()), propose('no flow "{id}"', {"no-flow"})
    ('no-flow', 'no-flow-id')
    """
    text = template.lower().replace("'", "")
    named = re.findall("[a-z0-9]+", text)
    words = re.findall("[a-z0-9]+", BLANK.sub(" ", text))
    for of in ([word for word in words if word not in FILLERS], words, named):
        for length in range(min(len(of), WORDS_OF_AN_ID) or 1, len(of) + 1):
            if (name := "-".join(of[:length])) not in ids and name:
                return name
    stem = "-".join(named[:WORDS_OF_AN_ID]) or "message"
    return next(name for n in range(2, len(ids) + 3) if (name := f"{stem}-{n}") not in ids)


def add_missing(catalogue: polib.POFile) -> list[str]:
    """Add the templates that the sources use and the catalogue lacks; return their ids."""
    listed = {entry.msgid for entry in catalogue}
    ids = {comments(entry).get("id", "") for entry in catalogue}
    added = []
    for template, many in used_templates():
        if template not in listed:
            comment = f"id: {propose(template, ids)}\nsince: {SINCE}"
            entry = polib.POEntry(msgid=template, msgid_plural=many, tcomment=comment)
            if many:
                entry.msgstr_plural = {0: ""}
            catalogue.append(entry)
            listed.add(template)
            ids.add(comments(entry)["id"])
            added.append(comments(entry)["id"])
    return added


def faults(catalogue: polib.POFile) -> list[str]:
    """Return what is wrong with the entries, one line each: their ids, templates that stand twice, blanks."""
    ids = Counter(comments(entry).get("id", "") for entry in catalogue)
    templates = Counter(entry.msgid for entry in catalogue)
    return [
        f'zh.po:{entry.linenum}: {fault}: "{entry.msgid}"'
        for entry in catalogue
        for fault in _faults_of(entry, ids, templates)
    ]


def _faults_of(entry: polib.POEntry, ids: Mapping[str, int], templates: Mapping[str, int]) -> Iterator[str]:
    comment = comments(entry)
    if not ID.fullmatch(comment.get("id", "")):
        yield 'no "# id: words-of-it" above it'
    elif ids[comment["id"]] > 1:
        yield "its id stands twice"
    if templates[entry.msgid] > 1:
        yield "it stands twice"
    if entry.fuzzy or entry.obsolete:
        yield "it is marked as fuzzy or obsolete, so nobody would read it in Chinese"
    chinese = [text for text in (entry.msgstr, *entry.msgstr_plural.values()) if text]
    blanks = _blanks(entry.msgid + entry.msgid_plural)
    if "from" not in comment and any(_blanks(text) != blanks for text in chinese):
        yield "its Chinese has other blanks"


def _blanks(text: str) -> set[tuple[str, str]]:
    return set(BLANK.findall(text))


def compiled(catalogue: polib.POFile) -> tuple[bytes, str]:
    """Return the bytes of zh.mo and the text of ids.json."""
    templates = {
        comments(e)["id"]: [e.msgid, e.msgid_plural] if e.msgid_plural else e.msgid for e in catalogue
    }
    later = sorted(comments(e)["id"] for e in catalogue if "since" in comments(e))
    ids = {"templates": templates, "later": later}
    return catalogue.to_binary(), json.dumps(ids, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def open_catalogue() -> polib.POFile:
    return polib.pofile(str(HERE / "zh.po"), wrapwidth=110)


def main() -> int:
    catalogue = open_catalogue()
    if wrong := faults(catalogue):
        sys.stderr.write("\n".join((*wrong, "nothing is written: mend these first\n")))
        return 1
    for name in add_missing(catalogue):
        sys.stderr.write(f"zh.po: {name} is new; check its id and write its Chinese\n")
    catalogue.sort(key=lambda entry: comments(entry)["id"])
    catalogue.save()
    binary, ids = compiled(catalogue)
    (HERE / "zh.mo").write_bytes(binary)
    (HERE / "ids.json").write_text(ids, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
