"""Names, comments, tables and values weighed into findings; each piece of evidence is kept for `explain`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from detectors.columns.calibration import calibrated
from detectors.columns.values import ValueHit, value_findings
from detectors.folding import fold
from detectors.important.tables import Candidate, candidates, clinical
from detectors.labels import labels
from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnId, ColumnInfo, ColumnSample, Evidence, Kind, Label, TableInfo, Tier
from detectors.names.lexicon import CODED, NameHit, contexts, is_audit, is_code, match_comment, match_name, match_role, tokens
from detectors.names.tables import singular, table_subject

MANY = 30                                     # distinct values that make a column of names by themselves
_NUMERIC = re.compile(r"int|serial|number|numeric|decimal")
THRESHOLD = 0.5                               # a finding below this is not primary
_OF_ORGANISATION = frozenset({"phone_mobile", "phone_landline", "email", "postal_address", "bank_account", "person_name", "geo_location",
                              "im_account", "photo_avatar_url", "salary_income", "nickname", "signature", "birth_date", "other_pi",
                              "property_transaction", "age", "user_id", "other_id_document"})
_OF_BODY = frozenset({"weight", "height", "body_weight", "temperature"})
_GOODS = ("goods", "sku", "waybill", "parcel", "freight", "package", "cargo", "shipment", "物品", "货物", "运单", "包裹", "快递")
_CHECKED = frozenset({"resident_id", "bank_card", "email", "phone_mobile", "plate_number", "ip_address", "mac_address"})


@dataclass(frozen=True, slots=True)
class Inherited:
    """A label that comes along a key or a view from another column."""

    label: Label
    note: str
    confidence: float = 0.93
    tier: Tier = "core"


def detect(
    table: TableInfo, samples: Sequence[ColumnSample], *, targets: Mapping[ColumnId, Inherited] | None = None,
) -> tuple[ColumnFinding, ...]:
    """Findings of a table's columns; at most one primary per column. targets: labels inherited through keys."""
    subject = table_subject(table)
    important = candidates(table, samples, subject)
    out: list[ColumnFinding] = []
    for sample in samples:
        folded = fold(sample.values) if sample.values is not None else None
        hits = value_findings(sample.values, folded) if sample.values is not None else ()
        out += _column(table, subject, sample, folded, hits, (targets or {}).get(sample.id), important.get(sample.id))
    return tuple(out)


def _column(
    table: TableInfo, subject: str, sample: ColumnSample, folded: pa.Array | None, hits: Sequence[ValueHit], target: Inherited | None,
    candidate: Candidate | None,
) -> list[ColumnFinding]:
    column = sample.column
    context = Evidence("table", f"the table looks like: {subject}") if subject else None
    by_name = _named(table, column, subject)
    found: dict[str, ColumnFinding] = {}
    examined = hits[0].examined if hits else 0
    if by_name is not None:
        label, confidence, tier, evidence = by_name
        agreeing = next((h for h in hits if h.detector.label == label and h.note != "sparse"), None)
        if agreeing is not None and confidence < 0.5:        # the values agree, but they are not of a person
            evidence.append(_evidence(agreeing))
        elif agreeing is not None:
            confidence = 1 - (1 - confidence) * (1 - max(agreeing.strength, 0.3))
            evidence.append(_evidence(agreeing))
        elif label in _CHECKED and _contradicted(folded, label, hits):
            confidence *= 0.75
            evidence.append(Evidence("value", Msg("no value looks like it"), 0, examined, "cells"))
        if context:
            evidence.append(context)
        found[label] = _finding(sample, label, confidence, tier, evidence)
    for hit in hits:
        label = str(hit.detector.label)
        if label in found or hit.detector.kind != "personal_information" and hit.detector.kind != "organisation_information":
            continue
        finding = _by_value(table, column, subject, sample, hit, by_name is not None)
        if finding is not None:
            found.setdefault(str(finding.label), finding)
    explained = any(f.confidence >= THRESHOLD for f in found.values())
    if folded is not None and not explained and (remark := _in_remarks(table, sample, folded, subject)):
        found.setdefault(str(remark.label), remark)
    if target is not None and not any(f.confidence >= 0.8 and f.label == target.label for f in found.values()):
        before = found.get(str(target.label))
        evidence = [Evidence("lineage", target.note), *(before.evidence if before else ())]
        if (other := next((h for h in hits if h.strength >= 0.6 and h.detector.label != target.label), None)) is not None:
            evidence.append(
                Evidence("value", f"conflict: the values look like {other.detector.title_en}", other.matched, examined, "cells")
            )
        found[str(target.label)] = _finding(sample, target.label, target.confidence, target.tier, evidence)
    candidate = candidate or next((c for f in found.values() if f.confidence >= THRESHOLD and (c := clinical(f.label))), None)
    if candidate is not None:
        found[candidate.label] = _finding(sample, candidate.label, candidate.confidence, "weak", candidate.evidence, "important_data")
    return _ranked(list(found.values()))


def _in_remarks(table: TableInfo, sample: ColumnSample, folded: pa.Array, subject: str) -> ColumnFinding | None:
    """Names or addresses in running text that nothing else explains."""
    from detectors.language import freetext

    if subject in ("product", "dictionary") or _of_thing(tokens(sample.column.name), sample.column.comment):
        return None
    hit = freetext.read(folded)
    if hit is None:
        return None
    parts = [(hit.persons, "names of persons in running text"), (hit.addresses, "addresses in running text")]
    evidence = [Evidence("value", f"{what} ({hit.model})", n, hit.examined, "distinct") for n, what in parts if n]
    share = max(hit.persons, hit.addresses) / hit.examined
    return _finding(sample, "free_text_with_pi", 0.55 if share >= 0.05 else 0.4, "weak", evidence, "names_in_text")


def _finding(sample: ColumnSample, label: Label | str, confidence: float, tier: Tier, evidence: Sequence[Evidence],
             detector: str = "", kind: Kind | None = None) -> ColumnFinding:
    info = labels()[Label(label)]
    names = [e for e in evidence if e.origin in ("name", "comment", "value", "lineage")]
    return ColumnFinding(
        sample.id, Label(label), detector or (names[0].origin if names else "name"), kind or info.kind, tier,
        round(min(max(confidence, 0.0), 0.99), 4), tuple(evidence), subject_key=info.subject_key,
    )


def _ranked(found: list[ColumnFinding]) -> list[ColumnFinding]:
    """Strongest by the rules first; then each personal finding's confidence as a probability, on its side of the threshold."""
    found.sort(key=lambda f: (-f.confidence, f.label))
    if found and found[0].confidence >= THRESHOLD:
        found[0] = replace(found[0], primary=True)
    return [replace(f, confidence=_probability(f)) if f.kind == "personal_information" and f.tier == "core" else f for f in found]


def _probability(finding: ColumnFinding) -> float:
    p = round(calibrated(finding.confidence, finding.evidence), 4)
    return max(p, THRESHOLD) if finding.confidence >= THRESHOLD else min(p, THRESHOLD - 0.01)


def _evidence(hit: ValueHit) -> Evidence:
    note = f"{hit.detector.title} {hit.detector.title_en}" + (f" ({hit.note})" if hit.note else "")
    return Evidence("value", note, hit.matched, hit.examined, "cells")


def _contradicted(folded: pa.Array | None, label: str, hits: Sequence[ValueHit]) -> bool:
    """At least twenty distinct values, and none has the form the name promises."""
    if folded is None or any(h.detector.label == label for h in hits):
        return False
    distinct = pc.unique(pc.drop_null(folded))
    return len(distinct) >= 20 and not pc.any(pc.match_substring(distinct, "*")).as_py()


@cache
def _secrets() -> tuple[str, ...]:
    return tuple("_" + s for s in contexts()["secret"])


def _named(table: TableInfo, column: ColumnInfo, subject: str) -> tuple[str, float, Tier, list[Evidence]] | None:
    """Label, confidence, tier and evidence from name, comment and table."""
    name, comment = column.name, column.comment
    words = tokens(name)
    if is_audit(name, comment):
        return "username", 0.75, "audit", [Evidence("name", Msg("who handled the record"))]
    if f"_{'_'.join(words)}".endswith(_secrets()):
        return "system_secret", 0.8, "weak", [Evidence("name", Msg("a system's own key"))]
    if words == ("id",) or (column.primary_key and words and words[-1] == "id" and set(words[:-1]) <= set(tokens(table.ref.name))):
        if subject == "person" and column.primary_key and _owns(table, words):
            return "user_id", 0.85, "core", [Evidence("name", Msg("key of a person table"))]
        if words == ("id",):
            return None
    n = match_name(name)
    c = match_comment(comment) if comment else None
    if comment and is_code(comment) and not _coded(n, c):
        return None
    best = _better(n, c, name, comment)
    if best is None or best.strength < 0.8 or best.label == "username" and not best.word.startswith("user"):
        role = match_role(name, comment, bool(_NUMERIC.search(column.type.lower())))
        if role is not None and (best is None or role.strength > best.strength):
            best, n = role, role
    if best is None:
        return _plain_name(table, column, subject, words)
    if best.near and not _stands_near(table, best.near):
        return _plain_name(table, column, subject, words)
    label = str(best.label)
    if label in ("phone_mobile", "person_name") and _of_relative(words, comment):
        return (
            "contact_person",
            best.strength,
            best.tier,
            [Evidence("name" if best is n else "comment", Msg("{word} of a relative", word=best.word))],
        )
    evidence = []
    if n is not None and n.label == best.label:
        evidence.append(Evidence("name", Msg("the name says {word}", word=n.word)))
    if c is not None and c.label == best.label:
        evidence.append(Evidence("comment", Msg("the comment says {word}", word=c.word)))
    strength = best.strength
    if len(evidence) == 2:
        strength = 1 - (1 - strength) * 0.5
    tier = best.tier
    organised = subject in ("organisation", "product", "dictionary")
    if label == "geo_location" and subject != "person" and not _speaks_of_person(words, comment) and not _has_person(table):
        return None
    if (
        label == "health"
        and best.word in _OF_BODY
        and (subject != "person" or _stands_near(table, _GOODS))
        and not _speaks_of_person(words, comment)
    ):
        return None
    if label == "employer" and subject != "person" and best.word not in ("工作单位", "就职单位", "任职单位"):
        return None
    if best.person and subject not in ("person", "order") and not _speaks_of_person(words, comment):
        return None
    if organised and label in _OF_ORGANISATION | {"region_part"} and not _speaks_of_person(words, comment):
        strength *= 0.45 if subject != "dictionary" or label not in ("phone_mobile", "email", "user_id") else 0.75
    if organised and label in ("credential", "username", "ip_address", "mac_address") and subject == "dictionary":
        strength *= 0.5
    about = set(tokens(table.ref.name))
    if label in ("ip_address", "mac_address") and about & set(contexts()["server_tables"]) and not _speaks_of_person(words, comment):
        strength *= 0.5
    if label == "health" and organised and not _speaks_of_person(words, comment):
        strength *= 0.5                       # a catalogue of drugs or diseases is nobody's health
    if label == "employer" and len(words) > 1 and words[-1] == "company" and not _speaks_of_person(words[:-1], ""):
        strength *= 0.5                       # a delivery company is no employer
    of_bank = label == "bank_account"         # whose account is nobody the word bank would name
    about_thing = _of_thing(words, comment.replace("银行", "") if of_bank else comment)
    if about_thing and label in _OF_ORGANISATION and not _speaks_of_person(words, comment):
        strength *= 0.5
    if label == "user_id" and subject in ("person",) and column.primary_key:
        tier = "core"
    if label in ("credential", "phone_mobile", "email") and re.search(r"bool|bit\(1\)|tinyint\(1\)", column.type.lower()):
        return None
    if label not in ("age", "user_id", "property_transaction", "birth_date", "login_log") and re.search(
        r"^(datetime|timestamp|date|time)\b", column.type.lower()
    ):
        return None
    return label, strength, tier, evidence


def _of_relative(words: Sequence[str], comment: str) -> bool:
    """Does the column speak of a relative of the row's person?"""
    relatives = contexts()["relatives"]
    return bool(set(words) & set(relatives)) or any(w in comment for w in relatives if not w.isascii())


def _stands_near(table: TableInfo, near: Sequence[str]) -> bool:
    """Does the table speak of one of these words in its name, its comment or its columns?"""
    latin = {w for name in (table.ref.name, *(c.name for c in table.columns)) for w in tokens(name)}
    spoken = " ".join((table.comment, *(c.comment for c in table.columns)))
    latin |= _english(spoken)
    return any(w in latin if w.isascii() else w in spoken for w in near)


def _coded(n: NameHit | None, c: NameHit | None) -> bool:
    """Labels whose values are codes by nature."""
    return (n is not None and n.label in CODED) or (c is not None and c.label in CODED)


def _better(n: NameHit | None, c: NameHit | None, name: str, comment: str) -> NameHit | None:
    if n is None or c is None:
        only = n or c
        if (
            only is not None
            and only is n
            and comment
            and re.search("[\u4e00-\u9fff]", comment)
            and len(comment) < 30
            and only.strength < 0.85
        ):
            return None
        return only
    if n.label == c.label:
        return n if n.strength >= c.strength else c
    return c if c.strength >= 0.8 or c.strength > n.strength else n


def _owns(table: TableInfo, words: tuple[str, ...]) -> bool:
    """The key is the table's own: `id`, or `<table>_id`."""
    own = tokens(table.ref.name)
    if any(not c.primary_key and (h := match_name(c.name)) and h.label == "user_id" and h.strength > 0.8 and tokens(c.name)[-1] == "id"
           for c in table.columns):
        return False                          # another column says whose row it is
    person = contexts()["subjects"]["person"]
    named = bool(set(own) & set(person)) or any(w in table.comment for w in person if not w.isascii())
    return named and (words == ("id",) or bool(set(words[:-1]) & set(own)))


def _speaks_of_person(words: Sequence[str], comment: str) -> bool:
    person = contexts()["subjects"]["person"]
    return bool(set(words) & set(person)) or any(w in comment for w in person if not w.isascii())


_THING = re.compile(
    "营业执照|许可证编号|税号|商品|产品|菜单|角色|部门|文件|品牌|分类|课程|公司|企业|商户|门店|店铺|仓库|供应商|平台|系统|模板|服务器|应用|渠道|银行|机构|单位|科室|药品|岗位|字典|表名|类名|方法"
)


def _english(text: str) -> set[str]:
    """Latin words of a text, in lower case, plurals as singulars.

    >>> sorted(_english("Addresses of customers"))
    ['address', 'customer', 'of']
    """
    return {singular(w) for w in re.findall("[a-z]+", text.lower())}


def _has_person(table: TableInfo) -> bool:
    """Does a column, or the table's comment, say whose row it is?"""
    return bool(_english(table.comment) & set(contexts()["subjects"]["person"])) or any(
        (h := match_name(c.name)) and h.label in ("user_id", "phone_mobile", "person_name") and h.strength > 0.8 for c in table.columns
    )


def _of_thing(words: Sequence[str], comment: str) -> bool:
    return bool(set(words) & set(contexts()["veto_anywhere"])) or bool(_THING.search(comment))


def _plain_name(
    table: TableInfo, column: ColumnInfo, subject: str, words: tuple[str, ...]
) -> tuple[str, float, Tier, list[Evidence]] | None:
    """A bare `name` is a person in a person table, and nothing elsewhere."""
    bare = words in (("name",), ("mc",), ("cname",), ("title",)) and words != ("title",)
    own = len(words) == 2 and words[1] == "name" and words[0] in contexts()["subjects"]["person"]
    if (bare and subject == "person" or own) and not _of_thing((), column.comment):
        if re.search("昵称|账号", column.comment):
            return None
        return (
            "person_name",
            0.8 if bare else 0.75,
            "core",
            [Evidence("name", Msg("the name of a person's record"))],
        )
    if bare and subject == "order" and re.search("人", column.comment):
        return "person_name", 0.7, "core", [Evidence("comment", Msg("the comment speaks of a person"))]
    return None


_CERTAIN_BY_VALUE = frozenset(
    {"resident_id", "phone_mobile", "email", "bank_card", "plate_number", "vin", "ethnicity", "credential", "passport", "device_id",
     "bank_account", "im_account"}
)


def _by_value(table: TableInfo, column: ColumnInfo, subject: str, sample: ColumnSample, hit: ValueHit, named: bool) -> ColumnFinding | None:
    label = hit.detector.label
    tier: Tier = hit.detector.tier
    words = tokens(column.name)
    if label == "birth_date":                 # most dates are nobody's birthday: they only agree with a name
        return None
    if hit.note == "sparse":
        if hit.detector.name in ("person_name", "address", "landline", "hotline", "coordinates", "ip_v6") or hit.matched < 3:
            return None
        note = Evidence("value", f"{hit.detector.title} inside longer text", hit.matched, hit.examined, "cells")
        return _finding(sample, "free_text_with_pi", 0.55 if hit.prevalence >= 0.02 else 0.4, "weak", [note], hit.detector.name)
    confidence = hit.strength
    if hit.detector.kind == "organisation_information":
        return _finding(sample, label, confidence, tier, [_evidence(hit)], hit.detector.name)
    thing = subject in ("organisation", "product", "dictionary", "log") or _of_thing(words, column.comment)
    if label == "person_name":
        vetoed = bool(words) and words[-1] in contexts()["veto_endings"] or thing
        many = hit.distinct_matched >= MANY and hit.prevalence >= 0.8     # a few brands may begin with surnames; thirty hardly do
        confidence *= 0.3 if vetoed else 1.1 if subject == "person" or many and not subject else 0.75
    elif label == "postal_address" or label == "ip_address" or label == "phone_landline":
        confidence *= 0.5 if thing else 0.95
    elif label == "phone_mobile" and thing:
        confidence, tier = confidence * 0.7, "weak"
    elif label not in _CERTAIN_BY_VALUE:
        confidence *= 0.6 if named or thing else 0.8
    elif label == "email" and thing:
        confidence *= 0.6
    return _finding(sample, label, confidence, tier, [_evidence(hit)], hit.detector.name)
