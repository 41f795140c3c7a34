"""The state's tables: what migrations make, and what a new state is made with, is what the code names."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from scanner.state import database
from scanner.state.tables import METADATA


def described(connection):
    """Tables, columns with type and whether they may be empty, keys and indexes, as the database has them."""
    inspector = sa.inspect(connection)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((i["name"], *i["column_names"]) for i in inspector.get_indexes(name)),
        )
        for name in sorted(inspector.get_table_names())
    }


def test_migrations_lead_to_the_tables_that_the_code_names(tmp_path):
    with database.connection(tmp_path / "new", create=True) as c:
        new, revision = described(c), database._revision(c)
        assert compare_metadata(MigrationContext.configure(c), METADATA) == []
    with sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}").begin() as c:
        database._migrate(c)
        assert compare_metadata(MigrationContext.configure(c), METADATA) == []
        assert (described(c), database._revision(c)) == (new, revision)
