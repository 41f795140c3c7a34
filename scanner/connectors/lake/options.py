"""Options of a source under the names that the libraries of Delta and Iceberg have for them."""

from __future__ import annotations

import os
from collections.abc import Mapping

LIBRARIES = ("fsspec", "delta", "iceberg")
_NAMES = (                                    # in the order of LIBRARIES; Delta's are those of object_store
    ("key", "AWS_ACCESS_KEY_ID", "s3.access-key-id"),
    ("secret", "AWS_SECRET_ACCESS_KEY", "s3.secret-access-key"),
    ("token", "AWS_SESSION_TOKEN", "s3.session-token"),
    ("endpoint_url", "AWS_ENDPOINT_URL", "s3.endpoint"),
    ("region", "AWS_REGION", "s3.region"),
    ("profile", "AWS_PROFILE", "s3.profile-name"),
)


def options_for(library: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return options under the names of one of LIBRARIES, whichever names they came under."""
    i = LIBRARIES.index(library)
    name_of = {alias: names[i] for names in _NAMES for alias in names}
    foreign = {"AWS_ALLOW_HTTP"} if library != "delta" else set()
    return {name_of.get(name, name): value for name, value in options.items() if name not in foreign}


def with_credentials(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return options with the keys of an AWS profile, which only botocore can look up."""
    own = options_for("fsspec", options)
    profile = own.pop("profile", "") or os.environ.get("AWS_PROFILE", "")
    if not profile or "key" in own:
        return options
    try:
        from botocore.session import Session  # type: ignore[import-untyped]
    except ImportError:
        return options
    credentials = Session(profile=profile).get_credentials()
    if credentials is None:
        return options
    keys = credentials.get_frozen_credentials()
    token = {"token": keys.token} if keys.token else {}
    return own | {"key": keys.access_key, "secret": keys.secret_key} | token


def endpoint(options: Mapping[str, str]) -> str:
    """Return the address of S3, from the options or the environment; empty for Amazon's own."""
    own = options_for("delta", options).get("AWS_ENDPOINT_URL", "")
    return own or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
