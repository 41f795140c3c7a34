"""A column with the table around it, and what their words speak of, before any label is thought of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from detectors.model import ColumnInfo, TableInfo
from detectors.names.lexicon import contexts, remembered, remembered_of_table
from detectors.names.matching import first_phrase, match_name
from detectors.names.tables import singular
from detectors.names.tokens import tokens

ORGANISED = ("organisation", "product", "dictionary")         # subjects that have contacts, but are nobody
_THING = re.compile(
    "营业执照|许可证编号|税号|商品|产品|菜单|角色|部门|文件|品牌|分类|课程|公司|企业|商户|门店|店铺|仓库|"
    "供应商|平台|系统|模板|服务器|应用|渠道|银行|机构|单位|科室|药品|岗位|字典|表名|类名|方法"
)
_NUMBER_WORDS = frozenset({"no", "num", "number", "code", "sn", "id", "nr"})
_NUMBERED = frozenset({                       # what orders, papers and parcels are called
    "order", "suborder", "trade", "transaction", "payment", "refund", "invoice", "bill", "receipt", "voucher",
    "contract", "policy", "claim", "ticket", "waybill", "tracking", "shipment", "parcel", "express",
    "delivery", "batch", "serial", "product", "sku", "item", "goods", "request", "case", "flow", "quote",
})
_NUMBER_OF_THING = re.compile(
    "(?:订单|交易|支付|退款|流水|发票|票据|收据|合同|保单|理赔|工单|运单|快递|物流|包裹|批次|商品|产品|申请单|单据)"
    "(?:编号|号|流水号|序号|序列号)$|单号$|^(?:编号|流水号|序列号)$"
)


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """subject: what a row of the table is (`table_subject`), empty if unknown. words: of the name.

    points_at: what a row is of the table that the column points at, see `references.row_subject`.
    """

    table: TableInfo
    column: ColumnInfo
    subject: str
    words: tuple[str, ...]
    points_at: str = ""

    @classmethod
    def of(cls, table: TableInfo, column: ColumnInfo, subject: str, points_at: str = "") -> ColumnContext:
        return cls(table, column, subject, tokens(column.name), points_at)

    @property
    def comment(self) -> str:
        return self.column.comment

    @property
    def table_words(self) -> tuple[str, ...]:
        """Tokens of the table's name."""
        return tokens(self.table.ref.name)

    @property
    def type(self) -> str:
        """The column's type in lower case."""
        return self.column.type.lower()

    def mentions_person(self) -> bool:
        """Does the name or the comment of the column speak of a person?"""
        return speaks_of_person(self.words, self.comment)

    def mentions_thing(self, *, ignoring: str = "") -> bool:
        """Does name or comment speak of a thing, place or organisation? ignoring: a word that is none."""
        return names_thing(self.words, self.comment.replace(ignoring, "") if ignoring else self.comment)

    def mentions_relative(self) -> bool:
        """Does the name or the comment of the column speak of a relative of the row's person?"""
        return _names_one("relatives", self.words, self.comment)

    def table_mentions(self, words: Sequence[str]) -> bool:
        """Does one of the words stand in names or comments of the table and its columns?"""
        comments = " ".join((self.table.comment, *(c.comment for c in self.table.columns)))
        names = (self.table.ref.name, *(c.name for c in self.table.columns))
        latin = {token for name in names for token in tokens(name)} | english_words(comments)
        return any(word in latin if word.isascii() else word in comments for word in words)

    def table_has_person(self) -> bool:
        """Does the table's comment, or the name of a column, say whose row it is?"""
        return _has_person(self.table)


@remembered_of_table
def _has_person(table: TableInfo) -> bool:
    if english_words(table.comment) & set(contexts()["subjects"]["person"]):
        return True
    hits = (match_name(column.name) for column in table.columns)
    keys = ("user_id", "phone_mobile", "person_name")
    return any(hit is not None and hit.label in keys and hit.strength > 0.8 for hit in hits)


def speaks_of_person(words: Sequence[str], comment: str) -> bool:
    """Do the tokens of a name, or a comment, speak of a person?"""
    return _names_one("person", words, comment)


def names_thing(words: Sequence[str], comment: str) -> bool:
    """Do the tokens of a name, or a comment, speak of a thing, a place or an organisation?"""
    return not _vocabulary("veto_anywhere")[0].isdisjoint(words) or bool(_THING.search(comment))


def is_number_of_thing(words: Sequence[str], comment: str = "") -> bool:
    """Is it, by its own words, the number of an order, a paper, or a parcel, and of no person's?

    >>> [is_number_of_thing(words) for words in (("order", "no"), ("policy", "number"), ("phone", "no"))]
    [True, True, False]
    """
    numbered = len(words) > 1 and words[-1] in _NUMBER_WORDS and words[-2] in _NUMBERED
    texts = ("".join(words), first_phrase(comment))
    return numbered or any(_NUMBER_OF_THING.search(text) for text in texts)


def english_words(text: str) -> set[str]:
    """Return the Latin words of a text, in lower case, plurals as singulars.

    >>> sorted(english_words("Addresses of customers"))
    ['address', 'customer', 'of']
    """
    return {singular(word) for word in re.findall("[a-z]+", text.lower())}


def _names_one(group: str, words: Sequence[str], comment: str) -> bool:
    """Is one of a group's words among the tokens, or one of its Chinese words in the comment?"""
    latin, chinese = _vocabulary(group)
    return not latin.isdisjoint(words) or chinese.search(comment) is not None


@remembered
def _vocabulary(group: str) -> tuple[frozenset[str], re.Pattern[str]]:
    words: Sequence[str] = contexts()["subjects"]["person"] if group == "person" else contexts()[group]
    chinese = "|".join(re.escape(word) for word in words if not word.isascii())
    return frozenset(words), re.compile(chinese or "(?!)")
