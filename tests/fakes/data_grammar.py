"""What may stand in the data that ships beside the law: labels, words of names, invented cases."""

from __future__ import annotations

from typing import Any, Literal

from detectors.grammar import Keys, Number, YesNo, described
from mappings import grammar as law
from mappings.model import Confidence
from scanner.config.grammar.root import ConfigKeys
from scanner.records.grammar import AnswerKeys, FactsKeys

Words = tuple[str, ...]


class Label(Keys):
    zh: str
    en: str
    kind: str = "personal_information"
    subject_key: YesNo = False
    refines: str = ""


class Both(Keys):
    zh: str
    en: str


class WordsOfNames(Keys):
    en: Words = ()
    zh: Words = ()


class NameEntry(WordsOfNames):
    label: str = ""
    person: YesNo = False
    tier: Literal["core", "weak", "audit"] = "core"
    near: Words = ()


class Subjects(Keys):
    qualifiers: WordsOfNames
    no_role: WordsOfNames
    own: WordsOfNames
    plain_own: WordsOfNames
    undecided: WordsOfNames
    no_scopes: WordsOfNames
    alike: tuple[Words, ...]
    others: WordsOfNames
    endings: WordsOfNames
    same: WordsOfNames
    roles: dict[str, WordsOfNames]
    directions: WordsOfNames
    no_actors: Words
    primary: Words
    audited: Words
    further: WordsOfNames
    movers: WordsOfNames
    groups: WordsOfNames
    scopes: dict[Literal["systems", "shops", "areas", "documents"], WordsOfNames]
    kinds: WordsOfNames
    other_forms: WordsOfNames
    name_parts: dict[Literal["family", "given"], WordsOfNames]


class Kinship(Keys):
    columns: WordsOfNames
    own: tuple[Words, ...]
    relatives: tuple[Words, ...]


class ClaimedMechanism(Keys):
    words: str
    paths: Words
    denied: str = ""


class PaperClaims(Keys):
    mechanisms: dict[str, ClaimedMechanism]
    articles: dict[str, Words]
    cited: str
    relied: str
    aside: str
    condition: str
    line: str
    past: str
    due: str
    not_due: str
    exempt: str
    not_said: str
    item: str
    not_relied: str
    number: str
    in_all: str
    persons: str
    other_persons: str
    recipient: str
    company: str


class UndecidedWords(Keys):
    whole: str
    within: str


class RhythmWords(Keys):
    standing: Words
    single: Words
    not_for: tuple[str, ...]


class TopicWords(Keys):
    kind: Literal[
        "person", "organisation", "thing", "place", "machine", "public", "requirement", "event", "list",
    ]
    title: Words
    columns: Words


class Movers(Keys):
    movers: WordsOfNames
    fixed: WordsOfNames
    tracks: Words
    latitude: Words


class Persons(Keys):
    en: Words
    alone: Words
    of_things_too: Words
    by: Words
    zh: Words


class Contexts(Keys):
    subjects: dict[str, Words]
    veto_endings: Words
    veto_anywhere: Words
    audit: Words
    audit_zh: Words
    secret: Words
    server_tables: Words
    secret_tables: Words
    short: dict[str, Words]
    relatives: Words


class Trigger(Keys):
    id: str
    when: str
    when_zh: str
    source: str
    confidence: Confidence


class Factor(Keys):
    annex: str
    source: str
    table: Words
    columns: Words
    confirm: str
    stop: YesNo = False
    triggers: tuple[Trigger, ...] = ()


class Clinical(Keys):
    labels: Words
    factor: str
    note: str
    note_zh: str


class Important(Keys):
    carriers: Words
    clinical: Clinical
    factors: dict[str, Factor]


class Weights(Keys):
    weights: dict[str, Number]


class RuleCase(Keys):
    table: str
    column: tuple[str, str, str]
    beside: Words = ()
    key: YesNo = False


class WorkedExample(FactsKeys):
    why: str
    basis: str
    expected: dict[str, Any] = described("", ...)


class Deadline(Keys):
    why: str
    basis: str
    today: str
    filing: dict[str, Any]
    expected: dict[str, Any]


class Publication(Keys):
    title: str
    on: str
    url: str
    note: str = ""
    read_by: Words


class PublishedCase(Keys):
    source: str
    outside: str = ""
    says: str = ""
    unmet: str = ""                           # why the program does not say what is expected
    second: str = ""                          # where a second reading of the source differs
    stated: YesNo = False
    derived: YesNo = False
    clause: str = ""
    as_of: str = ""
    today: str = ""
    facts: dict[str, str] = {}
    flows: tuple[dict[str, Any], ...] = ()
    together: dict[str, Any] = {}
    filing: dict[str, Any] = {}
    held: dict[str, Any] = {}
    reached_on: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    sensitive_labels: YesNo = False
    expected: dict[str, Any] = {}


class Published(Keys):
    second_reading: dict[str, Any] = {}
    runs: tuple[dict[str, Any], ...] = ()     # the first score, and the last
    sources: dict[str, Publication]
    terms: dict[str, str]
    cases: dict[str, PublishedCase]


GRAMMARS: dict[str, Any] = {                  # pattern of files -> what may stand in them
    "mappings/purposes/*.yaml": law.PurposeKeys,
    "mappings/zone_lists/*.yaml": law.ZoneListKeys,
    "mappings/taxonomies/gbt-*.yaml": law.NationalTaxonomyKeys,
    "mappings/taxonomies/jrt-*.yaml": law.GradingKeys,
    "mappings/rulesets/*.yaml": law.RuleSetKeys,
    "mappings/wording/*.yaml": dict[str, Both],
    "mappings/vocabulary/paper_claims.yaml": PaperClaims,
    "mappings/vocabulary/undecided.yaml": UndecidedWords,
    "mappings/vocabulary/between_names.yaml": dict[Literal["words"], Words],
    "mappings/vocabulary/rhythm_words.yaml": RhythmWords,
    "mappings/vocabulary/purpose_words.yaml": dict[str, law.PurposeWordsKeys],
    "mappings/contradictions/*.yaml": dict[str, law.ContradictionKeys],
    "detectors/labels.yaml": dict[str, Label],
    "detectors/data/names.yaml": dict[str, NameEntry],
    "detectors/data/roles.yaml": dict[str, WordsOfNames],
    "detectors/data/persons.yaml": Persons,
    "detectors/data/subjects.yaml": Subjects,
    "detectors/data/kinship.yaml": Kinship,
    "detectors/data/topics.yaml": dict[str, TopicWords],
    "detectors/data/movers.yaml": Movers,
    "detectors/data/contexts.yaml": Contexts,
    "detectors/data/important.yaml": Important,
    "detectors/data/fusion.yaml": Weights,
    "detectors/data/listed.yaml": dict[str, Words],
    "detectors/data/name_words.yaml": dict[str, Words],
    "detectors/data/concepts.yaml": dict[str, Words],
    "detectors/language/data/*.yaml": dict[str, Words],
    "reports/filings/examples.yaml": dict[str, str],
    "reports/filings/forms/*.yaml": dict[str, Any],
    "tests/cases/form_elements.yaml": dict[str, dict[str, Any]],
    "reports/messages/words/*.yaml": dict[str, Both],
    "scanner/setup/demo_config.yaml": ConfigKeys,
    "tests/cases/full_config.yaml": ConfigKeys,
    "scanner/setup/demo_answers.yaml": list[AnswerKeys],
    "tests/cases/worked_examples.yaml": dict[str, WorkedExample],
    "tests/cases/published.yaml": Published,
    "tests/cases/deadlines.yaml": dict[str, Deadline],
    "tests/cases/column_rules.yaml": dict[str, dict[str, RuleCase]],
    "tests/cases/public_names.yaml": dict[str, Words],
}
