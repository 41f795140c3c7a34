"""One hash is one key, however its bytes are written; what has no hash's length stays as it is."""

import base64
import hashlib

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.hashed_values import ALGORITHMS, DIGEST_LENGTHS, HIDDEN_KEY, canonical_hash
from mappings.key_forms import normalise_all
from mappings.person_keys import hash_all_keys
from mappings.plain_keys import is_compared_form

SPELLINGS = (
    lambda raw: raw.hex(),
    lambda raw: raw.hex().upper(),
    lambda raw: f"0x{raw.hex()}",
    lambda raw: f"md5:{raw.hex()}",
    lambda raw: f"{{SHA-256}}{raw.hex()}",
    lambda raw: base64.b64encode(raw).decode(),
    lambda raw: base64.urlsafe_b64encode(raw).decode(),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ALGORITHMS), st.binary(min_size=1, max_size=20))
def test_every_spelling_of_a_hash_is_one_key(algorithm, value):
    raw = hashlib.new(algorithm, value).digest()
    cells = [spell(raw) for spell in SPELLINGS]
    hashes = hash_all_keys(pa.array(cells), HIDDEN_KEY, "phone_mobile:hashed", b"k" * 32)

    assert {canonical_hash(cell) for cell in cells} == {raw.hex()}
    assert len(set(hashes.first.tolist())) == 1 and hashes.first[0]


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789abcdefABCDEFx:=+/", min_size=1, max_size=140))
def test_what_is_hashed_as_it_stands_is_its_own_form(text):
    chars = np.frombuffer(text.encode(), np.uint8)[None, :]

    if is_compared_form(HIDDEN_KEY, chars)[0]:
        assert normalise_all(HIDDEN_KEY, text) == (text,)
    if len(text) not in DIGEST_LENGTHS and not set(text) & set(":=x+/"):
        assert canonical_hash(text) in (text, None) or len(text) in (22, 27, 38, 43, 64, 86)


def test_the_hash_of_nothing_is_nobodys():
    for algorithm in ALGORITHMS:
        empty = hashlib.new(algorithm, b"")
        assert normalise_all(HIDDEN_KEY, empty.hexdigest()) == ()
        assert normalise_all(HIDDEN_KEY, base64.b64encode(empty.digest()).decode()) == ()
