"""A flow in words: what would change its path, whether it can be filed, what differs from its filing."""

from __future__ import annotations

from detectors.model import unquote
from mappings.baseline import Difference
from mappings.flow_report import FlowReport
from mappings.model import Change
from mappings.taxonomy import weaker_forms
from reports.messages.render import render
from reports.messages.words import join_list, t
from reports.wording.decision import path_names
from reports.wording.figures import number


def change_words(c: Change, f: FlowReport, lang: str) -> str:
    """One change: what is left out or weaker, the persons before and after, and the path it leads to."""
    sensitive = {v for v, _, kind in f.tally.fields if kind == "yes"} if f.tally is not None else set()
    forms = {v.column: render(v.weaker, lang) for v in f.fields}
    dropped = [i.column for i in c.items if i.action == "drop"]
    parts = []
    if len(dropped) > 1 and set(dropped) == sensitive:
        parts.append(t("change.drop", lang, what=t("change.all_sensitive", lang)))
    elif dropped:
        parts.append(t("change.drop", lang, what=join_list((unquote(x.rsplit("/", 1)[1]) for x in dropped), "names", lang)))
    for i in c.items:
        if i.action == "weaken":
            label = next((v.label for v in f.fields if v.column == i.column), None)
            form = forms.get(i.column) or (_form(label, lang) if label else "")
            parts.append(t("change.weaken", lang, what=unquote(i.column.rsplit("/", 1)[1]), form=form))
        elif i.action == "adults":
            parts.append(t("change.adults", lang))
    before, after = f.sensitive_individuals.best, c.sensitive
    counts = t("change.counts", lang, before=number(before), after=number(after)) if before != after else t(
        "change.people", lang, before=number(f.individuals.best), after=number(c.individuals))
    paths = c.possible if c.path == "needs_review" else (c.path,)
    path = path_names(paths, lang)
    text = t("change.to", lang, items=join_list(parts, "clauses", lang), counts=counts, path=path)
    return f"{text} {t('change.higher', lang)}" if c.higher else text


def _form(label: str, lang: str) -> str:
    form = weaker_forms().get(label)
    return "" if form is None else render(form.words, lang)


def ready_words(f: FlowReport, lang: str) -> str:
    """What stands before a filing, in one line."""
    fields = sum(b.code == "field" for b in f.not_ready)
    if not f.not_ready:
        return t("ready.yes", lang)
    return t("ready.no", lang, fields=fields, of=len(f.fields), facts=len(f.not_ready) - fields)


def difference_words(d: Difference, lang: str) -> str:
    """What is not as it was filed, with action and clause."""
    words = render(d.words, lang)
    return f"[{t('action.' + d.action, lang)}] {words}: {d.what}  {d.source} [{t(d.confidence_of_source, lang)}]"
