"""The records in JSON text, however they are laid out.

One object a line, objects over several lines, one array or several, an array a line, a list in an object
beside its page number, an object whose keys are values: each gives records (objects) or rows (arrays).
A faulty record costs itself: reading goes on in the next line, and the account says where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Any, Protocol

from scanner.connectors.account import Account, line
from scanner.connectors.files.json_values import decode_value
from scanner.connectors.files.json_wrappers import (
    JsonRow,
    Record,
    are_keys_assumed,
    rows_of_document,
    within_text,
)
from scanner.connectors.files.nested import KEY, MAP_KEYS, VALUE, is_map

CHUNK = 1 << 20                               # characters read at once
LONGEST = 256 << 20                           # characters of one document that are held, at most
_BLANK = re.compile(r"[\s,\ufeff\x1e]*")
_NEXT_ELEMENT = re.compile(r"\}\s*,\s*(?=\{)")
_OBJECT = re.compile(r"[\[{]")
_LOOK = 100                                   # characters behind a single value that are looked at
_UNFINISHED = 12                              # characters of the longest token that is no text


class Faulty(Exception):
    """Text at this place is no JSON."""


class TextSource(Protocol):
    """What gives text, from its start: about so many characters, none at the end."""

    def read(self, size: int) -> str: ...


class JsonReader:
    """JSON text, read from its start. characters: read so far."""

    def __init__(self, text: TextSource, account: Account) -> None:
        self.characters = 0
        self.faults = 0
        self._text, self._account = text, account
        self._buffer, self._at, self._line = "", 0, 1
        self._decoder = json.JSONDecoder()
        self._careful = json.JSONDecoder(object_pairs_hook=self._unite)

    def records(self, *, is_whole: bool = True) -> Iterator[Record | JsonRow]:
        """Yield objects and rows. is_whole: of a file, whose only document may be a wrapper."""
        waiting: Any = None                   # the first document, while it may be the only one
        n = 0
        while sign := self._peek():
            if waiting is not None:
                yield waiting
                waiting = None
            start = self._at
            try:
                if sign == "[":
                    row = yield from self._array()
                    waiting = row or None
                elif sign == "{" and not n and is_whole and self._is_long():
                    yield from self._parts()
                else:
                    value = self._value()
                    if sign != "{" and not self._is_at_end_of_line():
                        raise Faulty
                    value = within_text(value)
                    if isinstance(value, list):
                        yield from value
                        n += 1
                        continue
                    waiting = value if isinstance(value, dict) else [value]
            except Faulty:
                self._skip_line(start)
            n += 1
            if waiting is not None and (n > 1 or not is_whole):
                yield waiting
                waiting = None
        if isinstance(waiting, list):
            yield from ([value] for value in waiting)
        elif waiting is not None:
            if are_keys_assumed(waiting):
                self._account.lose("keys_assumed", len(waiting))
            yield from rows_of_document(waiting)

    def _array(self) -> Generator[Any, None, JsonRow]:
        """Yield the objects and rows in an array; return its other values."""
        self._at += 1
        others: JsonRow = []
        while (sign := self._peek()) != "]":
            if not sign:
                self._note_fault()
                return others
            try:
                value = self._value()
            except Faulty:
                self._skip_element()
                continue
            if isinstance(value, dict | list):
                yield value
            else:
                others.append(value)
        self._at += 1
        return others

    def _is_at_end_of_line(self) -> bool:
        """Return whether nothing but white space stands between here and the end of the line."""
        rest = self._buffer[self._at: self._at + _LOOK].split("\n", 1)[0]
        return not rest.strip(" \t\r,")

    def _parts(self) -> Iterator[Any]:
        """Yield what is in a long object, entry by entry."""
        self._at += 1
        rest: Record = {}
        has_many = False
        while (sign := self._peek()) != "}":
            key = self._value() if sign == '"' else None
            if not isinstance(key, str) or self._peek() != ":":
                raise Faulty
            self._at += 1
            if self._peek() == "[":
                array = self._array()
                rest[key] = yield from _under(key, array)
                continue
            rest[key] = self._value()
            if is_map((key,)) or len(rest) > MAP_KEYS or has_many:
                has_many = has_many or len(rest) > MAP_KEYS
                yield from ({KEY: k, VALUE: rest[k]} for k in (list(rest) if has_many else [key]))
                rest = {} if has_many else {k: v for k, v in rest.items() if k != key}
        self._at += 1
        yield from rows_of_document({k: v for k, v in rest.items() if v not in (None, [])})

    def _peek(self) -> str:
        """Return the next character that is neither white space nor a comma; empty at the end."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._refill():
                return ""

    def _is_long(self) -> bool:
        """Return whether the document here goes on beyond a chunk."""
        if len(self._buffer) - self._at < CHUNK:
            self._refill()
        try:
            self._decoder.raw_decode(self._buffer, self._at)
        except json.JSONDecodeError as e:
            return self._may_go_on(e) and len(self._buffer) - self._at >= CHUNK
        except (ValueError, RecursionError):
            pass
        return False

    def _refill(self) -> bool:
        self._line += self._buffer.count("\n", 0, self._at)
        rest = self._buffer[self._at:]
        if len(rest) > LONGEST:
            return False
        block = self._text.read(max(CHUNK, len(rest)))
        self.characters += len(block)
        self._buffer, self._at = rest + block, 0
        return bool(block)

    def _may_go_on(self, e: json.JSONDecodeError) -> bool:
        return e.msg.startswith("Unterminated") or e.pos >= len(self._buffer) - _UNFINISHED

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as e:
                if self._may_go_on(e) and self._refill():
                    continue
                if e.msg.startswith("Invalid control"):
                    return self._odd_value()
                raise Faulty from None
            except (ValueError, RecursionError):
                return self._odd_value()      # too long a number, too many levels
            if end == len(self._buffer) and self._buffer[end - 1] not in '}]"' and self._refill():
                continue                      # a number may go on
            if isinstance(value, dict) and self._colons(end) > len(value):
                value = self._with_all_keys(value, end)
            self._at = end
            return value

    def _odd_value(self) -> Any:
        """Return a value that is JSON but for its length, its depth or control characters in its texts."""
        while True:
            try:
                value, end = decode_value(self._buffer, self._at, self._unite)
            except json.JSONDecodeError as e:
                if self._may_go_on(e) and self._refill():
                    continue
                raise Faulty from None
            zeros = self._buffer.count("\x00", self._at, end)
            self._account.lose("zero_bytes", zeros, line(self._line_at(self._at)))
            self._at = end
            return value

    def _with_all_keys(self, value: Record, end: int) -> Record:
        """Return an object with the values of keys that stand in it twice."""
        if self._colons(end) <= _number_of_keys(value):
            return value
        united: Record = self._careful.raw_decode(self._buffer, self._at)[0]
        return united

    def _colons(self, end: int) -> int:
        """Return how many keys there may be from here on; one in a text counts, too."""
        return self._buffer.count('":', self._at, end) + self._buffer.count('" :', self._at, end)

    def _unite(self, pairs: list[tuple[str, Any]]) -> Record:
        """Return an object; the values of a key that stands in it twice become a list."""
        united: Record = {}
        for key, value in pairs:
            if key in united:
                self._account.lose("json_keys_twice", 1, line(self._line_at(self._at)))
                earlier = united[key]
                value = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
            united[key] = value
        return united

    def _line_at(self, place: int) -> int:
        return self._line + self._buffer.count("\n", 0, place)

    def _note_fault(self) -> None:
        self.faults += 1
        self._account.lose("json_faults", 1, line(self._line_at(self._at)))

    def _skip_line(self, start: int) -> None:
        """Go on after the line in which a faulty document begins."""
        self._at = min(start, self._at) if start <= len(self._buffer) else self._at
        self._note_fault()
        if self._buffer[self._at: self._at + 1] not in ("{", "["):       # an object may follow in the line
            line_end = self._buffer.find("\n", self._at)
            match = _OBJECT.search(self._buffer, self._at, line_end if line_end >= 0 else len(self._buffer))
            if match is not None:
                self._at = match.start()
                return
        while (end := self._buffer.find("\n", self._at)) < 0:
            self._at = len(self._buffer)
            if not self._refill():
                return
        self._at = end + 1

    def _skip_element(self) -> None:
        """Go on at the next object of the line, else in the next line."""
        line_end = self._buffer.find("\n", self._at)
        match = _NEXT_ELEMENT.search(self._buffer, self._at, line_end if line_end >= 0 else len(self._buffer))
        if match is None:
            self._skip_line(self._at)
            return
        self._note_fault()
        self._at = match.end()


def _under(key: str, array: Generator[Any, None, JsonRow]) -> Generator[Any, None, JsonRow]:
    """Yield the objects of an array under a key, its rows as they are; return its other values."""
    while True:
        try:
            value = next(array)
        except StopIteration as end:
            others: JsonRow = end.value
            return others
        yield {key: value} if isinstance(value, dict) else value


def _number_of_keys(value: Any) -> int:
    """Return how many keys there are in an object, at all its levels."""
    n, pending = 0, [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            n += len(value)
            value = value.values()
        pending += [v for v in value if isinstance(v, dict | list)]
    return n
