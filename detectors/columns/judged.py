"""What the judge and the rules suggest of a column together, before any value is looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from detectors.columns.by_name import suggest
from detectors.columns.by_value import UnnamedHit, weigh
from detectors.columns.compositions import Composition, compositions_of
from detectors.columns.concepts import comment_concepts, concepts_of
from detectors.columns.context import ColumnContext
from detectors.columns.cues import is_noise
from detectors.columns.judge import FINDING_FROM, POSSIBLE, SENSITIVE, Judgement
from detectors.columns.listed import listed_kind
from detectors.columns.meanings import NameSuggestion
from detectors.columns.value_votes import calm, shifted
from detectors.columns.values import ValueHit
from detectors.labels import labels, wide_label
from detectors.model import Evidence, Label, Tier
from detectors.names.lexicon import own_words
from detectors.names.matching import match_comment, match_name

RELATED = 0.5                                 # from here on the judge agrees that a weak word is a person's
LISTED = 0.7                                  # what a kind that the authority lists has at least
RULE_WORTH, RARE = 3.0, 0.05                  # log-odds that a certain rule gives its label; least of a label
CATALOGUE_VOTE = -1.2                         # where a catalogue lists what elsewhere is a person's
EVEN = 0.15                                   # a likeliest label with less is none: no label has any weight
UNFOUND = FINDING_FROM - 0.01                 # the most for a column of which no word says anything
GENERAL = Label("other_pi")                   # personal, but nobody can say what
FORMLESS = frozenset({"birth_date"})          # most dates are nobody's birthday: values alone do not say it
LISTED_CONCEPTS = (                           # what a label is where a name or comment speaks of it
    (GENERAL, "criminal", Label("criminal_record")), (GENERAL, "orientation", Label("sexual_orientation")),
    (GENERAL, "religion", Label("religion")), (GENERAL, "biometric", Label("biometric")),
    (GENERAL, "genome", Label("genetic_information")), (GENERAL, "diagnosis", Label("health")),
    (GENERAL, "loan_and_credit", Label("credit_record")),
    (Label("health"), "genome", Label("genetic_information")),
)
UNITS = frozenset({"mm", "pin", "code"})      # millimetres, contacts of a plug, numbers of anything
LOGIN_WORDS = frozenset({
    "login", "password", "passwd", "pwd", "account", "auth", "otp", "card", "sim", "atm", "wallet", "pay",
    "user", "member", "admin", "sms", "verify", "yh", "dl", "密码", "口令", "登录", "用户", "会员", "账号",
})
BESIDE_FACTS = frozenset({"h_time", "h_code", "h_id"})
CORE = 0.35                                   # from this probability of the tier on, a column is core


@dataclass(frozen=True, slots=True)
class JudgedSuggestion(NameSuggestion):
    """A suggestion with what the judge makes of it.

    probability: that the column is personal information, by names and comments; None where the user's own
    words or a label of no person speak, which the judge does not weigh. sensitive: by its nature. refined: a
    kind of the label that the authority itself names; empty for none.
    """

    probability: float | None = None
    sensitive: bool = False
    refined: Label = Label("")

    @property
    def is_specific(self) -> bool:
        """Does it say what the column holds, not only that it is personal?"""
        return self.label != GENERAL


@dataclass(frozen=True, slots=True)
class _Kind:
    """finest: a label, or the kind of it that is listed. sensitive: by its nature, whichever kind it is.

    is_even: no label has more weight than others.
    """

    finest: Label
    sensitive: bool = False
    is_even: bool = False

    @property
    def label(self) -> Label:
        return wide_label(self.finest)


def judged(
    context: ColumnContext, judgement: Judgement, hits: Sequence[ValueHit] = (),
) -> JudgedSuggestion | None:
    """Return what names, comments and the table suggest; None if they say that it is surely nothing.

    hits: of the values, strongest first; they name the label where words only say that it is personal.
    """
    rule = suggest(context)
    if rule is not None and rule.label == "credential" and _is_unit(context):
        rule = None
    if rule is not None and _stands(context, rule, judgement):
        return JudgedSuggestion(rule.label, rule.confidence, rule.tier, rule.evidence)
    composed = tuple(compositions_of(context))
    in_catalogue = context.subject == "dictionary" and rule is not None and rule.confidence < FINDING_FROM
    vote = sum(composition.worth for composition in composed) + (CATALOGUE_VOTE if in_catalogue else 0.0)
    probability = calm(shifted(judgement.probability, vote))
    by_parts = _composed_kind(composed)
    listed = listed_kind(context)
    if listed is not None and (by_parts is None or wide_label(listed[0]) == by_parts.label):
        label, reason = listed
        certainty = max(probability, LISTED)
        return JudgedSuggestion(wide_label(label), certainty, "core", (reason,), certainty, refined=label)
    is_related = judgement.related >= RELATED
    if probability < FINDING_FROM and rule is not None and rule.tier != "core" and is_related:
        return JudgedSuggestion(rule.label, rule.confidence, rule.tier, rule.evidence)
    if probability < POSSIBLE:
        return None
    kind = by_parts or _kind(context, rule, judgement, hits)
    if kind.label == "credential" and rule is None and _is_unit(context):
        return None
    tier = "core" if by_parts or _is_fact(kind.label, context) else _tier(rule, kind.label, judgement)
    evidence = _evidence(rule, kind.label, judgement)
    if tier != "core" and probability >= FINDING_FROM:
        probability = max(probability, judgement.related)
    is_nameless = is_noise(context.column.name) and not context.comment.strip()
    if is_nameless or kind.is_even and not judgement.has_word:
        probability = min(probability, UNFOUND)
    return JudgedSuggestion(
        kind.label, probability, tier, evidence, probability, kind.sensitive, kind.finest,
    )


def _is_unit(context: ColumnContext) -> bool:
    """Does the name end with a unit or a generic head, `rain_mm`, in a table that knows no passwords?"""
    *before, last = context.words or ("",)
    if last in ("code", "no") and before:
        *before, last = before
    if last not in UNITS:
        return False
    if before and not set(before) & LOGIN_WORDS:
        return True
    return not context.table_mentions(sorted(LOGIN_WORDS)) and not context.mentions_person()


def _is_fact(label: Label, context: ColumnContext) -> bool:
    """Is it somebody's health or employer itself, not a day, a number or a department beside it?"""
    name, comment = concepts_of(context.column.name), comment_concepts(context.comment)
    is_fact = label == "health" or label == "employer" and "job" in name.any | comment.any
    return is_fact and not (name.head | comment.head) & BESIDE_FACTS


def _finest(label: Label, context: ColumnContext) -> Label:
    """The kind of a label that the authority lists and the name or the comment speaks of; else the label."""
    concepts = concepts_of(context.column.name).any | comment_concepts(context.comment).any
    return next((kind for wide, of, kind in LISTED_CONCEPTS if wide == label and of in concepts), label)


def _stands(context: ColumnContext, rule: NameSuggestion, judgement: Judgement) -> bool:
    """Does the rule's suggestion count whatever the judge says?"""
    if labels()[rule.label].kind != "personal_information":
        return judgement.probability < FINDING_FROM
    return _is_own(context)


def _is_own(context: ColumnContext) -> bool:
    """Do the user's own words speak?"""
    hits = (match_name(context.column.name), match_comment(context.comment) if context.comment else None)
    return any(hit is not None and hit.word in own_words() for hit in hits)


def _composed_kind(composed: Sequence[Composition]) -> _Kind | None:
    """The label that a composition names; None where none does."""
    return next((_Kind(c.label) for c in composed if c.label), None)


def _kind(
    context: ColumnContext, rule: NameSuggestion | None, judgement: Judgement, hits: Sequence[ValueHit],
) -> _Kind:
    """The likeliest label, where that of the rule has some advance; of values where words name none."""
    worth = dict(judgement.kinds)
    if rule is not None:
        agreeing = [kind for kind in worth if kind.rstrip(SENSITIVE) == rule.label] or [str(rule.label)]
        for kind in agreeing:
            worth[kind] = max(worth.get(kind, 0.0), RARE) * math.exp(RULE_WORTH * rule.confidence)
    best = max(worth, key=lambda kind: worth[kind])
    is_even = worth[best] < EVEN
    label = GENERAL if is_even else Label(best.rstrip(SENSITIVE))
    if label == GENERAL and (by_values := _label_of_values(context, hits)):
        return _Kind(by_values)
    sensitive = judgement.sensitive >= 0.5 if is_even else best.endswith(SENSITIVE)
    return _Kind(_finest(label, context), sensitive, is_even)


def _label_of_values(context: ColumnContext, hits: Sequence[ValueHit]) -> Label:
    """The label of the strongest hit that is worth a finding by itself; empty for none."""
    for hit in hits:
        detector = hit.detector
        is_personal = detector.kind == "personal_information" and detector.label not in FORMLESS
        if is_personal and not hit.sparse and weigh(UnnamedHit(hit, context, False))[0] >= FINDING_FROM:
            return detector.label
    return Label("")


def _tier(rule: NameSuggestion | None, label: Label, judgement: Judgement) -> Tier:
    if judgement.tiers["core"] >= CORE or rule is not None and (rule.label, rule.tier) == (label, "core"):
        return "core"
    return max(judgement.tiers, key=lambda tier: judgement.tiers[tier])


def _evidence(rule: NameSuggestion | None, label: Label, judgement: Judgement) -> tuple[Evidence, ...]:
    """The rule's words where it says the same, else the judge's reasons."""
    if rule is None or rule.label != label:
        return judgement.evidence
    origins = {e.origin for e in rule.evidence}
    return (*rule.evidence, *(e for e in judgement.evidence if e.origin not in origins))
