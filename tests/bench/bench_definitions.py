"""Are the verdicts on DDL those on the same names and comments as a dictionary? Needs a folder of schemas.

    python tests/bench/bench_definitions.py CORPUS [SYSTEMS]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import scanner


def ddl(schema: dict) -> str:
    """Return a schema as MySQL or PostgreSQL would dump it."""
    is_mysql = schema.get("dialect") != "postgres"
    mark = "`" if is_mysql else '"'
    lines, later = [], []
    for table in schema["tables"]:
        name, columns = table["name"].split(".")[-1], []
        for column in table["columns"]:
            said = (column.get("comment") or "").replace("'", "''").replace("\\", "")
            text = f"{mark}{column['name']}{mark} {column.get('type') or 'text'}"
            text += f" COMMENT '{said}'" if said and is_mysql else ""
            if said and not is_mysql:
                place = f"{mark}{name}{mark}.{mark}{column['name']}{mark}"
                later.append(f"COMMENT ON COLUMN {place} IS '{said}';\n")
            columns.append(text)
        keys = [f"{mark}{column['name']}{mark}" for column in table["columns"] if column.get("pk")]
        columns += [f"PRIMARY KEY ({', '.join(keys)})"] if keys else []
        about = (table.get("comment") or "").replace("'", "''").replace("\\", "")
        lines.append(f"CREATE TABLE {mark}{name}{mark} (\n" + ",\n".join(columns) + "\n)")
        lines.append(f" COMMENT='{about}';\n" if about and is_mysql else ";\n")
        if about and not is_mysql:
            later.append(f"COMMENT ON TABLE {mark}{name}{mark} IS '{about}';\n")
    return "".join(lines + later)


def verdicts(url: str) -> dict[str, str]:
    """Return the label of each column by table and name."""
    frame = scanner.scan(url).to_pandas()["findings"]
    rows = frame[frame["primary"] | frame["possible"]]
    return {
        f"{r.table.split('/')[-1]}/{r.name}": f"{r.label} {r.primary}" for r in rows.itertuples(index=False)
    }


def main(corpus: Path, systems: int) -> None:
    """Print columns with a verdict by either way, and those on which the two differ."""
    either = different = 0
    for file in sorted(corpus.glob("*.schema.json"))[:systems]:
        schema = json.loads(file.read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory() as folder:
            sql, dictionary = Path(folder) / "s.sql", Path(folder) / "s.json"
            sql.write_text(ddl(schema), encoding="utf-8")
            plain = [{**t, "name": t["name"].split(".")[-1]} for t in schema["tables"]]
            dictionary.write_text(json.dumps({"tables": plain}), encoding="utf-8")
            one, other = verdicts(str(sql)), verdicts(f"dictionary:{dictionary}")
        either += len(one.keys() | other.keys())
        different += sum(one.get(key) != other.get(key) for key in one.keys() | other.keys())
    print(f"{either} columns with a verdict, {different} different")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000)
