"""A flow as a picture: its tables, kinds of fields, the recipient and the path, joined by bands.

A band is as wide as the fields it stands for are many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from detectors.ids import table_of
from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Assessed
from reports.messages.words import in_brackets, t
from reports.page.bilingual import LANGS, WordPair, bilingual, both, words_of
from reports.page.safe import cut_text
from reports.page.svg import tone
from reports.wording.decision import path_words
from reports.wording.figures import number, persons
from reports.wording.table import label_words
from reports.wording.titles import country_words, recipient_words

WIDE, BOX, GAP, HEAD = 980, 34, 10, 24        # pixels: the picture, a box, between boxes, above them
TABLES, FIELDS, RECIPIENT, PATH = 0, 310, 580, 780                 # left edges of the four columns
TABLES_WIDE, FIELDS_WIDE, RECIPIENT_WIDE, PATH_WIDE = 230, 210, 155, 200
MOST_BOXES = 9                                # tables and kinds of fields drawn one by one; the rest together
PLAIN_KIND, REJECTED_KIND = "|no", "|rejected"  # kinds of fields: without a finding; a person rejected it
REST_KEY = ""                                 # key of what is drawn together
SEVERITY = ("yes", "depends", "no")           # of a kind, by what follows its last |


@dataclass(frozen=True, slots=True)
class FlowFindings:
    """What the columns of flows hold."""

    assessed: Mapping[ColumnId, Assessed | None]
    rejected: Collection[ColumnId]            # where a person denied what was detected


@dataclass(frozen=True, slots=True)
class Box:
    """A table or a kind of fields in the picture."""

    key: str
    words: WordPair
    fields: int
    tone: str                                 # style
    y: float = 0


def draw_flow(name: str, flow: FlowReport, findings: FlowFindings) -> Markup:
    """Return the picture and its text alternative. name: id of the caption."""
    kinds = {c: _kind(c, findings) for c in flow.columns}
    tables, fields = _table_boxes(flow), _kind_boxes(kinds, findings)
    height = max(len(tables), len(fields), 3) * (BOX + GAP) + 34
    middle = (height - HEAD) / 2 + HEAD
    tables, fields = _stacked_boxes(tables, height), _stacked_boxes(fields, height)
    path_tone = tone(flow.decision.path)
    parts = [
        _column_head(TABLES, "page.flow.from"),
        _column_head(FIELDS, "page.flow.fields"),
        _column_head(RECIPIENT, "page.flow.to"),
        _column_head(PATH, "path"),
        *_field_bands(flow, kinds, tables, fields),
        *_recipient_bands(kinds, fields, middle),
        _band((RECIPIENT + RECIPIENT_WIDE, middle), (PATH, middle), 3, path_tone),
        *(_box(box, TABLES, TABLES_WIDE) for box in tables),
        *(_box(box, FIELDS, FIELDS_WIDE) for box in fields),
        _recipient_box(flow, middle),
        _path_box(flow, middle, path_tone),
    ]
    return Markup(
        '<figure class="picture flowpic">'
        '<div class="scroll" tabindex="0" role="region" aria-labelledby="{0}">'
        '<svg role="img" aria-labelledby="{0}" '
        'viewBox="0 0 {1} {2:.0f}" width="{1}" height="{2:.0f}">{3}</svg></div>'
        '<figcaption id="{0}" class="unseen">{4}</figcaption></figure>'
    ).format(name, WIDE, height, Markup("").join(parts), _caption(flow, tables, fields))


# ---- boxes


def _kind(column: ColumnId, findings: FlowFindings) -> str:
    """Return what kind of field a column is: label and sensitivity, PLAIN_KIND or REJECTED_KIND."""
    if column in findings.rejected:
        return REJECTED_KIND
    return _kind_of(findings.assessed.get(column))


def _kind_of(assessed: Assessed | None) -> str:
    if assessed is None:
        return PLAIN_KIND
    doubt = "?" if assessed.finding.possible else ""
    return f"{assessed.finding.label}{doubt}|{assessed.sensitive}"


def _table_boxes(flow: FlowReport) -> list[Box]:
    """Return the tables with most fields, and the rest as one box."""
    by_table = Counter(str(table_of(column)) for column in flow.columns)
    boxes = [Box(table, (table, table), n, "") for table, n in by_table.most_common(MOST_BOXES)]
    return [*boxes, *_rest_box(by_table, boxes)]


def _kind_boxes(kinds: Mapping[ColumnId, str], findings: FlowFindings) -> list[Box]:
    """Return the most severe kinds of fields, and the rest as one box."""
    by_kind = Counter(kinds.values())
    shown = sorted(by_kind.items(), key=_kind_weight)[:MOST_BOXES]
    assessed = [findings.assessed.get(column) for column in kinds]
    boxes = [Box(kind, _kind_words(kind, assessed), n, _kind_tone(kind)) for kind, n in shown]
    return [*boxes, *_rest_box(by_kind, boxes)]


def _rest_box(counts: Counter[str], shown: Sequence[Box]) -> Iterator[Box]:
    if len(counts) > MOST_BOXES:
        words = words_of("page.more", n=number(len(counts) - MOST_BOXES))
        yield Box(REST_KEY, words, sum(counts.values()) - sum(box.fields for box in shown), "")


def _kind_weight(kind: tuple[str, int]) -> tuple[int, int, str]:
    """Return what sorts severe kinds first, then those with many fields."""
    key, fields = kind
    severity = len(SEVERITY) if key in (PLAIN_KIND, REJECTED_KIND) else SEVERITY.index(key.rsplit("|", 1)[1])
    return severity, -fields, key


def _kind_tone(kind: str) -> str:
    return "most" if kind.endswith("|yes") else "some" if kind.endswith("|depends") else ""


def _kind_words(kind: str, assessed: Sequence[Assessed | None]) -> WordPair:
    """Return the words of a kind of fields. assessed: what the columns of the flow hold."""
    if kind == REJECTED_KIND:
        return words_of("page.flow.rejected")
    example = next((a for a in assessed if a is not None and _kind_of(a) == kind), None)
    if example is None:
        return words_of("page.flow.plain")
    if example.finding.possible:
        doubts = {lang: in_brackets(t("standing.possible", lang), lang) for lang in LANGS}
        return label_words(example, "zh") + doubts["zh"], label_words(example, "en") + doubts["en"]
    return label_words(example, "zh"), label_words(example, "en")


def _stacked_boxes(boxes: Sequence[Box], height: float) -> list[Box]:
    """Return boxes one below the other, in the middle of the picture."""
    start = HEAD + (height - HEAD - len(boxes) * (BOX + GAP) + GAP) / 2
    return [
        Box(box.key, box.words, box.fields, box.tone, start + i * (BOX + GAP)) for i, box in enumerate(boxes)
    ]


def _box(box: Box, x: float, wide: float) -> Markup:
    zh, en = box.words
    places = int((wide - 74) / 7.4)
    several = "page.fields" if box.fields > 1 else "page.fields.1"
    fields = t("page.fields", "zh", n=box.fields), t(several, "en", n=box.fields)
    return Markup(
        '<g><title>{}</title><rect x="{}" y="{:.1f}" width="{}" height="{}" rx="6" class="box {}"/>{}{}</g>'
    ).format(
        zh if zh == en else f"{zh} / {en}",
        x,
        box.y,
        wide,
        BOX,
        box.tone,
        _text((x + 10, box.y + 22), (cut_text(zh, places), cut_text(en, places)), "name"),
        _text((x + wide - 10, box.y + 22), fields, "axis", "end"),
    )


def _recipient_box(flow: FlowReport, middle: float) -> Markup:
    recipient = flow.flow.recipient
    names = (recipient.name, recipient.name) if recipient.name else words_of("recipient")
    modes = words_of(f"mode.{flow.flow.mode}")
    countries = [country_words(recipient.country, lang) for lang in LANGS]
    where = [f"{country} · {mode}".strip(" ·") for country, mode in zip(countries, modes, strict=True)]
    short = (cut_text(names[0], 18), cut_text(names[1], 18))
    return Markup(
        '<g><title>{} {}</title>'
        '<rect x="580" y="{:.1f}" width="155" height="64" rx="8" class="box strong"/>{}{}</g>'
    ).format(
        recipient.name or " / ".join(names),
        recipient.country,
        middle - 32,
        _text((RECIPIENT + 12, middle - 5), short, "name bold"),
        _text((RECIPIENT + 12, middle + 16), (where[0], where[1]), "axis"),
    )


def _path_box(flow: FlowReport, middle: float, path_tone: str) -> Markup:
    """Return the path in at most three lines, and the persons it rests on."""
    zh, en = words_of(f"page.short.{flow.decision.path}")
    people = [cut_text(f"{persons(flow.individuals, lang)} {t('people', lang)}", 34) for lang in LANGS]
    return Markup(
        '<g><title>{}</title>'
        '<rect x="780" y="{:.1f}" width="200" height="64" rx="8" class="box path {}"/>{}{}</g>'
    ).format(
        f"{path_words(flow.decision, 'zh')} / {path_words(flow.decision, 'en')}",
        middle - 32,
        path_tone,
        _text((PATH + 12, middle - 5), (cut_text(zh, 24), cut_text(en, 26)), "name bold"),
        _text((PATH + 12, middle + 16), (people[0], people[1]), "axis"),
    )


# ---- bands


def _field_bands(
    flow: FlowReport, kinds: Mapping[ColumnId, str], tables: Sequence[Box], fields: Sequence[Box]
) -> Iterator[Markup]:
    """Yield the bands from tables to kinds of fields."""
    table_boxes, field_boxes = {box.key: box for box in tables}, {box.key: box for box in fields}
    counts = Counter(
        (_shown_key(str(table_of(c)), table_boxes), _shown_key(kinds[c], field_boxes)) for c in flow.columns
    )
    for (table, kind), n in sorted(counts.items()):
        start, end = table_boxes[table], field_boxes[kind]
        yield _band((TABLES + TABLES_WIDE, start.y + BOX / 2), (FIELDS, end.y + BOX / 2), n, end.tone)


def _shown_key(key: str, boxes: Mapping[str, Box]) -> str:
    return key if key in boxes else REST_KEY


def _recipient_bands(kinds: Mapping[ColumnId, str], fields: Sequence[Box], middle: float) -> Iterator[Markup]:
    """Yield the bands from kinds of fields to the recipient; the rest has a narrow one."""
    counts = Counter(kinds.values())
    for box in fields:
        start = (FIELDS + FIELDS_WIDE, box.y + BOX / 2)
        yield _band(start, (RECIPIENT, middle), counts[box.key] if box.key else 1, box.tone)


def _band(start: tuple[float, float], end: tuple[float, float], fields: int, style: str) -> Markup:
    (x1, y1), (x2, y2) = start, end
    bend, wide = (x1 + x2) / 2, min(2 + 2 * fields, 14)
    return Markup(
        '<path d="M{0:.0f} {1:.1f}C{2:.0f} {1:.1f} {2:.0f} {3:.1f} {4:.0f} {3:.1f}" '
        'stroke-width="{5}" class="band {6}"/>'
    ).format(x1, y1, bend, y2, x2, wide, style)


# ---- texts


def _text(at: tuple[float, float], words: WordPair, kind: str, anchor: str = "start") -> Markup:
    """Return a text in both languages. at: x and y in pixels. kind: classes of style."""
    attributes = f' x="{at[0]:.0f}" y="{at[1]:.1f}" text-anchor="{anchor}" class="{kind}"'
    return both(*words, "text", attributes)


def _column_head(x: float, key: str) -> Markup:
    return _text((x, 13), words_of(key), "axis")


def _caption(flow: FlowReport, tables: Sequence[Box], fields: Sequence[Box]) -> Markup:
    """Return the picture in words, a list a column of it: what is shown instead where it has no room."""
    def listed(boxes: Sequence[Box]) -> Iterator[Markup]:
        for box in boxes:
            words = Markup("{} ({})").format(both(*box.words), box.fields)
            yield Markup('<dd class="{}">{}</dd>').format(box.tone, words)

    recipient, path = flow.flow.recipient, both(*(path_words(flow.decision, lang) for lang in LANGS))
    to = both(*(recipient_words(recipient, lang) for lang in LANGS))
    columns = (
        ("page.flow.from", listed(tables)),
        ("page.flow.fields", listed(fields)),
        ("page.flow.to", [Markup("<dd>{}</dd>").format(to)]),
        ("path", [Markup('<dd class="{}">{}</dd>').format(tone(flow.decision.path), path)]),
    )
    stages = (
        Markup("<div><dt>{}</dt>{}</div>").format(bilingual(head), Markup(" ").join(items))
        for head, items in columns
    )
    return Markup("<dl>{}</dl>").format(Markup(" ").join(stages))
