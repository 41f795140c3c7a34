"""What people wrote in a paper: texts that are not its own, and places that hold no answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mappings.names import bare_name, keeps_place
from reports.cells import shown_lines
from reports.filings.blocks import HEADS, TO_FILL_IN, PaperText
from scanner.deliver.paper_reading import ReadPaper, TableRows

TEXTS_IN_MEMORY = 8_192                       # lines and cells of papers, most of which stand in several
# of every paper with a cover or a place to sign
_COMMON = ("年    月    日", "说明：")


@dataclass(frozen=True, slots=True)
class Written:
    """A text of people. own: what the paper says before it. head: bare text of the head it stands under."""

    text: str
    own: str = ""
    head: str = ""

    @property
    def is_placeholder(self) -> bool:
        """Does it only keep the place: no letter and no digit, or a word such as 待定?

        >>> [Written(text).is_placeholder for text in ("待定", "联系人：待 定", "____", "不适用")]
        [True, True, True, False]
        """
        return keeps_place(self.text)


@dataclass(frozen=True, slots=True)
class PaperPlace:
    """A text with a place to write. own: what stands before it. prompt: what the place asks for."""

    own: str
    prompt: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class PaperPlaces:
    """The texts of a paper that are its own, bare; and its places to write, with the longest texts first."""

    own: frozenset[str]
    places: tuple[PaperPlace, ...]
    heads: frozenset[str] = frozenset()

    @classmethod
    def of(cls, paper: PaperText) -> PaperPlaces:
        """Return the places of a paper."""
        texts: list[tuple[str, str]] = [(text, "") for text in _COMMON]
        cover, head, heads = paper.cover, "", set()
        if cover is not None:
            texts += [(text, "") for text in (cover.title, cover.subtitle, cover.party, *cover.notes)]
        for line in paper.lines:
            if line.style in HEADS:
                head = bare(line.text)
                heads.add(head)
            texts.append((line.text, head))
        cells = [(cell, "") for grid in paper.grids for row in (grid.heads, *grid.rows) for cell in row]
        return cls.of_texts([*texts, *cells], heads)

    @classmethod
    def of_texts(cls, texts: Iterable[tuple[str, str]], heads: Iterable[str] = ()) -> PaperPlaces:
        """Return the places of lines and cells. texts: (text, bare head)."""
        own, places = set(), {}
        for text, head in texts:
            before, mark, prompt = text.partition(TO_FILL_IN)
            if mark:
                places[text, head] = PaperPlace(before, prompt.replace(TO_FILL_IN, ""), head)
            else:
                own.add(bare(text))
        longest_first = sorted(places.values(), key=lambda place: -len(place.own))
        return cls(frozenset(own), tuple(longest_first), frozenset(heads))

    def written(self, paper: ReadPaper) -> Iterator[Written]:
        """Yield what people wrote in a paper, in its order; places that are marked still are left out."""
        head = ""
        for block in paper.blocks:
            if not isinstance(block, str):
                yield from self.in_rows(block, head)
                continue
            if bare(block) in self.heads:
                head = bare(block)
            yield from self._in_text(block, head)

    def in_rows(self, rows: TableRows | Sequence[Sequence[str]], head: str = "") -> Iterator[Written]:
        """Yield what people wrote in the cells of a table."""
        for row in rows:
            for cell in row:
                yield from self._in_text(cell, head)

    @property
    def _with_words(self) -> Iterator[PaperPlace]:
        """The places that follow words of the paper's own."""
        return (place for place in self.places if place.own)

    def _in_text(self, text: str, head: str) -> Iterator[Written]:
        if not text.strip() or TO_FILL_IN in text or (bare(text) and bare(text) in self.own):
            return
        place = next((p for p in self._with_words if bare(text).startswith(bare(p.own))), PaperPlace("", ""))
        rest = _rest_after(place.own, text)
        if not rest.strip():                  # another answer that happens to read as the paper's own
            place, rest = PaperPlace("", ""), text
        prompts = {p.prompt for p in self.places if p.prompt and rest.endswith(p.prompt)}
        yield Written(rest.removesuffix(max(prompts, key=len, default="")), place.own, head)


@lru_cache(TEXTS_IN_MEMORY)
def bare(text: str) -> str:
    """Return a text as it is compared, with what a document cannot hold made visible as there."""
    return bare_name(shown_lines(text))


def _rest_after(own: str, text: str) -> str:
    """Return what follows the paper's own words in a text that begins with them."""
    own_words = bare(own)
    ends = (i for i in range(len(text) + 1) if bare(text[:i]) == own_words)
    return text[len(own):] if text.startswith(own) else text[next(ends, len(text)):]
