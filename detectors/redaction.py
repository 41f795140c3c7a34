"""URLs as people may see them: whatever may be a secret in one is shown as ***.

A URL is hidden place by place: the password (and the user where that is a key or token), every value of the
query that is not known to be harmless, the fragment, URLs inside the URL, and all of this once more behind
percent-encoding. What cannot be told from a password, e.g. a port that is no number, is hidden as well.

Only the standard library is used here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

HIDDEN = "***"
HARMLESS = frozenset({          # parameters that say how, not by which right
    "application_name", "charset", "client_encoding", "database", "connect_timeout", "collation", "dataset",
    "driver", "gssencmode", "local_infile", "location", "mode", "port", "project", "protocol", "read_timeout",
    "region", "role", "schema", "service_name", "sslmode", "ssl_mode", "ssl_verify_cert",
    "target_session_attrs",
    "timeout", "timezone", "uri", "version", "versionid", "warehouse", "x-amz-algorithm", "x-amz-date",
    "x-amz-expires",
})
# schemes of files, where @ may stand in a path and host:port is not user:password
FILES = frozenset({
    "http", "https", "ftp", "ftps", "sftp", "ssh", "webdav", "webdavs", "hdfs", "webhdfs", "smb", "file",
    "s3", "s3a", "s3n", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "tos", "oci", "memory", "dbfs",
})
# of these, schemes whose user alone may be a key or a token
KEYED = frozenset({
    "http", "https", "webdav", "webdavs", "s3", "s3a", "s3n", "gs", "gcs", "oss", "tos", "oci",
})
_START = re.compile(r"(?:^|(?<=://)|(?<=::)|(?<=/))(?:(?:jdbc|spark):(?:\w+:)?)?[A-Za-z][\w+.\-]*://")
# user:password@host without a scheme, jdbc:oracle:thin:user/password@host
_BARE = re.compile(r"((?:[A-Za-z][\w+.\-]*:)+)?(//)?(?=.*@)", re.S)
_DRIVE = re.compile(r"[A-Za-z]:[\\/](?!/)")
_USER_COLON = re.compile(r"[^/?#@:\[\]]*:")
_HOST_PORT = re.compile(r"[^/?#@:\[\]]+:[0-9]{1,5}(?=[/?#]|$)")
_HOST = r"(?:\[[0-9A-Za-z:.%]*\]|[^:\[\]]*)(?::[0-9]{0,5})?"
_AUTHORITY = re.compile(rf"{_HOST}(?:,{_HOST})*")
_PLAIN_VALUE = re.compile(r"[\w.\-]{0,64}")
_PLAIN_NAME = re.compile(r"[\w.\-\[\]$]{1,64}")
_SECRET_WORD = re.compile(r"((?:password|passwd|pwd|secret|token|access_?key)\s*[=:]\s*)[^&;,\s]+", re.I)
_IN_TEXT = re.compile(r"[A-Za-z][\w+.\-]*:(?://)?[^\s\"'<>“”‘’「」]+")
LAYERS = 5                                    # of percent-encoding


@dataclass(frozen=True, slots=True)
class _Parts:
    """One URL behind its scheme.

    user: None where there is no login. has_password: whether a colon follows it. authority: host and port;
    None where it is none and may be a part of a password. pairs: (separator, name, value or None) of query
    and matrix parameters.
    """

    user: str | None
    has_password: bool
    authority: str | None
    path: str
    pairs: tuple[tuple[str, str, str | None], ...]
    fragment: str


def redact(url: str) -> str:
    """Return a URL without its secrets, or a text that is none as it is.

    >>> redact("postgresql://reader:hunter2@db/hr?sslpassword=abc&sslmode=require")
    'postgresql://reader:***@db/hr?sslpassword=***&sslmode=require'
    >>> redact("mysql://u@host:xx/"), redact("https://h/a.csv?sig=abc#token")
    ('mysql://u@host:***', 'https://h/a.csv?sig=***#***')
    """
    text = plain = _redact_layer(url)
    for _ in range(LAYERS):
        decoded = unquote(plain)
        if decoded == plain:
            break
        plain = _redact_layer(decoded)
        if plain != decoded:                  # something was hidden by its encoding
            text = plain
    return text


def redact_text(text: str) -> str:
    """Return a text with every URL in it redacted.

    >>> redact_text('"mysql://u:p@h/db" is read elsewhere')
    '"mysql://u:***@h/db" is read elsewhere'
    """
    if ":" not in text:
        return text
    return _IN_TEXT.sub(lambda m: redact(m[0]) if "//" in m[0] or "@" in m[0] else m[0], text)


def is_well_formed(url: str) -> bool:
    """Return whether each part of a URL can be told from the others; a text without `://` is none.

    A port is a number up to 65535, a host has no blank, and an @ in a user or password is written as %40.

    >>> [is_well_formed(u) for u in ("mysql://u@host:xx/", "mysql://u:p@ss@host/db", "mysql://u:p@host:3306/db")]
    [False, False, True]
    """
    for start, rest, _ in _split(url, starts := _starts(url)):
        scheme = _scheme(start)
        authority = _parse(scheme, rest).authority
        if authority is None or re.search(r"[\s\x00-\x1f]", authority) or _login(scheme, rest).count("@"):
            return False
        if any(int(port) > 65_535 for port in re.findall(r":([0-9]+)(?=,|$)", authority)):
            return False
    return bool(starts)


def _login(scheme: str, rest: str) -> str:
    return rest[: max(0, _login_end(scheme, rest))]


def without_secrets(url: str) -> tuple[str, tuple[str, ...]]:
    """Return a URL that can be kept in a file, and the places that were taken out of it.

    Raise ValueError where a secret stands where none can be taken out.

    >>> without_secrets("postgresql://reader:hunter2@db/hr?sslpassword=abc&sslmode=require")
    ('postgresql://reader@db/hr?sslmode=require', ('password', 'sslpassword'))
    """
    starts = _starts(url)
    if not starts or redact(url) == url:
        if redact(url) != url:
            raise ValueError("no URL")
        return url, ()
    head, parts = url[: starts[-1].end()], _parse(_scheme(starts[-1]), url[starts[-1].end():])
    removed = ["password"] if parts.has_password else []
    removed += [name for _, name, value in parts.pairs if not _is_harmless(name, value)]
    removed += ["#"] if parts.fragment else []
    pairs = [(name, value) for _, name, value in parts.pairs if _is_harmless(name, value)]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    login = f"{parts.user}@" if parts.user else ""
    clean = f"{head}{login}{parts.authority or ''}{parts.path}{'?' if query else ''}{query}"
    if parts.authority is None or redact(clean) != clean:
        raise ValueError("secrets in a place of their own")
    return clean, tuple(removed)


def _redact_layer(url: str) -> str:
    """Return a URL redacted as it is written, without looking behind percent-encoding."""
    if _DRIVE.match(url):
        return url
    starts = _starts(url)
    if not starts:
        bare = _BARE.match(url)
        if bare and (bare[1] or bare[2] and ":" in url.rpartition("@")[0]):
            return f"{bare[1] or ''}{bare[2] or ''}{HIDDEN}@{_hide_words(url.rpartition('@')[2])}"
        return _hide_words(url)
    return url[: starts[0].start()] + "".join(
        f"{start[0]}{_shown(_scheme(start), _parse(_scheme(start), rest))}{chain}"
        for start, rest, chain in _split(url, starts)
    )


def _split(url: str, starts: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], str, str]]:
    """Yield the beginning of each URL in a URL, what stands behind its `://`, and `::` before a next one."""
    ends = [start.start() for start in [*starts[1:], *starts[:1]]]
    ends[-1:] = [len(url)] * bool(starts)
    for start, end in zip(starts, ends, strict=True):
        rest = url[start.end() : end]
        chain = "::" if end < len(url) and rest.endswith("::") else ""
        yield start, rest.removesuffix(chain), chain


def _hide_words(text: str) -> str:
    return _SECRET_WORD.sub(rf"\1{HIDDEN}", text)


def _starts(url: str) -> list[re.Match[str]]:
    """Return where URLs begin: the first, and those inside it; a password of a database holds none."""
    starts = list(_START.finditer(url))
    is_file = bool(starts) and _scheme(starts[0]) in FILES
    return [s for i, s in enumerate(starts) if not i or is_file or url[: s.start()].endswith(("://", "::"))]


def _scheme(start: re.Match[str]) -> str:
    return start[0].removesuffix("://").rpartition(":")[2].rpartition("+")[2].lower()


def _shown(scheme: str, parts: _Parts) -> str:
    login = ""
    if parts.user is not None:
        user = HIDDEN if scheme in KEYED and parts.user else parts.user
        login = f"{user}{':' + HIDDEN if parts.has_password else ''}@"
    if parts.authority is None:
        return f"{login}{parts.path}"
    query = "".join(
        f"{separator}{name}" + ("" if value is None else f"={value if _is_harmless(name, value) else HIDDEN}")
        for separator, name, value in parts.pairs
    )
    return f"{login}{parts.authority}{parts.path}{query}{'#' + HIDDEN if parts.fragment else ''}"


def _is_harmless(name: str, value: str | None) -> bool:
    return value == "" or (
        value is not None and name.lower() in HARMLESS and _PLAIN_VALUE.fullmatch(value) is not None
    )


def _parse(scheme: str, rest: str) -> _Parts:
    """Return the parts of a URL. rest: what stands behind `://`."""
    end = _login_end(scheme, rest)
    login, tail = (rest[:end], rest[end + 1 :]) if end >= 0 else (None, rest)
    user, colon, _ = login.partition(":") if login is not None else (None, "", "")
    authority = re.split(r"[/?#;]", tail, maxsplit=1)[0]
    behind = tail[len(authority) :]
    if not _AUTHORITY.fullmatch(authority):
        host = authority.partition(":")[0] if not authority.startswith("[") else ""
        return _Parts(user, bool(colon), None, f"{host}:{HIDDEN}", (), "")
    behind, _, fragment = behind.partition("#")
    path, pairs = _parameters(behind)
    return _Parts(user, bool(colon), authority, path, pairs, fragment)


def _login_end(scheme: str, rest: str) -> int:
    """Return the index of the @ that ends a login, -1 without one.

    A password may hold any character unencoded: in doubt more belongs to it.
    """
    first = rest.find("@")
    if first < 0:
        return -1
    if not _USER_COLON.match(rest):
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        return authority.rfind("@")
    if scheme in FILES and _HOST_PORT.match(rest):
        return -1
    query = re.compile(r"[?#]").search(rest, first)
    if query is None or "@" in rest[query.start() :] and not _is_query(rest[query.start() + 1 :]):
        return rest.rfind("@")
    return rest.rfind("@", 0, query.start())


def _is_query(text: str) -> bool:
    pairs = re.split("[&;]", text.partition("#")[0])
    return all(_PLAIN_NAME.fullmatch(pair.partition("=")[0]) for pair in pairs)


def _parameters(behind: str) -> tuple[str, tuple[tuple[str, str, str | None], ...]]:
    """Return the path, and (separator, name, value) of the parameters behind it."""
    start = re.search(r"\?|;(?=[^/]*=)", behind)
    if start is None:
        return behind, ()
    words = re.split(r"([?&;])", behind[start.start() :])
    pairs = []
    for separator, word in zip(words[1::2], words[2::2], strict=True):
        name, equals, value = word.partition("=")
        is_pair = bool(equals) and _PLAIN_NAME.fullmatch(name) is not None
        pairs.append((separator, name, value) if is_pair else (separator, HIDDEN if word else "", None))
    return behind[: start.start()], tuple(pairs)
