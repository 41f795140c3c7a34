"""The same detectors inside a stock Presidio AnalyzerEngine, offline, on Chinese and English sentences."""

import pytest

SENTENCES = {
    "glued to Chinese": (
        "zh",
        "电话13912345678请联系，身份证11010519491231002X。",
        {"PHONE_MOBILE", "RESIDENT_ID"},
    ),
    "card and mail": ("zh", "卡号4111111111111111，邮箱lin@example.cn", {"BANK_CARD", "EMAIL"}),
    "English": (
        "en",
        "Call 13912345678 or write to lin@example.com from 203.0.113.9.",
        {"PHONE_MOBILE", "EMAIL", "IP_ADDRESS"},
    ),
    "plate": ("zh", "车牌 京A12345 已登记", {"PLATE_NUMBER"}),
    "order number": ("zh", "订单号202403221530001234已发货", set()),
}


@pytest.fixture(scope="module")
def engine():
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    from detectors.presidio import blank_nlp_engine, recognizers

    registry = RecognizerRegistry(
        recognizers=[*recognizers("zh"), *recognizers("en")], supported_languages=["zh", "en"]
    )
    return AnalyzerEngine(registry=registry, nlp_engine=blank_nlp_engine(), supported_languages=["zh", "en"])


@pytest.mark.parametrize(("language", "text", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_sentence(engine, language, text, expected):
    found = {r.entity_type for r in engine.analyze(text, language=language, score_threshold=0.5)}

    assert (
        found & {"PHONE_MOBILE", "RESIDENT_ID", "BANK_CARD", "EMAIL", "IP_ADDRESS", "PLATE_NUMBER"}
        == expected
    )


def test_context_raises_the_score(engine):
    with_word = engine.analyze("手机13912345678", language="zh", entities=["PHONE_MOBILE"])[0].score
    without = engine.analyze("13912345678", language="zh", entities=["PHONE_MOBILE"])[0].score

    assert with_word > without
