"""Papers of invented companies as people fill them in, and what the check says of them."""

import io
import re
from functools import cache
from itertools import count

from filed_flows import CONTRACT, DAY, company, flow

from reports.filings.blocks import TO_FILL_IN
from reports.filings.document import save
from reports.filings.papers import PAPERS
from scanner.deliver.paper_check import paper_differences
from scanner.deliver.paper_reading import ReadPaper, read_document
from scanner.deliver.paper_sense import contradictions

PATHS = {"self_assessment": "security_assessment", "pia_exempt": "exempt_art5_4"}


def flows(path=CONTRACT):
    return (
        flow("a", path, persons=1200, retention_days=90, subject_group="employee"),
        flow("b", path, persons=1000, purpose="marketing", retention_days=365, subject_group="employee",
             recipient="Südwind GmbH"),
    )


@cache
def made(kind, path=None):
    return tuple(each_made(kind, path))


def each_made(kind, path):
    """(pack, what it should say, the same as read from its document) of every paper of a kind."""
    for pack in PAPERS[kind].packs(company(*flows(path or PATHS.get(kind, CONTRACT)))).values():
        paper, file = PAPERS[kind].make(pack), io.BytesIO()
        save(paper, file)
        file.seek(0)
        yield pack, paper, read_document(f"{kind}.docx", file)


def filled(found, answer, day=DAY):
    """A paper in which every place is written. answer: of the place's text."""
    def cell(text):
        text = re.sub(r"年\s+月\s+日", f"{day:%Y年%m月%d日}", text)
        before, mark, _ = text.partition(TO_FILL_IN)
        return before + answer(before) if mark else text

    blocks = (b if not isinstance(b, str) and not b else cell(b) if isinstance(b, str)
              else (b[0], *(tuple(map(cell, row)) for row in b[1:])) for b in found.blocks)
    return ReadPaper(found.name, tuple(blocks))


def always(word):
    return lambda before: word


def at_place(n, word):
    """The answer of the n-th place is a word; the others are written."""
    places = count()
    return lambda before: word if next(places) == n else "已核对"


def faults(kind, case, paper, today=DAY):
    pack, expected, _ = case
    return [
        *map(str, paper_differences(expected, paper)),
        *map(str, contradictions(PAPERS[kind], pack, expected, paper, today)),
    ]
