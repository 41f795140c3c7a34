"""The question that a flow with possibly personal columns asks, and the act that settles each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mappings.model import Question, law_text
from mappings.open_facts import POSSIBLE_FIELDS

MOST_COLUMNS = 5                              # columns that are named


def possible_question(
    flow: str, columns: Sequence[str], leads: Mapping[str, tuple[str, ...]]
) -> Question:
    """Return whether these columns are personal information, as a question. leads: answer -> paths."""
    some = list(columns[:MOST_COLUMNS])
    more = f" … +{len(columns) - MOST_COLUMNS}" if len(columns) > MOST_COLUMNS else ""
    ask = law_text(
        f"下列可能的字段是否含个人信息：{'、'.join(some)}{more}",
        f"do these possible columns hold personal information: {', '.join(some)}{more}",
    )
    first = some[0] if some else ""
    how = law_text(
        f"逐一复核：chujing review accept {first} --by 姓名，"
        f"或 chujing review reject {first} --by 姓名 --why 理由",
        f"one review settles each: chujing review accept {first} --by NAME, "
        f"or chujing review reject {first} --by NAME --why REASON",
    )
    return Question(POSSIBLE_FIELDS, ask, how, leads, flow)
