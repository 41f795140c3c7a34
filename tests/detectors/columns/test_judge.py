"""The judge of columns: what it needs, what it never does, how values move it. All tables are invented."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.columns import detect, train, train_forest
from detectors.columns.answers import OWN_FLAGS, SHARED_FLAGS, cue_flags
from detectors.columns.context import ColumnContext
from detectors.columns.cues import table_cues
from detectors.columns.judge import FINDING_FROM, POSSIBLE, judge, model, model_without_reasons
from detectors.columns.judge import _Reasons as reasons
from detectors.columns.judged import judged
from detectors.columns.labelled_tables import chinese_families, fold_of, read_corpus
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef
from mappings.assess import assess
from mappings.taxonomy import load_taxonomy


def table(name, columns, comment=""):
    """columns: (name, comment, type) or a name."""
    infos = [ColumnInfo(*(c, "varchar(64)") if isinstance(c, str) else (c[0], c[2], c[1])) for c in columns]
    return TableInfo(TableRef(name), tuple(infos), comment)


def found(info, values=None):
    """The primary finding of each column, by name. values: cells by column name."""
    cells = {name: pa.array(column) for name, column in (values or {}).items()}
    samples = [ColumnSample(info.ref.column("s", c.parts), info, c, cells.get(c.name)) for c in info.columns]
    names = {s.id: s.column.name for s in samples}
    return {names[f.column]: f for f in detect(info, samples) if f.primary}


MEMBER = table("member", ["member_id", "real_name", "mobile", "id_card_no", "email", "gender", "sort_order"])


def test_a_table_of_persons_is_read_by_its_names_alone():
    labels = {name: f.label for name, f in found(MEMBER).items()}
    assert labels == {
        "member_id": "user_id", "real_name": "person_name", "mobile": "phone_mobile",
        "id_card_no": "resident_id", "email": "email", "gender": "gender",
    }


@pytest.mark.parametrize("name", ["real_name", "mobile", "id_card_no", "email"])
def test_a_column_without_its_table_is_still_judged(name):
    alone = table("", [name])
    assert found(alone)[name].label == found(MEMBER)[name].label


@pytest.mark.parametrize("info", [
    table("t1", ["c1", "c2", "c3"]),
    table("", [("", "", "")]),
    table("t", [("mobile", "手机号" * 3_000, "text")]),
    table("wide", [f"c{i}" for i in range(5_000)]),
    table("混合 tabla ñ", [("Straße", "Hausnummer", "x"), ("전화번호", "", ""), ("\u0000", "\u0000", "")]),
], ids=["no names", "nothing at all", "a long comment", "5,000 columns", "mixed languages"])
def test_whatever_a_table_is_called_each_column_gets_a_probability(info):
    judgements = judge(info)
    assert len(judgements) == len(info.columns)
    assert all(0 < j.probability < 1 and set(j.kinds) <= set(model().labels) for j in judgements)


def test_findings_name_words_of_the_column_or_its_table_as_reasons():
    columns = [("patient_id", "", "bigint"), ("chief_complaint", "主诉", "text")]
    info = table("patient_visit", columns, "就诊记录")
    finding = found(info)["chief_complaint"]
    assert finding.label == "health"
    assert {e.origin for e in finding.evidence} & {"name", "comment"}


def test_the_band_of_the_possible_lies_below_what_is_found():
    assert 0 < POSSIBLE < FINDING_FROM
    unsure = [f for j in (MEMBER,) for f in detect(j, [
        ColumnSample(j.ref.column("s", c.parts), j, c, None) for c in j.columns]) if f.possible]
    assert all(POSSIBLE <= f.confidence < FINDING_FROM and not f.primary for f in unsure)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(["c", "F", "col", "field_", "attr"]), st.integers(0, 99), st.integers(0, 7))
def test_a_name_that_only_counts_is_possible_at_most(stem, number, place):
    columns = [c.name for c in MEMBER.columns]
    columns.insert(place, name := f"{stem}{number:02d}")
    assert name not in found(table("member", columns))


NAMES = ["王小明", "李建国", "张丽华", "陈志强", "刘芳芳", "杨建军", "赵秀英", "黄伟强", "周国平", "吴桂兰"]
FIRMS = [f"{word}科技有限公司" for word in ("远大", "宏图", "新天", "华成", "东方", "金山", "长江", "南海")]


def test_values_bring_a_name_up_and_down():
    unsure = table("notice_draft", ["title", "caption", "pages"])
    sure = table("member", ["member_id", "real_name", "mobile"])

    assert "caption" not in found(unsure) and "real_name" in found(sure)
    assert found(unsure, {"caption": NAMES})["caption"].label == "person_name"
    assert "real_name" not in found(sure, {"real_name": FIRMS * 3})


def test_yes_and_no_are_nobodys_telephone():
    info = table("member", ["member_id", "real_name", "mobile"])
    assert "mobile" in found(info) and "mobile" not in found(info, {"mobile": ["Y", "N"] * 40})


@pytest.mark.parametrize("cell", ["d41d8cd98f00b204e9800998ecf8427{:x}", "{:064x}"], ids=["32", "64"])
def test_hashed_values_do_not_contradict_a_name(cell):
    info = table("member", ["member_id", "real_name", "mobile"])
    hashes = [cell.format(i) for i in range(16)] * 2
    assert found(info, {"mobile": hashes})["mobile"].confidence >= found(info)["mobile"].confidence


LISTED = (
    "残疾证号", "残疾类别", "犯罪记录", "征信评分", "征信报告", "性取向", "宗教信仰", "病历", "过敏史",
    "基因检测结果", "人脸特征", "指纹模板", "收入明细", "公积金账号", "证券账户", "支付密码", "行驶轨迹",
    "精准定位", "身份证照片", "孕产情况", "HIV检测", "体检报告", "criminal_record", "credit_score",
    "disability_cert", "hiv_test", "genome", "medical_record", "fingerprint", "religion", "pregnancy",
    "securities_account", "sexual_orientation", "trajectory", "salary_detail",
)
BY_CONTEXT = (
    "婚史", "收养信息", "健康证", "军人身份", "是否党员", "吸毒史", "party_member", "military_id",
)
OTHERS = ("病历模板", "征信查询机构", "物业缴费")


def sensitivity(finding):
    """Of a finding under the national standard."""
    return next(assess([finding], load_taxonomy())).sensitive


def said_of(word):
    """What is said of a column of a customer's row that is called, or commented, by the word alone."""
    column = (word, "", "") if word.isascii() else ("f1", word, "")
    columns = [("customer_id", "", "bigint"), ("real_name", "姓名", "text"), column]
    return found(table("customer_profile", columns)).get(column[0])


@pytest.mark.parametrize("word", [*LISTED, *OTHERS])
def test_kinds_that_the_authority_lists_are_sensitive_and_longer_words_are_not(word):
    finding = said_of(word)
    assert (finding is not None and sensitivity(finding) == "yes") == (word in LISTED)


@pytest.mark.parametrize("word", BY_CONTEXT)
def test_kinds_that_are_listed_by_context_are_personal_and_nothing_more_is_said(word):
    finding = said_of(word)
    assert finding.kind == "personal_information" and sensitivity(finding) == "depends"


@pytest.mark.parametrize("info", [
    table("t", ["c01", "c02", "hykh_own", "mobile"]), MEMBER,
    table("x9", [("f1", "入职日期", "date"), ("f2", "手机", "varchar(20)"), ("f3", "备注", "text")], "员工"),
], ids=["nearly nothing", "names", "comments"])
def test_every_verdict_has_a_reason_in_words(info):
    samples = [ColumnSample(info.ref.column("s", c.parts), info, c, None) for c in info.columns]
    findings = [f for f in detect(info, samples) if f.primary or f.possible]
    assert findings
    assert all({e.origin for e in f.evidence} & {"name", "comment", "table"} for f in findings)


WORDS = st.sampled_from([
    "user", "member", "order", "mobile", "name", "id", "no", "card", "email", "remark", "status", "c1",
    "amount", "health", "password", "birth", "date", "address", "shop", "staff", "log", "口令", "手机",
    "姓名", "会员", "xq",
])
IDENTIFIERS = st.lists(WORDS, min_size=1, max_size=3).map("_".join)
COMMENTS = st.one_of(st.just(""), st.lists(WORDS, max_size=3).map("".join))


@settings(max_examples=150, deadline=None)
@given(
    IDENTIFIERS, COMMENTS,
    st.lists(st.tuples(IDENTIFIERS, COMMENTS, st.sampled_from(("text", "date"))), max_size=8),
)
def test_verdicts_without_reasons_are_the_verdicts_with_them(name, comment, columns):
    info = table(name, list(dict.fromkeys(columns)), comment)
    samples = [ColumnSample(info.ref.column("s", c.parts), info, c, None) for c in info.columns]

    explained, bare = (
        [replace(f, evidence=(), detector="") for f in detect(info, samples, judging=judging)]
        for judging in (model(), model_without_reasons())
    )

    assert bare == explained


def test_a_label_is_no_guess_where_none_has_any_weight():
    info = table("t", ["c01", "c02", "hykh_own", "mobile"])
    judgement = judge(info)[2]
    kinds = {"health": 0.11, "education": 0.1}
    even = replace(judgement, probability=0.6, kinds=kinds, sensitive=0.2, reasons=lambda: ((), False))
    context = ColumnContext.of(info, info.columns[2], "")
    suggestion = judged(context, even)
    assert suggestion.label == "other_pi" and suggestion.probability < FINDING_FROM
    assert not suggestion.sensitive and judged(context, replace(even, sensitive=0.7)).sensitive


def test_reasons_are_worked_out_when_somebody_asks_and_not_of_what_is_nothing(monkeypatch):
    asked, work_out = [], reasons.of
    monkeypatch.setattr(reasons, "of", lambda self, i: asked.append(i) or work_out(self, i))
    judgements = judge(table("member", ["real_name", "mobile", "is_deleted"]))
    assert not asked
    assert [bool(judgement.evidence) for judgement in judgements] == [True, True, False] and asked == [0, 1]


@pytest.mark.parametrize("info", [MEMBER, table("t1", ["c1"]), table("客户", [("f1", "手机号", "int")])])
def test_flags_are_the_cues_that_a_column_or_its_table_has(info):
    cues = table_cues(info)
    shared = [flag in cues.shared for flag in SHARED_FLAGS]
    expected = [[*(flag in own for flag in OWN_FLAGS), *shared] for own in cues.columns]
    assert cue_flags(cues).tolist() == expected


def corpus(folder: Path) -> Path:
    """Three invented systems of a few columns, in the form of a labelled corpus."""
    rows = ["system,table,column,pi,pi_type,pi_type_alt,tier,sensitive,hard_negative"]
    for system in ("one", "two", "three"):
        tables = []
        for i in range(6):
            columns = ["id", "real_name", "mobile", "sort_order"]
            infos = [{"name": c, "type": "varchar"} for c in columns]
            tables.append({"name": f"person_{i}", "columns": infos})
            labels = ("none,none,,", "pi,person_name,,core", "pi,phone_mobile,,core", "none,none,,")
            rows += [f"{system},person_{i},{c},{k},no,no" for c, k in zip(columns, labels, strict=True)]
        (folder / f"{system}.schema.json").write_text(json.dumps({"tables": tables}), encoding="utf-8")
    (folder / "gold.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_the_same_corpus_gives_the_same_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(train_forest, "TREES", 3)
    files = []
    for run in ("first", "second"):
        material = train.Material.of(list(read_corpus(corpus(tmp_path))))
        every = range(len(material.tables))
        fit = material.fitted(every)
        inputs = material.inputs([material.answers(fit, i) for i in every])
        train.write(train.pack(material, fit, train.forest_of(material, inputs, every)), tmp_path / run)
        files.append((tmp_path / run).read_bytes())
    assert files[0] == files[1]
    with np.load(tmp_path / "first", allow_pickle=False) as arrays:
        assert list(arrays["labels"]) == ["person_name", "phone_mobile"]


CUES = """
from detectors.columns.cues import table_cues
from detectors.model import ColumnInfo, TableInfo, TableRef
columns = ColumnInfo("patient_home_address", "varchar(64)", "患者家庭住址"), ColumnInfo("salary_amount")
print(table_cues(TableInfo(TableRef("patient_admission_record"), columns, "患者入院登记表")))
"""


@pytest.mark.system
def test_cues_stand_in_the_same_order_whatever_numbers_a_process_gives_to_texts():
    said = {
        subprocess.run(
            [sys.executable, "-c", CUES], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1 and said != {b""}


def test_families_stay_together_when_they_are_left_out():
    folds = fold_of(["a", "b", "a", "c", "b"], [5, 3, 4, 2, 3], 2)
    assert folds[0] == folds[2] and folds[1] == folds[4] and set(folds) == {0, 1}


def test_families_with_chinese_in_names_or_comments_are_chinese(tmp_path):
    tables = list(read_corpus(corpus(tmp_path)))
    titled = [replace(t, info=replace(t.info, comment="人员")) if t.family == "two" else t for t in tables]
    assert chinese_families(tables) == frozenset() and chinese_families(titled) == {"two"}


def test_blind_systems_are_never_read(tmp_path):
    folder = corpus(tmp_path)
    gold = (folder / "gold.csv").read_text(encoding="utf-8")
    (folder / "gold.csv").write_text(gold.replace("two,", "sakila,"), encoding="utf-8")
    assert {t.family for t in read_corpus(folder)} == {"one", "three"}
