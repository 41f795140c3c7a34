"""What the judge and the rules suggest of a column together, before any value is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass

from detectors.columns.by_name import suggest
from detectors.columns.concepts import comment_concepts, concepts_of
from detectors.columns.context import ColumnContext
from detectors.columns.judge import FINDING_FROM, POSSIBLE, SENSITIVE, Judgement
from detectors.columns.listed import listed_kind
from detectors.columns.meanings import NameSuggestion
from detectors.columns.value_votes import shifted
from detectors.labels import labels
from detectors.model import Evidence, Label, Tier
from detectors.names.lexicon import own_words
from detectors.names.matching import match_comment, match_name

RELATED = 0.5                                 # from here on the judge agrees that a weak word is a person's
LISTED = 0.7                                  # what a kind that the authority lists has at least
SURE, RULE_VOTE = 0.8, 0.4                    # confidence of a certain rule; log-odds that it adds
CATALOGUE_VOTE = -1.2                         # where a catalogue lists what elsewhere is a person's
RULE_WORTH, RARE = 3.0, 0.05                  # log-odds that a certain rule gives its label; least of a label
OPEN_LABELS = frozenset({"other_pi", "other_id_document"})     # labels of which some kinds are sensitive
SENSITIVE_CONCEPTS = frozenset({              # GB/T 45574-2025; questions and answers of the CAC of 2026-01
    "criminal", "orientation", "genome", "religion", "biometric", "diagnosis", "loan_and_credit",
})
UNITS = frozenset({"mm", "pin", "code"})      # millimetres, contacts of a plug, numbers of anything
LOGIN_WORDS = frozenset({
    "login", "password", "passwd", "pwd", "account", "auth", "otp", "card", "sim", "atm", "wallet", "pay",
    "user", "member", "admin", "sms", "verify", "yh", "dl", "密码", "口令", "登录", "用户", "会员", "账号",
})
CORE = 0.35                                   # from this probability of the tier on, a column is core


@dataclass(frozen=True, slots=True)
class JudgedSuggestion(NameSuggestion):
    """A suggestion with what the judge makes of it.

    probability: that the column is personal information, by names and comments; None where the user's own
    words or a label of no person speak, which the judge does not weigh. sensitive: by its nature.
    """

    probability: float | None = None
    sensitive: bool = False


def judged(context: ColumnContext, judgement: Judgement) -> JudgedSuggestion | None:
    """Return what names, comments and the table suggest; None if they say that it is surely nothing."""
    rule = suggest(context)
    if rule is not None and rule.label == "credential" and _is_unit(context):
        rule = None
    if rule is not None and _stands(context, rule, judgement):
        return JudgedSuggestion(rule.label, rule.confidence, rule.tier, rule.evidence)
    probability = shifted(judgement.probability, _rule_vote(context, rule))
    if (listed := listed_kind(context)) is not None:
        of_list, reason = listed
        certainty = max(probability, LISTED)
        return JudgedSuggestion(of_list, certainty, "core", (reason,), certainty, True)
    is_related = judgement.related >= RELATED
    if probability < FINDING_FROM and rule is not None and rule.tier != "core" and is_related:
        return JudgedSuggestion(rule.label, rule.confidence, rule.tier, rule.evidence)
    if probability < POSSIBLE:
        return None
    kind = _kind(rule, judgement)
    label = Label(kind.rstrip(SENSITIVE))
    if label == "credential" and rule is None and _is_unit(context):
        return None
    sensitive = kind.endswith(SENSITIVE) or label in OPEN_LABELS and _speaks_of_sensitive(context)
    tier = _tier(rule, label, judgement)
    if tier != "core" and probability >= FINDING_FROM:
        probability = max(probability, judgement.related)
    evidence = _evidence(rule, label, judgement)
    return JudgedSuggestion(label, probability, tier, evidence, probability, sensitive)


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


def _speaks_of_sensitive(context: ColumnContext) -> bool:
    """Does the name or the comment name a kind that the authority lists as sensitive?"""
    concepts = concepts_of(context.column.name).any | comment_concepts(context.comment).any
    return bool(concepts & SENSITIVE_CONCEPTS)


def _rule_vote(context: ColumnContext, rule: NameSuggestion | None) -> float:
    """The log-odds that a rule adds: for a certain word, against one in a catalogue or a dictionary."""
    if rule is None or rule.tier != "core":
        return 0.0
    if rule.confidence >= SURE:
        return RULE_VOTE
    return CATALOGUE_VOTE if context.subject == "dictionary" and rule.confidence < FINDING_FROM else 0.0


def _stands(context: ColumnContext, rule: NameSuggestion, judgement: Judgement) -> bool:
    """Does the rule's suggestion count whatever the judge says?"""
    if labels()[rule.label].kind != "personal_information":
        return judgement.probability < FINDING_FROM
    return _is_own(context)


def _is_own(context: ColumnContext) -> bool:
    """Do the user's own words speak?"""
    hits = (match_name(context.column.name), match_comment(context.comment) if context.comment else None)
    return any(hit is not None and hit.word in own_words() for hit in hits)


def _kind(rule: NameSuggestion | None, judgement: Judgement) -> str:
    """The likeliest label, where that of the rule has some advance."""
    worth = dict(judgement.kinds)
    if rule is not None:
        agreeing = [kind for kind in worth if kind.rstrip(SENSITIVE) == rule.label] or [str(rule.label)]
        for kind in agreeing:
            worth[kind] = max(worth.get(kind, 0.0), RARE) * math.exp(RULE_WORTH * rule.confidence)
    return max(worth, key=lambda kind: worth[kind])


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
