"""Cells are folded alike alone, in company and in a slice, as the standard library's NFKC has it."""

import re
import unicodedata

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from detectors.folding import fold, has_byte

SIGNS = "aZ09 -，、。（）１２Ａ㎏ﾊﾟé\u0301\u200b\u200f\ufeff\u3000客户手机号码\\'\"№½"
TEXTS = st.text(st.sampled_from(SIGNS) | st.characters(exclude_categories=("Cs",)), max_size=12)
CELLS = st.lists(st.none() | TEXTS, min_size=1, max_size=8)


@given(CELLS)
def test_a_cell_is_folded_alike_alone_and_in_company(cells):
    together = fold(pa.array(cells, pa.string())).to_pylist()
    assert together == [fold(pa.array([cell], pa.string())).to_pylist()[0] for cell in cells]


@given(CELLS, st.integers(0, 7))
def test_a_slice_is_folded_like_its_cells(cells, start):
    part = pa.array(["２", None, *cells], pa.string()).slice(start % (len(cells) + 2))
    assert fold(part).to_pylist() == fold(pa.array(part.to_pylist(), pa.string())).to_pylist()


def _is_known(text):
    """Does Python's table of signs, older than Arrow's, have all of them?"""
    return all(unicodedata.category(sign) != "Cn" for sign in text)


@given(st.lists(TEXTS.filter(lambda text: "\\u" not in text and _is_known(text)), min_size=1, max_size=8))
def test_text_is_in_nfkc_without_invisible_characters(cells):
    for cell, folded in zip(cells, fold(pa.array(cells)).to_pylist(), strict=True):
        plain = re.sub("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]", "", unicodedata.normalize("NFKC", cell))
        if folded is not None and not re.fullmatch(r"[0-9.eE+]+", plain.strip(" \t\r\n\u3000\x00'\"")):
            assert folded == plain.strip(" \t\r\n\u3000\x00'\"")


@given(CELLS, st.integers(0, 7), st.integers(1, 255))
def test_a_byte_occurs_where_a_cell_holds_it(cells, start, byte):
    part = pa.array(cells, pa.string()).slice(start % len(cells))
    assert has_byte(part, byte) == any(byte in cell.encode() for cell in part.to_pylist() if cell is not None)
