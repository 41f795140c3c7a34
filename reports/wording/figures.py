"""Numbers and head-counts as people read them."""

from __future__ import annotations

from mappings.model import Estimate
from reports.messages.words import pair_of, t


def number(n: int) -> str:
    """1234567 as `1,234,567`."""
    return f"{n:,}"


def persons(e: Estimate, lang: str) -> str:
    """An estimate as people read it: one number when it is exact, else best with its interval."""
    if e.high is None and e.method == "unknown":
        return t("method.unknown", lang)
    if e.low == e.high:
        return number(e.best)
    top = number(e.high) if e.high is not None else t("unbounded", lang)
    return f"{number(e.best)} ({number(e.low)}–{top})"


def method_words(e: Estimate, lang: str) -> str:
    """How persons were counted; if the number is an interval for another reason, that reason."""
    linked = e.method == "exact" and e.low != e.high
    return since_words(e, lang) or t("method.linked" if linked else f"method.{e.method}", lang)


def since_words(e: Estimate, lang: str) -> str:
    """Why a count gives bounds only although it was more than that; empty where it is not so.

    Reasons: reviews, overlaps of flows, what was not read.
    """
    key = f"method.since.{e.note}"
    known = pair_of(key) is not None and e.low != e.high and e.method != "unknown"
    return t(key, lang, method=t(f"method.{e.method}", lang)) if known else ""
