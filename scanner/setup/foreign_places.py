"""Places named in text, such as buckets and hosts, and whether they lie outside the mainland."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reports.patterns import fits

ReasonAbroad = Literal["", "region", "listed", "unknown"]
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

DATABASE_SCHEMES = "postgresql|mysql|mariadb|sqlserver|oracle|clickhouse|mongodb|redis|kafka"
SERVICE_DOMAINS = (
    "salesforce|force|workday|myworkday|successfactors|hubspot|zendesk|snowflakecomputing"
    r"|bigquery\.googleapis|sharepoint|servicenow|concur|sapsf"
)
USER_PATTERN = r"(?:[^@/\s\"']*@)?"           # the user and password of a URL
PLACE_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("bucket", r"(?P<target>[a-z0-9.-]+)?\.?s3[.-](?P<region>[a-z]{2}-[a-z]+-\d)\.amazonaws\.com"),
        (
            "bucket",
            r"(?P<target>[a-z0-9.-]+)?\.?oss-(?P<region>[a-z]{2}-[a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com",
        ),
        ("bucket", r"(?P<target>[a-z0-9.-]+)?\.?cos\.(?P<region>[a-z]{2}-[a-z]+)\.myqcloud\.com"),
        ("bucket", r"(?P<target>(?:s3a?|gs|oss|cos|abfss?|wasbs?)://[A-Za-z0-9._@-]+)"),
        (
            "database",
            rf"(?:jdbc:)?(?:{DATABASE_SCHEMES})(?:\+\w+)?:(?:thin:@)?//{USER_PATTERN}(?P<target>[A-Za-z0-9.-]+)",
        ),
        ("transfer", rf"(?:sftp|ftps?|scp)://{USER_PATTERN}(?P<target>[A-Za-z0-9.-]+)"),
        ("service", rf"https?://(?P<target>[A-Za-z0-9.-]+\.(?:{SERVICE_DOMAINS})\.(?:com|net|eu))"),
    )
)
MAINLAND_REGION = re.compile(
    r"^cn-(?!hongkong|hk)|^ap-(?:beijing|shanghai|guangzhou|chengdu|chongqing|nanjing)", re.IGNORECASE
)
INSIDE_SUFFIXES = (".cn", ".local", ".internal", ".lan")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, database, service or file transfer. region: the cloud region in its name; may be empty."""

    kind: str
    target: str
    region: str

    @property
    def name(self) -> str:
        """The target, with its region if that is not the target itself."""
        return f"{self.target} ({self.region})" if self.region and self.target != self.region else self.target


def places_in(text: str) -> Iterator[Place]:
    """Yield the places that a text names; of patterns that overlap the first counts.

    >>> [p.name for p in places_in("jdbc:mysql://etl:pw@dw.example.com/x oss-eu-central-1.aliyuncs.com")]
    ['eu-central-1', 'dw.example.com']
    """
    spans: list[tuple[int, int]] = []
    for kind, pattern in PLACE_PATTERNS:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in spans):
                continue
            spans.append(match.span())
            region = _region(match)
            target = (match.group("target") or region).strip(".").rsplit("@", 1)[-1]
            yield Place(kind, target, region)


def target_abroad(space: str, listed: Sequence[str]) -> tuple[str, ReasonAbroad] | None:
    """Return (target, how it is known to be abroad) of a name space of lineage; None for one inside."""
    for _, pattern in PLACE_PATTERNS:
        if match := pattern.search(space):
            target = match.group("target") or ""
            if why := reason_abroad(target, _region(match), listed):
                return (target or space).rsplit("@", 1)[-1], why
    return None


def _region(match: re.Match[str]) -> str:
    return match.groupdict().get("region") or ""


def reason_abroad(target: str, region: str, listed: Sequence[str]) -> ReasonAbroad:
    """Return how a target is known to be abroad; empty if it is known to be inside.

    By its region, or by the user's list of hosts, regions and networks; `unknown` where nothing shows it.
    """
    host = re.sub(r"^\w+://(?:[^@/]*@)?", "", target)
    if any(_fits_pattern(host, pattern) or _fits_pattern(region, pattern) for pattern in listed):
        return "listed"
    if region:
        return "" if MAINLAND_REGION.search(region) else "region"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        inside = host == "localhost" or "." not in host or host.endswith(INSIDE_SUFFIXES)
        return "" if inside else "unknown"
    if any(address in network for network in networks(listed)):
        return "listed"
    return "" if address.is_private or address.is_loopback else "unknown"


def _fits_pattern(name: str, pattern: str) -> bool:
    return fits(name.casefold(), pattern.casefold())


def networks(listed: Sequence[str]) -> list[Network]:
    """Return the entries of a list that are networks.

    >>> networks(["203.0.113.0/24", "*.example.com"])
    [IPv4Network('203.0.113.0/24')]
    """
    parsed: list[Network] = []
    for text in listed:
        try:
            parsed.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return parsed


def is_in(text: str, nets: Sequence[Network]) -> bool:
    """Return whether a text is an address in one of some networks."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return any(address in network for network in nets)
