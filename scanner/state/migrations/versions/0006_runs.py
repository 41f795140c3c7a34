"""What a run was: its configuration, sources, command, figures, and whether it may be the last scan.

Rows of earlier versions are filled from their reports as far as those tell; of which configuration they
were, nothing tells. A report that cannot be read leaves its row as it is.
"""

import gzip
import json
import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "config": sa.String(255),
    "sources": sa.Text(),
    "command": sa.Text(),
    "settings": sa.Text(),
    "tables": sa.Integer(),
    "findings": sa.Integer(),
    "status": sa.Integer(),
    "is_good": sa.Integer(),
}
RUN = sa.table("run", *(sa.column(name) for name in ("id", "report", *COLUMNS)))


def upgrade() -> None:
    c = op.get_bind()
    present = {column["name"] for column in sa.inspect(c).get_columns("run")}
    for name, kind in COLUMNS.items():
        if name not in present:                   # a server may commit each statement
            op.add_column("run", sa.Column(name, kind, nullable=True))
    for id in c.execute(sa.select(RUN.c.id)).scalars().all():
        body = c.execute(sa.select(RUN.c.report).where(RUN.c.id == id)).scalar_one()
        if values := _figures(body):
            c.execute(sa.update(RUN).where(RUN.c.id == id).values(**values))


def _figures(body: bytes) -> dict[str, Any]:
    """Return what a report tells of its run; nothing where it cannot be read."""
    try:
        report = json.loads(gzip.decompress(body))
        tables = report["tables"]
        read = [table["id"].split("/", 1)[0] for table in tables]
        sources = [[s["id"], s["url"], read.count(s["id"])] for s in report["sources"]]
        findings = sum(any(f["primary"] for f in c["findings"]) for table in tables for c in table["columns"])
        is_good = not report["run"]["interrupted"] and bool(tables or not report["skipped"])
    except (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, zlib.error):
        return {}
    return {
        "sources": json.dumps(sources, ensure_ascii=False), "tables": len(tables), "findings": findings,
        "is_good": int(is_good),
    }


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("run", name)
