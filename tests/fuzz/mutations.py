"""Changes of files: of bytes, of lines, of the values in a YAML or JSON document, of the parts of a workbook."""

import io
import json
import random
import sqlite3
import zipfile

import yaml

ODD_TEXTS = (
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"null", b"~", b"[]", b"{}", b"-1", b"1e400", b"0x7f",
    b"2026-02-30", b"9999999999999999999999", b"&a", b"*a", b"!!python/object:os.system x", b"<<: *b", b"- ", b": ",
    b"\t", b"\r", b"\n\n", b"'", b'"', b"|", b">", b"%", b"@", b"`", b"#", b"---\n", b"...\n", b"\xc2\x85",
    b"\xe2\x80\xa8", b"[" * 3_000, b"{a: " * 500, b"x" * 70_000, b"\\ud800", b"{{", b"..", b"/", b"*/*/*", b"NaN",
    b"yes", b"1_000", b"12:30:45",
)
ODD_VALUES = (
    None, True, False, 0, -1, 10**30, 1.5, float("inf"), float("nan"), "", " ", "null", "x" * 5_000, "\ud800", "\0",
    "2026-02-30", "../..", "*", "[", "(", "(a+)+$", "%", "{x}", "\u202e", [], {}, [[]], [None], {"": ""}, {"a": {}},
    [1, "a", None], "unknown", "张三", "-", "9999-12-31", "1e9", "https://", "sqlite://", "@", "!x", "&x", 3.0e38,
)


def mutate_bytes(content, rng):
    """Change some bytes: flip, remove, repeat, move or put odd ones between."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = rng.randrange(len(data) + 1)
        length = rng.choice((1, 1, 2, 4, 16, 200))
        match rng.randrange(6):
            case 0 | 1 if place < len(data):
                data[place] ^= rng.randrange(1, 256)
            case 2:
                del data[place: place + length]
            case 3:
                data[place:place] = data[place: place + length]
            case 4:
                other = rng.randrange(len(data) + 1)
                data[place: place + length] = data[other: other + length]
            case _:
                data[place:place] = rng.choice(ODD_TEXTS)
    return bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.05 else data)


def mutate_lines(content, rng):
    """Remove, repeat, move or indent a line."""
    lines = content.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(4):
        case 0:
            del lines[i]
        case 1:
            lines.insert(j, lines[i])
        case 2:
            lines[i], lines[j] = lines[j], lines[i]
        case _:
            lines[i] = rng.choice((b"  ", b"\t", b"- ")) + lines[i]
    return b"\n".join(lines)


def mutate_document(document, rng):
    """Return a document (dicts, lists, single values) in which one place holds something else."""
    places = list(_places(document))
    if not places:
        return rng.choice(ODD_VALUES)
    parent, key = rng.choice(places)
    match rng.randrange(5):
        case 0:
            del parent[key]
        case 1:
            other, other_key = rng.choice(places)
            parent[key] = other.get(other_key) if isinstance(other, dict) else other[other_key]
        case 2 if isinstance(parent, dict):
            parent[rng.choice(("", "x", 1, "id", "version", "name", "\u202e"))] = parent.pop(key)
        case 3 if isinstance(parent, list):
            parent.append(parent[key])
        case _:
            parent[key] = rng.choice(ODD_VALUES)
    return document


def _places(node):
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


def mutate_yaml(content, rng):
    """Change a YAML file as bytes, as lines or as a document."""
    if rng.random() < 0.5:
        return rng.choice((mutate_bytes, mutate_lines))(content, rng)
    document = mutate_document(yaml.load(content, yaml.CSafeLoader), rng)
    try:
        return yaml.dump(document, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper).encode()
    except (yaml.YAMLError, UnicodeEncodeError, RecursionError):           # a value put into itself, half a pair
        return mutate_bytes(content, rng)


def mutate_json(content, rng):
    """Change a JSON file as bytes or as a document; one of several lines keeps the others."""
    if rng.random() < 0.5:
        return mutate_bytes(content, rng)
    lines = content.split(b"\n") if b"\n{" in content else [content]
    i = rng.randrange(len(lines))
    try:
        lines[i] = json.dumps(mutate_document(json.loads(lines[i] or b"{}"), rng)).encode()
    except (ValueError, RecursionError):
        return mutate_bytes(content, rng)
    return b"\n".join(lines)


def mutate_archive(content, rng):
    """Change a zip file, or the text of one of its parts."""
    if rng.random() < 0.3:
        return mutate_bytes(content, rng)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(parts))
    match rng.randrange(5):
        case 0:
            del parts[name]
        case 1:
            parts[name] = rng.choice(list(parts.values()))
        case _:
            parts[name] = _mutate_markup(parts[name], rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return packed.getvalue()


def _mutate_markup(text, rng):
    """Change a part of XML: a number, an attribute, an element, or any bytes."""
    odd = rng.choice((b"", b"0", b"-1", b"4294967295", b"99999999999999", b"x", b"A1", b"XFD1048576", b"NaN", b"&#0;"))
    marks = [i for i, c in enumerate(text) if c in b'"<>']
    if len(marks) < 2 or rng.random() < 0.3:
        return mutate_bytes(text, rng)
    at = rng.randrange(len(marks) - 1)
    start, end = marks[at] + 1, marks[at + 1]
    match rng.randrange(3):
        case 0:
            return text[:start] + text[end:]
        case 1:
            return text[:start] + odd + text[end:]
        case _:
            return text[:end] + text[start - 1: end] + text[end:]


def mutate_database(content, rng):
    """Change an SQLite file as bytes, or a cell, a row or a table in it."""
    if rng.random() < 0.4:
        return mutate_bytes(content, rng)
    with sqlite3.connect(":memory:") as connection:
        connection.deserialize(content)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = rng.choice(tables)
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        odd = rng.choice(("x", "", "2026-99-99", "null", "[]", "{}", '{"a": 1}', -1, 10**15, 1.5, b"\x00\xff", None))
        statement = rng.choice((
            f'DELETE FROM "{table}"', f'DROP TABLE "{table}"',
            *(f'UPDATE "{table}" SET "{rng.choice(columns)}" = ?' for _ in range(6)),
        ))
        try:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(statement, (odd,) if "?" in statement else ())
            connection.commit()
        except sqlite3.Error:
            return mutate_bytes(content, rng)
        return connection.serialize()


def generator(*seed):
    """Return random numbers that are the same for the same words."""
    return random.Random(repr(seed))
