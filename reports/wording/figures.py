"""Numbers and head-counts as people read them."""

from __future__ import annotations

from mappings.counts import AT_MOST, strict_sensitive
from mappings.model import Estimate, FlowCount
from reports.messages.words import pair_of, t


def number(n: int) -> str:
    """Return 1234567 as `1,234,567`."""
    return f"{n:,}"


def persons(e: Estimate, lang: str) -> str:
    """Return an estimate as people read it: one number where low is high, else best with its interval."""
    if e.high is None and e.method == "unknown":
        return t("method.unknown", lang)
    if e.low == e.high:
        return number(e.best)
    top = number(e.high) if e.high is not None else t("unbounded", lang)
    best = t("method.at_most", lang, n=number(e.best)) if e.note == AT_MOST else number(e.best)
    return f"{best} ({number(e.low)}–{top})"


def sensitive_persons(sensitive: Estimate, strict: FlowCount | None, lang: str) -> str:
    """Return those with sensitive items, with the figure of the stricter reading wherever it is another one.

    strict: the count where an ID number alone and the like count as sensitive; None: the same.
    """
    words, other = persons(sensitive, lang), strict_sensitive(sensitive, strict)
    return words if other is None else t("strict.beside", lang, n=words, strict=persons(other, lang))


def method_words(e: Estimate, lang: str) -> str:
    """Return how persons were counted; the reason where the number is an interval for another one."""
    linked = e.method == "exact" and e.low != e.high          # as it was written before `linked` was a method
    return since_words(e, lang) or t("method.linked" if linked else f"method.{e.method}", lang)


def since_words(e: Estimate, lang: str) -> str:
    """Return why a count that was more than bounds now gives bounds only; empty where it is not so.

    Reasons: reviews, overlaps of flows, what was not read.
    """
    key = f"method.since.{e.note}"
    if pair_of(key) is None or e.low == e.high or e.method == "unknown":
        return ""
    return t(key, lang, method=t(f"method.{e.method}", lang))
