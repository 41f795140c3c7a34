"""What Delta and Iceberg tables share: options for two libraries, and Parquet files whose columns go by other names in the table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from scanner.connectors.files import nested

# name in fsspec, in object_store (Delta), in pyiceberg
_NAMES = (
    ("key", "AWS_ACCESS_KEY_ID", "s3.access-key-id"),
    ("secret", "AWS_SECRET_ACCESS_KEY", "s3.secret-access-key"),
    ("token", "AWS_SESSION_TOKEN", "s3.session-token"),
    ("endpoint_url", "AWS_ENDPOINT_URL", "s3.endpoint"),
    ("region", "AWS_REGION", "s3.region"),
    ("profile", "AWS_PROFILE", "s3.profile-name"),
)


def options_for(library: str, options: Mapping[str, str]) -> dict[str, str]:
    """Options under the names of one library (`fsspec`, `delta`, `iceberg`), whichever they were given under."""
    at = ("fsspec", "delta", "iceberg").index(library)
    known = {alias: names[at] for names in _NAMES for alias in names}
    foreign = {"AWS_ALLOW_HTTP"} if library != "delta" else set()
    return {known.get(k, k): v for k, v in options.items() if k not in foreign}


def with_credentials(options: Mapping[str, str]) -> Mapping[str, str]:
    """Options with the keys of an AWS profile, which only botocore can look up."""
    given = options_for("fsspec", options)
    profile = given.pop("profile", "") or os.environ.get("AWS_PROFILE", "")
    if not profile or "key" in given:
        return options
    try:
        from botocore.session import Session  # type: ignore[import-untyped]
    except ImportError:
        return options
    found = Session(profile=profile).get_credentials()
    if found is None:
        return options
    keys = found.get_frozen_credentials()
    return given | {"key": keys.access_key, "secret": keys.secret_key} | ({"token": keys.token} if keys.token else {})


def endpoint(options: Mapping[str, str]) -> str:
    """Where S3 is, from the options or the environment."""
    given = options_for("delta", options).get("AWS_ENDPOINT_URL", "")
    return given or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")


def renamed(batches: Iterator[pa.RecordBatch], names: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Columns under their names in the table; those it does not know are left out. names: name in the file -> in the table."""
    for batch in batches:
        kept = [i for i, n in enumerate(batch.schema.names) if n in names]
        if kept:
            yield pa.RecordBatch.from_arrays([batch.column(i) for i in kept], names=[names[batch.schema.names[i]] for i in kept])
        else:                                 # none of it is wanted, but its rows count
            yield pa.RecordBatch.from_arrays([pa.nulls(batch.num_rows)], names=[""])


def asked(wanted: Sequence[str] | None, names: Mapping[str, str]) -> list[str] | None:
    """Names in the file of the columns wanted of the table."""
    return None if wanted is None else [inner for inner, outer in names.items() if outer in wanted]


def by_id(schema: pa.Schema) -> dict[bytes, str]:
    """Dotted names of a schema by the field ids in it."""
    found = nested.leaves(schema)
    called = nested.names(leaf.path for leaf in found)
    return {ident: called[leaf.path] for leaf in found if (ident := (leaf.field.metadata or {}).get(b"PARQUET:field_id"))}
