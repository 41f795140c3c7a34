"""A file, wherever it is: on this machine, behind fsspec (S3, HDFS …) or inside a zip archive. Nothing is ever written there.

A `Place` is what every format reads from. Local files need no fsspec; its messages are never shown, see `told`.
"""

from __future__ import annotations

import bz2
import functools
import glob as globbing
import gzip
import io
import json
import lzma
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from detectors.errors import ChujingError, ConfigError, SourceError
from detectors.message import Msg
from scanner.connectors.urls import packed, redact, suffix

NULL = "__HIVE_DEFAULT_PARTITION__"
BLOCK = 1 << 20                               # bytes fetched at once from far away, read from the start
NEAR = 32 << 10                               # the same, read here and there
INFLATED = 256 << 20                          # bytes after which compressed data may not have grown more than
RATIO = 200                                   # times its size
KEPT = 32 << 20                               # bytes of an archive's member that are held so that a reader may seek in it
_HARMLESS = re.compile(rf"[0-9]{{1,4}}|(19|20)[0-9]{{2}}-?[01][0-9](-?[0-3][0-9])?|{NULL}")
_LOGIN = {"sftp", "ssh", "ftp", "smb", "webdav", "http", "https", "webhdfs", "hdfs"}
_NEEDED = {
    "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs", "adl": "adlfs", "oss": "ossfs", "tos": "tosfs",
    "oci": "ocifs", "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol", "webhdfs": "requests", "webdav": "webdav4",
    "http": "aiohttp", "https": "aiohttp", "s3": "s3fs", "s3a": "s3fs", "s3n": "s3fs",
}
_KNOWN = (  # words of an error that say what happened; the error itself is never shown
    (
        ("libhdfs", "libjvm", "hadoop"),
        Msg("Hadoop's client library cannot be loaded"),
        Msg("set JAVA_HOME, HADOOP_HOME and CLASSPATH, or use webhdfs://"),
    ),
    (
        ("expiredtoken", "expired", "tokenrefreshrequired"),
        Msg("the credentials have expired"),
        Msg("renew the token, or log in to the profile again"),
    ),
    (
        (
            "nocredentials",
            "partialcredentials",
            "unable to locate credentials",
            "no credentials found",
            "defaultcredentials",
            "169.254.169.254",
        ),
        Msg("no credentials"),
        Msg("set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or secrets: in chujing.yaml"),
    ),
    (
        ("profilenotfound", "config profile"),
        Msg("no such profile"),
        Msg("check AWS_PROFILE and the option profile"),
    ),
    (
        (
            "invalidaccesskeyid",
            "signaturedoesnotmatch",
            "access key id",
            "signature we calculated",
            "invalidclienttokenid",
            "invalidtoken",
            "security token",
        ),
        Msg("wrong key, secret or token"),
        Msg("check the environment variables they come from"),
    ),
    (("nosuchbucket", "bucket does not exist"), Msg("no such bucket"), Msg("check the name after s3://")),
    (
        (
            "accessdenied",
            "access denied",
            "forbidden",
            "permissionerror",
            Msg("permission denied"),
            "not authorized",
            "unauthorized",
            "necessary privileges",
        ),
        Msg("permission denied"),
        Msg("grant listing and reading, nothing more, to this account"),
    ),
    (
        (
            "endpointconnection",
            "could not connect",
            "connecttimeout",
            "connection refused",
            "clientconnector",
            "newconnection",
            "name or service",
            "name resolution",
            "failed to resolve",
            "dns error",
            "error sending request",
            "no route",
            "connectionerror",
            "connect error",
        ),
        Msg("host cannot be reached"),
        Msg("check the endpoint, the network and the firewall"),
    ),
    (("timeout", "timed out"), Msg("time limit reached"), Msg("raise timeout: in the configuration")),
    (
        ("filenotfound", Msg("no such file"), "nosuchkey", "object at location"),
        Msg("the file is gone"),
        Msg("was it moved while scanning?"),
    ),
    (("unicodedecode", "unicodeerror"), Msg("cannot be read (wrong encoding)"), Msg("write it as UTF-8")),
    (("memoryerror",), Msg("does not fit into memory"), Msg("write it in smaller row groups")),
)


def told(error: BaseException) -> tuple[str, str]:
    """(what happened, what to do) for an error of a file system or a reader, in our words only."""
    words = ""
    link: BaseException | None = error
    while link is not None and len(words) < 20_000:
        words += f"{type(link).__name__} {'' if isinstance(link, ValueError | LookupError) else str(link)[:2000].replace('_', '')} ".lower()
        link = link.__cause__
    for known, what, hint in _KNOWN:
        if any(w in words for w in known):
            return what, hint
    return Msg("cannot be read ({kind})", kind=type(error).__name__), Msg(
        "is the file complete and what its name says?"
    )


@contextmanager
def telling(where: str) -> Iterator[None]:
    """Errors of readers and file systems as SourceError; ours pass."""
    try:
        yield
    except (ChujingError, GeneratorExit, KeyboardInterrupt):
        raise
    except Exception as e:  # readers raise anything; their text may hold cells or keys
        what, hint = told(e)
        raise SourceError(what, where=where, hint=hint) from None


@dataclass(frozen=True, slots=True)
class Place:
    """A file on this machine, or in `system`, a file system of fsspec.

    path: absolute, with / between its parts. told_size, told_stamp: what the listing said of a file far away.
    fixed: partition values, where something better than the path tells them.
    """

    path: str
    system: Any = field(default=None, repr=False, compare=False)
    told_size: int = 0
    told_stamp: str = ""
    fixed: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(p for p in self.path.split("?", 1)[0].split("/") if p)

    @property
    def name(self) -> str:
        return self.parts[-1] if self.parts else self.path

    @property
    def suffix(self) -> str:
        return suffix(self.name)

    @property
    def where(self) -> str:
        """As people see it: without secrets, and without partition values that are no dates."""
        return shown(self.path if self.system is None else str(self.system.unstrip_protocol(self.path)))

    @property
    def size(self) -> int:
        """Bytes; 0 when it is gone."""
        return int(self.now().split("-", 1)[0]) if self.system is None else self.told_size

    @property
    def stamp(self) -> str:
        """Changes when the file does: etag, or size and time; from the listing where asking anew is a request."""
        return self.now() if self.system is None else self.told_stamp

    def now(self) -> str:
        """The stamp of this moment; `0-0` when the file is gone."""
        if self.system is not None:
            with telling(self.where):
                try:
                    return _stamp(self.system.info(self.path))
                except FileNotFoundError:
                    return "0-0"
        try:
            found = Path(self.path).stat()
        except OSError:
            return "0-0"
        return f"{found.st_size}-{found.st_mtime_ns}"

    @property
    def partition(self) -> dict[str, Any]:
        """`{"dt": "2026-01-01"}` of `dt=2026-01-01/part-0.parquet`; None for Hive's null."""
        if self.fixed is not None:
            return dict(self.fixed)
        pairs = (p.split("=", 1) for p in self.parts[:-1] if "=" in p)
        return {k: None if v == NULL else unquote(v) for k, v in pairs}

    @property
    def far(self) -> bool:
        """Is opening it a request?"""
        return self.system is not None

    @property
    def plain(self) -> bool:
        """Can any byte of it be reached without those before?"""
        return not packed(self.name)

    def open(self) -> IO[bytes]:
        """Its bytes, from the start; the caller closes."""
        with telling(self.where):
            if self.system is not None:
                return self.system.open(self.path, "rb", block_size=BLOCK)
            try:
                return Path(self.path).open("rb")
            except FileNotFoundError:
                raise SourceError(
                    Msg("the file is gone"), where=self.where, hint=Msg("was it moved while scanning?")
                ) from None
            except OSError as e:
                raise SourceError(
                    Msg("cannot be opened ({kind})", kind=type(e).__name__),
                    where=self.where,
                    hint=Msg("check the permissions"),
                ) from None

    def source(self) -> Any:
        """What a reader of pyarrow takes: a path here, elsewhere an open file that fetches little more than is asked."""
        if self.system is None:
            return self.path
        with telling(self.where):
            return self.system.open(self.path, "rb", block_size=NEAR)

    def inflated(self) -> IO[bytes]:
        """Its bytes, decompressed as its name says; SourceError where they grow beyond all reason."""
        raw = self.open()
        kind = packed(self.name)
        if not kind:
            return raw
        if kind == "zst":
            import pyarrow as pa

            inner: Any = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
        else:
            inner = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}[kind](raw, "rb")     # type: ignore[operator]
        return io.BufferedReader(_Bounded(inner, raw, self.where), 1 << 20)


class _Bounded(io.RawIOBase):
    """A decompressed stream that refuses to grow without end."""

    def __init__(self, inner: Any, raw: IO[bytes], where: str) -> None:
        self._inner, self._raw, self._where, self._out = inner, raw, where, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read(len(buffer))
        self._out += len(data)
        if self._out > INFLATED and self._out > RATIO * max(self._raw.tell(), 1):
            raise SourceError(
                Msg("grows to more than {n} times its size", n=RATIO),
                where=self._where,
                hint=Msg("unpack it yourself if you trust it"),
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            self._raw.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Member(Place):
    """A file in a zip archive. `path` is the archive's with the member's name behind it."""

    archive: Place = field(default=Place(""))
    inside: str = ""

    @property
    def where(self) -> str:
        return f"{self.archive.where}/{self.path.removeprefix(self.archive.path).lstrip('/')}"

    @property
    def size(self) -> int:
        return self.told_size

    @property
    def stamp(self) -> str:
        return self.archive.stamp

    def now(self) -> str:
        return self.archive.now()

    @property
    def plain(self) -> bool:
        return False

    def open(self) -> IO[bytes]:
        with telling(self.where):
            whole = zipfile.ZipFile(self.archive.open())
            stream = whole.open(self.inside)
            if self.told_size > KEPT:
                return stream
            with whole, stream:
                return io.BytesIO(stream.read())

    def source(self) -> Any:
        return self.open()


def shown(path: str) -> str:
    """A path or URL as people may see it; a partition value that is no date or small number may be somebody's.

    >>> shown("t/dt=2026-01-02/name=林一/part-0.parquet")
    't/dt=2026-01-02/name=***/part-0.parquet'
    """
    def hidden(m: re.Match[str]) -> str:
        return m[0] if _HARMLESS.fullmatch(m[2]) else f"{m[1]}***"

    return re.sub(r"((?<=/)[^/=?&]+=)([^/]*)(?=/)", hidden, redact(path))


def _stamp(info: Mapping[str, Any]) -> str:
    tag = info.get("ETag") or info.get("etag") or info.get("md5Hash")
    if tag:
        return f"{info.get('size') or 0}-{str(tag).strip(chr(34))}"
    times = ("LastModified", "mtime", "modificationTime", "last_modified", "updated", "created")
    moment = next((info[k] for k in times if info.get(k)), "")
    return f"{info.get('size') or 0}-{moment.timestamp() if isinstance(moment, datetime) else moment}"


def local(url: str) -> tuple[list[Place], str]:
    """(files of a file, folder or glob on this machine sorted by path; the folder, empty where it was none)."""
    path = Path(url).expanduser()
    if any(c in url for c in "*?[") and not path.exists():
        found = [Path(p) for p in globbing.glob(str(path), recursive=True)]  # noqa: PTH207
    elif path.is_dir():
        found = [p for p in path.rglob("*") if p.is_file()]
    else:
        found = [path] if path.exists() else []
    if not found:
        raise SourceError(
            Msg("no such file, folder or match"),
            where=url,
            hint=Msg("check the path; relative paths start where you stand"),
        )
    return sorted((Place(p.as_posix()) for p in found), key=lambda p: p.path), path.as_posix() if path.is_dir() else ""


def remote(url: str, options: Mapping[str, str], timeout: float) -> tuple[list[Place], str]:
    """(files behind a URL of fsspec, sorted by path; the folder, empty where it was none)."""
    shown = redact(url)
    system, path = file_system(url, options, timeout)
    root = ""
    with telling(shown):
        try:
            about = _about(system, path)
            if about is None:
                infos = list(system.glob(path, detail=True).values())
            elif about["type"] == "directory":
                infos, root = list(system.find(path, detail=True).values()), path.rstrip("/")
            else:
                infos = [about]
        except FileNotFoundError as e:
            what, hint = told(e)
            if what == "the file is gone":
                what, hint = Msg("no such file, folder or match"), Msg("check the path")
            raise SourceError(what, where=shown, hint=hint) from None
    files = [Place(i["name"], system, int(i.get("size") or 0), _stamp(i)) for i in infos if i["type"] == "file"]
    if not files:
        raise SourceError(Msg("no such file, folder or match"), where=shown, hint=Msg("check the path"))
    return sorted(files, key=lambda p: p.path), root


def _about(system: Any, path: str) -> Mapping[str, Any] | None:
    """What is at a path; None where it is a pattern. A listing is asked where the answer gives no reason, as S3's to HEAD."""
    try:
        found: Mapping[str, Any] = system.info(path)
    except FileNotFoundError:
        if any(c in path for c in "*?["):
            return None
        raise
    except OSError:
        system.ls(re.split(r"[*?[]", path)[0].rpartition("/")[0] or path)
        raise
    return found


def file_system(url: str, options: Mapping[str, str], timeout: float) -> tuple[Any, str]:
    """(fsspec's file system, path in it) of a URL. ConfigError where fsspec or what it needs is missing."""
    scheme = url.split(":", 1)[0]
    if scheme not in _LOGIN and re.match(r"[^:]+://[^/@]*:[^/@]*@", url):
        raise ConfigError(
            Msg("a key does not belong in a URL"),
            where=redact(url),
            hint=Msg("secrets: {key: {env: NAME}, secret: {env: NAME}}"),
        )
    try:
        from fsspec.core import url_to_fs

        with telling(redact(url)):
            try:
                system, path = url_to_fs(url, **_settings(scheme, options, timeout))
            except ImportError as e:
                raise _missing(scheme, e, url) from None
            except (TypeError, ValueError) as e:
                raise ConfigError(
                    Msg("the options do not suit {scheme}:// ({kind})", scheme=scheme, kind=type(e).__name__),
                    where=redact(url),
                    hint=Msg("see the documentation of fsspec for their names"),
                ) from None
    except ImportError as e:
        raise _missing(scheme, e, url) from None
    session: Any = getattr(system, "session", None)
    if type(session).__module__.startswith("requests"):
        session.request = functools.partial(session.request, timeout=timeout)
    if scheme.startswith("s3"):
        system.retries = 2
    return system, str(path)


def _missing(scheme: str, error: ImportError, url: str) -> ConfigError:
    missing = re.sub(r"\W.*", "", error.name or "")
    needed = "fsspec" if missing == "fsspec" and scheme not in _NEEDED else _NEEDED.get(scheme) or missing or "another package"
    return ConfigError(
        Msg("{what} needs {package}", what=f'{scheme}://', package=needed),
        where=redact(url),
        hint=Msg("pip install {package}", package="'chujing[s3]'")
        if needed in ("s3fs", "fsspec")
        else Msg("pip install {package}", package=needed),
    )


def _settings(scheme: str, options: Mapping[str, str], timeout: float) -> dict[str, Any]:
    """Options as fsspec takes them: texts as booleans, numbers and mappings; time limits; no cache of listings."""
    given: dict[str, Any] = {k: _value(k, v) for k, v in options.items()}
    given |= {"use_listings_cache": False, "skip_instance_cache": True}
    if scheme.startswith("s3"):
        if region := given.pop("region", given.pop("region_name", None)):
            given["client_kwargs"] = {"region_name": region} | given.get("client_kwargs", {})
        given["config_kwargs"] = {
            "connect_timeout": min(timeout, 10), "read_timeout": timeout, "retries": {"max_attempts": 2},
        } | given.get("config_kwargs", {})
    elif scheme.startswith("http"):
        import aiohttp

        given["client_kwargs"] = {"timeout": aiohttp.ClientTimeout(total=None, sock_connect=timeout, sock_read=timeout)}
    elif scheme in ("sftp", "ssh", "ftp"):
        given.setdefault("timeout", timeout)
    return given


def _value(name: str, text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if name == "port" and text.isdigit():
        return int(text)
    if text.startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise ConfigError(
                Msg('option "{name}" is not a JSON object', name=name),
                hint=Msg("e.g. {example}", example='{"region_name": "cn-north-1"}'),
            ) from None
    return text


def shown_below(place: Place, root: str) -> bool:
    """Is no folder between, and not the file, hidden (`.`) or set aside (`_`)?"""
    below = place.path.removeprefix(root).split("/") if place.path.startswith(root) else [place.name]
    return not any(p.startswith((".", "_")) for p in below)


def total(places: Sequence[Place]) -> int:
    """Bytes of several files."""
    return sum(p.size for p in places)
