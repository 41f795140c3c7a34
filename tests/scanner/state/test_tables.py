"""The state's tables: what migrations make is what the code names."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from scanner.state import database
from scanner.state.tables import METADATA


def test_migrations_lead_to_the_tables_that_the_code_names(tmp_path):
    with database.connection(tmp_path, create=True) as c:
        assert compare_metadata(MigrationContext.configure(c), METADATA) == []
