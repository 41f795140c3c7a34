"""Names, comments, tables and values weighed into findings; each piece of evidence is kept for `explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from detectors.columns.by_value import UnnamedHit, weigh
from detectors.columns.calibration import calibrated
from detectors.columns.context import ColumnContext
from detectors.columns.forms import (
    form_evidence,
    form_of,
    is_hash_of_somebody,
    with_bare_name,
    with_bare_names,
)
from detectors.columns.judge import FINDING_FROM, POSSIBLE, Judgement, JudgeModel, judge
from detectors.columns.judged import JudgedSuggestion, judged
from detectors.columns.references import NO_LINKS, TableLinks
from detectors.columns.silent import without_silent
from detectors.columns.undecided_keys import undecided_keys
from detectors.columns.value_votes import (
    AGREEMENT,
    CONTRADICTION,
    HASHES_VOTE,
    SampledValues,
    moved,
    values_of,
    votes,
)
from detectors.columns.values import ValueHit, value_findings
from detectors.evidence import conflict
from detectors.folding import fold
from detectors.important.tables import Candidate, candidates, clinical
from detectors.labels import labels, wide_label
from detectors.message import Msg, Text, Word
from detectors.model import (
    ColumnFinding,
    ColumnId,
    ColumnInfo,
    ColumnSample,
    Evidence,
    Form,
    Kind,
    Label,
    TableInfo,
    Tier,
)
from detectors.names.tables import subject_title, table_subject

THRESHOLD = FINDING_FROM                             # a finding below this is not primary
HASH_OF_SOMEBODY = 0.35                       # of hashes by a word for somebody alone: possible
SURE = 0.7                                    # from here on a finding makes its column important data, too
CHECKED = frozenset({                         # labels whose values have a form that can be looked for
    "resident_id", "bank_card", "email", "phone_mobile", "plate_number", "ip_address", "mac_address",
})
SPARSE_IGNORED = frozenset({                  # detectors whose matches inside longer text say nothing
    "person_name", "address", "landline", "hotline", "coordinates", "ip_v6",
})
FEW_SHARE = 0.3                               # of the cells of a short text that hold a number of a person's
KINDS_BY_VALUE = ("personal_information", "organisation_information")
CONTACT_PERSON = Label("contact_person")
CONTACTS = frozenset({"phone_mobile", "email"})
NUMBERS_OF_PERSONS = frozenset({"phone_mobile", "resident_id"})
WHOLLY = 0.8                                  # share of cells that says what a column is
DISTINCT = 20                                 # so many distinct values of another form contradict a name


@dataclass(frozen=True, slots=True)
class Inherited:
    """A label that comes along a key or a view from another column."""

    label: Label
    note: Text
    confidence: float = 0.93
    tier: Tier = "core"
    form: Form = "plain"


@dataclass(frozen=True)
class _ColumnReading:
    """All that is read of a column. folded: its cells after `fold`, or None. hits: strongest first.

    judgement: None of a silent column. beside_person: do the values of another column tell persons apart?
    """

    sample: ColumnSample
    context: ColumnContext
    folded: pa.Array | None
    hits: Sequence[ValueHit]
    judgement: Judgement | None
    beside_person: bool = False

    @cached_property
    def values(self) -> SampledValues | None:
        """Its distinct values; None where none was read."""
        return values_of(self.folded) if self.folded is not None else None

    @property
    def examined(self) -> int:
        """Cells that were neither null nor blank; 0 without a hit."""
        return self.hits[0].examined if self.hits else 0


@dataclass(frozen=True, slots=True)
class _FindingDraft:
    """What becomes a finding.

    confidence: by the rules; it may lie outside [0, 1]. detector, kind: those of evidence and label if empty.
    calibrated: is the confidence a probability already? sensitive: by its nature. refined: a kind of the
    label that is a label of its own; empty for none.
    """

    label: Label
    confidence: float
    tier: Tier
    evidence: Sequence[Evidence]
    detector: str = ""
    kind: Kind | None = None
    calibrated: bool = False
    sensitive: bool = False
    refined: Label = Label("")

    def finding(self, column: ColumnId) -> ColumnFinding:
        info = labels()[self.refined or self.label]
        origins = [e.origin for e in self.evidence if e.origin in ("name", "comment", "value", "lineage")]
        kind = self.kind or info.kind
        confidence = min(max(self.confidence, 0.0), 0.99)
        if kind == "personal_information" and self.tier == "core" and not self.calibrated:
            confidence = _probability(self.confidence, self.evidence)
        return ColumnFinding(
            column, info.label, self.detector or (origins[0] if origins else "name"), kind, self.tier,
            round(confidence, 4), tuple(self.evidence), subject_key=info.subject_key,
            sensitive_by_nature=self.sensitive,
        )


def detect(
    table: TableInfo, samples: Sequence[ColumnSample], *, targets: Mapping[ColumnId, Inherited] | None = None,
    links: TableLinks | None = None, judging: JudgeModel | None = None,
) -> tuple[ColumnFinding, ...]:
    """Return the findings of a table's columns, at most one primary a column. targets: inherited labels.

    links: what the other tables of its source say of it, None for a table seen alone. judging: another model
    than the one that ships.
    """
    telling, points_at = without_silent(table, samples), (links or NO_LINKS).points_at
    subject, bare = table_subject(telling), with_bare_names(telling)
    important = candidates(table, samples, subject)
    findings: dict[ColumnId, list[ColumnFinding]] = {}
    of_names: list[_ColumnReading] = []       # wait for what the values of the other columns are
    beside_person = False
    judgements = dict(zip((c.parts for c in telling.columns), judge(bare, judging), strict=True))
    listed = {c.parts for c in table.columns}
    for sample in samples:
        judgement = judgements.get(sample.column.parts)
        if judgement is None and sample.column.parts not in listed:
            judgement = _alone(bare, with_bare_name(sample.column))
        folded = fold(sample.values) if sample.values is not None else None
        hits: Sequence[ValueHit] = sample.hits or ()
        if sample.hits is None and sample.values is not None:
            hits = value_findings(sample.values, folded)
        bare_column, target = with_bare_name(sample.column), points_at(sample.column.name)
        context = ColumnContext.of(bare, bare_column, subject, target)
        reading = _ColumnReading(sample, context, folded, hits, judgement)
        beside_person = beside_person or any(map(_is_somebodys, hits))
        if any(h.detector.label == "person_name" for h in hits):
            of_names.append(reading)
        else:
            inherited = (targets or {}).get(sample.id)
            findings[sample.id] = _column_findings(reading, inherited, important.get(sample.id))
    for reading in of_names:
        reading = replace(reading, beside_person=beside_person)
        column = reading.sample.id
        inherited = (targets or {}).get(column)
        findings[column] = _column_findings(reading, inherited, important.get(column))
    for column, possible in undecided_keys(telling, samples, findings).items():
        findings[column] = [*findings[column], possible]
    return tuple(finding for sample in samples for finding in findings[sample.id])


def _is_somebodys(hit: ValueHit) -> bool:
    """Is almost every cell a valid number that a person has?"""
    return hit.detector.label in NUMBERS_OF_PERSONS and not hit.note and hit.prevalence >= WHOLLY


def _alone(table: TableInfo, column: ColumnInfo) -> Judgement:
    """The judgement of a column that its table does not list."""
    return judge(replace(table, columns=(column,)))[0]


def _column_findings(
    reading: _ColumnReading, inherited: Inherited | None, candidate: Candidate | None,
) -> list[ColumnFinding]:
    """The findings of one column, the strongest first; one a label."""
    column = reading.sample.id
    findings = _from_name_and_values(reading)
    explained = any(f.confidence >= THRESHOLD for f in findings.values())
    if not explained and (remarks := _from_remarks(reading)) is not None:
        findings.setdefault(remarks.label, remarks.finding(column))
    if not explained and (hashes := _from_hashes(reading)) is not None:
        findings.setdefault(hashes.label, hashes.finding(column))
    if inherited is not None:
        label = wide_label(inherited.label)
        earlier = findings.get(label)
        if earlier is None or earlier.confidence < 0.8:
            findings[label] = _from_key(reading, inherited, earlier).finding(column)
    if candidate is None:
        strong = (f.label for f in findings.values() if f.confidence >= SURE)
        candidate = next((besides for label in strong if (besides := clinical(label)) is not None), None)
    if candidate is not None:
        label = Label(candidate.label)
        draft = _FindingDraft(label, candidate.confidence, "weak", candidate.evidence, "important_data")
        findings[label] = draft.finding(column)
    return _ranked([_with_form(f, reading, inherited) for f in findings.values()])


def _with_form(finding: ColumnFinding, reading: _ColumnReading, inherited: Inherited | None) -> ColumnFinding:
    """The finding with the form of its values; a form is evidence of its own where no vote said so before."""
    form, note = form_of(wide_label(finding.label), reading.sample.column, reading.values)
    if form == "plain" and inherited is not None and inherited.form != "plain":
        return replace(finding, form=inherited.form) if finding.label == inherited.label else finding
    if form == "plain":
        return finding
    evidence = form_evidence(note, reading.values)
    more = () if any(e.note == evidence.note for e in finding.evidence) else (evidence,)
    return replace(finding, form=form, evidence=(*finding.evidence, *more))


def _from_name_and_values(reading: _ColumnReading) -> dict[Label, ColumnFinding]:
    """What name, comment and table suggest, weighed with the values; then what the values say besides."""
    column = reading.sample.id
    findings: dict[Label, ColumnFinding] = {}
    judgement = reading.judgement
    suggestion = judged(reading.context, judgement, reading.hits) if judgement is not None else None
    if suggestion is not None and suggestion.label == CONTACT_PERSON and _holds_contacts(reading):
        suggestion = None
    if suggestion is not None:
        findings[suggestion.label] = _suggested(reading, suggestion).finding(column)
    named = suggestion is not None and suggestion.is_specific and suggestion.confidence >= THRESHOLD
    for hit in reading.hits:
        if hit.detector.label in findings or hit.detector.kind not in KINDS_BY_VALUE:
            continue
        draft = _from_values(UnnamedHit(hit, reading.context, named, reading.beside_person))
        if draft is not None and not hit.sparse:
            draft = _with_votes_against(draft, reading)
        if draft is not None:
            findings.setdefault(draft.label, draft.finding(column))
    return findings


def _holds_contacts(reading: _ColumnReading) -> bool:
    """Are nearly all cells telephone numbers and addresses of mail, so that nobody's name stands in them?"""
    shares: dict[Label, float] = {}
    for hit in reading.hits:
        label = hit.detector.label
        if label in CONTACTS and 2 * hit.whole >= hit.distinct_matched:
            shares[label] = max(shares.get(label, 0.0), hit.prevalence)
    return sum(shares.values()) >= WHOLLY


def _suggested(reading: _ColumnReading, suggestion: JudgedSuggestion) -> _FindingDraft:
    """The suggestion with what the values say of it: they agree, they contradict, or nothing."""
    weigh_values = _weighed_by_rules if suggestion.probability is None else _weighed_by_votes
    confidence, pieces = weigh_values(reading, suggestion)
    evidence = [*suggestion.evidence, *pieces]
    if subject := reading.context.subject:
        note = Msg("the table looks like: {subject}", subject=subject_title(subject))
        evidence.append(Evidence("table", note))
    return _FindingDraft(
        suggestion.label, confidence, suggestion.tier, evidence,
        calibrated=suggestion.probability is not None, sensitive=suggestion.sensitive,
        refined=suggestion.refined,
    )


def _weighed_by_rules(reading: _ColumnReading, suggestion: JudgedSuggestion) -> tuple[float, list[Evidence]]:
    """(confidence, evidence) where the user's own words or a weak rule speak."""
    confidence = suggestion.confidence
    agreeing = _agreeing(reading, suggestion.label)
    if agreeing is not None:
        if confidence >= 0.5:                 # below, the values agree, but they are not of a person
            confidence = 1 - (1 - confidence) * (1 - max(agreeing.strength, 0.3))
        return confidence, [_value_evidence(agreeing)]
    if _is_contradicted(reading, suggestion.label):
        return confidence * 0.75, [_contradiction(reading)]
    return confidence, []


def _weighed_by_votes(reading: _ColumnReading, suggestion: JudgedSuggestion) -> tuple[float, list[Evidence]]:
    """(probability, evidence) of the judge's label: values vote both ways."""
    log_odds, evidence, values = 0.0, [], reading.values
    form, note = form_of(suggestion.label, reading.sample.column, values)
    agreeing = _agreeing(reading, suggestion.label)
    if agreeing is not None:
        log_odds += AGREEMENT * max(agreeing.strength, 0.3)
        evidence.append(_value_evidence(agreeing))
    elif form == "hashed" and values is not None and len(values.texts):
        log_odds += HASHES_VOTE if suggestion.confidence >= FINDING_FROM else 0.0     # hashes of something
        evidence.append(form_evidence(note, values))
    elif form == "plain" and _is_contradicted(reading, suggestion.label):
        log_odds -= CONTRADICTION
        evidence.append(_contradiction(reading))
    for worth, piece in votes(suggestion.label, values) if values is not None else ():
        log_odds += worth
        evidence.append(piece)
    return moved(suggestion.confidence, log_odds) if log_odds else suggestion.confidence, evidence


def _agreeing(reading: _ColumnReading, label: str) -> ValueHit | None:
    """The strongest hit of the label that is no text with a number in it."""
    return next((h for h in reading.hits if h.detector.label == label and not h.sparse), None)


def _contradiction(reading: _ColumnReading) -> Evidence:
    return Evidence("value", Msg("no value looks like it"), 0, reading.examined, "cells")


def _is_contradicted(reading: _ColumnReading, label: str) -> bool:
    """Are there many distinct values, none masked, and none of the form that the name promises?"""
    if label not in CHECKED or reading.folded is None or any(h.detector.label == label for h in reading.hits):
        return False
    distinct = pc.unique(pc.drop_null(reading.folded))
    return len(distinct) >= DISTINCT and not pc.any(pc.match_substring(distinct, "*")).as_py()


def _from_values(unnamed: UnnamedHit) -> _FindingDraft | None:
    """What a hit amounts to whose label the name does not suggest; None for nothing."""
    hit, detector = unnamed.hit, unnamed.hit.detector
    if detector.label == "birth_date":        # most dates are nobody's birthday: they only agree with a name
        return None
    if hit.sparse:
        return _inside_text(hit)
    if detector.kind == "organisation_information":
        confidence, tier = hit.strength, detector.tier
    else:
        confidence, tier = weigh(unnamed)
    return _FindingDraft(detector.label, confidence, tier, [_value_evidence(hit)], detector.name)


def _with_votes_against(draft: _FindingDraft, reading: _ColumnReading) -> _FindingDraft:
    """What a hit amounts to after the votes of its values against it."""
    values = reading.values
    against = [v for v in votes(draft.label, values) if v[0] < 0] if values is not None else []
    if not against:
        return draft
    confidence = moved(draft.confidence, sum(worth for worth, _ in against))
    return replace(draft, confidence=confidence, evidence=[*draft.evidence, *(piece for _, piece in against)])


def _speaks_alone(hit: ValueHit) -> bool:
    """Return whether one or two cells of a short text say something, by a number of a person's in them."""
    return hit.detector.label in NUMBERS_OF_PERSONS and hit.prevalence >= FEW_SHARE


def _inside_text(hit: ValueHit) -> _FindingDraft | None:
    """Numbers and addresses that stand inside longer text."""
    is_few = hit.matched < 3
    if hit.detector.name in SPARSE_IGNORED or is_few and not _speaks_alone(hit):
        return None
    title = Word(hit.detector.title, zh=hit.detector.title, en=hit.detector.title_en)
    note = Msg("{thing} inside longer text", thing=title)
    evidence = Evidence("value", note, hit.matched, hit.examined, "cells")
    confidence = 0.55 if hit.prevalence >= 0.02 and not is_few else 0.4
    return _FindingDraft(Label("free_text_with_pi"), confidence, "weak", [evidence], hit.detector.name)


def _from_hashes(reading: _ColumnReading) -> _FindingDraft | None:
    """Hashes called by somebody alone are possibly that person's key; None for anything else."""
    column, values = reading.sample.column, reading.values
    if values is None or not is_hash_of_somebody(column.name):
        return None
    form, note = form_of("user_id", column, values)
    if form != "hashed":
        return None
    evidence = [form_evidence(note, values)]
    return _FindingDraft(Label("user_id"), HASH_OF_SOMEBODY, "core", evidence, calibrated=True)


def _from_remarks(reading: _ColumnReading) -> _FindingDraft | None:
    """Names or addresses in running text; None where there are none, or the column is about a thing."""
    from detectors.language import freetext

    if reading.folded is None or reading.context.subject in ("product", "dictionary"):
        return None
    if reading.context.mentions_thing():
        return None
    hit = freetext.read(reading.folded)
    if hit is None:
        return None
    notes = (
        (hit.persons, Msg("names of persons in running text ({model})", model=hit.model)),
        (hit.addresses, Msg("addresses in running text ({model})", model=hit.model)),
    )
    evidence = [Evidence("value", note, n, hit.examined, "distinct") for n, note in notes if n]
    share = max(hit.persons, hit.addresses) / hit.examined
    confidence = 0.55 if share >= 0.05 else 0.4
    return _FindingDraft(Label("free_text_with_pi"), confidence, "weak", evidence, "names_in_text")


def _from_key(reading: _ColumnReading, inherited: Inherited, earlier: ColumnFinding | None) -> _FindingDraft:
    """The inherited label, with the evidence of an earlier finding, and values that look like another."""
    evidence = [Evidence("lineage", inherited.note), *(earlier.evidence if earlier else ())]
    label = wide_label(inherited.label)
    other = next((h for h in reading.hits if h.strength >= 0.6 and h.detector.label != label), None)
    if other is not None:
        title = Word(other.detector.title_en, zh=other.detector.title)
        note = conflict(title)
        evidence.append(Evidence("value", note, other.matched, reading.examined, "cells"))
    return _FindingDraft(inherited.label, inherited.confidence, inherited.tier, evidence)


def _ranked(findings: list[ColumnFinding]) -> list[ColumnFinding]:
    """The strongest first: primary if it is found, possible if it is personal and not surely nothing."""
    findings.sort(key=lambda f: (-f.confidence, f.label))
    if not findings:
        return findings
    if findings[0].confidence >= THRESHOLD:
        findings[0] = replace(findings[0], primary=True)
        return findings
    personal = next((i for i, f in enumerate(findings) if f.kind == "personal_information"), None)
    if personal is not None and findings[personal].confidence >= POSSIBLE:
        findings[personal] = replace(findings[personal], possible=True)
    return findings


def _probability(confidence: float, evidence: Sequence[Evidence]) -> float:
    """The confidence of the rules as a probability, on its side of the threshold."""
    probability = calibrated(confidence, evidence)
    return max(probability, THRESHOLD) if confidence >= THRESHOLD else min(probability, THRESHOLD - 0.01)


def _value_evidence(hit: ValueHit) -> Evidence:
    detector = hit.detector
    title = Word(f"{detector.title} {detector.title_en}", zh=detector.title, en=detector.title_en)
    note = Msg("{thing} ({doubt})", thing=title, doubt=hit.note) if hit.note else title
    return Evidence("value", note, hit.matched, hit.examined, "cells")
