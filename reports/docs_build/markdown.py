"""The few forms of Markdown that the generated pages use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GENERATED_NOTE = "This page is generated. Do not edit it: `make docs` writes it anew."


def page(title: str, *blocks: str) -> str:
    """Return a page: its title, a note that it is generated, and its blocks, a blank line between any two."""
    return "\n\n".join((f"# {title}", GENERATED_NOTE, *(block for block in blocks if block))) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table.

    >>> print(table(("name", "what"), [("a|b", "two\\nlines")]))
    | name | what |
    | --- | --- |
    | a\\|b | two lines |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell(value) for value in line)} |" for line in lines)


def cell(value: object) -> str:
    """Return what stands in a cell of a table: one line, its bars escaped."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """Return text in the typeface of programs; "" for no text.

    >>> code("mobile"), code("a`b"), code("")
    ('`mobile`', '`` a`b ``', '')
    """
    text = str(value)
    if not text:
        return ""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def block(text: str, language: str = "text") -> str:
    """Return lines that are shown as they stand."""
    lines = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
    return f"```{language}\n{lines}\n```"


def first_line(docstring: str) -> str:
    """Return the first line of a docstring without its full stop."""
    return docstring.strip().split("\n", 1)[0].removesuffix(".")
