"""A flow as a picture: tables it draws on, kinds of fields, the recipient and the path, joined by bands as wide as the fields are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from detectors.model import ColumnId
from mappings.flow_report import FlowReport
from mappings.model import Assessed
from reports.formats.terminal import label_words, path_words
from reports.messages.words import t
from reports.page.pictures import bilingual, both
from reports.page.safe import cut
from reports.wording.figures import number, persons

BoxRows = list[tuple[str, tuple[str, str], int, str]]  # key, words in both languages, fields, tone
WIDE, BOX, GAP = 980, 34, 10
PLAIN, REJECTED = "|no", "|rejected"  # kinds of fields without a finding: none was made, or a person rejected it
MOST = 9  # tables and kinds of fields drawn one by one; the rest together


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a column of the picture. key: what it stands for; tone: its style."""

    key: str
    zh: str
    en: str
    small: tuple[str, str]
    tone: str
    y: float


def draw(name: str, f: FlowReport, found: dict[ColumnId, Assessed | None], tone: str, rejected: Collection[ColumnId] = ()) -> Markup:
    """The picture and its text alternative. found: what each column of the flow holds; rejected: where a person denied it."""
    by_table = Counter(c.rsplit("/", 1)[0] for c in f.columns)
    kind = {c: REJECTED if c in rejected else _kind(found.get(c)) for c in f.columns}
    kinds = Counter(kind.values())
    tables, fields = [x for x, _ in by_table.most_common(MOST)], [k for k, _ in sorted(kinds.items(), key=_weight)[:MOST]]
    left = [(x, (x, x), by_table[x], "") for x in tables]
    middle = [
        (
            k,
            _field_title(k, found),
            kinds[k],
            "most" if k.endswith("|yes") else "some" if k.endswith("|depends") else "",
        )
        for k in fields
    ]
    if len(by_table) > MOST:
        left.append(("", _more(len(by_table) - MOST), sum(by_table.values()) - sum(by_table[x] for x in tables), ""))
    if len(kinds) > MOST:
        middle.append(("", _more(len(kinds) - MOST), sum(kinds.values()) - sum(kinds[k] for k in fields), ""))
    height = max(len(left), len(middle), 3) * (BOX + GAP) + 34
    a, b = _stack(left, height), _stack(middle, height)
    bands = Counter((_in(c.rsplit("/", 1)[0], tables), _in(kind[c], fields)) for c in f.columns)
    mid = (height - 24) / 2 + 24
    sensitive = {x.key: x.tone for x in b}
    inner = [_head(0, "page.flow.from"), _head(310, "page.flow.fields"), _head(580, "page.flow.to"), _head(780, "path")]
    ya, yb = {x.key: x.y for x in a}, {x.key: x.y for x in b}
    inner += [_band(230, ya[t_] + BOX / 2, 310, yb[k] + BOX / 2, n, sensitive[k]) for (t_, k), n in sorted(bands.items())]
    inner += [_band(520, x.y + BOX / 2, 580, mid, kinds[x.key] if x.key else 1, x.tone) for x in b]
    inner.append(_band(735, mid, 780, mid, 3, tone))
    inner += [_box(x, 0, 230) for x in a] + [_box(x, 310, 210) for x in b]
    inner += [_recipient(f, mid), _path(f, mid, tone)]
    return Markup(
        '<figure class="picture flowpic"><div class="scroll" tabindex="0" role="region" aria-labelledby="{0}"><svg role="img" '
        'aria-labelledby="{0}" viewBox="0 0 {1} {2:.0f}" width="{1}" height="{2:.0f}">{3}</svg></div>'
        '<figcaption id="{0}" class="unseen">{4}</figcaption></figure>'
    ).format(name, WIDE, height, Markup("").join(inner), _caption(f, left, middle))


def _kind(a: Assessed | None) -> str:
    return PLAIN if a is None else f"{a.finding.label}|{a.sensitive}"


def _weight(item: tuple[str, int]) -> tuple[int, int, str]:
    key, n = item
    return ("yes", "depends", "no").index(key.rsplit("|", 1)[1]) if key not in (PLAIN, REJECTED) else 3, -n, key


def _field_title(key: str, found: dict[ColumnId, Assessed | None]) -> tuple[str, str]:
    if key == REJECTED:
        return t("page.flow.rejected", "zh"), t("page.flow.rejected", "en")
    a = next((x for x in found.values() if x is not None and _kind(x) == key), None)
    return (t("page.flow.plain", "zh"), t("page.flow.plain", "en")) if a is None else (label_words(a, "zh"), label_words(a, "en"))


def _more(n: int) -> tuple[str, str]:
    return t("page.more", "zh", n=number(n)), t("page.more", "en", n=number(n))


def _in(key: str, kept: list[str]) -> str:
    return key if key in kept else ""


def _stack(rows: BoxRows, height: float) -> list[Box]:
    start = 24 + (height - 24 - len(rows) * (BOX + GAP) + GAP) / 2
    return [
        Box(
            key,
            zh,
            en,
            (t("page.fields", "zh", n=n), t("page.fields" if n > 1 else "page.fields.1", "en", n=n)),
            tone,
            start + i * (BOX + GAP),
        )
        for i, (key, (zh, en), n, tone) in enumerate(rows)
    ]


def _text(x: float, y: float, zh: str, en: str, kind: str = "", anchor: str = "start") -> Markup:
    more = f' x="{x:.0f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}"'
    return both(zh, en, "text", more)


def _head(x: float, key: str) -> Markup:
    return _text(x, 13, t(key, "zh"), t(key, "en"), "axis")


def _box(b: Box, x: float, wide: float) -> Markup:
    places = int((wide - 74) / 7.4)
    return Markup('<g><title>{}</title><rect x="{}" y="{:.1f}" width="{}" height="{}" rx="6" class="box {}"/>{}{}</g>').format(
        b.zh if b.zh == b.en else f"{b.zh} / {b.en}",
        x,
        b.y,
        wide,
        BOX,
        b.tone,
        _text(x + 10, b.y + 22, cut(b.zh, places), cut(b.en, places), "name"),
        _text(x + wide - 10, b.y + 22, *b.small, "axis", "end"),
    )


def _band(x1: float, y1: float, x2: float, y2: float, n: int, tone: str) -> Markup:
    c = (x1 + x2) / 2
    return Markup(
        '<path d="M{0:.0f} {1:.1f}C{2:.0f} {1:.1f} {2:.0f} {3:.1f} {4:.0f} {3:.1f}" stroke-width="{5}" class="band {6}"/>'
    ).format(x1, y1, c, y2, x2, min(2 + 2 * n, 14), tone)


def _recipient(f: FlowReport, mid: float) -> Markup:
    r = f.flow.recipient
    name = r.name or t("recipient", "zh")

    def by(lang: str) -> str:
        return f"{r.country} · {t('mode.' + f.flow.mode, lang)}".strip(" ·")

    return Markup('<g><title>{} {}</title><rect x="580" y="{:.1f}" width="155" height="64" rx="8" class="box strong"/>{}{}</g>').format(
        name,
        r.country,
        mid - 32,
        _text(592, mid - 5, cut(name, 18), cut(name, 18), "name bold"),
        _text(592, mid + 16, by("zh"), by("en"), "axis"),
    )


def _path(f: FlowReport, mid: float, tone: str) -> Markup:
    """The path in at most three lines, and the persons it rests on."""
    short = "page.short." + f.decision.path

    def people(lang: str) -> str:
        return cut(f"{persons(f.individuals, lang)} {t('people', lang)}", 34)

    return Markup('<g><title>{}</title><rect x="780" y="{:.1f}" width="200" height="64" rx="8" class="box path {}"/>{}{}</g>').format(
        f"{path_words(f.decision, 'zh')} / {path_words(f.decision, 'en')}",
        mid - 32,
        tone,
        _text(792, mid - 5, cut(t(short, "zh"), 24), cut(t(short, "en"), 26), "name bold"),
        _text(792, mid + 16, people("zh"), people("en"), "axis"),
    )


def _caption(f: FlowReport, left: BoxRows, middle: BoxRows) -> Markup:
    def listed(rows: BoxRows) -> Markup:
        return Markup(", ").join(Markup("{} ({})").format(both(zh, en), n) for _, (zh, en), n, _ in rows)

    return Markup("{}: {}. {}: {}. {}: {} {}. {}: {}").format(
        bilingual("page.flow.from"),
        listed(left),
        bilingual("page.flow.fields"),
        listed(middle),
        bilingual("page.flow.to"),
        f.flow.recipient.name,
        f.flow.recipient.country,
        bilingual("path"),
        both(path_words(f.decision, "zh"), path_words(f.decision, "en")),
    )
