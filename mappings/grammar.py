"""What may stand in the files of law: taxonomies, purposes, zone lists, rule sets.

Those that ship are held against it by a test, those of a company when they are read. What a file must hold
together is said by the module that reads it. Pydantic is needed here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic.json_schema import WithJsonSchema

from detectors.grammar import Keys, Whole, YesNo, described
from mappings.model import Claim, Confidence, Sensitive

Texts = Annotated[                            # a list, or one text
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    WithJsonSchema({}),
]
Count = Annotated[                            # of persons; nothing stands for no end
    Whole | None, BeforeValidator(lambda value: None if value in ("", "null", "~") else value)
]


class SourcedKeys(Keys):
    """Something with its clause."""

    source: str = ""
    confidence: Confidence | None = None
    effective: str = described("first day of an entry that came later", "")


class WordsKeys(SourcedKeys):
    """Words in both languages."""

    zh: str
    en: str


class ObligationKeys(WordsKeys):
    """Something due on a path; `context`: nothing that is due, but good to know."""

    status: Literal["due", "context"] = "due"
    only: str = described("a fact that is yes", "")
    unless: str = described("a fact that is not", "")


class NeedKeys(Keys):
    """An item of a purpose's list."""

    item: str
    labels: tuple[str, ...] = ()
    role: str = ""
    condition: str = ""
    source: str = ""
    form: str = ""


class PurposeKeys(SourcedKeys):
    """A purpose of an export."""

    id: str
    title: str
    title_en: str = ""
    function: str = ""
    bound: Literal["export", "collection"] = "export"
    claim: str = ""
    situation: str = ""
    complete: YesNo
    necessary: tuple[NeedKeys, ...] = ()
    case_by_case: tuple[NeedKeys, ...] = ()
    rules: tuple[str, ...] = ()
    subjects: str = ""
    ours: YesNo = False
    own_rules: YesNo = False
    not_for: tuple[Claim, ...] = described("exemptions that cannot rest on it", ())


class PurposeWordsKeys(Keys):
    """Words of a kind of purposes, and what such a purpose says of an exemption."""

    words: tuple[str, ...]
    fits: tuple[Claim, ...] = ()
    not_for: tuple[Claim, ...]


class ZoneEntryKeys(Keys):
    """A row of a zone's list."""

    industry: str = ""
    scenario: str = ""
    data_category: str = ""
    data_subcategory: str = ""
    description: str = ""
    data_items: Texts = ()
    data_kind: str = ""
    count_min: str = ""
    count_max: str = ""
    count_basis: str = ""
    required_path: str = ""
    carve_out: str = ""
    source_page: str = ""
    labels: tuple[str, ...] = ()
    confidence: Confidence | None = None


class ZoneListKeys(SourcedKeys):
    """A zone's list."""

    id: str = ""
    zone: str = ""
    title: str = ""
    version: str = ""
    issued: str = ""
    until: str = ""
    status: str = ""
    ciio_excluded: str = ""
    sectors: tuple[str, ...] = ()
    complete: str = ""
    whole_scenarios: tuple[str, ...] = ()
    entries: tuple[ZoneEntryKeys, ...] = ()


class GradedKeys(Keys):
    """What a further taxonomy says of a label."""

    levels: tuple[str, ...] = ()
    grade: str = ""
    confidence: str = ""


class GradingKeys(Keys):
    """A further taxonomy."""

    id: str = ""
    title: str = ""
    source: str = ""
    effective: str = ""
    grades: tuple[str, ...] = ()
    labels: dict[str, GradedKeys] = {}


class ProfileKeys(SourcedKeys):
    """A standard of what is sensitive."""

    title: str


class CategoryKeys(SourcedKeys):
    """A category."""

    zh: str
    code: str = ""


class CombinationKeys(WordsKeys):
    """Labels judged together."""

    of: tuple[tuple[str, ...], ...]
    time: YesNo = False


class StockLineKeys(WordsKeys):
    """A duty of whoever holds so many persons."""

    id: str
    persons: Whole
    of: Literal["all", "faces", "minors"]


class LabelKeys(Keys):
    """What the national taxonomy says of a label."""

    category: str
    grade: str
    sensitive: dict[str, Sensitive]


class NationalTaxonomyKeys(SourcedKeys):
    """The national taxonomy."""

    id: str
    title: str
    grades: tuple[str, ...]
    profiles: dict[str, ProfileKeys]
    combinations: dict[str, CombinationKeys]
    stock_lines: tuple[StockLineKeys, ...]
    weaker: dict[str, WordsKeys]
    categories: dict[str, CategoryKeys]
    labels: dict[str, LabelKeys]


class AlsoKeys(Keys):
    """A source that joined later."""

    source: str
    effective: str


class CountingKeys(SourcedKeys):
    """From when, and whom, persons are counted."""

    from_: str = described("", ..., alias="from")
    unit: str
    level: str


class LineKeys(SourcedKeys):
    """A number of persons at which something changes: min inclusive, max exclusive."""

    id: str
    counter: Literal["ordinary", "sensitive", "individuals"]
    min: Count = None
    max: Count = None
    path: str
    also: AlsoKeys | None = None


class SectorLineKeys(LineKeys):
    """A line of one sector."""

    names: tuple[str, ...]
    reading: str
    value: str


class EntityRuleKeys(Keys):
    """A fact of the processor that settles everything that is counted."""

    fact: str
    rule: str


class StepKeys(WordsKeys):
    """A question in the order of the rules."""

    id: str
    facts: tuple[str, ...] = ()


class GroupKeys(WordsKeys):
    """Whose data. also: further words for them."""

    also: tuple[str, ...] = ()
    hr: Literal["covered", "open", "counted"]


class RuleKeys(SourcedKeys):
    """A rule."""

    path: str
    words: str
    words_en: str
    also: AlsoKeys | None = None


class ReadingKeys(SourcedKeys):
    """Readings of the law that no text settles. strict: the value that asks for more."""

    values: tuple[str, ...]
    strict: str
    zh: dict[str, str]
    en: dict[str, str]
    words: str
    words_en: str


class FactKeys(Keys):
    """A fact that may be asked."""

    scope: Literal["entity", "flow"]
    values: tuple[str, ...]
    assume: str = ""
    ask: str
    ask_en: str
    how: str
    how_en: str


class DutyKeys(WordsKeys):
    """A duty of every flow."""

    id: str
    when: tuple[str, ...] = ()
    ask: str = ""
    due: tuple[str, ...] = ()
    not_due_zh: str = ""
    not_due_en: str = ""
    status: Literal["due", "context"] = "due"
    also: AlsoKeys | None = None


class ComparedKeys(Keys):
    """Criterion, contract, certificate."""

    zh: tuple[str, str, str]
    en: tuple[str, str, str]


class PlanKeys(Keys):
    """Ways to file."""

    standard_contract: WordsKeys
    certification: WordsKeys
    security_assessment: WordsKeys
    gba_standard_contract: WordsKeys
    exempt: WordsKeys
    compared: tuple[ComparedKeys, ...]
    group: WordsKeys


class ValidityKeys(SourcedKeys):
    """How long something holds."""

    years: Whole | None = None
    months: Whole | None = None
    extend_working_days: Whole | None = None
    file_working_days: Whole | None = None
    start_working_days: Whole | None = None
    file_within_months: Whole | None = None
    renew_months: Whole | None = None
    keep_years: Whole | None = None


class ExtensionConditionKeys(WordsKeys):
    """A condition of the extension."""

    id: str
    percent: Whole | None = None


class ExtensionKeys(SourcedKeys):
    """When a result may be extended."""

    conditions: tuple[ExtensionConditionKeys, ...]


class DifferenceKeys(WordsKeys):
    """What is not as it was filed. action: by kind of filing, or one for all."""

    action: Annotated[
        dict[str, str],
        BeforeValidator(lambda value: {"all": value} if isinstance(value, str) else value),
        WithJsonSchema({}),
    ]


class MaterialKeys(SourcedKeys):
    """What goes into a filing."""

    zh: str
    by: str


class ContradictionKeys(Keys):
    """Statements that cannot hold together."""

    when: dict[str, tuple[str, ...] | Literal["any"]]
    never: dict[str, tuple[str, ...] | Literal["any"]]
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""


class RuleSetKeys(Keys):
    """A rule set. Of one that extends another, what is left out is as there."""

    id: str
    extends: str = ""
    title: str
    title_en: str
    effective: str
    until: str = ""
    counting: CountingKeys
    thresholds: tuple[LineKeys, ...]
    sector_lines: dict[str, SectorLineKeys] = {}
    entity_rules: tuple[EntityRuleKeys, ...] = ()
    order: tuple[StepKeys, ...]
    exemptions: tuple[Claim, ...] = ()
    groups: dict[str, GroupKeys] = {}
    roles: dict[str, str] = {}
    rules: dict[str, RuleKeys]
    refused: dict[str, dict[str, str]] = {}
    readings: dict[str, ReadingKeys] = {}
    facts: dict[str, FactKeys] = {}
    not_assumed: tuple[str, ...] = described("", (), alias="asked")
    company_questions: tuple[str, ...] = ()
    obligations: dict[str, tuple[ObligationKeys, ...]] = {}
    duties: tuple[DutyKeys, ...] = ()
    plan: PlanKeys | None = None
    validity: dict[str, ValidityKeys] = {}
    extension: ExtensionKeys | None = None
    baseline: dict[str, DifferenceKeys] = {}
    materials: dict[str, tuple[MaterialKeys, ...]] = {}
