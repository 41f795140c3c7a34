"""Hashes that stand in cells in the form in which they are compared: one writing for the same bytes.

>>> bare = "9e107d9d372bb6826bd81d3542a419d6"
>>> spellings = (bare.upper(), "md5:" + bare, "0x" + bare, "nhB9nTcrtoJr2B01QqQZ1g==")
>>> {canonical_hash(text) == bare for text in spellings}
{True}
>>> canonical_hash("d41d8cd98f00b204e9800998ecf8427e") is None      # of an empty text: nobody's
True
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

HIDDEN_KEY = "hidden_key"                     # the label by whose form hashes and ciphers are compared
ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
OF_NOTHING = frozenset(hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ALGORITHMS)
DIGEST_LENGTHS = frozenset(map(len, OF_NOTHING))          # hexadecimal digits
_METHOD = "(?:md5|sha-?(?:1|224|256|384|512)|sm3|hash)"
_PREFIX = re.compile(rf"\{{{_METHOD}\}}|{_METHOD}[:$=]|0x|\\x", re.I)
_HEX = re.compile("[0-9A-Fa-f]+")
_BASE64 = re.compile("[0-9A-Za-z+/_-]+={0,2}")


def canonical_hash(text: str) -> str | None:
    """Return the bytes of a hash in hexadecimal; what has not the length of one as it is.

    None is returned for the hash of nothing.
    """
    bare = text.strip("\"' ")
    if (prefix := _PREFIX.match(bare)) is not None:
        bare = bare[prefix.end():]
    digits = bare if _HEX.fullmatch(bare) else _decoded(bare)
    if len(digits) not in DIGEST_LENGTHS:
        return text or None
    return None if digits.lower() in OF_NOTHING else digits.lower()


def _decoded(text: str) -> str:
    """The bytes of a text in base 64, in hexadecimal; empty where it is none."""
    if _BASE64.fullmatch(text) is None:
        return ""
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded.translate(str.maketrans("-_", "+/"))).hex()
    except binascii.Error:
        return ""
