"""What a file holds, whatever it is called: a table that a reader here knows, records that another way must
scan, or no records at all.

Its first bytes speak before its name. Only what cannot hold records is set aside; what could and is not read
counts as unread, with the line that scans it.
"""

from __future__ import annotations

import csv as delimited
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from detectors.errors import SourceError
from detectors.message import Msg, Text
from scanner.connectors.cell_kinds import cell_kind
from scanner.connectors.files.compression import decompress
from scanner.connectors.files.encodings import encoding_of
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.files.text_dialect import lines_of
from scanner.connectors.urls import DUCKDB, SQLITE

HEAD = 64 << 10                               # bytes by which a file is judged
SEARCHED = 64 << 20                           # bytes that are searched for what makes them data, at most
LINES = 200                                   # lines by which text is judged
_CELLS_APART = ("\x01", "\x02", "\x1f", "\t", "|", ";", "¦", "§")   # hardly found in running text
_TAR = 257                                    # where a tar archive says what it is
_CONTROL = re.compile(r"[\x00\x04-\x08\x0b\x0e-\x1a\x1c-\x1e\x7f\ufffd]")
_HTML_TABLE = re.compile(rb"<table[\s>]", re.I)

Format = str                                  # a suffix by which a reader is known, or a name of UNREAD
Sort = Literal["document", "picture", "media", "program", "settings", "temporary", "empty", "hidden", "link"]

SIGNATURES: Sequence[tuple[int, bytes, Format]] = (      # where, which bytes, of what
    (0, b"PAR1", "parquet"), (0, b"ORC", "orc"), (0, b"ARROW1", "arrow"), (0, b"Obj\x01", "avro"),
    (0, b"PK\x03\x04", "zip"), (0, b"PK\x05\x06", "zip"), (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"\x1f\x8b", "gz"), (0, b"BZh", "bz2"), (0, b"\xfd7zXZ\x00", "xz"), (0, b"\x28\xb5\x2f\xfd", "zst"),
    (0, SQLITE, "sqlite"), (8, DUCKDB, "duckdb"),
    (4, b"Standard Jet DB", "access"), (4, b"Standard ACE DB", "access"),
    (0, b"Rar!\x1a\x07", "rar"), (0, b"7z\xbc\xaf\x27\x1c", "7z"), (_TAR, b"ustar", "tar"),
    (0, b"$FL2", "spss"), (0, b"$FL3", "spss"), (0, b"<stata_dta>", "stata"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"RDX3\n", "r"), (0, b"RDX2\n", "r"), (0, b"\x93NUMPY", "numpy"), (0, b"PGDMP", "pg_dump"),
    (0, b"TAPE\x00\x00", "backup"), (0, b"!BDN", "mail"), (0, b"MATLAB 5.0", "matlab"),
    (0, b"%PDF-", "pdf"), (0, b"{\\rtf", "rtf"), (0, b"\x89PNG\r\n", "png"), (0, b"\xff\xd8\xff", "jpg"),
    (0, b"GIF8", "gif"), (0, b"II*\x00", "tif"), (0, b"MM\x00*", "tif"), (0, b"\x7fELF", "so"),
    (0, b"\xca\xfe\xba\xbe", "class"), (0, b"ID3", "mp3"), (4, b"ftyp", "mp4"),
    (0, b"\x00\x05\x16\x07", "swp"),
)
PACKINGS = ("gz", "bz2", "xz", "zst")
UNREAD: Mapping[Format, tuple[Text, Text]] = {           # (what it is, what scans it)
    "sqlite": (Msg("a SQLite database"), Msg("put it into a folder of this machine, and scan it there")),
    "duckdb": (Msg("a DuckDB database"), Msg("put it into a folder of this machine, and scan it there")),
    "access": (Msg("an Access database"), Msg("export its tables as CSV or XLSX, and scan those")),
    "dbf": (Msg("a dBase table"), Msg("save it as CSV or XLSX, and scan that")),
    "rar": (Msg("a RAR archive"), Msg("unpack it, and scan the folder")),
    "7z": (Msg("a 7-Zip archive"), Msg("unpack it, and scan the folder")),
    "spss": (Msg("an SPSS file"), Msg("export it as CSV or Parquet, and scan that")),
    "stata": (Msg("a Stata file"), Msg("export it as CSV or Parquet, and scan that")),
    "sas": (Msg("a SAS file"), Msg("export it as CSV or Parquet, and scan that")),
    "r": (Msg("a file of R"), Msg("export it as CSV or Parquet, and scan that")),
    "hdf5": (Msg("an HDF5 file"), Msg("export it as CSV or Parquet, and scan that")),
    "numpy": (Msg("arrays of numpy"), Msg("export it as CSV or Parquet, and scan that")),
    "matlab": (Msg("a file of MATLAB"), Msg("export it as CSV or Parquet, and scan that")),
    "pickle": (Msg("a pickle of Python"), Msg("export it as CSV or Parquet, and scan that")),
    "pg_dump": (Msg("a dump of PostgreSQL"), Msg("restore it into a database, and scan that")),
    "sql": (Msg("SQL statements"), Msg("run them in an empty database, and scan that, if they hold rows")),
    "backup": (Msg("a backup of a database"), Msg("restore it into a database, and scan that")),
    "contacts": (Msg("contact cards"), Msg("export it as CSV, and scan that")),
    "mail": (Msg("a mailbox"), Msg("export it as CSV, and scan that")),
    "xml": (Msg("XML"), Msg("export the records in it as CSV or JSON, and scan that")),
    "people": (Msg("text that holds numbers like those of people"),
               Msg("export its records as CSV or JSON, and scan that; if it holds none, exclude it")),
    "html": (Msg("a web page with a table"), Msg("save it as XLSX or CSV, and scan that")),
    "ole": (Msg("an office file of an unknown kind"), Msg("save it as XLSX or CSV if it holds records")),
    "packed": (Msg("compressed, its content is no known table"), Msg("unpack it, and scan the folder")),
    "text": (Msg("text that is no plain table"),
             Msg("if it holds records, name it .txt or .csv; if not, exclude it")),
    "binary": (Msg("no reader knows its content"),
               Msg("export its records as CSV or Parquet, if it holds any; if not, exclude it")),
}
_UNSURE = tuple(UNREAD[name][0] for name in ("ole", "packed", "text", "binary", "xml"))
ENGINES = ("sqlite", "duckdb")                           # whose databases are files
_BY_SUFFIX: Mapping[str, Format] = {                     # what has no signature of its own
    "dbf": "dbf", "sas7bdat": "sas", "xpt": "sas", "dta": "stata", "rda": "r", "rds": "r", "rdata": "r",
    "pkl": "pickle", "pickle": "pickle", "sql": "sql", "ddl": "sql", "mbox": "mail",
    "pst": "mail", "ost": "mail",
    "bak": "binary", "dmp": "backup", "mdb": "access", "accdb": "access", "h5": "hdf5", "hdf5": "hdf5",
    "ibd": "binary", "myd": "binary", "mdf": "binary", "vcf": "contacts", "xml": "xml",
}
_OF_ANYTHING = frozenset({"binary", "backup"})           # whose suffixes copies of any file have as well
_NO_RECORDS: Mapping[Sort, str] = {                      # suffixes of files that hold no records
    "document": "pdf doc docx docm dot dotx ppt pptx pptm pps ppsx odt odp rtf wps dps epub mobi chm md "
                "markdown rst tex pages key one vsd vsdx xmind mpp msg eml url lnk webloc",
    "picture": "png jpg jpeg jpe gif bmp tif tiff webp svg ico heic heif psd ai eps cr2 nef dng dwg dxf avif",
    "media": "mp3 wav flac ogg oga m4a aac wma amr mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp ts srt ass",
    "program": "py pyc pyo pyd pyi ipynb js mjs cjs jsx tsx css scss less java class jar war kt scala go rs "
               "c h cc cpp hpp cs vb php rb pl pm sh bash zsh bat cmd ps1 exe dll so dylib a o lib obj apk "
               "ipa deb rpm msi dmg iso whl egg lua r swift vue wasm ttf otf woff woff2 eot map jks",
    "settings": "yaml yml toml ini cfg conf config properties env editorconfig lock pem crt cer p12 pfx pub "
                "asc sig sha1 sha256 md5 sfv crc",
    "temporary": "swp swo lck ldb laccdb pid",
}
_SORT_OF: Mapping[str, Sort] = {
    suffix: sort for sort, words in _NO_RECORDS.items() for suffix in words.split()
}
_BY_NAME: Mapping[str, Sort] = {
    **dict.fromkeys(("readme", "license", "licence", "notice", "changelog", "authors"), "document"),
    **dict.fromkeys(("makefile", "dockerfile", "jenkinsfile", "vagrantfile", "procfile"), "program"),
    **dict.fromkeys(("thumbs.db", "desktop.ini", "icon\r"), "temporary"),
}
_OF_TEXT: frozenset[Sort] = frozenset({"settings", "program", "picture", "document"})
SEVERAL_PEOPLE = 10                           # numbers of people that make text of any name a table of them
_OF_PEOPLE = re.compile(r"(?<![\w.])1[3-9]\d{9}(?![\w.])|(?<!\w)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\w)")
_LOCK = re.compile(r"~\$.*|\.~lock\..*#|.*\.(db|sqlite3?)-(wal|shm|journal)")
_ROWS_IN_SQL = re.compile(rb"\b(INSERT\s+INTO|REPLACE\s+INTO|COPY\s+\S+\s.*FROM\s+STDIN|LOAD\s+DATA)\b", re.I)
SORTS: Mapping[Sort, Text] = {
    "document": Msg("documents"), "picture": Msg("pictures"), "media": Msg("sound and film"),
    "program": Msg("programs"), "settings": Msg("settings and keys"), "temporary": Msg("temporary files"),
    "empty": Msg("empty files"), "hidden": Msg("hidden files"), "link": Msg("links to files of the folder"),
}


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file holds.

    reader: the suffix by which its reader is known, empty for none. packing: how it is compressed, where its
    name does not say so. no_records: why it is set aside. what, hint: what it is, and what scans it, where it
    could hold records and no reader here takes it.
    """

    reader: str = ""
    packing: str = ""
    no_records: Sort | None = None
    what: Text = ""
    hint: Text = ""

    @property
    def scanned_by(self) -> Text:
        """What scans it, where it surely is something of its own, e.g. a database or a web page."""
        return "" if not self.what or self.what in _UNSURE else self.hint


def signature_of(head: bytes) -> Format:
    """Return what the first bytes of a file say it is; empty for text and what is not known.

    >>> signature_of(b"PAR1..."), signature_of(b"id,name")
    ('parquet', '')
    """
    return next((name for at, sign, name in SIGNATURES if head.startswith(sign, at)), "")


def content_of(file: SourceFile, is_named: bool = False) -> FileContent:
    """Return what a file holds. is_named: whether its name claims a table, so that only its bytes count.

    Raise SourceError where it cannot be opened.
    """
    by_name = None if is_named else sort_of_name(file.name)
    if by_name is not None and file.is_remote:
        return FileContent(no_records=by_name)    # a picture far away is not worth a request
    head = _start(file, HEAD)
    signature = signature_of(head)
    if signature in PACKINGS:
        return _unpacked(file, signature)
    if not head:
        return FileContent(no_records="empty")
    if signature in UNREAD and signature != "ole":
        return _unread(file, signature)
    if by_name is not None:
        hides_records = not signature and by_name in _OF_TEXT and _may_hold_people(head)
        return _unread(file, "people") if hides_records else FileContent(no_records=by_name)
    if signature:
        return _of_signature(file, signature)
    if not is_named and (by_suffix := _BY_SUFFIX.get(file.suffix)):
        if by_suffix in _OF_ANYTHING and is_text(head) and (reader := _reader_of_text(head)):
            return FileContent(reader)        # a copy of a file of text
        has_no_rows = by_suffix == "sql" and not _ROWS_IN_SQL.search(_start(file, SEARCHED))
        return FileContent(no_records="program") if has_no_rows else _unread(file, by_suffix)
    return _of_text(file, head)


def _may_hold_people(head: bytes) -> bool:
    """Return whether text holds the mobiles, resident numbers or addresses of several people.

    >>> _may_hold_people(b"tel: 13712340001\\n" * 9), _may_hold_people(b"port: 8080\\n" * 9)
    (False, False)
    """
    if not is_text(head):
        return False
    return len(set(_OF_PEOPLE.findall(head.decode(encoding_of(head), "replace")))) >= SEVERAL_PEOPLE


def is_lock(name: str) -> bool:
    """Return whether a file of this name says that somebody has another one open, whatever its suffix."""
    return _LOCK.fullmatch(name.lower()) is not None


def sort_of_name(name: str) -> Sort | None:
    """Return why a file of this name holds no records; None where it may hold some.

    >>> sort_of_name("合同.PDF"), sort_of_name("~$会员.xlsx"), sort_of_name("000000_0")
    ('document', 'temporary', None)
    """
    lower = name.lower()
    if is_lock(name):
        return "temporary"
    stem, dot, suffix = lower.rpartition(".")
    return _BY_NAME.get(lower) or _SORT_OF.get(suffix if dot and stem else "")


def is_text(head: bytes) -> bool:
    """Return whether bytes are text of a known encoding."""
    text = head.decode(encoding_of(head), "replace")
    return len(_CONTROL.findall(text)) <= 0.005 * len(text)


def is_table(text: str) -> bool:
    """Return whether text is unmistakably rows of cells.

    >>> is_table("1\\x01林一\\x01上海\\n"), is_table("Dear all,\\nthank you, and bye.\\n")
    (True, False)
    """
    from scanner.connectors.files.dialect import find_dialect

    lines = [part for part in lines_of(text)[:LINES] if part.strip()]
    if not lines:
        return False
    dialect = find_dialect("".join(lines))
    try:
        rows = [row for row in dialect.reader(map(dialect.prepare, lines)) if row]
    except delimited.Error:
        return False
    width, n = Counter(map(len, rows)).most_common(1)[0]
    share = n / len(rows)
    if width > 1 and dialect.delimiter[0] in _CELLS_APART:
        return share >= 0.9 and (len(rows) > 1 or dialect.delimiter in _CELLS_APART[:4])
    if width > 1:
        has_blanks = any(cell.startswith(" ") for row in rows for cell in row)
        is_prose = dialect.collapses or width == 2 or has_blanks
        return share >= 0.95 and len(rows) >= (5 if is_prose else 2)
    kinds = Counter(cell_kind(row[0].strip()) for row in rows if row)
    kind, alike = kinds.most_common(1)[0]
    return bool(kind) and len(rows) > 2 and alike >= 0.95 * len(rows)


def _start(file: SourceFile, size: int) -> bytes:
    """Return the first bytes of a file, as they are."""
    with file.open() as stream:
        return stream.read(size)


def _unpacked(file: SourceFile, packing: str) -> FileContent:
    """Return what a compressed file holds."""
    inner_name = file.name.rpartition(".")[0]
    if sort := sort_of_name(inner_name):
        return FileContent(no_records=sort)
    by_suffix = _BY_SUFFIX.get(file.suffix) or _BY_SUFFIX.get(inner_name.rpartition(".")[2].lower())
    if by_suffix and by_suffix not in _OF_ANYTHING:
        return _unread(file, by_suffix)
    try:
        with decompress(file.open(), packing, file.where) as stream:
            inner = stream.read(HEAD)
    except (OSError, EOFError, ValueError, SourceError):
        return _unread(file, "packed")
    signature = signature_of(inner)
    if not inner:
        return FileContent(no_records="empty")
    if sort := _SORT_OF.get(signature):
        return FileContent(no_records=sort)
    if not signature and is_text(inner) and (reader := _reader_of_text(inner)):
        return FileContent(reader, packing)
    return FileContent("tar", packing) if signature == "tar" else _unread(file, by_suffix or "packed")


def _of_signature(file: SourceFile, signature: Format) -> FileContent:
    if signature == "zip":
        return _of_zip(file)
    if signature == "ole":
        content = _start(file, SEARCHED)
        if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
            return FileContent("xls")
        is_document = any(n.encode("utf-16-le") in content for n in ("WordDocument", "PowerPoint Document"))
        return FileContent(no_records="document") if is_document else _unread(file, "ole")
    sort = _SORT_OF.get(signature)
    return FileContent(no_records=sort) if sort else FileContent(signature)


def _of_zip(file: SourceFile) -> FileContent:
    """Return what a zip is: a workbook, a document, a program, or an archive."""
    try:
        with file.open() as raw, zipfile.ZipFile(raw) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return FileContent("zip")                 # its reader says what is wrong with it
    if any(name.startswith("xl/workbook") for name in names):
        return FileContent("xlsb" if "xl/workbook.bin" in names else "xlsx")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return FileContent(no_records="document")
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        return FileContent(no_records="program")
    if "content.xml" in names and "mimetype" in names:
        return FileContent("ods")
    return FileContent("zip")


def _of_text(file: SourceFile, head: bytes) -> FileContent:
    if not is_text(head):
        return _unread(file, "binary")
    if reader := _reader_of_text(head):
        return FileContent(reader)
    start = head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<?xml", "<!doctype", "<html", "<")):
        if _HTML_TABLE.search(head):
            return _unread(file, "html")
        is_page = "<html" in start or "<!doctype html" in start
        return FileContent(no_records="document") if is_page else _unread(file, "xml")
    return _unread(file, "text") if start else FileContent(no_records="empty")


def _reader_of_text(head: bytes) -> str:
    """Return the reader of text that is unmistakably a table; empty where it is none."""
    from scanner.connectors.files.jsonl import is_json

    if is_json(head):
        return "jsonl"
    text = head.decode(encoding_of(head), "replace").removeprefix("\ufeff")
    if text.lstrip().startswith(("{", "[", "<")):
        return ""
    if len(head) == HEAD and (end := max(text.rfind("\n"), text.rfind("\r"))) > 0:
        text = text[: end + 1]
    return "csv" if is_table(text) else ""


def _unread(file: SourceFile, name: Format) -> FileContent:
    what, hint = UNREAD[name]
    if name in ENGINES and file.is_here:
        hint = Msg("scan it as a source of its own: {line}", line=f"chujing scan {name}:///{file.where}")
    return FileContent(what=what, hint=hint)
