"""OpenMetadata: tags on columns, head-counts and paths as custom properties of tables, and our patterns as its recognisers.

Two classifications: `chujing` holds what people accepted (Confirmed), `chujing_suggested` what a machine suggests (Suggested). What a
person did to a tag or a number there is left alone; of tags it is read back by `chujing review import --from openmetadata`. By REST;
tables are called service.database.schema.table, where platform_instance is the service:

    catalogs:
      openmetadata:
        url: https://openmetadata.example.com/api         # CHUJING_OPENMETADATA_TOKEN is a bot's JWT
        entities: [{source: crm, platform_instance: crm_pg, database: crm}]

Contract: openmetadata-ingestion 2.0.7, `ometa/mixins/patch_mixin.py`,
`schema/type/tagLabel`, `schema/api/classification`, `schema/type/recognizer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from detectors.labels import labels
from detectors.model import ValueDetector
from detectors.registry import value_detectors
from reports.catalogs import CatalogDecision, Client, Payload, Pushed, UnclearDecision, Unmatched
from reports.catalogs.openmetadata import back, rest
from reports.catalogs.openmetadata.answers import OWNED
from reports.catalogs.openmetadata.answers import get_checked as ask
from reports.catalogs.openmetadata.names import CLASSIFICATION, PROPERTIES, path, table, tag
from reports.catalogs.picking import CatalogTable, Pick, Selection, catalog_tables, figures, picks
from reports.catalogs.terms import ACCEPTED, ROOT, SUGGESTED, Term, node_title, term, terms
from reports.model import Report

BATCH = 1_000
RECOGNIZERS = True                            # it can use our patterns
THRESHOLD = 0.6                               # score from which a recogniser counts
UNCHECKED = 0.5                               # score of a pattern without the check chujing makes beside it: it needs a word near it
TITLES = {name: zh for name, zh, *_ in PROPERTIES}
BRIEF = 240                                   # characters of a name, at most


def payloads(report: Report, asked: Selection) -> Iterator[Payload]:
    """Classifications, tags and property definitions in use, recognisers where asked, then what stands on columns and tables."""
    chosen = list(picks(report, asked))
    on = [p for place, picked in chosen for p in _carried(report, place, picked, asked.lang)]
    used = terms(p for _, picked in chosen for p in picked)
    known = labels()
    looked = {t.label: t for t in map(_recognised, sorted({d.label for d in _exported()} & set(known)))} if asked.recognizers else {}
    named = {t.id for t in used}
    yield from _definitions([*used, *(t for t in looked.values() if t.id not in named)], {
        p.body["name"] for p in on if p.kind == "table_property"})
    if looked:
        name = CLASSIFICATION[SUGGESTED[0]]
        yield Payload(f"automatic:{name}", "automatic", f"classification:{name}", {"fqn": name, "create": {}}, order=2, lasting=True,
                      shown="autoClassificationConfig")
    yield from (r for t in looked.values() for r in _recognizers(t))
    yield from on


def push(payloads: Iterable[Payload], client: Client) -> Pushed:
    """Definitions the catalog lacks are made; tables it has are patched, where nobody else decided."""
    return rest.push(list(payloads), client)


def check(payloads: Iterable[Payload], client: Client) -> Iterator[Unmatched]:
    """Tables and columns that the catalog lacks, with what it has that is near."""
    return rest.check([p for p in payloads if p.kind in ("column_tag", "table_property")], client)


def decisions(report: Report, asked: Selection, stood: frozenset[str], client: Client) -> Iterator[CatalogDecision | UnclearDecision]:
    """What people decided in the catalog about columns of the report. stood: keys of what we had written there."""
    return back.decisions(report, asked, stood, client)


def owners(report: Report, asked: Selection, client: Client) -> Iterator[tuple[str, str]]:
    """(table, owner) of tables that have one there: the first person, else the first team."""
    for place in catalog_tables(report, asked):
        name = quote(table(place.rule, place.schema, place.name), safe="")
        answer = ask(f"/v1/tables/name/{name}?fields=owners", client, OWNED)
        held = (answer.body.get("owners") or ()) if answer.good else ()
        if first := min(held, key=lambda o: o.get("type") != "user", default=None):
            yield place.table.id, first.get("name") or first.get("displayName") or ""


def _carried(report: Report, place: CatalogTable, picked: Sequence[Pick], lang: str) -> Iterator[Payload]:
    """What stands on one table and its columns."""
    name = table(place.rule, place.schema, place.name)
    for p in picked:
        t, names = term(p), path(place.rule, p.path)
        label = {"tagFQN": tag(t.node, t.label), "source": "Classification", "labelType": "Automated",
                 "state": "Confirmed" if p.accepted else "Suggested", "reason": _reason(p)}
        yield Payload(
            back.key(name, names, label["tagFQN"]), "column_tag", name, {"path": list(names), "tag": label}, p.column.id, 3,
            f"{t.zh} ({node_title(t.node)})", p.stamp, guesses=p.guesses,
        )
    for prop, value in _numbers(report, place, lang):
        yield Payload(f"{name}|{prop}", "table_property", name, {"name": prop, "value": value}, place.table.id, 3,
                      f"{TITLES[prop]}: {value}", report.run.finished)


def _reason(p: Pick) -> str:
    return f"{p.reason}; {p.assessed.grade}; sensitive: {p.assessed.sensitive}"


def _numbers(report: Report, place: CatalogTable, lang: str) -> Iterator[tuple[str, str | int]]:
    """What the flows from a table came to."""
    paths, persons = figures(report, place.table, lang)
    if paths:
        yield "chujingPath", "; ".join(paths)
    yield from ((f"chujingPersons{name.removeprefix('persons_').title()}", n) for name, n in persons.items())


def _definitions(used: Sequence[Term], properties: set[str]) -> Iterator[Payload]:
    for id, zh, told in (ACCEPTED, SUGGESTED):
        if any(t.node == id for t in used):
            create = {"name": CLASSIFICATION[id], "displayName": f"{ROOT[1]}：{zh}", "description": f"{told} {ROOT[2]}",
                      "mutuallyExclusive": False}
            yield _definition("classification", CLASSIFICATION[id], create, 0)
    for t in sorted(used, key=lambda t: t.id):
        create = {"classification": CLASSIFICATION[t.node], "name": t.label, "displayName": t.zh, "description": t.words,
                  "mutuallyExclusive": False}
        yield _definition("tag", tag(t.node, t.label), create, 1)
    for name, zh, told, kind in (p for p in PROPERTIES if p[0] in properties):
        yield _definition("property", name, {"name": name, "displayName": zh, "description": told, "type": kind}, 1)


def _definition(kind: str, name: str, create: Mapping[str, Any], order: int) -> Payload:
    return Payload(f"{kind}:{name}", kind, f"{kind}:{name}", {"fqn": name, "create": create}, order=order,
                   shown=create["displayName"], lasting=True)


def _recognised(label: str) -> Term:
    """The tag of suggested findings that our patterns of a label set."""
    about = next(i for i in labels().values() if i.label == label)
    return Term(f"{SUGGESTED[0]}.{label}", label, about.zh, about.en, SUGGESTED[0], "", "", "")


def _exported() -> list[ValueDetector]:
    """Detectors whose pattern says enough: not those that ask a dictionary, nor weak ones without a word to stand in."""
    return [d for d in value_detectors() if d.votes is None and (_score(d) >= THRESHOLD or d.context)]


def _score(d: ValueDetector) -> float:
    return round(d.base if d.is_valid is None else min(d.base, UNCHECKED), 2)


def _recognizers(t: Term) -> Iterator[Payload]:
    """Each pattern of a label, as data. Flags are spelled out: the catalog's own are not ours."""
    name = tag(t.node, t.label)
    for d in (d for d in _exported() if d.label == t.label):
        flags = {"dotAll": bool(d.shape.flags & 16), "multiline": bool(d.shape.flags & 8), "ignoreCase": bool(d.shape.flags & 2)}
        unchecked = d.is_valid is not None
        what = f"{d.title_en}; {d.source}." + (" Without the check that chujing makes beside the pattern." if unchecked else "")
        config = {
            "type": "pattern", "patterns": [{"name": d.name, "regex": d.shape.pattern, "score": _score(d)}], "regexFlags": flags,
            "context": list(d.context), "supportedLanguage": "any",
        }
        recognizer = {
            "name": f"chujing_{d.name}"[:BRIEF], "displayName": d.title, "description": what, "enabled": True, "recognizerConfig": config,
            "confidenceThreshold": THRESHOLD, "target": "content",
        }
        yield Payload(f"recognizer:{name}|{d.name}", "recognizer", name, {"fqn": name, "recognizer": recognizer}, order=2, shown=d.title)
