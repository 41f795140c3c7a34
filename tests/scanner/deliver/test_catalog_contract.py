"""What holds of a push to every catalog: nothing lost, nothing twice, nobody's own mark touched, no secret
shown. A catalog is a subclass that names its stand-in; see `pushing.Kind`.
"""

import json
import os
from contextlib import suppress
from dataclasses import replace

import bent_answers
import catalog_server
import findings
import pytest
import sqlalchemy as sa
from bent_answers import Bent, ask, kept
from pushing import ATLAS, DATAHUB, OPENMETADATA, client, count_payloads, push
from typer.testing import CliRunner

from detectors.errors import StateError
from detectors.model import Skipped
from mappings.model import Estimate
from reports.catalogs.picking import Selection
from reports.formats.json import write
from reports.query import parse_conditions
from scanner.cli.app import app
from scanner.deliver.outbox import outbox
from scanner.deliver.push_scope import PushScope

COLUMNS = ("crm/public/member/mobile", "crm/public/member/id_no")
TOKEN = "s3cret-token"


def counting(n, path="standard_contract_or_certification"):
    """The report with another number of persons; None: nothing flows."""
    count = Estimate(n - 1, n, n + 1, "sketch") if n else None
    flows = (findings.flow("crm-hq", *COLUMNS, individuals=count, path=path),) if n else ()
    return replace(findings.crm(), flows=flows)


def decided(verdict):
    """The report with a person's decision about the identity number."""
    review = findings.column("crm/public/member", "id_no", "resident_id", 0.9, "accept").reviewed
    return findings.with_column(findings.crm(), COLUMNS[1], reviewed=replace(review, verdict=verdict))


def surer():
    """The report with another reason for the suggestion on the identity number."""
    column = findings.column("crm/public/member", "id_no", "resident_id", 0.99)
    return findings.with_column(findings.crm(), COLUMNS[1], findings=column.findings)


def without_mobile():
    return findings.with_column(findings.crm(), COLUMNS[0], drop=True)


def best(catalog):
    return catalog.kind.figures(catalog).get("persons_best")


def marks_of(catalog):
    """Marks on the columns of members."""
    return catalog.terms(catalog.kind.member)


def both(catalog):
    """The marks of a whole push: one accepted, one suggested."""
    return [catalog.kind.suggested, catalog.kind.accepted]


def contents(catalog):
    """Marks and numbers of ours about members."""
    return marks_of(catalog), dict(catalog.kind.figures(catalog))


def in_order(value):
    """A state with its lists and objects in order."""
    if isinstance(value, dict):
        return {k: in_order(v) for k, v in sorted(value.items())}
    return sorted((in_order(v) for v in value), key=json.dumps) if isinstance(value, list) else value


def save(report, folder):
    with (folder / "report.json").open("w", encoding="utf-8") as file:
        write(report, file)


class CatalogContract:
    """Tests of one catalog; `kind` is its stand-in, `catalog` that stand-in served with two tables.

    reads: (part of an address, what asks for it: push, check, owners or decisions).
    """

    kind = None
    reads = ()

    def pytest_generate_tests(self, metafunc):
        """`after`: every number of requests after which a first push may be killed."""
        if "after" in metafunc.fixturenames:
            metafunc.parametrize("after", range(1, self.kind.requests_of_push + 1))
        if "read" in metafunc.fixturenames:
            metafunc.parametrize("read", self.reads, ids=[f"{does} {part}" for part, does in self.reads])

    @pytest.fixture
    def catalog(self):
        with self.kind.serving() as server:
            yield server

    @pytest.fixture
    def folder(self, catalog, tmp_path, monkeypatch):
        """A folder with a report, whose configuration names this catalog and a token."""
        catalog.token = TOKEN
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("CATALOG_TOKEN", TOKEN)
        (tmp_path / "chujing.yaml").write_text(
            "version: 1\nsources: {crm: {url: 'sqlite:///crm.db'}}\n"
            f"catalogs: {{{self.kind.name}: {{url: '{catalog.url}', token: {{env: CATALOG_TOKEN}}, "
            f"entities: [{self.kind.entities}]}}}}\n",
            encoding="utf-8",
        )
        save(findings.crm(), tmp_path)
        return tmp_path

    def run(self, *args):
        """The command; no output of it shows the token."""
        arguments = ["push", "--to", self.kind.name, "--report", "report.json", *args]
        result = CliRunner().invoke(app, arguments)
        assert "s3cret" not in result.output and "s3cret" not in repr(result.exception)
        return result

    def test_a_second_push_sends_nothing(self, catalog, tmp_path):
        _, first = push(catalog, tmp_path, findings.crm())
        sent = len(catalog.requests)
        later = replace(findings.crm(), run=replace(findings.crm().run, finished="2026-11-26T02:00:00Z"))
        diff, second = push(catalog, tmp_path, later)

        assert first.done == count_payloads(catalog.kind, findings.crm()) > 10 and first.queued == 0
        assert marks_of(catalog) == both(catalog)
        assert diff.empty and diff.same == first.done
        assert second.done == 0 and len(catalog.requests) == sent

    def test_the_default_is_what_a_person_accepted(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm(), Selection())

        assert marks_of(catalog) == [catalog.kind.accepted]
        assert "suggested" not in json.dumps(catalog.kind.state(catalog))

    @pytest.mark.parametrize(
        "fault",
        [
            *[
                (n, *f)
                for n in (0, 1)
                for f in ((500,), (502,), (503,), (429, {"Retry-After": "7"}), ("hang",), ("cut",))
            ],
            (0, 409),
            (0, 412),
        ],
        ids=lambda f: f"{('write', 'before')[f[0]]} {f[1]}",
    )
    def test_a_passing_fault_is_outlasted(self, catalog, tmp_path, fault):
        catalog.faults.append(((catalog.kind.writes, catalog.kind.before)[fault[0]], *fault[1:]))
        _, went = push(catalog, tmp_path, findings.crm(), timeout=0.3 if "hang" in fault else 30)

        assert went.queued == 0 and not went.stopped
        assert marks_of(catalog) == both(catalog)

    @pytest.mark.parametrize("fault", [500, 429, "hang"])
    def test_a_catalog_that_is_down_loses_nothing(self, catalog, tmp_path, fault):
        kind = catalog.kind
        catalog.faults += [(kind.writes, fault)] * 5
        _, down = push(catalog, tmp_path, findings.crm(), timeout=0.2 if fault == "hang" else 30)
        assert (
            kind.member_payloads < down.queued == count_payloads(kind, findings.crm()) - down.done
            and "stays queued" in down.stopped
        )
        assert not marks_of(catalog)

        with outbox(tmp_path, catalog.kind.name, "here") as box:
            went = box.deliver(kind.module.push, client(catalog))
        assert went.queued == 0 and marks_of(catalog) == both(catalog)

    @pytest.mark.parametrize("status", [401, 403])
    def test_no_entry_is_not_tried_again_and_the_rest_is_queued(self, catalog, tmp_path, status):
        write = catalog.kind.writes
        catalog.faults.append((write, status))
        _, went = push(catalog, tmp_path, findings.crm())

        assert [r[0] for r in catalog.requests].count(write) == 1
        assert str(status) in went.stopped and "secret detail" not in went.stopped
        assert (
            catalog.kind.member_payloads
            < went.queued
            == count_payloads(catalog.kind, findings.crm()) - went.done
        )

    def test_a_token_that_expires_in_the_middle(self, catalog, tmp_path):
        catalog.stop_after = 6
        report = findings.crm()
        _, went = push(catalog, tmp_path, report, size=1)
        assert 0 < went.queued < count_payloads(catalog.kind, report) and "expired" in went.stopped

        catalog.stop_after = None
        _, rest = push(catalog, tmp_path, report, size=1)
        assert rest.queued == 0 and rest.done == went.queued
        assert marks_of(catalog) == both(catalog)
        assert len(catalog.terms(catalog.kind.staff)) == 1

    def test_killed_anywhere_and_repeated_nothing_is_twice_and_nothing_is_missing(
        self, catalog, tmp_path, after
    ):
        kind = catalog.kind
        wanted = list(kind.module.payloads(findings.crm(), Selection((kind.rule,), suggested=True)))
        scope = PushScope(frozenset({"crm"}))
        with pytest.raises(catalog_server.Killed), outbox(tmp_path, catalog.kind.name, "here") as box:
            box.enqueue(box.diff(wanted, scope))
            box.deliver(kind.module.push, catalog_server.Dying(catalog.url, after), 2)
        _, went = push(catalog, tmp_path, findings.crm(), size=2)

        assert went.queued == 0
        assert marks_of(catalog) == both(catalog)
        with kind.serving() as other:
            push(other, tmp_path / "other", findings.crm())
        assert in_order(kind.state(other)) == in_order(kind.state(catalog))

    def test_entities_the_catalog_lacks_are_refused_by_name_and_come_when_it_has_them(
        self, catalog, tmp_path
    ):
        kind = catalog.kind
        kind.drop(catalog, kind.member)
        _, went = push(catalog, tmp_path, findings.crm())
        assert kind.member not in json.dumps(kind.state(catalog))  # a patch would have made an empty one
        assert {r.about for r in went.refused} == {
            "crm/public/member/mobile",
            "crm/public/member/id_no",
            "crm/public/member",
        }
        assert len(catalog.terms(kind.staff)) == 1

        kind.put(catalog, kind.member, "mobile", "id_no", "points")
        _, went = push(catalog, tmp_path, findings.crm())
        assert went.queued == 0 and marks_of(catalog) == both(catalog)

    def test_what_a_test_keeps_out_stays_as_it_stands(self, catalog, tmp_path):
        kind = catalog.kind
        push(catalog, tmp_path, findings.crm())
        only = Selection(suggested=True, where=parse_conditions(["sensitive=no"]))
        diff, _ = push(catalog, tmp_path, findings.crm(), only)
        assert not diff.remove and marks_of(catalog) == both(catalog)

        gone = without_mobile()
        push(catalog, tmp_path, gone, only)
        assert marks_of(catalog) == [kind.suggested]

    def test_what_could_not_be_read_this_time_is_no_reason_to_remove(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        blind = findings.crm()
        blind = replace(
            blind, tables=blind.tables[1:], skipped=(Skipped("crm/public/member", "permission denied"),)
        )
        diff, _ = push(catalog, tmp_path, blind)
        other = findings.report(
            findings.table("hr/public/pay", findings.column("hr/public/pay", "card", verdict="accept"))
        )
        unrelated, _ = push(catalog, tmp_path, other)

        assert diff.beyond == catalog.kind.member_payloads and not diff.remove and not unrelated.remove
        assert marks_of(catalog) == both(catalog)

    def test_a_number_that_changes_is_changed(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        _, went = push(catalog, tmp_path, counting(20))

        assert best(catalog) == 20 and went.yielded == 0 and went.done == 3

    def test_a_number_a_person_changed_is_left_now_and_later(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        catalog.kind.figures(catalog)["persons_best"] = 7
        _, changed = push(catalog, tmp_path, counting(20))
        _, again = push(catalog, tmp_path, counting(30))

        assert (changed.yielded, again.yielded) == (1, 1) and best(catalog) == 7
        assert catalog.kind.figures(catalog)["persons_low"] == 29  # the others are ours still

    def test_a_number_a_person_took_away_stays_away(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        catalog.kind.figures(catalog).pop("persons_best")
        _, went = push(catalog, tmp_path, counting(20))

        assert best(catalog) is None and went.yielded == 1

    def test_a_number_that_says_what_we_would_write_is_ours_again(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        catalog.kind.figures(catalog)["persons_best"] = 20
        _, same = push(catalog, tmp_path, counting(20))
        _, went = push(catalog, tmp_path, counting(30))

        assert same.yielded == went.yielded == 0 and best(catalog) == 30

    def test_a_number_a_person_changed_is_not_removed_and_others_are(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        catalog.kind.figures(catalog)["persons_best"] = 7
        _, went = push(catalog, tmp_path, counting(None))

        assert dict(catalog.kind.figures(catalog)) == {"persons_best": 7} and (
            went.yielded,
            went.removed,
        ) == (
            1,
            3,
        )

    @pytest.mark.parametrize("answered", [False, True], ids=["never came", "came, its answer lost"])
    def test_a_number_changed_while_the_catalog_was_down_and_then_withdrawn_is_removed(
        self, catalog, tmp_path, answered
    ):
        push(catalog, tmp_path, counting(10))
        catalog.faults += [(catalog.kind.writes, 500)] * (0 if answered else 5)
        if answered:
            with pytest.raises(catalog_server.Killed):
                push(
                    catalog,
                    tmp_path,
                    counting(20),
                    http=catalog_server.Dying(catalog.url, catalog.kind.requests_of_change),
                )
        else:
            assert push(catalog, tmp_path, counting(20))[1].stopped
        assert best(catalog) == (20 if answered else 10)
        _, went = push(catalog, tmp_path, counting(None))

        assert not catalog.kind.figures(catalog) and went.yielded == went.queued == 0

    def test_a_number_changed_twice_before_it_is_heard_of_is_ours(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        for n in (20, 30):
            catalog.faults += [(catalog.kind.writes, 500)] * 5
            assert push(catalog, tmp_path, counting(n))[1].stopped
        catalog.kind.figures(catalog)["persons_best"] = 20  # as if the first had come through
        _, went = push(catalog, tmp_path, counting(40))

        assert best(catalog) == 40 and went.yielded == went.queued == 0

    def test_a_number_a_person_set_back_to_an_older_one_of_ours_is_a_person_s(self, catalog, tmp_path):
        for n in (10, 20):
            push(catalog, tmp_path, counting(n))
        catalog.kind.figures(catalog)["persons_best"] = 10
        _, went = push(catalog, tmp_path, counting(None))

        assert dict(catalog.kind.figures(catalog)) == {"persons_best": 10} and (
            went.yielded,
            went.removed,
        ) == (
            1,
            3,
        )

    def test_a_withdrawal_killed_anywhere_and_taken_back_leaves_nothing_missing(
        self, catalog, tmp_path, after
    ):
        push(catalog, tmp_path, counting(10))
        before = contents(catalog)
        with suppress(catalog_server.Killed):
            push(
                catalog,
                tmp_path,
                counting(None),
                Selection(),
                leave=False,
                http=catalog_server.Dying(catalog.url, after),
            )
        _, went = push(catalog, tmp_path, counting(10))

        assert contents(catalog) == before and went.yielded == went.queued == 0

    @pytest.mark.parametrize("n", [10, 30], ids=["as it stood before", "changed once more"])
    def test_a_number_queued_and_taken_back_is_looked_at_again(self, catalog, tmp_path, n):
        push(catalog, tmp_path, counting(10))
        with pytest.raises(catalog_server.Killed):
            push(
                catalog,
                tmp_path,
                counting(20),
                http=catalog_server.Dying(catalog.url, catalog.kind.requests_of_change),
            )
        assert best(catalog) == 20
        _, went = push(catalog, tmp_path, counting(n))

        assert best(catalog) == n and went.yielded == went.queued == 0

    def test_what_a_person_changed_is_left_though_its_withdrawal_was_queued(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        catalog.faults += [(catalog.kind.withdraws, 500)] * 5
        assert push(catalog, tmp_path, counting(None))[1].stopped
        catalog.kind.figures(catalog)["persons_best"] = 7
        _, went = push(catalog, tmp_path, counting(10))

        assert best(catalog) == 7 and went.yielded == 1

    def test_all_over_again_writes_over_what_people_did(self, catalog, tmp_path):
        push(catalog, tmp_path, counting(10))
        catalog.kind.figures(catalog)["persons_best"] = 7
        with outbox(tmp_path, catalog.kind.name, "here") as box:
            box.forget()
        push(catalog, tmp_path, counting(10))

        assert best(catalog) == 10

    def test_suggestions_that_stand_stay_when_a_push_does_not_ask_for_them(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        sent = len(catalog.requests)
        diff, went = push(catalog, tmp_path, findings.crm(), Selection())

        assert diff.empty and diff.awaiting and not went.removed and len(catalog.requests) == sent
        assert marks_of(catalog) == both(catalog)

    @pytest.mark.parametrize(
        "verdict", ["accept", "reject", ""], ids=["accepted", "rejected", "no longer found"]
    )
    def test_a_suggestion_that_is_decided_or_gone_goes_without_being_asked_for(
        self, catalog, tmp_path, verdict
    ):
        push(catalog, tmp_path, findings.crm())
        report = (
            decided(verdict) if verdict else findings.with_column(findings.crm(), COLUMNS[1], findings=())
        )
        _, went = push(catalog, tmp_path, report, Selection())
        after, _ = push(catalog, tmp_path, report, Selection())

        marks = [mark for mark in marks_of(catalog) if mark[0] == "id_no"]
        assert went.removed and after.empty and not after.awaiting
        assert marks == ([catalog.kind.promoted] if verdict == "accept" else [])

    def test_suggestions_are_taken_away_where_that_is_asked(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        _, went = push(catalog, tmp_path, findings.crm(), Selection(), leave=False)

        assert marks_of(catalog) == [catalog.kind.accepted] and went.removed

    def test_a_push_of_suggestions_killed_anywhere_leaves_the_rest_to_one_that_asks_for_them(
        self, catalog, tmp_path, after
    ):
        with pytest.raises(catalog_server.Killed):
            push(catalog, tmp_path, findings.crm(), size=2, http=catalog_server.Dying(catalog.url, after))
        stood = [m for m in marks_of(catalog) if m == catalog.kind.suggested]
        diff, plain = push(catalog, tmp_path, findings.crm(), Selection())

        assert plain.queued == plain.removed == 0
        assert marks_of(catalog) == [*stood, catalog.kind.accepted]
        _, went = push(catalog, tmp_path, findings.crm())
        assert went.queued == 0 and marks_of(catalog) == both(catalog)

    @pytest.mark.parametrize(
        "narrow",
        [
            Selection(suggested=True, where=parse_conditions(["sensitive=no"])),
            Selection(suggested=True, min_confidence=0.95),
            Selection(),
        ],
        ids=["by a test", "by confidence", "accepted only"],
    )
    def test_what_an_earlier_push_queued_waits_where_a_later_one_does_not_name_it(
        self, catalog, tmp_path, narrow
    ):
        catalog.faults += [("POST", 500)] * 5
        assert push(catalog, tmp_path, findings.crm())[1].stopped
        diff, went = push(catalog, tmp_path, findings.crm(), narrow)

        assert diff.withheld and went.queued == 0 and not went.refused
        assert marks_of(catalog) == [catalog.kind.accepted]
        _, rest = push(catalog, tmp_path, findings.crm())
        assert rest.done == len(diff.withheld) and marks_of(catalog) == both(catalog)

    def test_one_push_at_a_time(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        with outbox(tmp_path, catalog.kind.name, "here") as box, box.alone():
            with box._engine.begin() as c:
                c.execute(sa.text("UPDATE lease SET pid = :other"), {"other": os.getppid()})
            with pytest.raises(StateError, match="another push to this catalog is under way: process"):
                push(catalog, tmp_path, findings.crm())
            with outbox(tmp_path, catalog.kind.name, "elsewhere") as other, other.alone():
                assert other.queued() == 0
            assert box.diff([], PushScope(frozenset())).empty  # looking is free
        push(catalog, tmp_path, findings.crm())

    def test_tables_that_share_a_name_are_told_once_and_what_stands_there_stays(self, catalog, tmp_path):
        kind = catalog.kind
        push(catalog, tmp_path, findings.crm())
        other = findings.table(
            "crm/public/MEMBER", findings.column("crm/public/MEMBER", "tel", verdict="accept")
        )
        both = replace(findings.crm(), tables=(*findings.crm().tables, other))
        state = repr(kind.state(catalog))
        diff, went = push(
            catalog, tmp_path, both, Selection((replace(kind.rule, casing="lower"),), suggested=True)
        )

        (line,) = went.refused
        assert "crm/public/member and crm/public/MEMBER" in line.why
        assert not diff.remove and repr(kind.state(catalog)) == state

    def test_columns_that_share_a_name_are_told_too(self, catalog, tmp_path):
        two = (findings.column("crm/public/staff", n, verdict="accept") for n in ("Phone", "phone"))
        _, went = push(
            catalog,
            tmp_path,
            findings.report(findings.table("crm/public/staff", *two)),
            Selection((replace(catalog.kind.rule, casing="lower"),)),
        )

        (line,) = went.refused
        assert "crm/public/staff/Phone and crm/public/staff/phone" in line.why and not catalog.terms(
            catalog.kind.staff
        )

    def test_many_changes_at_once_know_what_stood(self, catalog, tmp_path):
        rule = catalog.kind.rule
        for n in range(6):
            catalog.kind.put(
                catalog, catalog.kind.member.replace("member", f"t{n:05}"), *(f"c{i:03}" for i in range(60))
            )
        first = findings.wide(6, 60)
        push(catalog, tmp_path, first, Selection((rule,), suggested=True))
        more = replace(
            findings.wide(7, 60),
            tables=tuple(
                replace(
                    t,
                    columns=tuple(
                        replace(c, findings=(replace(c.findings[0], grade="important"),)) for c in t.columns
                    ),
                )
                for t in findings.wide(7, 60).tables
            ),
        )
        catalog.kind.put(
            catalog, catalog.kind.member.replace("member", "t00006"), *(f"c{i:03}" for i in range(60))
        )
        diff, went = push(catalog, tmp_path, more, Selection((rule,), suggested=True))

        assert len(diff.change) >= 360 and went.yielded == went.queued == 0

    # ---- people's decisions --------------------------------------------------------------------------------

    def test_a_guess_stands_apart_until_a_review_promotes_or_removes_it(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        push(catalog, tmp_path, decided("accept"))
        assert marks_of(catalog) == [catalog.kind.promoted, catalog.kind.accepted]

        _, went = push(catalog, tmp_path, decided("reject"))
        assert marks_of(catalog) == [catalog.kind.accepted] and went.removed and went.queued == 0

    def test_a_mark_a_person_set_before_us_is_left_and_stays_when_ours_would_go(self, catalog, tmp_path):
        kind = catalog.kind
        push(catalog, tmp_path / "first", findings.crm())  # so that the catalog knows the mark
        push(catalog, tmp_path / "first", without_mobile())
        kind.set_mark(catalog, *kind.accepted)
        _, went = push(catalog, tmp_path, findings.crm())
        assert went.yielded == 1

        push(catalog, tmp_path, without_mobile())
        assert kind.accepted in marks_of(catalog)

    def test_a_mark_a_person_took_away_stays_away_though_its_reason_changes(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        catalog.kind.remove_mark(catalog, *catalog.kind.suggested)
        diff, went = push(catalog, tmp_path, surer())

        assert diff.change and went.yielded == 1 and marks_of(catalog) == [catalog.kind.accepted]

    def test_a_mark_a_person_took_away_and_set_by_hand_is_not_taken_away(self, catalog, tmp_path):
        push(catalog, tmp_path, findings.crm())
        catalog.kind.remove_mark(catalog, *catalog.kind.accepted)
        catalog.kind.set_mark(catalog, *catalog.kind.accepted)
        push(catalog, tmp_path, without_mobile())

        assert catalog.kind.accepted in marks_of(catalog)

    # ---- answers of another shape --------------------------------------------------------------------------

    @pytest.mark.system
    def test_a_whole_answer_of_another_shape_is_one_clear_line(self, read):
        part, does = read
        server = bent_answers.prepared(self.kind, does)
        before = kept(server)
        for shape, change in bent_answers.shapes():
            bent_answers.restore(server, before)
            bent = Bent(server, part, change)
            lines = ask(self.kind, does, bent)

            assert bent.bent and len(set(lines)) <= 3, shape
            assert all("\n" not in line and "s3cret" not in line for line in lines), shape
            assert does == "push" or kept(server) == before, shape
            if shape in bent_answers.LACKING or not isinstance(
                bent_answers.SHAPES[shape], type(bent.bent[0])
            ):
                said = ("that is not how", "longer than we read")
                assert any(words in line for line in lines for words in said), shape

    @pytest.mark.system
    def test_any_part_of_an_answer_may_have_another_shape(self, read):
        part, does = read
        server = bent_answers.prepared(self.kind, does)
        before = kept(server)
        straight = Bent(server, part, lambda answer: answer)
        ask(self.kind, does, straight)
        places = list(bent_answers.paths(straight.bent[0]))
        for path in places:
            for shape in bent_answers.PART_SHAPES:
                if does == "push":  # nothing else changes anything
                    bent_answers.restore(server, before)
                lines = ask(self.kind, does, Bent(server, part, bent_answers.bending(path, shape)))
                assert all("\n" not in line for line in lines), (path, shape)
        assert places

    # ---- the command ---------------------------------------------------------------------------------------

    def test_a_dry_run_prints_the_difference_and_sends_nothing(self, catalog, folder):
        first = self.run("--include", "suggested", "--dry-run")
        assert not catalog.requests
        assert "crm/public/member/id_no  居民身份证号码 (疑似·待复核)" in first.stdout
        everything = count_payloads(self.kind, findings.crm())
        assert f"{everything} to add, 0 to change, 0 to remove" in first.stdout

        assert self.run("--include", "suggested").exit_code == 0 and marks_of(catalog) == both(catalog)
        save(without_mobile(), folder)
        sent = len(catalog.requests)
        second = self.run("--include", "suggested", "--dry-run").stdout
        (line,) = [
            x for x in second.splitlines() if x.startswith("- ") and "电子" not in x and "mark" not in x
        ][:1]
        assert "crm/public/member/mobile" in line and "0 to add, 0 to change" in second
        assert len(catalog.requests) == sent

    def test_a_dry_run_says_of_a_number_what_it_is_was_and_becomes(self, catalog, folder):
        save(counting(10), folder)
        assert "crm/public/member  自然人数（估计）: 10\n" in self.run("--dry-run").stdout
        self.run()
        save(counting(2, "security_assessment"), folder)
        printed = self.run("--dry-run").stdout

        assert "crm/public/member  自然人数（估计）: 10 -> 2\n" in printed
        assert "crm-hq: standard contract or certification -> crm-hq: security assessment\n" in printed

    def test_the_command_says_what_it_did_and_where_it_stopped(self, catalog, folder):
        assert self.run().exit_code == 0
        again = self.run()
        assert again.exit_code == 0 and "nothing to send" in again.stderr
        assert self.run("--again").exit_code == 0

        catalog.token = "another"
        stopped = self.run("--include", "suggested")
        assert stopped.exit_code == 3
        assert "renew it and try again" in stopped.stderr and "queued" in stopped.stderr

    def test_the_check_names_what_the_catalog_lacks_and_what_is_near(self, catalog, folder):
        near = self.kind.member.replace("member", "Member")
        for table in (self.kind.member, self.kind.staff):
            self.kind.drop(catalog, table)
        self.kind.put(catalog, near, "mobile")
        self.kind.put(catalog, self.kind.staff, "Phone")
        result = self.run("--include", "suggested", "--check")

        assert result.exit_code == 3 and not catalog.writes
        assert f"{self.kind.member} (crm/public/member" in result.stdout and near in result.stdout
        assert f"{self.kind.staff} lacks 1 column of crm/public/staff: phone (near: Phone)" in result.stdout


class TestDataHub(CatalogContract):
    kind = DATAHUB
    reads = (
        ("/entity/dataset/batchGet", "push"),
        ("/entity/dataset/batchGet", "check"),
        ("/entity/dataset/batchGet", "owners"),
        ("/entity/schemaField/batchGet", "push"),
        ("/entity/glossaryTerm/batchGet", "push"),
        ("/entity/structuredProperty/batchGet", "push"),
        ("/entity/dataset?count", "check"),
    )


class TestAtlas(CatalogContract):
    kind = ATLAS
    reads = (
        ("/bulk/uniqueAttribute/", "push"),
        ("/bulk/uniqueAttribute/", "check"),
        ("/bulk/uniqueAttribute/", "owners"),
        ("/entity/bulk?guid", "push"),
        ("/typedefs?type=", "push"),
        ("/businessmetadatadef/", "push"),
        ("/search/basic", "check"),
    )


class TestOpenMetadata(CatalogContract):
    kind = OPENMETADATA
    reads = (
        ("/tables/name/", "push"),
        ("/tables/name/", "check"),
        ("/tables/name/", "owners"),
        ("/tables/name/", "decisions"),
        ("/tags/name/", "push"),
        ("/tags/name/", "decisions"),
        ("/classifications/name/", "push"),
        ("/metadata/types/", "push"),
        ("/v1/tables?limit", "check"),
        ("/versions", "decisions"),
        ("/users/name/", "decisions"),
        ("/v1/tasks", "decisions"),
    )

    @pytest.mark.xfail(strict=True, reason="an accepted tag set by hand is withdrawn as if it were ours")
    def test_a_mark_a_person_took_away_and_set_by_hand_is_not_taken_away(self, catalog, tmp_path):
        super().test_a_mark_a_person_took_away_and_set_by_hand_is_not_taken_away(catalog, tmp_path)
