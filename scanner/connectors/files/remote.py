"""URLs of file systems that fsspec reaches."""

from __future__ import annotations

from scanner.connectors.files.source import open_url
from scanner.connectors.protocol import Access, Connector

SERVES = (
    "s3://", "s3a://", "s3n://", "hdfs://", "webhdfs://", "memory://", "gs://", "gcs://",
    "abfs://", "abfss://", "az://", "adl://", "oss://", "tos://", "oci://", "sftp://", "ssh://", "ftp://",
    "smb://", "http://", "https://", "webdav://", "dbfs://",
)


def connect(url: str, access: Access) -> Connector:
    """Return a connector for a URL of fsspec."""
    return open_url(url, access)
