"""No call of this process reaches an address at which a cloud hands out credentials, whoever makes it."""

from __future__ import annotations

import sys
from typing import Any

ADDRESSES = frozenset({
    "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "metadata.google.internal", "metadata",
    "100.100.100.200", "metadata.tencentyun.com", "169.254.0.23", "192.0.0.192",
})
_OWNER = "scanner.connectors.instance_metadata"


def install() -> None:
    """Refuse connections to these addresses from now on, unless a source wants them."""
    sys.addaudithook(_check)


def _check(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else ""
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if _name(host) in ADDRESSES and not getattr(sys.modules.get(_OWNER), "is_enabled", False):
        raise ConnectionRefusedError("instance metadata is not asked")


def _name(host: object) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return text.lower().rstrip(".").removeprefix("::ffff:")
