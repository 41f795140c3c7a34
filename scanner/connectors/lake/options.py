"""Options of a source under the names that the libraries of Delta and Iceberg have for them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from detectors.errors import SourceError
from detectors.message import Msg
from scanner.connectors import instance_metadata

LIBRARIES = ("fsspec", "delta", "iceberg")
_NAMES = (                                    # in the order of LIBRARIES; Delta's are those of object_store
    ("key", "AWS_ACCESS_KEY_ID", "s3.access-key-id"),
    ("secret", "AWS_SECRET_ACCESS_KEY", "s3.secret-access-key"),
    ("token", "AWS_SESSION_TOKEN", "s3.session-token"),
    ("endpoint_url", "AWS_ENDPOINT_URL", "s3.endpoint"),
    ("region", "AWS_REGION", "s3.region"),
    ("profile", "AWS_PROFILE", "s3.profile-name"),
)
_SCHEMES = {
    "aws": ("s3", "s3a", "s3n", "glue", "dynamodb"), "google": ("gs", "gcs"),
    "azure": ("az", "abfs", "abfss", "adl"),
}
_VARIABLES = {                                # that name credentials of each cloud
    "aws": ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SKIP_SIGNATURE"),
    "google": ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY",
               "GOOGLE_SERVICE_ACCOUNT_PATH"),
    "azure": ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_CLIENT_SECRET",
              "AZURE_STORAGE_CONNECTION_STRING", "AZURE_FEDERATED_TOKEN_FILE"),
}
_OF_CREDENTIALS = ("key", "token", "secret", "sas", "service_account", "credential", "skip_signature", "anon",
                   "connection_string", "federated")


def options_for(library: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return options under the names of one of LIBRARIES, whichever names they came under."""
    i = LIBRARIES.index(library)
    name_of = {alias: names[i] for names in _NAMES for alias in names}
    foreign = {"AWS_ALLOW_HTTP"} if library != "delta" else set()
    return {name_of.get(name, name): value for name, value in options.items() if name not in foreign}


def check_credentials(scheme: str, options: Mapping[str, str], where: str) -> None:
    """Raise SourceError where a library would ask the machine itself for credentials, and may not.

    options: under the names of the library.
    """
    cloud = next((cloud for cloud, schemes in _SCHEMES.items() if scheme in schemes), "")
    has_own = any(word in name.lower() for name in options for word in _OF_CREDENTIALS)
    if not cloud or has_own or instance_metadata.is_enabled or any(map(os.environ.get, _VARIABLES[cloud])):
        return
    raise SourceError(
        Msg("no credentials"), where=where,
        hint=Msg("set them in the environment or under secrets:, or take the machine's own: "
                 "options: {instance_role: yes}"),
    )


def with_credentials(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return options with the keys of an AWS profile, which only botocore can look up."""
    own = options_for("fsspec", options)
    profile = own.pop("profile", "") or os.environ.get("AWS_PROFILE", "") or None
    if "key" in own or instance_metadata.is_enabled and profile is None:
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
