"""URLs of file systems that fsspec reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.connectors.files.source import open_url

SERVES = (
    "s3://", "s3a://", "s3n://", "hdfs://", "webhdfs://", "memory://", "gs://", "gcs://", "abfs://", "abfss://", "az://", "adl://", "oss://",
    "tos://", "oci://", "sftp://", "ssh://", "ftp://", "smb://", "http://", "https://", "webdav://", "dbfs://",
)


def connect(url: str, name: str, password: str | None, timeout: float, options: Mapping[str, str], connections: int) -> Any:
    """A connector for a URL of fsspec."""
    return open_url(url, name, password, timeout, options, connections)
