"""What people claim of the export in a paper is held against the decision; what is no such claim is left."""

import random
import shutil
from itertools import cycle

import pytest
from filed_flows import CONTRACT, company
from filled_papers import at_place, faults, filled, flows, made

from scanner.deliver.dossier import write_papers
from scanner.deliver.dossier_check import check_dossier, unread_files

# a path, and sentences that go with it and with no other one of these
CLAIMS = {
    "security_assessment": (
        "依据《促进和规范数据跨境流动规定》第七条办理", "根据《规定》第七条申报",
    ),
    CONTRACT: ("适用《促进和规范数据跨境流动规定》第八条", "按照《规定》第八条办理"),
    "exempt_art5_4": ("依据第五条第一款第（四）项", "符合《规定》第五条第一款第四项"),
    "exempt_art4": ("适用《促进和规范数据跨境流动规定》第四条",),
}
KIND = {CONTRACT: "pia", "security_assessment": "self_assessment"}
# as people write it beside any path
CLEAN = (
    "未达到申报数据出境安全评估的标准", "不属于第五条第一款第（四）项情形", "2023年10月通过数据出境安全评估",
    "如人数超过100万人，将申报数据出境安全评估", "此前采用标准合同路径", "由3人组成的小组负责出境管理",
    "涉及自然人不满100万人", "境外接收方为集团母公司", "境外接收方为我公司的关联公司",
    "是否申报数据出境安全评估由法务部判断", "每年由5名人员复核出境清单", "涉及12,345人次的访问",
    "通过ISO 27001认证", "境外接收方是依法成立的公司", "依据《规定》第七条、第八条判断路径",
    "过境数据依据《规定》第三条处理", "根据《公司信息安全规定》第三条管理", "其中涉及3名高管",
)
COUNTS = ("本次出境涉及{n}人", "累计向境外提供{n}名自然人的个人信息", "自然人规模为{n}人")


def in_turn(sentences):
    """The answers are these sentences, one after the other, over again."""
    turns = cycle(sentences)
    return lambda before: next(turns)


@pytest.mark.parametrize("path", CLAIMS)
def test_a_claim_of_another_article_is_named_and_of_the_own_is_not(path):
    draw, kind = random.Random(7), KIND.get(path, "pia_exempt")
    for case in made(kind, path)[:1]:
        for own, sentences in CLAIMS.items():
            for sentence in sentences:
                paper = filled(case[2], at_place(draw.randrange(case[2].marks), sentence))
                lines = [line for line in faults(kind, case, paper) if "is not what the decision" in line]
                assert bool(lines) == (own != path), (sentence, lines)


@pytest.mark.parametrize("path", CLAIMS)
def test_what_claims_nothing_of_this_export_is_left(path):
    kind = KIND.get(path, "pia_exempt")
    for case in made(kind, path)[:1]:
        for shift in range(0, len(CLEAN), 6):
            assert faults(kind, case, filled(case[2], in_turn(CLEAN[shift:] + CLEAN[:shift]))) == []


DENIALS = ("本次出境无需申报数据出境安全评估", "免予申报数据出境安全评估", "不必申报")


@pytest.mark.parametrize("sentence", DENIALS)
def test_only_a_paper_of_the_assessment_may_not_deny_it(sentence):
    for path, wrong in (("security_assessment", True), (CONTRACT, False)):
        for case in made(KIND[path], path)[:1]:
            lines = faults(KIND[path], case, filled(case[2], at_place(1, sentence)))
            assert any("is not what the decision" in line for line in lines) is wrong


@pytest.mark.parametrize("words", COUNTS)
def test_another_number_of_persons_is_named_once(words):
    """The figures of the paper are 1200 and 1000, 2200 together; about leaves a tenth."""
    for case in made("pia", CONTRACT):
        for n, wrong in ((1200, 0), (1000, 0), (2200, 0), (777, 1), (5000, 1), (1_500_000, 1)):
            for text in (f"{n}", f"{n:,}"):
                paper = filled(case[2], at_place(1, words.format(n=text)))
                lines = [x for x in faults("pia", case, paper) if "no figure" in x or "more persons" in x]
                assert len(lines) == wrong, (words, n, lines)


def test_another_recipient_is_named_and_a_translation_is_not():
    for case in made("contract", CONTRACT):
        own = case[0].scenarios[0].recipient
        for name, wrong in ((own, False), ("Fremd Holding GmbH", True), ("北光有限公司", False)):
            lines = faults("contract", case, filled(case[2], at_place(0, f"境外接收方为{name}")))
            assert any("is not that of the decision" in line for line in lines) is wrong, name


@pytest.mark.parametrize("place", ["", "附件/旧版"])
def test_a_signed_copy_of_a_paper_is_told_from_a_document_of_nobody(tmp_path, place):
    report = company(*flows())
    paper, *_ = write_papers(report, tmp_path)
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    copies = [f"{paper.stem}{end}" for end in (".pdf", "（签字盖章）.pdf", "_signed.PDF", ".ofd")]
    for name in (*copies, f"旧{paper.stem}.pdf", "别的.pdf"):
        shutil.copy(paper, tmp_path / place / name)
    unread = [str(line) for line in unread_files(report, tmp_path)]

    assert {line.partition(":")[0].rpartition("/")[2] for line in unread if paper.name in line} == set(copies)
    assert {str(line).partition(":")[0].rpartition("/")[2] for line in check_dossier(report, tmp_path)} == {
        f"旧{paper.stem}.pdf", "别的.pdf",
    }
