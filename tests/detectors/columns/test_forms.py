"""Forms of values: hashed, encrypted, masked, and columns that only look so."""

import base64
import hashlib
import random

import pyarrow as pa
import pytest

from detectors.columns import detect
from detectors.columns.forms import HASHED, bare_name
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef

pytestmark = pytest.mark.unit
HEADS = {
    "mobile": "phone_mobile", "phone": "phone_mobile", "id_card": "resident_id", "email": "email",
    "bank_card": "bank_card", "imei": "device_id", "手机号": "phone_mobile", "身份证号": "resident_id",
}
WORDS = ("_md5", "_sha256", "_hash", "_enc", "_encrypted", "_脱敏", "加密", "（加密）")
ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
ENCODINGS = {
    "hex": lambda digest: digest.hex(), "HEX": lambda digest: digest.hex().upper(),
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "url": lambda digest: base64.urlsafe_b64encode(digest).decode(),
}


def found(name, values=None, comment="", table="member"):
    columns = (ColumnInfo("id", "bigint"), ColumnInfo(name, "varchar(128)", comment))
    info = TableInfo(TableRef(table), columns)
    cells = (None, None if values is None else pa.array(values))
    samples = [
        ColumnSample(info.ref.column("s", c.parts), info, c, v) for c, v in zip(columns, cells, strict=True)
    ]
    return [f for f in detect(info, samples) if f.column == samples[1].id]


def digests(seed, n=40):
    """Digests of invented numbers by a drawn algorithm, in a drawn encoding."""
    draw = random.Random(seed)
    algorithm, encode = draw.choice(ALGORITHMS), ENCODINGS[draw.choice(list(ENCODINGS))]
    return [encode(hashlib.new(algorithm, f"{seed}/{i}".encode()).digest()) for i in range(n)]


@pytest.mark.parametrize("head", HEADS)
def test_a_hash_under_a_header_of_persons_is_that_label_hashed(head):
    for seed, word in enumerate(("", *WORDS)):
        [first, *_] = found(head + word, digests(seed))

        assert (first.label, first.form, first.primary) == (HEADS[head], "hashed", True), (head, word)
        assert first.subject_key or first.label == "device_id"


@pytest.mark.parametrize("word", WORDS)
def test_a_word_in_the_name_says_it_where_no_value_was_read(word):
    [first, *_] = found("mobile" + word)

    assert (first.label, first.form) == ("phone_mobile", "hashed")


def test_values_speak_before_the_name():
    plain = [f"138{i * 7919 % 10**8:08d}" for i in range(1, 60)]

    assert found("mobile_md5", plain)[0].form == "plain"
    assert found("mobile", plain, comment="手机号（加密）")[0].form == "plain"


def test_ciphers_of_any_length_under_a_name_that_says_so():
    ciphers = [base64.b64encode(hashlib.sha512(b"%d" % i).digest()[: 20 + i % 9]).decode() for i in range(40)]

    assert found("mobile_enc", ciphers)[0].form == "hashed"


MASKED = {
    "mobile": ("phone_mobile", lambda i: f"138****{i:04d}"),
    "id card": ("resident_id", lambda i: f"110105********{i:03d}X"),
    "id card, three": ("resident_id", lambda i: f"110***********{i:04d}"),
    "bank card": ("bank_card", lambda i: f"6222 **** **** {i:04d}"),
    "bank card, joined": ("bank_card", lambda i: f"622202******{i:04d}"),
    "e-mail": ("email", lambda i: f"l***{i}@example.cn"),
    "name": ("person_name", lambda i: "张李王赵钱孙"[i % 6] + "*" * (i % 2 + 1)),
}


@pytest.mark.parametrize(("label", "mask"), MASKED.values(), ids=MASKED)
@pytest.mark.parametrize("name", ["c1", "field_07"])
def test_masked_numbers_are_known_by_their_values(label, mask, name):
    [first, *_] = found(name, [mask(i) for i in range(1, 60)])

    assert (first.label, first.form) == (label, "masked") and (first.primary or first.possible)


@pytest.mark.parametrize("name", ["file_md5", "commit_sha", "checksum", "etag", "content_hash", "build_hash"])
def test_hashes_of_things_are_nobodys(name):
    assert not [f for f in found(name, digests(3), table="artifact") if f.primary and f.label in HASHED]


@pytest.mark.parametrize("name", ["mobile", "order_no", "hash", "md5", "enc", "加密", "sha256_"])
def test_a_name_without_another_word_stays(name):
    assert bare_name(name) == name
