"""What the law and the count note beside a result: a code that programs know, and a message for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from detectors.labels import label_word
from detectors.message import Msg, Note, Text, Word
from detectors.model import ColumnId
from mappings.expected_persons import ExpectedPersons
from mappings.model import Estimate, FlowCount, Question

MINORS_ARE_SENSITIVE = Msg("fewer sensitive persons than minors: all data of persons under 14 is sensitive")
MORE_SENSITIVE = Msg("more sensitive persons than persons")

# how persons were counted

CONDITIONS_UNKNOWN = Note("conditions_unknown", Msg("its conditions cannot be applied; not counted"))
NOTHING_PERSONAL = Note("nothing_personal", Msg("no personal information was found in its columns"))
UNTRACED = Note("untraced", Msg("nothing of it could be traced to a listed column"))
METADATA_ONLY = Note("metadata_only", Msg("only names and comments were read; not counted"))
QUERY_CONDITIONS = Note(
    "query_conditions", Msg("the query's own conditions were not applied: at most these persons")
)
BUDGET_SPENT = Note("budget_spent", Msg("the time for counting is spent (--budget): these are bounds"))
BY_STATISTICS = Note("by_statistics", Msg("by catalogue statistics: at most twice the rows, none was read"))
SETTLED = Note(
    "settled", Msg("no legal line lies inside the interval: nothing more was read (--exact links every row)")
)
IN_DATABASE = {
    "statistics": BY_STATISTICS,
    "hash_sample": Note(
        "by_hash_sample",
        Msg(
            "value-hash sample in the database (one value in 64, 95 % interval): "
            "one key, not linked with others"
        ),
    ),
    "pushdown": Note("by_pushdown", Msg("counted in the database: one key, not linked with others")),
}
REVIEWED_SINCE = Note(
    "reviewed_since",
    Msg("a review made more of its fields personal information than were counted: scan again"),
)
CHANGED_SINCE = Note(
    "changed_since",
    Msg(
        "its fields or conditions were changed since the scan: "
        "what follows is by the columns of that scan; scan again"
    ),
)


def keys_used(kinds: tuple[str, ...], rows: int) -> Note:
    return Note(
        "keys",
        Msg("keys used: {kinds}; {rows:,} rows read", kinds=tuple(label_word(k) for k in kinds), rows=rows),
    )


def keyless(without: int, rows: int, has_parties: bool = False) -> Note:
    """Rows without a key; where a row speaks of several people, each of these counts."""
    if has_parties:
        message = Msg(
            "{without:,} times a row speaks of somebody without a usable key; {rows:,} rows read",
            without=without, rows=rows,
        )
        return Note("keyless_parties", message)
    return Note("keyless", Msg("{without:,} of {rows:,} rows hold no usable key", without=without, rows=rows))


def placeholders(cells: int) -> Note:
    return Note(
        "placeholders", Msg("{cells:,} cells held placeholders or masked values and link nobody", cells=cells)
    )


def shared(contacts: int) -> Note:
    return Note(
        "shared",
        Msg("{n:,} phones or addresses stand under different names or IDs and do not link them", n=contacts),
    )


def crowded(cut: int, most: int) -> Note:
    return Note(
        "crowded",
        Msg("{n:,} values stand under {most} or more names, IDs or contacts and were cut", n=cut, most=most),
    )


PARTIES = Note(
    "parties", Msg("a row speaks of several people by the names of its columns; each is counted as a person")
)


def unproved(contacts: int) -> Note:
    return Note(
        "unproved",
        Msg(
            "{n} keys stand beside several contacts without a name, under names that agree by script or mask"
            " alone, are numbers under several names, birth dates or genders, or stand in far more rows than"
            " others with nothing beside: one person each in best, several in high",
            n=contacts,
        ),
    )


def expected(expected: ExpectedPersons, systems: tuple[str, ...]) -> Note:
    """What is expected over systems that share too few keys, or why there is no figure."""
    kinds = tuple(label_word(kind) for kind in expected.kinds)
    names = tuple(systems)
    if expected.outcome == "unshared":
        return Note(
            "expected_unshared",
            Msg("no expected figure: not every one of {systems} shares a key with another", systems=names),
        )
    if expected.outcome == "disagree":
        return Note(
            "expected_disagree",
            Msg("no expected figure for {systems}: by {kinds} it differs", systems=names, kinds=kinds),
        )
    figures = {"n": expected.persons, "low": expected.low, "high": expected.high}
    if expected.bridged:
        message = Msg(
            "{systems} share too few keys: best is at most, about {n:,} persons ({low:,}–{high:,}) are"
            " expected by {kinds}, if filling in a key does not depend on who somebody is, each system"
            " counts its own"
            " persons right, and systems without a common key overlap as others do; no rule uses it",
            systems=names, kinds=kinds, **figures,
        )
    else:
        message = Msg(
            "{systems} share too few keys: best is at most, about {n:,} persons ({low:,}–{high:,}) are"
            " expected by {kinds}, if filling in a key does not depend on who somebody is and each"
            " system counts its"
            " own persons right; no rule uses it",
            systems=names, kinds=kinds, **figures,
        )
    return Note("expected", message)


def broken_accounts(kinds: tuple[str, ...]) -> Note:
    return Note(
        "broken_accounts",
        Msg("numbers of {kinds} mostly stand under several names or contacts: they are taken for different"
            " people's",
            kinds=tuple(label_word(k) for k in kinds)),
    )


def open_accounts(tables: tuple[str, ...]) -> Note:
    return Note(
        "open_accounts",
        Msg(
            "equal account numbers in {tables} are one person's in best and several persons' in high: nothing"
            " beside them tells; where they are of one system, settle it in chujing.yaml under links:"
            " from one column to the other",
            tables=tables,
        ),
    )


def unlinked_hashes(tables: tuple[str, ...]) -> Note:
    """Hashes of one kind that no two tables have in common."""
    return Note(
        "unlinked_hashes",
        Msg(
            "hashes of {tables} equal none of another table's: of other persons in best, of the same ones"
            " under another salt or method in the lower figure; export a key that both have, or hash alike",
            tables=tables,
        ),
    )


def unaged(persons: int) -> Note:
    return Note(
        "unaged",
        Msg(
            "nothing says how old {n} persons are: under 14 at most in the upper figures; the fact"
            " processes_minors: no says that nobody is",
            n=persons,
        ),
    )


def unread_births(cells: int) -> Note:
    return Note(
        "unread_births",
        Msg("{n:,} dates of birth are in a form that is not read: these persons may be under 14", n=cells),
    )


def doubtful_lines(persons: int) -> Note:
    return Note(
        "doubtful_lines",
        Msg.plural(
            "{n:,} line was counted that may be no row but a total, a signature or a note: low is without it",
            "up to {n:,} persons stand in lines that may be no rows but totals, signatures or notes: low is"
            " without them",
            n=persons,
        ),
    )


def links_line(one: ColumnId, other: ColumnId) -> str:
    """Return the line of chujing.yaml that says of two columns that they hold accounts of one system.

    >>> links_line(ColumnId("crm/orders/member_id"), ColumnId("crm/member/id"))
    'links: [{"from": "crm/orders/member_id", "to": "crm/member/id"}]'
    """
    return f"links: [{json.dumps({'from': one, 'to': other}, ensure_ascii=False)}]"


def equal_accounts(one: ColumnId, other: ColumnId) -> Note:
    return Note(
        "equal_accounts",
        Msg(
            "{one} and {other} mostly hold the same values: best counts their people apart; where they are"
            " accounts of one system, settle it in chujing.yaml by the line {line}",
            one=one, other=other, line=links_line(one, other),
        ),
    )


def coarse(most: int) -> Note:
    return Note(
        "coarse",
        Msg(
            "more than {most} combinations of filled fields: "
            "what dropping ordinary fields changes needs a new scan",
            most=most,
        ),
    )


def not_read(what: Text) -> Note:
    return Note("not_read", Msg("not read: {said}", said=what))


def declared(by: str, on: date, evidence: str) -> Note:
    return Note("declared", Msg("declared by {by} on {on}: {evidence}", by=by, on=on, evidence=evidence))


def declared_over_sensitive(columns: tuple[ColumnId, ...]) -> Note:
    """No sensitive person is declared, and columns that leave were found sensitive."""
    return Note(
        "declared_over_sensitive",
        Msg(
            "declared without a sensitive person, while {columns} hold sensitive items: state how many"
            " persons have one, or correct the finding (chujing review)",
            columns=columns,
        ),
    )


def declared_below_rows(stated: FlowCount, row_count: FlowCount) -> Note:
    """Fewer persons are declared than the rows of the columns that leave surely hold."""
    return Note(
        "declared_below_rows",
        Msg(
            "declared: {n} persons, {m} of them with sensitive items; the rows of its columns hold at least"
            " {rows_n} and {rows_m}: correct the number, or say which rows leave (where)",
            n=stated.individuals.best, m=stated.sensitive.best, rows_n=row_count.individuals.low,
            rows_m=row_count.sensitive.low,
        ),
    )


def tested_rows(excluded: int, rows: int) -> Note:
    return Note(
        "test_rows",
        Msg(
            "{excluded:,} of {rows:,} rows are test accounts (test_rows) and were left out",
            excluded=excluded,
            rows=rows,
        ),
    )


def queried(persons: Estimate, lines: int) -> Note:
    return Note(
        "queried",
        Msg(
            "really queried by the access log: {persons} persons ({lines:,} lines); above, who could be",
            persons=persons_text(persons),
            lines=lines,
        ),
    )


def step_failed(step: str, what: Text) -> Note:
    return Note(
        "step_failed", Msg("the step {step} in the database could not be done: {said}", step=step, said=what)
    )


def unsettled(lines: tuple[str, ...], step: str, rows: int) -> Note:
    """lines: the legal lines inside the interval. step, rows: what would be done next, and what it reads."""
    return Note(
        "unsettled",
        Msg(
            "the lines {lines} lie inside the interval; the next step, {step}, reads about {rows:,} rows",
            lines=lines,
            step=step,
            rows=rows,
        ),
    )


def too_old(table: str, column: str, before: date, old_of_rows: tuple[int, int], days: int) -> Note:
    """Rows of a table that are older than the retention its flow states, in days."""
    old, rows = old_of_rows
    return Note(
        "too_old",
        Msg(
            "{table}: {old:,} of {rows:,} rows are older than the stated {days} days "
            "(column {column}, before {before})",
            table=table,
            column=column,
            before=before,
            old=old,
            rows=rows,
            days=days,
        ),
    )


def too_old_once_started(
    table: str, column: str, before: date, old_of_rows: tuple[int, int], days: int
) -> Note:
    """Rows that would leave with a planned flow and are older than the retention it states, in days."""
    old, rows = old_of_rows
    return Note(
        "too_old",
        Msg(
            "{table}: {old:,} of {rows:,} rows that would leave once it starts are older than the stated "
            "{days} days (column {column}, before {before})",
            table=table, column=column, before=before, old=old, rows=rows, days=days,
        ),
    )


# the ledger

LEDGER_NOT_ACTIVE = Note("ledger_not_active", Msg("not recorded: the flow's status is not active"))
LEDGER_NOT_READ = Note("ledger_not_read", Msg("not recorded: its data could not be read whole"))


def persons_recorded(persons: Estimate) -> int | str:
    """Return persons as the ledger names them: a number, or the best figure with its interval.

    >>> persons_recorded(Estimate.exactly(300)), persons_recorded(Estimate(100, 100, 200, "linked"))
    (300, '100 (100–200)')
    """
    return persons.best if persons.low == persons.high else persons_text(persons)


def persons_text(persons: Estimate) -> str:
    """Return persons as a note names them.

    >>> persons_text(Estimate.exactly(1200)), persons_text(Estimate(9, 9, None, "linked"))
    ('1,200', '9 (9–…)')
    """
    if persons.low == persons.high:
        return f"{persons.best:,}"
    top = "…" if persons.high is None else f"{persons.high:,}"
    return f"{persons.best:,} ({persons.low:,}–{top})"


def ledger_recorded(period: str, persons: int | str, number: int) -> Note:
    return Note(
        "ledger_recorded",
        Msg(
            "recorded in the ledger: {persons} persons for {period} (entry {number})",
            period=period,
            persons=persons,
            number=number,
        ),
    )


def ledger_without_possible(period: str, persons: int | str, number: int, fields: int) -> Note:
    """Recorded without what possible fields alone would add: settle them and record the period again."""
    return Note(
        "ledger_without_possible",
        Msg(
            "recorded in the ledger: {persons} persons for {period} (entry {number}), "
            "without {fields} possible fields: after a review of them, record it again",
            period=period,
            persons=persons,
            number=number,
            fields=fields,
        ),
    )


# what a field holds


def empty(rows: int) -> Note:
    return Note("empty", Msg("empty in all {rows:,} rows drawn: sent for nothing", rows=rows))


def constant(filled: int, rows: int) -> Note:
    return Note(
        "constant",
        Msg(
            "one value in all {filled:,} filled cells of {rows:,} rows: sent for nothing",
            filled=filled,
            rows=rows,
        ),
    )


def decimals(places: int, metres: int) -> Note:
    return Note(
        "decimals",
        Msg("coordinates with {places} decimals, about {metres:,} m", places=places, metres=metres),
    )


# decisions

NOTIFIED_ON_MISSING = Note(
    "notified_on_missing",
    Msg("when the important data was notified is not said (notified_on): the two months cannot be counted"),
)
COUNTING_PREVIOUS_YEAR = Note(
    "counting_previous_year",
    Msg("then counted from 1 January of the year before; only this year's persons are known here"),
)
PLAN_OPEN = Note("plan_open", Msg("some flows are open: every possibility is listed"))
OVERLAP_OPEN = Note(
    "count",
    Msg(
        "how many persons several flows share is not known: chujing scan links them; of declared ones,"
        " chujing facts set persons_together=N sensitive_together=M --by NAME --how WORDS"
    ),
)
PLAN_BOTH = Note(
    "plan_both", Msg("whether contract or assessment hangs on open facts; numbers may not be split")
)
OWN_CONTRACT = Note(
    "own_contract",
    Msg(
        "the processor is seated abroad: exporter and recipient are one, so there is no contract with oneself"
        "; certification is applied for with the help of its body or representative in China (PIPL 53)"
    ),
)


def reading(words: str, words_en: str) -> Note:
    """A reading of an open question, in the words of the rule set."""
    return Note("reading", Word(words_en, words, words_en))


def chosen_reading(question: Word, chosen: Word, fact: str, origin: tuple[str, str]) -> Note:
    """A reading that somebody chose. fact: that says so. origin: who chose it, and when."""
    by, on = origin
    if by:
        message = Msg(
            '{question}: read as "{chosen}", chosen by {by}, {on}',
            question=question, chosen=chosen, by=by, on=on or "-",
        )
    else:
        message = Msg(
            '{question}: read as "{chosen}"; who chose is not stated: '
            "chujing facts set {fact}=strict|practice --by NAME", question=question, chosen=chosen, fact=fact,
        )
    return Note("chosen_reading", message)


def group_filing(origin: tuple[str, str]) -> Note:
    """The group files together. origin: who chose that, and when."""
    by, on = origin
    if by:
        message = Msg("the group files together: chosen by {by}, {on}", by=by, on=on or "-")
        return Note("group_filing", message)
    return Note(
        "group_filing",
        Msg(
            "the group files together; who chose is not stated: "
            "chujing facts set combined_filing=yes --by NAME"
        ),
    )


def group_line(persons: Estimate, line: int) -> Note:
    return Note(
        "group_line",
        Msg(
            "the group has {persons} persons and reaches the line of {line:,}, each entity stays below it: "
            "whether a combined filing adds them is not settled; numbers may not be split",
            persons=persons_text(persons),
            line=line,
        ),
    )


def open_field(column: str, flow: str) -> Note:
    """A field that stands before a filing: its necessity is not shown."""
    return Note(
        "field",
        Msg(
            "the necessity of {column} is to be shown or settled:"
            " chujing fields justify {flow} {column} --why REASON --by NAME",
            column=column, flow=flow,
        ),
    )


def open_question(question: Question, answers: Sequence[str]) -> Note:
    """A fact or reading that stands before a filing, of a flow or of the entity."""
    ask, fact, flow, choices = question.ask, question.fact, question.scope, "|".join(answers) or "ANSWER"
    if flow:
        message = Msg(
            "{ask} (chujing facts set {fact}={answers} --flow {flow} --by NAME)",
            ask=ask, fact=fact, flow=flow, answers=choices,
        )
    else:
        message = Msg(
            "{ask} (chujing facts set {fact}={answers} --by NAME)", ask=ask, fact=fact, answers=choices
        )
    return Note("question", message)


def possible_field(column: str) -> Note:
    """A column that stands before a filing: it is neither found to be personal nor surely nothing."""
    return Note(
        "possible",
        Msg(
            "whether {column} is personal information is to be settled: chujing review accept {column}"
            " --by NAME, or chujing review reject {column} --by NAME --why REASON", column=column,
        ),
    )


def export_unknown(flow: str) -> Note:
    """A flow of which the ledger does not have every month: what left since 1 January is not known."""
    return Note(
        "left",
        Msg(
            "what left with {flow} since 1 January is not known: chujing ledger record {flow}"
            " --period YEAR-MONTH, or all at once chujing ledger declare {flow} --period"
            " YEAR-MONTH..YEAR-MONTH --individuals N --sensitive M --by NAME --evidence WORDS", flow=flow,
        ),
    )


NOTHING_LISTED = Note(
    "empty", Msg("nothing is listed that leaves: name its fields, or state its persons (declared)")
)
ITEMS_MISSING = Note(
    "empty",
    Msg("its persons are stated and no data item is: name its fields, and scan the tables they are in"),
)
RECIPIENT_MISSING = Note("recipient", Msg("who receives is not named: fill in the recipient"))
COUNTRY_MISSING = Note(
    "recipient", Msg("in which country it is received is not stated: fill in the recipient's country")
)


def recipient_open(name: str, others: Sequence[str], flow: str) -> Note:
    """Return that a recipient may be another's, whose name differs in its legal form alone."""
    return Note(
        "recipient",
        Msg(
            'are "{name}" and {others} one recipient? one contract for each: write one spelling, or chujing'
            " facts set recipient_same_as=NAME|none --flow {flow} --by NAME --how WORDS",
            name=name, others=tuple(others), flow=flow,
        ),
    )


AGES_UNKNOWN = Note(
    "question",
    Msg(
        "whether persons under 14 are among them is not known, and no column says: all of theirs is sensitive"
        " (chujing facts set processes_minors=yes|no --by NAME)"
    ),
)
ADULTS_ASSUMED = Note(
    "adults_assumed",
    Msg(
        "of those whose age no column tells, nobody is counted as under 14, as the company says"
        " (processes_minors: no)"
    ),
)
AGES_UNCOUNTED = Note(
    "question",
    Msg(
        "how many persons under 14 are among them is not known, and no column says: list a column of birth"
        " dates among its fields, or state their number (declared: minors)"
    ),
)
MAINLAND_RECIPIENT = Note(
    "mainland", Msg("its recipient is in mainland China: does it leave at all? State who receives abroad")
)
PERSONAL_UNKNOWN = Note(
    "possible",
    Msg("whether its columns hold personal information is not known: review them (chujing review)"),
)
COUNT_OPEN = Note(
    "count",
    Msg("its persons have no upper end: chujing scan --exact"),
)
COUNT_ACROSS = Note(
    "count",
    Msg("its persons, or those of the year, lie on both sides of a line: chujing scan --exact"),
)
COUNT_REVIEWED = Note(
    "count",
    Msg("its persons lie on both sides of a line since a review changed what counts: chujing scan"),
)


def minors_contradicted(persons: int) -> Note:
    """Children were found where somebody says that there are none."""
    return Note(
        "question",
        Msg(
            '"processes_minors" is no and {n} persons under 14 were found: correct the answer, or the ages',
            n=persons,
        ),
    )


def persons_unstated(flow: str) -> Note:
    """A flow of which not all persons that matter are stated."""
    return Note(
        "count",
        Msg(
            'the persons of "{flow}" are open where it matters: state how many, and how many of them with a '
            "sensitive item (0 for none)", flow=flow,
        ),
    )


WHY_OPEN = {  # code of a note on a count without an upper end -> what settles it
    "not_read": Note(
        "count",
        Msg("rows of it could not be read: mend what is named as not read, then chujing scan"),
    ),
    "metadata_only": Note(
        "count",
        Msg("no row of it was read: chujing scan --values, or state its persons (declared)"),
    ),
    "untraced": Note(
        "count",
        Msg("nothing of it leads to a column: name its fields, or state its persons (declared)"),
    ),
    "conditions_unknown": Note(
        "count", Msg("its conditions cannot be applied: state its persons (declared)")
    ),
}


def not_begun(since: date) -> Note:
    """A flow that is said to be active and begins later."""
    return Note(
        "dates",
        Msg("it is called active and begins on {since}: status: planned, or mend the date", since=since),
    )


def is_over(until: date) -> Note:
    """A flow that is said to be active and ended."""
    return Note(
        "dates",
        Msg("it is called active and ended on {until}: status: stopped, or mend the date", until=until),
    )


def has_begun(since: date) -> Note:
    """A flow that is said to be planned and began before."""
    return Note(
        "dates",
        Msg("it is called planned and began on {since}: status: active, or mend the date", since=since),
    )


def not_over(until: date) -> Note:
    """A flow that is said to have stopped and ends later."""
    return Note(
        "dates",
        Msg("it is called stopped and ends on {until}: status: active, or mend the date", until=until),
    )


def exported_outside(periods: tuple[str, ...]) -> Note:
    """A flow with entries of the ledger of months in which it did not run."""
    return Note(
        "dates",
        Msg(
            "the ledger has persons who left with it in {periods}, when it did not run: mend its dates"
            " (since, until)", periods=periods,
        ),
    )


LIST_UNNAMED = Note(
    "question",
    Msg(
        "the list that the zone's exemption rests on is not named, or its entries are not here: chujing zones"
        " import, then chujing facts set ftz_list=LIST.yaml --by NAME"
    ),
)
ENTRY_DENIED = Note(
    "entry_denied",
    Msg(
        "an entry of the list holds so many persons of the scenario, and entry_matched is no: entry_matched:"
        " yes, or correct zone_scenario or the list"
    ),
)
NO_BASIS = Note(
    "no_basis",
    Msg("it is active, and no filing that is valid on the day covers it: stop, or file (chujing baseline)"),
)


BASIS_LATER = "basis_later"


TOTAL_MISFIT = "total_misfit"                 # code of what follows


def total_misfit(name: str, persons: int, bounds: Estimate) -> Note:
    """Return that a stated total does not fit what the flows hold: it is not taken."""
    high = Msg("{n:,}", n=bounds.high) if bounds.high is not None else Msg("any number")
    return Note(
        TOTAL_MISFIT,
        Msg(
            '"{name}" is {n:,}, and the flows and the ledger hold {low:,} to {high}: correct it with chujing'
            " facts set, or the persons of a flow", name=name, n=persons, low=bounds.low, high=high,
        ),
    )


CLAIM_REFUSED = "claim_refused"               # code of what follows


def claim_refused(claim: Word, why: Text) -> Note:
    """Return that an exemption which is claimed does not hold, and why."""
    return Note(CLAIM_REFUSED, Msg("claimed and not met: {claim}; {why}", claim=claim, why=why))


def basis_later(since: date, on: date) -> Note:
    """A flow that began before the first filing that covers it took effect."""
    return Note(
        BASIS_LATER,
        Msg(
            "it began on {since}, and what covers it took effect on {on}: list an earlier filing, mend the"
            " dates, or clear what left before with counsel", since=since, on=on,
        ),
    )


def unresolved_part(part: Text) -> Note:
    """A part of a view or query that stands before a filing: it leads to no column."""
    return Note("unresolved", Msg("{part} leads to no column: name the fields it gives", part=part))


def list_not_of_the_day(why: Text, flow: str) -> Note:
    """An answer says that a list is in force, and its dates say that it is not on the day."""
    message = Msg(
        "list_in_force is yes, and {why}: name the list of the day (ftz_list), or chujing facts set"
        " list_in_force=no --flow {flow} --by NAME", why=why, flow=flow,
    )
    return Note("list_day", message)
