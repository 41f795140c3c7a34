"""Kinds that a common word names only beside its table: an address of coins, a talk that was recorded.

Each asks a composed column, and knows groups of words, not single systems.
"""

from __future__ import annotations

import re

from detectors.columns.composed_column import ComposedColumn
from detectors.columns.concepts import Concepts, comment_concepts, concepts_of
from detectors.columns.cues import type_class
from detectors.columns.references import PERSON, PERSONAL_ROW, row_subject
from detectors.names.matching import first_phrase
from detectors.names.tables import singular

COINS = (                                     # what tables of coins speak of
    "wallet", "crypto", "blockchain", "coin", "btc", "eth", "usdt", "txid", "tx_hash", "token_symbol",
    "chain", "钱包", "区块链", "币种", "链上", "提币", "充币",
)
SENT = frozenset({                            # words beside an address that coins are sent to
    "wallet", "coin", "crypto", "chain", "btc", "eth", "usdt", "to", "from", "deposit", "recharge",
    "withdraw", "withdrawal", "receive", "sender", "user", "member", "customer", "address", "account",
})
POSTAL = (                                    # what tables of places speak of
    "street", "city", "province", "postcode", "zip", "zipcode", "district", "country", "receiver",
    "consignee", "省", "市", "区县", "街道", "邮编", "收货", "收件",
)
_OF_EXCHANGE = re.compile("交易所|平台|冷钱包|热钱包|合约")
POOLS = frozenset({"cold", "hot"})
ADVERTISING = frozenset({                     # identifiers that makers of terminals give to advertisers
    "idfa", "idfv", "gaid", "oaid", "aaid", "adid", "vaid", "udid", "openudid", "androidid", "openidfa",
})
_ADVERTISING = re.compile("(advertis(ing|er)|app_?set|android|browser)_?(id|identifier)$")
CAMPAIGNS = ("campaign", "creative", "adgroup", "bid", "impression", "广告", "投放")
TALKS = frozenset({
    "call", "calls", "chat", "conversation", "dialog", "dialogue", "phone", "voice", "luyin",
})
_TALK = re.compile("通话|聊天|会话|对话|电话|来电|外呼")
RECORDINGS = frozenset({
    "recording", "recordings", "audio", "luyin", "transcript", "transcription", "voicemail",
})
_RECORDING = re.compile("录音|语音(消息|文件|存储)|音频|转写")
_STORE = re.compile("(位置|时长|时间|状态|次数|数量|大小)$")
FACES = frozenset({"face", "facial", "selfie", "mugshot", "liveness"})
_FACE = re.compile("人脸|面部|刷脸|活体|自拍认证")
PICTURED = frozenset({
    "image", "img", "photo", "pic", "picture", "video", "capture", "data", "feature", "features", "template",
    "url", "path", "vector", "embedding", "similarity", "thumbnail", "base64", "check",
})
NO_PICTURE = frozenset({"id", "type", "status", "time", "at", "date", "count", "book"})
_PICTURED = re.compile("图|照|视频|特征|数据|模板|相似度|比对")
MACHINES = ("api", "webhook", "jwt", "token", "certificate", "block", "tx", "commit", "报文", "接口")
PICTURES_OF_SIGNS = frozenset({"path", "url", "img", "image", "pic", "file", "base64"})
_SIGNED = re.compile("(电子|手写|本人|客户|患者|家长)签(名|字)|签(名|字)(图|照|文件|路径)")
PAYMENT = ("card", "bank", "payment", "iban", "银行", "卡号")
TERMINALS = ("browser", "useragent", "agent", "ip", "ipaddress", "canvas", "device", "os")
OF_MACHINES = frozenset({"event", "token", "key", "certificate", "cert", "file", "request"})
KEEPERS = frozenset({                         # whose secrets are a system's: what signs on without anybody
    "api", "key", "gateway", "agent", "webhook", "carrier", "provider", "infra", "integration", "app",
    "oauth", "cert", "certificate", "sip", "trunk", "server", "datasource", "device", "terminal", "smtp",
    "instance", "node", "cluster", "license", "camera", "gift", "meeting",
})
MARKS = frozenset({"score", "scores", "mark", "marks", "grade", "grades", "gpa", "cj", "zf"})
_MARK = re.compile("(成绩|得分|分数|总分|绩点)$")
ABOUT = frozenset({"h_flag", "h_count", "h_status", "h_time", "h_type"})


def is_address_of_coins(column: ComposedColumn) -> bool:
    """An address that a person's coins are sent to: an account, no place."""
    context = column.context
    words = set(context.words)
    is_account = "address" in words or {"chain", "account"} <= words
    if not words <= SENT or not is_account or context.table_mentions(POSTAL):
        return False
    is_pool = POOLS & set(context.table_words) or _OF_EXCHANGE.match(context.comment)
    of_person = context.table_has_person() or context.mentions_person() or "wallet" in words
    return context.table_mentions(COINS) and of_person and not is_pool


def is_advertising_identifier(column: ComposedColumn) -> bool:
    """What a terminal is called by to advertisers; not the number of an advertisement."""
    context = column.context
    words, name = set(context.words), "_".join(context.words)
    return bool(words & ADVERTISING or _ADVERTISING.search(name)) and not context.table_mentions(CAMPAIGNS)


def is_recorded_talk(column: ComposedColumn) -> bool:
    """A recording or a transcript of what somebody said on the telephone or in a chat."""
    context = column.context
    words, comment = set(context.words), first_phrase(context.comment)
    is_recording = bool(words & RECORDINGS) or _RECORDING.search(comment) is not None
    title = {*context.table_words, *words}
    is_talk = bool(title & TALKS) or _TALK.search(comment + context.table.comment) is not None
    is_about = bool(ABOUT & column.head) or _STORE.search(comment) is not None
    is_text = type_class(context.type) not in ("flag", "int", "decimal", "time")
    return is_recording and is_talk and is_text and not is_about


def is_picture_of_face(column: ComposedColumn) -> bool:
    """What a face is known again by: pictures taken to prove who somebody is, features, likeness."""
    words, comment = set(column.context.words), first_phrase(column.context.comment)
    is_of_face = bool(FACES & {*words, *column.context.table_words})
    by_name = is_of_face and bool(words & PICTURED) and not words & NO_PICTURE
    return by_name or _FACE.search(comment) is not None and _PICTURED.search(comment) is not None


def is_fingerprint_of_card(column: ComposedColumn) -> bool:
    """What tells one bank card from others, and is called like a finger's print."""
    return _is_fingerprint(column) and column.context.table_mentions(PAYMENT)


def is_fingerprint_of_terminal(column: ComposedColumn) -> bool:
    """The same of a browser or a device."""
    return _is_fingerprint(column) and column.context.table_mentions(TERMINALS)


def _is_fingerprint(column: ComposedColumn) -> bool:
    return column.context.words[-1:] == ("fingerprint",) and not OF_MACHINES & set(column.context.words)


def is_signature_of_somebody(column: ComposedColumn) -> bool:
    """The picture of a signature in a person's papers; no motto, and no signature of bytes."""
    context = column.context
    words, comment = set(context.words), first_phrase(context.comment)
    by_name = "signature" in words and bool(words & PICTURES_OF_SIGNS)
    signs = by_name or _SIGNED.search(comment) is not None
    of_person = "person" in (context.subject, column.owner.kind) or context.table_has_person()
    return signs and of_person and not ABOUT & column.head and not context.table_mentions(MACHINES)


def is_secret_of_system(column: ComposedColumn) -> bool:
    """What a program, a machine or a partner signs on with, in a table that knows nobody."""
    context = column.context
    keeps = KEEPERS & {singular(word) for word in context.table_words}
    nobody = row_subject(context.table) not in (PERSON, PERSONAL_ROW) and not context.table_has_person()
    return "credential" in column.any and bool(keeps) and nobody and not context.mentions_person()


def is_mark_of_pupil(column: ComposedColumn) -> bool:
    """What somebody got in an examination, in a table that says who."""
    of_school = bool({"education", "curriculum"} & _title(column))
    return _is_mark(column) and of_school and column.context.table_has_person()


def _is_mark(column: ComposedColumn) -> bool:
    context = column.context
    return bool(set(context.words[-1:]) & MARKS) or _MARK.search(first_phrase(context.comment)) is not None


def _title(column: ComposedColumn) -> Concepts:
    table = column.context.table
    return concepts_of(table.ref.name).any | comment_concepts(table.comment).any
