"""Credentials recognisable by shape: password hashes and signed tokens.

Sources: crypt(3) modular formats; RFC 7519.

>>> bool(BCRYPT.shape.search("$2a$10$" + "a" * 53))
True
"""

from __future__ import annotations

import re

from detectors.model import Label, ValueDetector

BCRYPT = ValueDetector(
    name="password_hash",
    gate="$|{",
    label=Label("credential"),
    title="口令散列",
    title_en="password hash",
    source="crypt(3)",
    shape=re.compile(
        r"\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{53}"
        r"|\$(?:1|5|6|argon2id?)\$[^ ]{20,120}"
        r"|\{(?:bcrypt|noop|SSHA)\}[^ ]{6,100}"
    ),
    base=0.97,
    min_length=12,
    max_length=200,
    examples=("$2a$10$" + "a" * 53,),
    counterexamples=("$2a$10$short",),
)
JWT = ValueDetector(
    name="token_jwt",
    label=Label("credential"),
    title="令牌",
    title_en="signed token",
    source="RFC 7519",
    shape=re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    base=0.95,
    min_length=30,
    max_length=4000,
    letters=12,
    run=12,
    signs=(".", "J"),
    gate="eyJ",
    examples=("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xx.c2lnbmF0dXJl",),
    counterexamples=("eyJ.x.y",),
)
DETECTORS = (BCRYPT, JWT)
