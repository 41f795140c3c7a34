"""Names in running text and in cells: the shipped model, LAC's architecture, columns of remarks,
models users bring.
"""

import itertools
import random
import struct

import numpy as np
import pyarrow as pa
import pytest

from detectors.columns import detect
from detectors.errors import ConfigError
from detectors.language import Span, crf, freetext, models
from detectors.language.cells import CLASSES
from detectors.language.cells import builtin as cells
from detectors.language.lac import WIDTH, Lac
from detectors.language.viterbi import best_paths
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef

NAMED = {
    "form": ("联系人：林清荷 电话：13900000000", ["林清荷"]),
    "request": ("已电话通知魏长风先生，周三前来办理换货", ["魏长风"]),
    "two": ("欧阳静怡代顾晓峰签收，快件完好。", ["欧阳静怡", "顾晓峰"]),
    "transcribed": ("据记者约翰·史密森报道，会议已经结束。", ["约翰·史密森"]),
    "traditional": ("患者陳佳慧已出院，請聯繫家屬。", ["陈佳慧"]),
    "none": ("请先核对订单再安排发货，库存不足时请联系仓库。", []),
    "goods": ("本产品适用于家用电器，不适用于工业设备。", []),
}


@pytest.mark.parametrize(("text", "names"), NAMED.values(), ids=NAMED)
def test_persons_in_a_sentence(text, names):
    spans = [s for s in crf.builtin()([text])[0] if s.kind == "PERSON"]

    assert [text[s.start : s.end].replace("陳", "陈") for s in spans] == names


def test_an_address_is_one_span():
    text = "新地址浙江省杭州市西湖区文三路90号3幢201室，请勿寄旧地址。"

    spans = [s for s in crf.builtin()([text])[0] if s.kind == "ADDRESS"]

    assert [text[s.start : s.end] for s in spans] == ["浙江省杭州市西湖区文三路90号3幢201室"]


@pytest.mark.parametrize("model", ["shipped", "lac"])
def test_texts_read_together_or_alone_give_the_same(model, tmp_path):
    read = crf.builtin() if model == "shipped" else Lac(tiny_lac(tmp_path / "lac_model"))
    texts = [t for t, _ in NAMED.values()] + ["", "林", "林清荷" * 300]

    together = read(texts)

    assert together == [read([t])[0] for t in texts]
    assert any(together) and together[-3] == []


def test_places_in_long_texts_are_counted_from_its_beginning():
    filler = "请先核对订单再安排发货。" * 60
    text = filler + "联系人：林清荷 电话：13900000000"

    assert Span(len(filler) + 4, len(filler) + 7, "PERSON") in crf.builtin()([text])[0]


def test_best_paths_are_those_of_an_exhaustive_search():
    rng = np.random.default_rng(3)
    for _ in range(20):
        steps, labels = int(rng.integers(1, 5)), 3
        emissions = rng.normal(size=(2, 5, labels)).astype(np.float32)
        transitions, start, end = (
            rng.normal(size=s).astype(np.float32) for s in ((labels, labels), labels, labels)
        )
        found = best_paths(emissions, np.array([steps, 5]), transitions, start, end)
        for row, length in ((0, steps), (1, 5)):
            scores = {
                path: start[path[0]]
                + end[path[-1]]
                + sum(emissions[row, t, path[t]] for t in range(length))
                + sum(transitions[a, b] for a, b in itertools.pairwise(path))
                for path in itertools.product(range(labels), repeat=length)
            }

            assert tuple(found[row, :length]) == max(scores, key=scores.get)


def test_cells_are_told_apart():
    texts = {
        "林清荷": "PERSON",
        "欧阳静怡": "PERSON",
        "克里斯蒂娜·安德森": "FOREIGN",
        "浙江省杭州市文三路90号3幢201室": "ADDRESS",
        "杭州市西湖区": "PLACE",
        "杭州清荷科技有限公司": "ORG",
        "退货处理": "OTHER",
        "保湿面膜套装": "OTHER",
    }

    said = [CLASSES[i] for i in cells()(list(texts)).argmax(axis=1)]

    assert dict(zip(texts, said, strict=True)) == texts


def remarks(share, n=300):
    rng = random.Random(5)
    people = [a + b + c for a in "林魏顾沈陆" for b in "清晓长静思" for c in "荷峰风怡远"]
    plain = [
        "请先核对订单再安排发货，谢谢",
        "客户要求加急，注意外包装是否完好",
        "库存不足，等到货再统一安排",
        "发票已经开具，随货一起寄出",
    ]
    named = [
        "请转交{}处理，抄送财务",
        "已电话通知{}先生前来办理",
        "家长{}来校沟通，情况正常",
        "由{}代为签收，快件完好",
    ]
    return [
        (rng.choice(named).format(rng.choice(people)) if rng.random() < share else rng.choice(plain))
        + f" {i}"
        for i in range(n)
    ]


def test_names_in_a_tenth_of_the_remarks_are_found_and_none_are_found_where_there_are_none():
    with_names, without = freetext.read(pa.array(remarks(0.1))), freetext.read(pa.array(remarks(0)))

    assert with_names is not None and with_names.persons >= 0.8 * 0.1 * 300
    assert without is None


def test_a_column_of_remarks_says_how_many_of_how_many():
    column = ColumnInfo("c07", "text")
    table = TableInfo(TableRef("t"), (column,))

    finding = detect(
        table, [ColumnSample(table.ref.column("s", ("c07",)), table, column, pa.array(remarks(0.3)))]
    )[0]

    assert (finding.label, finding.tier, finding.detector) == ("free_text_with_pi", "weak", "names_in_text")
    assert finding.evidence[0].examined == 300 and finding.evidence[0].matched > 60


def test_the_presidio_engine_names_persons_and_opens_no_connection(monkeypatch):
    import socket

    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    from detectors.presidio import OfflineNlpEngine, recognizers

    monkeypatch.setattr(socket.socket, "connect", lambda *a: pytest.fail("a connection"))
    registry = RecognizerRegistry(
        recognizers=[*recognizers("zh"), SpacyRecognizer(supported_language="zh")], supported_languages=["zh"]
    )
    engine = AnalyzerEngine(
        registry=registry, nlp_engine=OfflineNlpEngine(("zh",), model="builtin"), supported_languages=["zh"]
    )

    found = engine.analyze("联系人：林清荷 电话：13900000000", language="zh")

    assert {("PERSON", 4, 7), ("PHONE_MOBILE", 11, 22)} <= {(r.entity_type, r.start, r.end) for r in found}


def test_an_unknown_text_model_is_named():
    from detectors.presidio import OfflineNlpEngine

    with pytest.raises(ConfigError, match='no text model "zh_core_web_xl"'):
        OfflineNlpEngine(("zh",), model="zh_core_web_xl").load()


def tensor(path, values):
    """A paddle 1.x LoDTensor: version, no levels, version, description, data."""
    described = b"\x08\x05\x10" + bytes([len(values) % 128])
    path.write_bytes(
        struct.pack("<IQIi", 0, 0, 0, len(described)) + described + np.asarray(values, "<f4").tobytes()
    )


def tiny_lac(folder):
    """Weights of LAC's architecture, drawn at random, over a vocabulary of a few characters."""
    rng = np.random.default_rng(1)
    (folder / "conf").mkdir(parents=True)
    (folder / "model").mkdir()
    words = [*"林清荷魏长风的，。联系人：电话请", "联系", "OOV"]
    (folder / "conf/word.dic").write_text(
        "".join(f"{i}\t{w}\n" for i, w in enumerate(words)), encoding="utf-8"
    )
    (folder / "conf/q2b.dic").write_text("長\t长\n", encoding="utf-8")
    (folder / "conf/small_seg.dic").write_text("联系 50\n联系人 20\n的 90\n", encoding="utf-8")
    tags = ["n-B", "n-I", "PER-B", "PER-I", "LOC-B", "LOC-I", "O"]
    (folder / "conf/tag.dic").write_text("".join(f"{i}\t{t}\n" for i, t in enumerate(tags)), encoding="utf-8")

    def draw(name, *shape):
        tensor(folder / "model" / name, rng.normal(size=int(np.prod(shape))) * 0.5)

    draw("word_emb", len(words), WIDTH)
    for i in range(4):
        draw(f"fc_{i}.w_0", WIDTH if i < 2 else 2 * WIDTH, 3 * WIDTH)
        draw(f"fc_{i}.b_0", 3 * WIDTH)
        draw(f"gru_{i}.w_0", WIDTH, 3 * WIDTH)
        draw(f"gru_{i}.b_0", 3 * WIDTH)
    draw("fc_4.w_0", 2 * WIDTH, len(tags))
    draw("fc_4.b_0", len(tags))
    draw("crfw", len(tags) + 2, len(tags))
    (folder / "model/__model__").write_bytes(b"graph")
    return folder


def test_a_model_is_added_used_and_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("CHUJING_MODELS", str(tmp_path / "mine"))
    tiny_lac(tmp_path / "LAC-2.1.2" / "LAC" / "lac_model")

    assert models.add(tmp_path / "LAC-2.1.2") == "lac-2.1.2"
    assert models.text_model("zh").name == "lac-2.1.2"
    models.remove("lac-2.1.2")
    assert models.text_model("zh").name == crf.builtin().name


def test_a_spacy_pipeline_is_added_and_names_persons(tmp_path, monkeypatch):
    import spacy

    monkeypatch.setenv("CHUJING_MODELS", str(tmp_path / "mine"))
    nlp = spacy.blank("en", meta={"name": "core_web_sm"})
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "PERSON", "pattern": "Iris Vale"}, {"label": "DATE", "pattern": "Monday"}]
    )
    nlp.to_disk(tmp_path / "en_core_web_sm")

    assert models.add(tmp_path / "en_core_web_sm") == "en_core_web_sm"
    assert models.text_model("en")(["Ask Iris Vale on Monday."]) == [[Span(4, 13, "PERSON")]]
    models.remove("en_core_web_sm")
    assert models.text_model("en") is None


BAD = {
    "no folder": (lambda p: p / "gone", "no such folder"),
    "no model": (lambda p: p, "no model there"),
    "cut weights": (lambda p: cut(tiny_lac(p / "lac_model")), "weights of LAC cannot be read"),
    "other language": (lambda p: french(p / "fr"), "is for neither"),
}


def cut(folder):
    data = (folder / "model/gru_0.w_0").read_bytes()
    (folder / "model/gru_0.w_0").write_bytes(data[: len(data) // 2 // 4 * 4])
    return folder


def french(folder):
    import spacy

    spacy.blank("fr", meta={"name": "core_news_sm"}).to_disk(folder)
    return folder


@pytest.mark.parametrize(("place", "message"), BAD.values(), ids=BAD)
def test_what_is_no_model_is_refused_and_nothing_is_kept(place, message, tmp_path, monkeypatch):
    monkeypatch.setenv("CHUJING_MODELS", str(tmp_path / "mine"))

    with pytest.raises(ConfigError, match=message):
        models.add(place(tmp_path))

    assert list(models.added_models()) == []
