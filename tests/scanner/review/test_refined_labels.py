"""Labels of kinds that the authority names: what was decided, graded or asked under the wider one stands."""

from datetime import date

import pytest

from detectors.important.tables import clinical
from detectors.labels import is_among, labels, wide_label
from detectors.model import ColumnFinding, ColumnId, Label
from mappings.assess import assess, find_combinations
from mappings.grading import load_grading
from mappings.necessity import judge_fields
from mappings.purpose import load_purpose, purpose_names
from mappings.taxonomy import load_taxonomy
from reports.reviews.apply import staleness
from reports.reviews.basis import is_covered
from reports.reviews.collection import ColumnReview
from reports.reviews.review import Review, ReviewBasis
from scanner.review.evaluate import Prediction, evaluate

REFINED = sorted(label for label, info in labels().items() if info.refines)
TODAY = date(2026, 11, 30)


def finding(label, column="f"):
    info = labels()[Label(label)]
    return ColumnFinding(
        ColumnId(f"s/t/{column}"), info.label, "name", info.kind, "core", 0.9, (), True, info.subject_key,
    )


def assessed(label, profile=None, column="f"):
    return next(assess([finding(label, column)], load_taxonomy(profile=profile)))


def test_a_refined_label_refines_one_that_refines_none():
    assert REFINED and not {wide_label(label) for label in REFINED} & set(REFINED)
    assert all(wide_label(label) in labels() for label in REFINED)
    assert all(labels()[label].subject_key == labels()[wide_label(label)].subject_key for label in REFINED)


@pytest.mark.parametrize("profile", ["2025", "strict"])
@pytest.mark.parametrize("label", REFINED)
def test_what_the_authority_names_is_sensitive(label, profile):
    assert assessed(label, profile).sensitive == "yes"


@pytest.mark.parametrize("label", REFINED)
@pytest.mark.parametrize("verdict", ["accept", "reject", "justify"])
def test_a_review_of_the_wider_label_stands(label, verdict):
    then = ReviewBasis(wide_label(label), "0a1b2c3d", 0.8, None)
    now = ReviewBasis(label, "0a1b2c3d", 0.8, None)
    review = Review("Li", TODAY, verdict, (ColumnId("s/t/f"),), basis=str(then))
    entry = ColumnReview(0, review.id, review, review.basis)
    assert staleness(entry, now, False, TODAY) == ""
    assert staleness(entry, ReviewBasis("email", "0a1b2c3d", 0.8, None), False, TODAY) == "label"


@pytest.mark.parametrize("label", REFINED)
def test_a_pattern_that_names_the_wider_label_covers_the_refined_one_and_not_the_other_way(label):
    wide, narrow = (Review("Li", TODAY, pattern="s/*", label=name) for name in (wide_label(label), label))
    assert is_covered(wide, label, False) and not is_covered(narrow, wide_label(label), False)


@pytest.mark.parametrize("label", REFINED)
def test_a_relabelling_to_the_wider_label_is_settled_once_the_machine_says_its_kind(label):
    then, now = (ReviewBasis(name, "0a1b2c3d", 0.8, None) for name in ("email", label))
    review = Review("Li", TODAY, "relabel", (ColumnId("s/t/f"),), to=wide_label(label), basis=str(then))
    assert staleness(ColumnReview(0, review.id, review, review.basis), now, True, TODAY) == ""


@pytest.mark.parametrize("label", REFINED)
def test_a_company_taxonomy_that_knows_the_wider_label_grades_the_refined_one(label, tmp_path):
    file = tmp_path / "company.yaml"
    wide = wide_label(label)
    file.write_text(
        "id: own\ntitle: own\nsource: own\ngrades: ['1', '2']\nlabels:\n"
        f"  {wide}: {{levels: [客户], grade: '2', confidence: verified}}\n", encoding="utf-8",
    )
    grading = load_grading(str(file))
    assert grading.labels[label] == grading.labels[wide]
    with file.open("a", encoding="utf-8") as more:
        more.write(f"  {label}: {{levels: [秘密], grade: '1', confidence: verified}}\n")
    assert load_grading(str(file)).labels[label].levels == ("秘密",)


@pytest.mark.parametrize("label", REFINED)
def test_the_scorer_compares_the_wider_label(label):
    row = {"system": "s", "table": "t", "column": "f", "pi": "pi", "pi_type": wide_label(label),
           "pi_type_alt": "", "tier": "core", "sensitive": "yes", "hard_negative": "no"}
    scores = evaluate({("s", "t", "f"): Prediction(True, label, "yes", 0.9)}, [row])
    assert (scores.label_tp, scores.label_fp, scores.label_fn) == (1, 0, 0)
    other = evaluate({("s", "t", "f"): Prediction(True, label, "yes", 0.9)}, [row | {"pi_type": "email"}])
    assert (other.label_tp, other.by_label[wide_label(label)]) == (0, (0, 1, 0))


@pytest.mark.parametrize("label", REFINED)
@pytest.mark.parametrize("name", purpose_names())
def test_what_a_purpose_says_of_the_wider_label_holds_for_the_refined_one(name, label):
    purpose = load_purpose(name)
    verdicts = [
        next(iter(judge_fields([assessed(each)], purpose))).verdict for each in (wide_label(label), label)
    ]
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("label", REFINED)
def test_combinations_and_candidates_know_the_refined_label_as_its_wider_one(label):
    taxonomy, wide = load_taxonomy(), wide_label(label)
    for rule in taxonomy.combinations:
        for group in (group for group in rule.groups if wide in group):
            others = [min(other) for other in rule.groups if other is not group]
            columns = {ColumnId(f"s/t/{i}"): assessed(other, column=i) for i, other in enumerate(others)}
            with_label = {**columns, ColumnId("s/t/f"): assessed(label)}
            assert rule.id in {found.id for found in find_combinations(with_label, True, taxonomy)}
    assert clinical(label) == clinical(wide)
    assert is_among(label, {wide}) and not is_among(wide, {label})
