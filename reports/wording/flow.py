"""A flow in words: who is in it, its path and why, what would change it, what differs from its filing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detectors.ids import column_part
from detectors.model import ColumnId, unquote
from mappings.baseline import Difference
from mappings.flow_report import FlowReport
from mappings.model import IN_BAND, Change, Reason
from mappings.readiness import flow_aim
from mappings.rules import RuleSet
from mappings.taxonomy import weaker_forms
from reports.messages.render import render
from reports.messages.words import heading, in_brackets, join_list, plural, t
from reports.wording.decision import (
    group_words,
    main_reasons,
    margin_words,
    path_names,
    path_words,
    reading_words,
    reason_words,
)
from reports.wording.facts import assumed_words
from reports.wording.figures import method_words, number, persons, since_words
from reports.wording.law import citation
from reports.wording.possible import possible_lines

MOST_FIELDS = 2                               # fields without a reason that are named
MOST_ZONE_ENTRIES = 3                         # entries of a zone's list that are named


def flow_lines(f: FlowReport, rules: RuleSet, lang: str) -> Iterator[str]:
    """Yield what there is to say of a flow below its name and path."""
    yield from _count_lines(f, rules, lang)
    if IN_BAND in f.own:
        yield heading("own", lang) + own_words(f.own, lang)
    yield from possible_lines(f, lang)
    for reason in main_reasons(f.decision):
        yield _reason_line(reason, rules, lang)
    for margin in f.decision.margin:
        yield margin_words(margin, lang)
    yield from _alternative_lines(f, lang)
    yield from _zone_lines(f, lang)
    yield from _filing_lines(f, lang)
    if assumed := assumed_words((f.decision,), lang):
        yield assumed
    for note in (*f.count_notes, *f.decision.notes):
        yield render(note, lang)


def own_words(own: Iterable[str], lang: str) -> str:
    """Return what a flow comes to by its own facts: paths, and that it counts where the year binds it."""
    names = (t("own.counted" if path == IN_BAND else f"path.{path}", lang) for path in own)
    return join_list(names, "alternatives", lang)


def _count_lines(f: FlowReport, rules: RuleSet, lang: str) -> Iterator[str]:
    """Yield its persons, also under a stricter reading of what is sensitive, and groups judged apart."""
    how = in_brackets(method_words(f.individuals, lang), lang)
    counts = [
        f"{t('individuals', lang)} {persons(f.individuals, lang)}{how}",
        f"{t('sensitive_individuals', lang)} {persons(f.sensitive_individuals, lang)}"
        + in_brackets(since_words(f.sensitive_individuals, lang), lang),
    ]
    if f.minors.high or (f.minors.method == "unknown" and f.individuals.high != 0):
        counts.append(f"{t('minors', lang)} {persons(f.minors, lang)}")
    yield join_list(counts, "pieces", lang)
    if f.strict is not None and f.strict.sensitive != f.sensitive_individuals:
        yield t("strict", lang, n=persons(f.strict.sensitive, lang))
    for part in f.parts:
        people = f"{persons(part.count.individuals, lang)} {t('people', lang)}"
        group, path = group_words(rules, part.group, lang), path_words(part.decision, lang)
        yield f"{heading('parts', lang)}{group} {people} → {path}"


def _reason_line(reason: Reason, rules: RuleSet, lang: str) -> str:
    clause = citation(reason.clause, reason.confidence_of_source, lang)
    line = f"{heading('path.' + reason.path, lang)}{clause} {reason_words(reason, lang)}".rstrip()
    if reason.reading:
        line += in_brackets(heading("reading", lang) + reading_words(reason.reading, rules, lang), lang)
    return line


def _alternative_lines(f: FlowReport, lang: str) -> Iterator[str]:
    """Yield the paths without unnecessary fields, after each change, and by national rules alone."""
    if f.without_unnecessary is not None:
        names = join_list(map(column_part, f.dropped), "names", lang)
        path = path_words(f.without_unnecessary, lang)
        same = t("without.same", lang) if path == path_words(f.decision, lang) else ""
        yield t("without.text", lang, fields=names, path=path) + same
    for change in f.changes:
        yield heading("changes", lang) + change_words(change, f, lang)
    if "national_path" in f.decision.extra:
        yield heading("national", lang) + path_names(f.decision.extra["national_path"], lang)


def _zone_lines(f: FlowReport, lang: str) -> Iterator[str]:
    """Yield the entries of the zone's list that its columns speak for."""
    if f.zones:
        zones = (f"{z.scenario} / {z.category} ({len(z.columns)})" for z in f.zones[:MOST_ZONE_ENTRIES])
        yield heading("zones", lang) + join_list(zones, "clauses", lang)
        if not all(z.complete for z in f.zones):
            yield t("zones.partial", lang)


def _filing_lines(f: FlowReport, lang: str) -> Iterator[str]:
    """Yield whether it can be filed, what is not as it was filed, and what has no column."""
    if f.fields or f.not_ready:
        yield ready_words(f, lang)
        yield from obstacle_lines(f, lang)
    for difference in f.filed:
        if difference.action != "none":
            yield heading("filed", lang) + difference_words(difference, lang)
    for part in f.unresolved:
        yield heading("unresolved", lang) + render(part, lang)


def ready_words(f: FlowReport, lang: str) -> str:
    """Return whether a flow can be filed, and what stands before it: fields and facts."""
    aim = flow_aim(f.decision, f.flow)
    if aim not in ("file", "keep"):
        return t(f"ready.{aim}", lang)
    if not f.not_ready:
        return t("ready.yes" if aim == "file" else "ready.keep", lang)
    fields = sum(note.code == "field" for note in f.not_ready)
    points = {"fields": (fields, len(f.fields)), "facts": (len(f.not_ready) - fields, 0)}
    open_points = (plural(f"ready.{name}", n, lang, of=of) for name, (n, of) in points.items() if n)
    lacking = heading("ready.no" if aim == "file" else "ready.keep_open", lang)
    return lacking + join_list(open_points, "pieces", lang)


def obstacle_lines(f: FlowReport, lang: str) -> Iterator[str]:
    """Yield what stands before a filing or complete grounds, each with the act that settles it.

    Many fields without a reason are settled alike: the first few are named.
    """
    if flow_aim(f.decision, f.flow) not in ("file", "keep"):
        yield from ("- " + render(note, lang) for note in f.not_ready if note.code == "dates")
        return
    fields = [note for note in f.not_ready if note.code == "field"]
    for note in (*fields[:MOST_FIELDS], *(note for note in f.not_ready if note.code != "field")):
        yield "- " + render(note, lang)
    if len(fields) > MOST_FIELDS:
        yield "- " + plural("ready.more_fields", len(fields) - MOST_FIELDS, lang, flow=f.flow.id)


def difference_words(difference: Difference, lang: str) -> str:
    """Return what is not as it was filed, with what is to be done and the clause."""
    action, words = t("action." + difference.action, lang), render(difference.words, lang)
    clause = citation(difference.source, difference.confidence_of_source, lang)
    return f"[{action}] {words}: {difference.what}  {clause}"


def change_words(change: Change, f: FlowReport, lang: str) -> str:
    """Return what is left out or weaker, the persons before and after, and the path it leads to."""
    paths = change.possible if change.path == "needs_review" else (change.path,)
    items = join_list(_item_words(change, f, lang), "clauses", lang)
    counts, path = _change_count_words(change, f, lang), path_names(paths, lang)
    text = t("change.to", lang, items=items, counts=counts, path=path)
    return f"{text} {t('change.higher', lang)}" if change.higher else text


def _item_words(change: Change, f: FlowReport, lang: str) -> Iterator[str]:
    """Yield the columns that are dropped, then each other item."""
    dropped = [item.column for item in change.items if item.action == "drop"]
    if dropped:
        if len(dropped) > 1 and set(dropped) == _sensitive_columns(f):
            names = t("change.all_sensitive", lang)
        else:
            names = join_list(map(_column_name, dropped), "names", lang)
        yield t("change.drop", lang, what=names)
    for item in change.items:
        if item.action == "weaken":
            form = _weaker_form(item.column, f, lang)
            yield t("change.weaken", lang, what=_column_name(item.column), form=form)
        elif item.action == "adults":
            yield t("change.adults", lang)


def _change_count_words(change: Change, f: FlowReport, lang: str) -> str:
    """Return persons with sensitive information before and after; of all persons where those stay equal."""
    before, after = f.sensitive_individuals.best, change.sensitive
    if before != after:
        return t("change.counts", lang, before=number(before), after=number(after))
    return t("change.people", lang, before=number(f.individuals.best), after=number(change.individuals))


def _sensitive_columns(f: FlowReport) -> set[ColumnId]:
    if f.tally is None:
        return set()
    return {column for column, _, sensitive in f.tally.fields if sensitive == "yes"}


def _column_name(column: ColumnId) -> str:
    return unquote(column_part(column))


def _weaker_form(column: ColumnId, f: FlowReport, lang: str) -> str:
    """Return the form that would do for a field, or for its label; empty where none is known."""
    field = next((field for field in f.fields if field.column == column), None)
    if field is None:
        return ""
    if words := render(field.weaker, lang):
        return words
    form = weaker_forms().get(field.label) if field.label else None
    return "" if form is None else render(form.words, lang)
