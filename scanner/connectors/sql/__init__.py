"""Databases that SQLAlchemy reaches: `connector` reads them, `dialects` holds what differs between them."""

from scanner.connectors.sql.connector import SqlConnector

__all__ = ["SqlConnector"]
