"""Which papers there are: of each flow those its path calls for, one a recipient, a group's in one pack."""

from dataclasses import replace

import pytest
from filed_flows import CONTRACT, DAY, company, flow
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.counts import declared_count
from mappings.model import PATHS, Declared, Estimate
from mappings.readiness import STOPS
from reports.filings.blocks import TO_FILL_IN
from reports.filings.pack import Choice
from reports.filings.papers import PAPERS
from reports.filings.scenario import is_bound, refusals, scenarios

DUE = {
    "security_assessment": {"self_assessment", "notice"},
    CONTRACT: {"pia", "contract", "recipient", "notice"},
    "gba_standard_contract": {"pia", "notice"},
    "own_security_assessment": {"notice"},
}
FLOWS = st.lists(
    st.builds(
        dict,
        possible=st.lists(st.sampled_from(PATHS), min_size=1, max_size=2, unique=True),
        status=st.sampled_from(["active", "planned", "stopped"]),
        recipient=st.sampled_from(["HQ", "H Q", "Lion", "A/B", "A:B"]),
        entity=st.sampled_from(["甲公司", "乙公司"]),
        purpose=st.sampled_from(["crm", "marketing"]),
    ),
    min_size=1,
    max_size=4,
)


def due_kinds(about):
    if about["status"] == "stopped" or STOPS.intersection(about["possible"]):
        return set()
    exempt = {path: {"pia_exempt", "notice"} for path in PATHS if path.startswith("exempt")}
    return set().union(*((DUE | exempt).get(path, set()) for path in about["possible"]))


def texts(pack, kind):
    paper = PAPERS[kind].make(pack)
    cells = [cell for grid in paper.grids for row in grid.rows for cell in row]
    return "\n".join([*(line.text for line in paper.lines), *cells])


@given(flows=FLOWS, combined=st.sampled_from(["yes", "no", "unknown"]))
@settings(max_examples=120, deadline=None)
def test_a_flow_stands_in_the_papers_of_its_paths_and_in_no_other(flows, combined):
    report = company(*(flow(f"f{i}", about["possible"][0], **about) for i, about in enumerate(flows)),
                     combined=combined)
    refused = " ".join(refusals(report))

    for i, about in enumerate(flows):
        holds = {
            kind
            for kind, paper in PAPERS.items()
            for pack in paper.packs(report).values()
            for scenario in pack.scenarios
            if f"f{i}" in [f.flow.id for f in scenario.flows]
        }
        assert holds == due_kinds(about)
        assert (f'"f{i}"' in refused) == (not holds)
        assert is_bound(report.flows[i]) == bool(holds)


@given(flows=FLOWS, combined=st.sampled_from(["yes", "no"]))
@settings(max_examples=60, deadline=None)
def test_papers_are_shared_out_by_entity_recipient_and_flow(flows, combined):
    """A flow is in one file of a kind; names differ on any system; no paper names another's recipient."""
    report = company(*(flow(f"f{i}", about["possible"][0], **about) for i, about in enumerate(flows)),
                     combined=combined)
    for kind, paper in PAPERS.items():
        packs = paper.packs(report)
        ids = [f.flow.id for pack in packs.values() for s in pack.scenarios for f in s.flows]
        assert len(ids) == len(set(ids))
        assert len({name.casefold() for name in packs}) == len(packs)
        for pack in packs.values():
            assert combined == "yes" or len(pack.entities) == 1
            assert paper.by != "recipient" or len({s.party for s in pack.scenarios}) == 1
            assert paper.by != "flow" or len([f for s in pack.scenarios for f in s.flows]) == 1
            strangers = {"Lion"} - {s.recipient for s in pack.scenarios}
            assert not [name for name in strangers if name in texts(pack, kind)]


def test_a_group_files_one_pack_with_counts_apart_and_who_chose_it():
    flows = [flow("a", entity="甲公司", persons=1200), flow("b", entity="乙公司", persons=77),
             flow("c", entity="乙公司", purpose="marketing", persons=5)]
    report, choice = company(*flows, combined="yes"), Choice("集团法务", "2026-11-01")
    (pack,) = PAPERS["pia"].packs(report, choice=choice).values()
    paper = PAPERS["pia"].make(pack)
    (entities,) = [grid for grid in paper.grids if "自然人数（去重）" in grid.heads]
    text = texts(pack, "pia")

    assert paper.cover.party.startswith(f"个人信息处理者名称：{TO_FILL_IN}集团公司")
    counts = [("甲公司", "1,200"), ("乙公司", "77"), ("乙公司", "5")]
    assert [(row[0], row[2]) for row in entities.rows] == counts
    assert "由集团法务于2026年11月1日决定" in text
    assert "甲公司、乙公司均以“客户关系管理”为目的" in text
    assert "“营销推广”场景仅乙公司一家涉及" in text
    assert f"合并的决定：{TO_FILL_IN}" in texts(replace(pack, choice=Choice()), "pia")
    assert len(PAPERS["pia"].packs(company(*flows))) == 2          # nobody said that they file together


@pytest.mark.parametrize(
    ("basis", "consents", "guardians"),
    [("consent", 1, 1), ("contract", 0, 0), ("", 1, 1)],
)
def test_notice_and_consent_follow_the_basis_of_a_flow(basis, consents, guardians):
    stated = flow("a", facts={"legal_basis": basis} if basis else {}, onward=("Cloud Nine Ltd",))
    minors = replace(stated, minors=Estimate.exactly(3))
    (pack,) = PAPERS["notice"].packs(company(minors)).values()
    titles = [line.text for line in PAPERS["notice"].make(pack).lines if line.style == "title"]
    text = texts(pack, "notice")

    assert len([t for t in titles if t == "向境外提供个人信息单独同意书"]) == consents
    assert len([t for t in titles if "监护人" in t]) == guardians
    for words in ("Nordlicht SE（德国）", "客户关系管理", "姓名、手机号码", "Cloud Nine Ltd", "联系方式",
                  "处理方式", "行使权利的方式和程序", "必要性及对个人权益的影响"):
        assert words in text


@given(
    persons=st.sampled_from([Estimate(0, 0, None, "unknown"), Estimate(5, 9, 20, "row_sample"), 0, 12]),
    labels=st.sampled_from([(), ("person_name",), ("resident_id",)]),
    personal=st.sampled_from(["yes", "unknown"]),
    minors=st.sampled_from([Estimate.exactly(0), Estimate(0, 0, None, "unknown"), Estimate.exactly(4)]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_not_known_is_a_place_to_write_and_never_an_all_clear(persons, labels, personal, minors):
    stated = replace(flow("a", persons=persons, labels=labels, onward=()), personal=personal, minors=minors)
    (pack,) = PAPERS["contract"].packs(company(stated)).values()
    text = texts(pack, "contract")
    whole = texts(*PAPERS["pia"].packs(company(stated)).values(), "pia")

    assert "不涉及" not in text + whole         # nothing says how old they are
    assert (f"{TO_FILL_IN}数据项尚未查明" in text) == (not labels)
    assert f"{TO_FILL_IN}列明名称" in text
    if not isinstance(persons, int):
        assert (f"{TO_FILL_IN}人数尚未查明" in text) == (persons.high is None)
        assert TO_FILL_IN in whole.partition("其依据如下")[2].partition("。\n场景1所涉")[0]


def test_scenarios_of_no_flow_are_none():
    assert scenarios(company()) == ()
    assert [paper.packs(company()) for paper in PAPERS.values()] == [{}] * len(PAPERS)


def declared(i, individuals, sensitive, minors):
    count = declared_count(Declared(individuals, sensitive, "王敏", DAY, "SFTP log", minors), "")
    stated = flow(f"f{i}", persons=count.individuals, sensitive=count.sensitive, labels=())
    return replace(stated, declared=True, minors=count.minors)


@given(stated=st.lists(
    st.tuples(st.integers(1, 10**6), st.sampled_from([None, 0, 1, 3]), st.sampled_from([None, 0, 1])),
    min_size=1, max_size=3,
))
@settings(max_examples=40, deadline=None)
def test_papers_of_declared_flows_give_no_number_that_nobody_stated(stated):
    """A part left blank is no 0; what was stated is not asked; no guardian signs where nobody is under 14."""
    stated = [(n + 4, s if s is None or m is None else max(s, m), m) for n, s, m in stated]
    report = company(*(declared(i, *each) for i, each in enumerate(stated)))
    (appendix,) = PAPERS["contract"].packs(report).values()
    (line,) = [li.text for li in PAPERS["contract"].make(appendix).lines if "其中敏感个人信息" in li.text]
    is_open = any(s is None for _, s, _ in stated)
    assert any(f"其中敏感个人信息{n}人" in line for n in (0, 1, 3)) == (not is_open)
    assert (TO_FILL_IN in line) == is_open
    (assessment,) = PAPERS["pia"].packs(report).values()
    text = texts(assessment, "pia")
    assert "0项" not in text
    if all(s for _, s, _ in stated):
        assert "是否含敏感个人信息尚待查明" not in text
    if all(m == 0 for *_, m in stated):
        assert "不能判断年龄" not in text
        notices = PAPERS["notice"].packs(report).values()
        assert not [p for p in notices if "监护人单独同意书" in texts(p, "notice")]
