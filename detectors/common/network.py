"""E-mail, IP and MAC addresses.

Sources: RFC 5322 (the usual subset), RFC 791, RFC 4291, IEEE 802.

>>> bool(EMAIL.shape.search("写信到 lin@example.cn 即可"))
True
"""

from __future__ import annotations

import ipaddress
import re

from detectors.model import Label, ValueDetector


def is_host(text: str) -> bool:
    """An IPv6 host address: not unspecified, not loopback, not multicast."""
    if "::" not in text and text.count(":") != 7:           # times of day fill columns: no parsing
        return False
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (ip.is_unspecified or ip.is_multicast or ip.is_loopback)


EMAIL = ValueDetector(
    name="email",
    label=Label("email"),
    title="电子邮件地址",
    title_en="e-mail address",
    source="RFC 5322",
    shape=re.compile(
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@"
        r"(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,18}(?![A-Za-z0-9])"
    ),
    base=0.95,
    min_length=6,
    max_length=120,
    gate="@",
    subject_key=True,
    context=("邮箱", "邮件", "email", "mail"),
    examples=("lin@example.cn", "a.b+c@mail.example.com"),
    counterexamples=("@example.cn", "a@b"),
)
IPV4 = ValueDetector(
    name="ip_v4",
    digits=4,
    runs=4,
    exact=(1, 2, 3),
    numeric=True,
    label=Label("ip_address"),
    title="IP 地址",
    title_en="IPv4 address",
    source="RFC 791",
    shape=re.compile(                         # no network of 0, no loopback, no multicast, no mask
        r"(?<![0-9A-Za-z.])(?:25[0-4]|24[0-9]|2[01][0-9]|22[0-3]|1[013-9][0-9]|12[0-689]|[1-9][0-9]?)\."
        r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){2}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
        r"(?![0-9A-Za-z]|\.[0-9])"
    ),
    base=0.85,
    min_length=7,
    max_length=40,
    gate=".",
    context=("ip",),
    examples=("203.0.113.9",),
    counterexamples=("1.2.3", "255.255.255.0"),
)
IPV6 = ValueDetector(
    name="ip_v6",
    label=Label("ip_address"),
    title="IPv6 地址",
    title_en="IPv6 address",
    source="RFC 4291",
    is_valid=is_host,
    required="::|(?:[^:]*:){7}",              # times of day have neither
    shape=re.compile(
        r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![0-9A-Za-z:])"
    ),
    base=0.85,
    min_length=6,
    max_length=45,
    gate=":",
    examples=("2001:db8::1",),
    counterexamples=("12:30:45",),
)
MAC = ValueDetector(
    name="mac",
    run=2,
    gate=":|-",
    label=Label("mac_address"),
    title="MAC 地址",
    title_en="MAC address",
    source="IEEE 802",
    shape=re.compile(
        r"(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])"
        r"|(?<![0-9A-Za-z-])(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z-])"
    ),
    base=0.9,
    min_length=17,
    context=("mac",),
    examples=("00:1A:2b:3c:4d:5e",),
    counterexamples=("12:30:45",),
)
MASKED_EMAIL = ValueDetector(
    name="email_masked",
    label=Label("email"),
    title="电子邮件地址（已掩码）",
    title_en="masked e-mail address",
    source="RFC 5322",
    shape=re.compile(
        r"(?<![A-Za-z0-9._%+*-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,30}\*{2,20}[A-Za-z0-9._%+-]{0,30}@"
        r"(?:[A-Za-z0-9*-]{1,63}\.){1,4}[A-Za-z]{2,18}(?![A-Za-z0-9])"
    ),
    base=0.9,
    min_length=8,
    max_length=120,
    gate="*",
    context=("邮箱", "邮件", "email", "mail"),
    examples=("l***@example.cn", "li****an@mail.example.com"),
    counterexamples=("***@example.cn", "a@b.cn"),
)
DETECTORS = (EMAIL, MASKED_EMAIL, IPV4, IPV6, MAC)
