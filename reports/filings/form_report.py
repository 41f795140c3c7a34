"""Reports on a form: self-assessment, impact assessments, part by part as the form has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reports.filings.blocks import TO_FILL_IN, Cover, PaperBlock, PaperLine, PaperText, Style, to_write
from reports.filings.fills import FILLS
from reports.filings.forms import FilingForm, load_form
from reports.filings.pack import Pack

STYLES: tuple[Style, ...] = ("part", "section", "item", "text")        # of heads, by depth
CODE = re.compile(r"[a-z0-9][a-z0-9_.-]*")    # a name that is a code, not a company's


def report_by_form(name: str, pack: Pack) -> PaperText:
    """Return a report by the name of its form, filled in from a scan."""
    form = load_form(name)
    cover = Cover(form.title, form.subtitle, party_line(form.party, pack), form.notes)
    return PaperText(form.title, tuple(_blocks(form, pack)), cover)


def party_line(party: str, pack: Pack) -> str:
    """Return the line that names who files. party: what the form calls it."""
    if pack.is_combined:
        return f"{party}：{TO_FILL_IN}集团公司全称（盖章）"
    name = "、".join(pack.entities)
    mark = f"{TO_FILL_IN}改为营业执照所载全称" if CODE.fullmatch(name) else ""
    return f"{party}：{name}（盖章）{mark}"


def _blocks(form: FilingForm, pack: Pack) -> Iterator[PaperBlock]:
    for part in form.walk():
        if part.head:
            yield PaperLine(part.head, STYLES[part.depth])
        if part.lead:
            yield PaperLine(part.lead)
        for slot in part.fill:
            yield from FILLS[slot](pack, form)
        yield from map(to_write, part.write)
