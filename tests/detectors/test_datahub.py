"""Our classifier as DataHub's own ingestion loads it."""

import multiprocessing
import uuid
from datetime import date, datetime
from decimal import Decimal

import pytest

from detectors.errors import ConfigError

pytestmark = pytest.mark.system  # DataHub's own classes are loaded
MOBILES = [f"139{n:08d}" for n in range(12_345_678, 12_345_738)]


def asked(dataset, **columns):
    """Columns as DataHub hands them over: name -> (type, comment, values)."""
    from datahub.ingestion.glossary.classification_types import ColumnInfo, Metadata

    return [
        ColumnInfo(Metadata({"Name": n, "Description": c, "DataType": t, "Dataset_Name": dataset}), v)
        for n, (t, c, v) in columns.items()
    ]


def classifier(config):
    from detectors.datahub import Classifier

    return Classifier.create(config)


def told(columns):
    return {c.metadata.name: c.infotype_proposals[0].infotype for c in columns if c.infotype_proposals}


def member():
    return asked(
        "crm.public.member",
        id=("BIGINT()", None, list(range(60))),
        mobile=("VARCHAR(length=20)", "手机号", MOBILES),
        name=("VARCHAR(length=64)", "会员姓名", []),
    )


def test_it_is_loaded_by_its_dotted_path():
    from datahub.ingestion.glossary.classifier import ClassificationConfig
    from datahub.ingestion.glossary.classifier_registry import classifier_registry

    from detectors.datahub import Classifier

    assert classifier_registry.get("detectors.datahub.Classifier") is Classifier
    assert (
        ClassificationConfig(enabled=True, classifiers=[{"type": "detectors.datahub.Classifier"}])
        .classifiers[0]
        .config
        is None
    )


def test_a_table_is_seen_as_a_whole():
    assert told(classifier(None).classify(member())) == {
        "id": "chujing.suggested.user_id",
        "mobile": "chujing.suggested.phone_mobile",
        "name": "chujing.suggested.person_name",
    }
    product = asked(
        "shop.product", name=("VARCHAR(length=64)", "商品名称", []), price=("NUMERIC()", "价格", [])
    )
    assert told(classifier({}).classify(product)) == {}


SAW = {"crm/public/member/mobile": "phone_mobile 0a1b2c3d 0.97 0.94"}


@pytest.mark.parametrize(
    ("reviews", "mobile"),
    [
        (
            [{"verdict": "accept", "column": "crm/public/member/mobile", "label": "phone_mobile"}],
            "chujing.accepted.phone_mobile",
        ),
        (
            [{"verdict": "accept", "column": "crm/public/member/mobile", "seen": "email 0a1b2c3d 0.97 0.94"}],
            "chujing.suggested.phone_mobile",
        ),
        (
            [{"verdict": "accept", "columns": ["crm/public/staff/phone", "crm/public/member/mobile"]}],
            "chujing.accepted.phone_mobile",
        ),
        ([{"verdict": "reject", "pattern": "crm/*/mobile", "saw": SAW}], None),
        (
            [
                {"verdict": "reject", "pattern": "crm/*", "saw": SAW},
                {"verdict": "accept", "table": "crm/public/member", "saw": SAW},
            ],
            "chujing.accepted.phone_mobile",
        ),
        (
            [
                {
                    "verdict": "accept",
                    "table": "crm/public/member",
                    "saw": {"crm/public/member/name": "person_name 0a1b2c3d 0.97 0.94"},
                }
            ],
            "chujing.suggested.phone_mobile",
        ),
        ([{"verdict": "accept", "table": "crm/public/member"}], "chujing.suggested.phone_mobile"),
        (
            [{"verdict": "relabel", "column": "crm/public/member/mobile", "to": "im_account"}],
            "chujing.accepted.im_account",
        ),
        (
            [
                {
                    "verdict": "relabel",
                    "table": "crm/public/member",
                    "label": "email",
                    "to": "im_account",
                    "saw": {"crm/public/member/mobile": "email 0a1b2c3d 0.97 0.94"},
                }
            ],
            "chujing.suggested.phone_mobile",
        ),
        (
            [{"verdict": "accept", "column": "crm/public/member/mobile", "until": date(2020, 1, 1)}],
            "chujing.suggested.phone_mobile",
        ),
        (
            [{"id": "r-1", "verdict": "accept", "column": "crm/public/member/mobile"}, {"undo": "r-1"}],
            "chujing.suggested.phone_mobile",
        ),
        (
            [
                {"id": "r-1", "verdict": "accept", "column": "crm/public/member/mobile"},
                {"undo": "r-1"},
                {"id": "r-1", "verdict": "accept", "column": "crm/public/member/mobile"},
            ],
            "chujing.accepted.phone_mobile",
        ),
        ([{"verdict": "accept", "column": "hr/public/member/mobile"}], "chujing.suggested.phone_mobile"),
    ],
    ids=[
        "accepted",
        "another label",
        "group",
        "pattern",
        "table before pattern",
        "came later",
        "does not say what it saw",
        "relabelled",
        "relabelled, another label",
        "expired",
        "undone",
        "undone and recorded again",
        "another source",
    ],
)
def test_reviews_decide_where_there_are_any(reviews, mobile, tmp_path):
    file = tmp_path / "reviews.yaml"
    import yaml

    file.write_text(yaml.safe_dump(reviews, allow_unicode=True), encoding="utf-8")

    assert told(classifier({"reviews": reviews}).classify(member())).get("mobile") == mobile
    assert (
        told(classifier({"reviews": str(file), "source": "crm"}).classify(member())).get("mobile") == mobile
    )


def test_an_undoing_of_an_entry_that_does_not_say_its_id_is_no_matter_of_guessing():
    with pytest.raises(ConfigError, match="r-1 is undone, and no entry has this id"):
        classifier(
            {"reviews": [{"verdict": "accept", "column": "crm/public/member/mobile"}, {"undo": "r-1"}]}
        )


def test_values_of_every_kind_are_taken():
    odd = [
        None,
        1,
        2.5,
        "x",
        Decimal("3"),
        date(2026, 1, 1),
        datetime(2026, 1, 1),
        uuid.uuid4(),
        b"\x00",
        {"a": 1},
        [1],
        float("nan"),
        2**80,
    ]
    columns = asked(
        "crm.t",
        a=("JSONB()", None, odd),
        b=("BYTEA()", None, [b"\x00"]),
        mobile=("TEXT()", None, [*MOBILES, None, 7]),
    )
    assert told(classifier({}).classify(columns))["mobile"] == "chujing.suggested.phone_mobile"


def test_a_fault_leaves_the_table_without_terms_and_no_value_in_the_log(monkeypatch, caplog):
    def fails(table, samples):
        raise ValueError(samples[1].values[0].as_py())

    monkeypatch.setattr("detectors.datahub.detect", fails)
    assert told(classifier({}).classify(member())) == {}
    assert "ValueError" in caplog.text and MOBILES[0] not in caplog.text


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        ({"review": "x.yaml"}, 'Did you mean "reviews"?'),
        ({"reviews": "nowhere.yaml"}, "cannot be read"),
    ],
    ids=["key", "file"],
)
def test_settings_are_read_strictly(config, hint):
    with pytest.raises(ConfigError) as e:
        classifier(config)
    assert hint in e.value.line()


def test_several_workers_are_refused(monkeypatch):
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())
    with pytest.raises(ConfigError) as e:
        classifier({}).classify(member())
    assert e.value.hint == "max_workers: 1"


def test_reviews_that_say_nothing_of_the_finding_are_left_out():
    from detectors.datahub import decisions

    assert not list(decisions([{"verdict": "justify", "column": "a/b", "why": "needed"}]))
