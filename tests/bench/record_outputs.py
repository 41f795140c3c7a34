"""What the program says, recorded of two versions and compared: screens, errors, exit status, files.

    record_outputs.py make --python OLD --out FOLDER        a company's folder as an earlier version leaves it
    record_outputs.py record --python PYTHON --folder FOLDER --out DIR [--corpus CORPUS] [--groups a,b]
    record_outputs.py compare DIR1 DIR2 [--show 20]

PYTHON is the interpreter of an environment in which a version is installed. Its commands run in forks of
one process there, with the clock stopped, in one work folder for every version, in English and in Chinese.
The groups and their commands stand in recorded_cases.py and .yaml. Of the blind systems of a corpus only a
hash of each output is kept.

Compared are: exit status; both streams; text files as they are; report.json and the data of HTML pages
without `run` and keys that end in `_message` or `_messages`; cells, remarks, widths and lists of XLSX; text
of DOCX; requests to catalogs. The version number is written <version>, the hashes of reports and workbooks
(which hold that number or the time) in the list of a dossier <hash>. Keys that only the second has are
listed, not counted.

Accepted differences between 0.1.0 and 0.2.0, in ACCEPTED, beside new keys and the version number: the Chinese
dry run of a Parquet folder, which had the way of sampling in English. Inputs with `|` in a name are not among
the cases of exact text.
"""

import argparse
import difflib
import fnmatch
import gc
import hashlib
import html
import importlib
import json
import os
import pkgutil
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

WORK = Path(tempfile.gettempdir()) / "record-outputs"
START = datetime(2026, 11, 30, 1, 0, 0)  # UTC, of the first command of a chain; one minute a command
LANGUAGES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}
PRELOADED = (
    "sqlalchemy.dialects.sqlite",
    "pyarrow.parquet",
    "pyarrow.compute",
    "openpyxl",
    "docx",
    "jinja2",
    "numpy",
    "yaml",
    "typer",
    "sqlglot",
    "httpx",
)
PACKAGES = ("scanner", "detectors", "mappings", "reports")
TEXT = {
    ".json",
    ".jsonl",
    ".html",
    ".yaml",
    ".yml",
    ".csv",
    ".txt",
    ".md",
    ".prom",
    ".ndjson",
    ".svg",
    ".sha256",
    "",
}
UNREAD = {".db", ".key", ".sqlite", ".parquet", ".lock", ".db-wal", ".db-shm"}
ACCEPTED = (                                            # (item, changed line, why)
    (r"\.zh\.json .* scan --dry-run: stdout", r"^[+-]    读取 .*(random rows|随机)", "a part in English"),
)


# ---- the process of a version ----


def freeze(moment):
    """Stop the clock of this process at a moment, UTC, and its dice.

    The types stay what they are, for what C code makes of them.
    """
    clock = moment.replace(tzinfo=UTC)

    def now(cls, tz=None):
        return clock.astimezone(tz) if tz else clock.astimezone().replace(tzinfo=None)

    members = gc.get_referents(datetime.__dict__)[0]
    members["now"] = classmethod(now)
    members["utcnow"] = classmethod(lambda cls: clock.replace(tzinfo=None))
    gc.get_referents(date.__dict__)[0]["today"] = classmethod(lambda cls: clock.astimezone().date())
    import ctypes

    for kind in (datetime, date):
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    time.monotonic = lambda: 1_000.0
    secrets.token_bytes = lambda size=32: bytes(
        range(7, 7 + size)
    )  # the hash key: marks of rows are made under it


def run_command(command):
    """Run one command in this process and end it.

    command: argv, folder, environment, moment, stdout, stderr.
    """
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(command[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(command["folder"])
    os.environ.update(command["environment"])
    freeze(datetime.fromisoformat(command["moment"]))
    sys.argv = ["chujing", *command["argv"]]
    status = 0
    try:
        sys.modules["scanner.cli"].main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else bool(end.code)
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def modules(package):
    """Modules of a package that can be imported without doing anything."""
    every = pkgutil.walk_packages(
        importlib.import_module(package).__path__, f"{package}.", onerror=lambda name: None
    )
    return [m for m in every if "__main__" not in m.name and ".data." not in m.name]


def warm_up():
    """Read the shipped tables once, so that not every fork reads them again."""
    with tempfile.TemporaryDirectory() as folder:
        people = "".join(f"林小梅,1370000{i:04d},u{i}@example.com,上海市南京路{i}号\n" for i in range(40))
        Path(folder, "member.csv").write_text(f"name,mobile,email,address\n{people}", encoding="utf-8")
        Path(folder, "chujing.yaml").write_text(
            "version: 1\nexporter: {id: a, entities: [a], facts: {ciio: no}}\n"
            "sources: {crm: {url: member.csv}}\nflows:\n"
            "  - {id: f, entity: a, recipient: {name: HQ}, purpose: crm, fields: [crm/member/mobile]}\n",
            encoding="utf-8",
        )
        importlib.import_module("scanner").scan(str(Path(folder, "chujing.yaml")))


def serve():
    """Run the commands that come as lines of JSON on stdin, each in a fork; say each exit status."""
    for name in (*PRELOADED, *(m.name for p in PACKAGES for m in modules(p))):
        with suppress(Exception):
            importlib.import_module(name)
    warm_up()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run_command(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


class Version:
    """The process of one version."""

    def __init__(self, python):
        self.home = WORK / "home"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CHUJING", "LC_", "LANG", "PYTHON"))}
        self.environment = kept | {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "COLUMNS": "100",
            "TZ": "Asia/Shanghai",
            "PYTHONHASHSEED": "0",
            "TERM": "dumb",
            "NO_COLOR": "1",
        }
        self.process = subprocess.Popen(
            [python, __file__, "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=tempfile.gettempdir(),
        )
        self.number = ""
        status, out, _ = self.run(["--version"], WORK, "en", START)
        assert status == 0, "the version does not start"
        self.number = out.split()[-1]

    def run(self, argv, folder, lang, moment, **environment):
        """Run a command and return (exit status, stdout, stderr)."""
        streams = {name: str(WORK / name) for name in ("stdout", "stderr")}
        command = {
            "argv": argv,
            "folder": str(folder),
            "moment": moment.isoformat(),
            "environment": {"LC_ALL": LANGUAGES[lang], "LANG": LANGUAGES[lang], **environment},
            **streams,
        }
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        status = int(self.process.stdout.readline())
        return status, *(Path(p).read_text(encoding="utf-8", errors="replace") for p in streams.values())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# ---- what is kept of an output ----


def without_run(value):
    """A report without what every run has anew and without the keys of messages."""
    if isinstance(value, dict):
        return {
            k: without_run(v)
            for k, v in value.items()
            if k != "run" and not k.endswith(("_message", "_messages"))
        }
    return [without_run(v) for v in value] if isinstance(value, list) else value


def lines_of_json(text):
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return json.dumps(without_run(value), ensure_ascii=False, indent=1)


def lines_of_page(text):
    """A page in lines, its data indented."""

    def data(match):
        return f"{match[1]}\n{lines_of_json(html.unescape(match[2]))}\n{match[3]}"

    text = re.sub(r'(<script[^>]*type="application/json"[^>]*>)(.*?)(</script>)', data, text, flags=re.DOTALL)
    return re.sub(r"(>)(<)", r"\1\n\2", text)


def cells(path):
    """Cells, remarks, merged cells and lists of a workbook."""
    from openpyxl import load_workbook

    lines = []
    for sheet in load_workbook(path).worksheets:
        lines.append(f"== {sheet.title} {sheet.sheet_state} {sheet.dimensions} {sheet.freeze_panes}")
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    lines.append(f"{cell.coordinate} {cell.value!r} {cell.number_format}")
                if cell.comment is not None:
                    lines.append(f"{cell.coordinate} remark {cell.comment.text!r}")
        lines += [f"merged {r}" for r in sorted(map(str, sheet.merged_cells.ranges))]
        lines += [f"width {k} {d.width}" for k, d in sorted(sheet.column_dimensions.items())]
        lines += sorted(
            f"list {v.sqref} {v.type} {v.formula1} {v.prompt} {v.error}"
            for v in sheet.data_validations.dataValidation
        )
    return "\n".join(lines)


def paragraphs(path):
    """Text of a paper, one paragraph a line."""
    with zipfile.ZipFile(path) as archive:
        parts = sorted(
            n
            for n in archive.namelist()
            if re.match(r"word/(document|header\d*|footer\d*|comments|footnotes)\.xml", n)
        )
        texts = {n: archive.read(n).decode() for n in parts}
    lines = []
    for name, text in texts.items():
        lines.append(f"== {name}")
        lines += [
            "".join(html.unescape(t) for t in re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", p))
            for p in text.split("</w:p>")
        ]
    return "\n".join(lines)


def kept(path, version):
    """What is compared of a file."""
    if path.suffix == ".xlsx":
        text = cells(path)
    elif path.suffix == ".docx":
        text = paragraphs(path)
    elif path.suffix in TEXT:
        text = path.read_text(encoding="utf-8", errors="replace")
        text = {".json": lines_of_json, ".html": lines_of_page}.get(path.suffix, str)(text)
    else:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return normal(text, version)


def normal(text, version):
    text = re.sub(r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:<port>", text.replace(str(WORK), "<work>"))
    return text.replace(version, "<version>") if version else text


def snapshot(folder):
    """Path -> (size, time of change) of the files of a folder."""
    out = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in UNREAD and not path.name.startswith(".~"):
            state = path.stat()
            out[path] = state.st_size, state.st_mtime_ns
    return out


# ---- record ----


def materials(chain, folder, made):
    """Fill the folder of a chain."""
    if chain.base == "made":
        shutil.copytree(made, folder)
    else:
        folder.mkdir(parents=True)
    for name, content in chain.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        os.utime(path, (START.timestamp(), START.timestamp()))       # marks of rows hold it


def record_chain(version, chain, lang, made):
    """Return name of an item -> text, of every command of a chain."""
    folder, items = WORK / "case", {}
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(version.home, ignore_errors=True)
    version.home.mkdir(parents=True)
    materials(chain, folder, made)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(start()) for name, start in chain.servers.items()}
        addresses = {f"{{{name}}}": url for name, (url, _) in servers.items()}
        for number, words in enumerate(chain.commands):
            argv = [addresses.get(w, w) for w in words]
            before, name = snapshot(folder), f"{number:02} {' '.join(words)}"[:120]
            moment = START + timedelta(minutes=number)
            sent = {s: len(server.requests) for s, (_, server) in servers.items()}
            status, out, err = version.run(argv, folder, lang, moment, **chain.environment)
            items[f"{name}: status"] = str(status)
            items[f"{name}: stdout"] = normal(out, version.number)
            items[f"{name}: stderr"] = normal(err, version.number)
            for path, state in sorted(snapshot(folder).items()):
                if before.get(path) != state:
                    items[f"{name}: {path.relative_to(folder)}"] = kept(path, version.number)
            for s, (_, server) in servers.items():
                if server.requests[sent[s] :]:
                    asked = [
                        json.dumps(r, ensure_ascii=False, sort_keys=True) for r in server.requests[sent[s] :]
                    ]
                    items[f"{name}: requests to {s}"] = normal("\n".join(asked), version.number)
    if chain.blind:
        items = {k: hashlib.sha256(v.encode()).hexdigest() for k, v in items.items()}
    shutil.rmtree(folder, ignore_errors=True)
    return items


def record(options):
    from recorded_cases import groups

    wanted = set(options.groups.split(",")) if options.groups else None
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "home").mkdir(parents=True)
    version = Version(options.python)
    for group, chains in groups(options.corpus).items():
        if wanted and group not in wanted:
            continue
        (options.out / group).mkdir(parents=True, exist_ok=True)
        chains, commands = [c for c in chains if fnmatch.fnmatchcase(c.name, options.chains)], 0
        for chain in chains:
            for lang in chain.languages:
                items = record_chain(version, chain, lang, options.folder)
                commands += len(chain.commands)
                target = options.out / group / f"{chain.name}.{lang}.json"
                target.write_text(json.dumps(items, ensure_ascii=False, indent=1), encoding="utf-8")
        print(f"{group:<10} {len(chains)} chains, {commands} commands", flush=True)
    version.close()


def make(options):
    from recorded_cases import by_hand, made_by

    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "home").mkdir(parents=True)
    version = Version(options.python)
    folder, chain = WORK / "case", made_by()
    materials(chain, folder, None)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(start()) for name, start in chain.servers.items()}
        addresses = {f"{{{name}}}": url for name, (url, _) in servers.items()}
        for number, words in enumerate(chain.commands):
            if words[0] == "=":
                by_hand(folder / words[1])
                continue
            argv = [addresses.get(w, w) for w in words]
            status, out, err = version.run(
                argv, folder, "zh", chain.begin + timedelta(hours=number), **chain.environment
            )
            tail = (err.strip() or out.strip()).splitlines()[-1:]
            print(status, " ".join(words)[:90], "|", *tail)
    version.close()
    shutil.rmtree(options.out, ignore_errors=True)
    shutil.copytree(folder, options.out)


# ---- compare ----


def parsed(text):
    """A JSON value, a list of the lines of JSON, or the text."""
    for read in (json.loads, lambda t: [json.loads(line) for line in t.splitlines()]):
        with suppress(ValueError):
            value = read(text)
            return value if isinstance(value, (dict, list)) else text
    return text


def in_order(value):
    """A JSON value with its lists and keys sorted."""
    if isinstance(value, dict):
        return {k: in_order(v) for k, v in sorted(value.items())}
    return sorted(map(in_order, value), key=json.dumps) if isinstance(value, list) else value


def in_parts(name, text):
    """Yield (name, value) of what an item consists of: a page and its data apart."""
    text = re.sub(r"\bchujing \d+\.\d+\.\d+\b", "chujing <version>", text)  # a report of an earlier version
    if name.endswith(".sha256"):
        text = re.sub(
            r"[0-9a-f]{64}(?=  (report\.json|.*\.(html|xlsx))$)", "<hash>", text, flags=re.MULTILINE
        )
    if ": requests to " in name:              # their order goes by the address and so by its port
        yield name, "\n".join(sorted(json.dumps(in_order(json.loads(x))) for x in text.splitlines()))
        return
    if name.endswith(".html"):
        pattern = re.compile(r"(<script[^>]*application/json[^>]*>)(.*?)</script>", re.DOTALL)
        for number, match in enumerate(pattern.finditer(text)):
            yield f"{name} data {number}", parsed(match[2])
        text = pattern.sub(r"\1</script>", text)
    yield name, parsed(text) if name.endswith((".json", ".jsonl", ".ndjson", "stdout")) else text


def without_new_keys(first, second, path, new):
    """The second value without keys that the first has not; their paths go into `new`."""
    if isinstance(first, dict) and isinstance(second, dict):
        new.update(f"{path}.{k}" for k in second if k not in first)
        return {k: without_new_keys(first[k], v, f"{path}.{k}", new) for k, v in second.items() if k in first}
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [without_new_keys(one, two, f"{path}[]", new) for one, two in zip(first, second, strict=True)]
    return second


def lines(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return text.splitlines()


def changes(one, two, new):
    """Lines that differ between two values of an item; new keys aside."""
    if one is None or two is None:
        return [f"{'+' if one is None else '-'} the whole item"]
    two = without_new_keys(one, two, "", new)
    if one == two:
        return []
    found = difflib.unified_diff(lines(one), lines(two), lineterm="", n=0)
    return [x for x in found if x[0] in "+-" and not x.startswith(("+++", "---"))] or ["+ the ends of lines"]


def accepted(name, changed):
    """Is every changed line one that is accepted?"""
    return all(
        any(re.search(where, name) and re.search(line, c) for where, line, _ in ACCEPTED) for c in changed
    )


def read_items(folder, path):
    file = folder / path
    items = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {part: value for name, text in items.items() for part, value in in_parts(name, text)}


def compare(options):
    """Print what differs; return whether anything does that is not accepted."""
    compared, different, fine, new = Counter(), Counter(), Counter(), Counter()
    for path in sorted(
        {p.relative_to(d) for d in (options.first, options.second) for p in d.rglob("*.json")}
    ):
        first, second = (read_items(folder, path) for folder in (options.first, options.second))
        for name in dict.fromkeys([*first, *second]):
            group = path.parts[0]
            compared[group] += 1
            changed = changes(first.get(name), second.get(name), new)
            if changed:
                good = accepted(f"{path} {name}", changed)
                (fine if good else different)[group] += 1
                if not good:
                    print(f"# {path} | {name}")
                    print("\n".join(x[: options.width] for x in changed[: options.show]))
    print("\nnew keys:", ", ".join(f"{k} {n}" for k, n in sorted(new.items())) or "none")
    print(f"\n{'group':<12}{'compared':>10}{'different':>11}{'accepted':>10}")
    for group in compared:
        print(f"{group:<12}{compared[group]:>10}{different[group]:>11}{fine[group]:>10}")
    print(f"{'all':<12}{sum(compared.values()):>10}{sum(different.values()):>11}{sum(fine.values()):>10}")
    return bool(sum(different.values()))


def main(argv):
    if argv[:1] == ["serve"]:
        return serve()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("make", "record"):
        one = commands.add_parser(name)
        one.add_argument("--python", required=True)
        one.add_argument("--out", type=Path, required=True)
        one.add_argument("--work", type=Path, help="work folder; the same for versions that are compared")
    one.add_argument("--folder", type=Path, required=True)
    one.add_argument("--corpus", type=Path)
    one.add_argument("--groups", default="")
    one.add_argument("--chains", default="*", help="pattern of the names of chains")
    two = commands.add_parser("compare")
    two.add_argument("first", type=Path)
    two.add_argument("second", type=Path)
    two.add_argument("--show", type=int, default=20)
    two.add_argument("--width", type=int, default=400)
    options = parser.parse_args(argv)
    if options.command != "compare" and options.work:
        globals()["WORK"] = options.work
    return {"make": make, "record": record, "compare": compare}[options.command](options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
