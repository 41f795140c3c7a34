"""The addresses at which clouds hand out credentials to whoever runs on their machines.

Libraries ask them by themselves when they find no other credentials. A scan must not take rights that nobody
gave it, so they are not asked unless a source's `instance_role: yes` (under options) or an AWS profile does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from scanner.connectors.protocol import is_yes

OPTION = "instance_role"
CLOUDS = (
    "s3", "s3a", "s3n", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "tos", "delta", "iceberg",
    "bigquery",
)
# switches of AWS's SDKs (botocore, C++, Rust) and of Google's; a value somebody set stays
SWITCHES = {"AWS_EC2_METADATA_DISABLED": "true", "NO_GCE_CHECK": "true"}
_ROLES = ("Ec2InstanceMetadata", "EcsContainer")

is_enabled = False                             # has a source of this process asked for it?
_set: list[str] = []                          # switches that were set here


def set_switches(options: Mapping[str, str]) -> None:
    """Keep libraries of this process from asking for credentials, unless these options want that."""
    global is_enabled
    is_enabled = is_enabled or is_yes(options.get(OPTION, "")) or _profile_uses_it(options)
    if is_enabled:
        while _set:
            os.environ.pop(_set.pop(), None)
        return
    for name, value in SWITCHES.items():
        if name not in os.environ:
            os.environ[name] = value
            _set.append(name)


def _profile_uses_it(options: Mapping[str, str]) -> bool:
    """Does the AWS profile of a source take its credentials from the machine?"""
    profile = options.get("profile") or options.get("AWS_PROFILE") or os.environ.get("AWS_PROFILE", "default")
    try:
        from botocore.session import Session  # type: ignore[import-untyped]
    except ImportError:
        return False
    profiles: Mapping[str, Mapping[str, str]] = Session().full_config.get("profiles", {})
    return profiles.get(profile, {}).get("credential_source") in _ROLES
