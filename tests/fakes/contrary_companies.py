"""Companies that answer contradictorily and at borders, as a file of facts; and the laws that hold of them.

What is refused is refused in one line a fault, at a key; without the keys at fault the rest is decided.
"""

import random
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import yaml
from imported_lists import imported

from detectors.errors import ChujingError
from mappings.decide import is_allowed
from mappings.model import IN_BAND
from mappings.readiness import flow_readiness
from mappings.rules import in_force
from mappings.zones import load_zone
from reports.filings.papers import PAPERS
from reports.filings.scenario import PATHS_BY_MECHANISM
from reports.messages.render import render
from reports.model import Report
from scanner.review.redecide import WhatIf, decide_stated

DAY = date(2026, 7, 15)
RULES = in_force(DAY)
FACTS = RULES.raw["facts"]
BORDERS = (0, 1, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 10_000_000)
DAYS = tuple(str(DAY + timedelta(days=n)) for n in (-400, -195, -194, -1, 0, 1, 60))
ZONES = ("上海", "天津", "none", "北京", "上海、天津", "火星")
LISTS = (
    "shanghai_2025", "tianjin_2024", "shanghai_2024", "beijing_2025", "none", imported("tianjin_2024"),
    imported("shanghai_2025"), imported("beijing_2024"),
)
COUNTRIES = ("DE", "德国", "US", "HK", "香港", "CN", "中国", "火星", "Mars", "", "XX", "TW", "SG")
ONWARD = ((), (), (), ("Acme (US)",), ("母公司（香港）",))
EVERY = ("", "", "month", "实时", "一次性", "on demand")
TEXTS = {
    "ftz_list": LISTS, "zone_scenario": ("药物临床试验和研发", "汽车", "火星探测"),
    "notified_by": ("省网信办", "待定"),
}
SECTORS = ("", "零售", "汽车", "医药", "火星探测")
PURPOSES = ("", "crm", "hr_management", "marketing", "expenses", "医疗救助", "exp_recruitment_resume")
CLAIMS = ("none", "none", "art4", "art5_1", "art5_2", "art5_3", "statutory_duty", "ftz", "ftz")
MODES = ("transfer", "transfer", "access_from_abroad", "access_inside_china", "collected_abroad")
GROUPS = ("", "", "employee", "customer", "applicant", "business_contact")
ACTS = ("文号一", "公告2026年第1号", "none", "有")
CONDITIONS = (
    "zone_in_scope", "list_in_force", "list_complete", "sector_listed", "scenario_listed",
    "entry_matched", "filed", "fields_necessary", "emergency", "labour_rules", "collective_contract",
    "contract_with_individual", "employees_only", "collected_abroad", "domestic_data_introduced",
    "statutory_duty_applies",
)
LIST_BY_ZONE = {"上海": "shanghai_2025", "天津": "tianjin_2024", "北京": "beijing_2025"}
TRIES = 6                                     # ways in which what else is open is answered
ROUNDS = 40                                   # answers after which nothing is asked any more
MOST_TRIED = 2                                # questions of a company, and answers left out, that are tried
ALLOWED = ("exempt", "contract", "assessment")
PLACEHOLDERS = {                              # (fact, what stands for an answer) -> an answer
    ("zone", "ZONE"): "天津", ("list_adopted_on", "DAY"): "2026-01-01",
    ("ftz_list", "yes"): imported("tianjin_2024"), ("ftz_list", "no"): "none",
}


# ---- the generator


def answer(draw: random.Random, fact: str) -> str:
    """Return an answer to a fact, of its kind or unknown."""
    values = FACTS[fact]["values"]
    match values[0]:
        case "date":
            return draw.choice(DAYS)
        case "number":
            return str(draw.choice(BORDERS))
        case "zone":
            return draw.choice(ZONES)
        case "act":
            return draw.choice(ACTS)
        case "text":
            return draw.choice(TEXTS.get(fact, ("x",)))
    if fact in CONDITIONS and draw.random() < 0.6:
        return "no" if fact in ("entry_matched", "domestic_data_introduced") else "yes"
    return draw.choice((*map(str, values), "unknown"))


def persons(draw: random.Random) -> dict:
    """Return numbers of persons at borders, at times more children than persons, or bounds the wrong way."""
    most = draw.choice(BORDERS)
    stated = {"individuals": most, "sensitive": draw.choice((0, 0, 1, min(most, 9_999), 10_000))}
    if draw.random() < 0.3:
        stated["minors"] = draw.choice((0, 0, 1, most, most + 1))
    if draw.random() < 0.2:
        stated["individuals"] = {"low": draw.choice(BORDERS), "high": most}
    if draw.random() < 0.15:
        stated.pop(draw.choice(tuple(stated)))
    return stated


def flow(draw: random.Random, id: str) -> dict:
    """Return a flow as somebody describes it."""
    stated = {
        "id": id, "recipient": draw.choice(("HQ", "HQ Inc.", "acme", "")), "country": draw.choice(COUNTRIES),
        "mode": draw.choice(MODES), "claim": draw.choice(CLAIMS), "purpose": draw.choice(PURPOSES),
        "status": draw.choice(("planned", "active", "active", "stopped")), "every": draw.choice(EVERY),
        "subject_group": draw.choice(GROUPS), "onward": list(draw.choice(ONWARD)), **persons(draw),
    }
    for key in ("since", "until"):
        if draw.random() < (0.5 if key == "since" else 0.2):
            stated[key] = draw.choice(DAYS)
    if draw.random() < 0.4:
        stated["left"] = persons(draw)
    own = [name for name, about in FACTS.items() if about["scope"] == "flow"]
    chosen = {name for name in own if draw.random() < (0.5 if name in CONDITIONS else 0.12)}
    stated["facts"] = {name: answer(draw, name) for name in own if name in chosen}
    return {key: value for key, value in stated.items() if value not in ("", [], {})}


def contrary_company(draw: random.Random) -> dict:
    """Return the facts of a company with one to three flows, before anything in it is refused."""
    entity = [name for name, about in FACTS.items() if about["scope"] == "entity"]
    chosen = {name for name in entity if draw.random() < (0.4 if name in CONDITIONS else 0.12)}
    facts = {name: answer(draw, name) for name in entity if name in chosen}
    facts |= {"ciio": draw.choice(("no", "no", "yes", "unknown")), "zone": draw.choice(ZONES)}
    facts["sector"] = draw.choice(SECTORS)
    if draw.random() < 0.5:
        facts["readings"] = draw.choice(("strict", "practice"))
    flows = [flow(draw, f"f{i}") for i in range(draw.randint(1, 3))]
    for each in flows:
        important = draw.choice(("none", "none", "candidate", "unknown"))
        each.setdefault("facts", {}).setdefault("important_data", important)
    return {
        "as_of": str(DAY), "entity": "acme", "facts": {k: v for k, v in facts.items() if v}, "flows": flows,
    }


# ---- what becomes of it


@dataclass
class Judged:
    """A company without the keys that were refused. faults: what was refused, key by key."""

    facts: dict
    folder: Path
    faults: list = field(default_factory=list)
    broken: list[str] = field(default_factory=list)         # what broke while it was read

    @cached_property
    def report(self) -> Report:
        """The decided report."""
        return decided(self.facts, self.folder)


def decided(facts: dict, folder: Path) -> Report:
    """Return the report that `chujing decide --facts` makes of them."""
    file = folder / "facts.yaml"
    file.write_text(written(facts), encoding="utf-8")
    return decide_stated(file, WhatIf(), None)


def written(facts: dict) -> str:
    """Return facts as YAML, one key a line."""
    return yaml.safe_dump(
        _quoted(facts), allow_unicode=True, sort_keys=False, default_flow_style=False, width=9_999
    )


def _quoted(value):
    if isinstance(value, dict):
        return {key: _quoted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_quoted(each) for each in value]
    return value if isinstance(value, int) else str(value)


def judged(facts: dict, folder: Path) -> Judged:
    """Return a company as it can be decided: whatever key is refused goes, until nothing is."""
    made = Judged(facts, folder)
    for _ in range(40):
        try:
            assert made.report
            return made
        except ChujingError as error:
            text = written(made.facts)
            for fault in getattr(error, "faults", ()) or (error,):
                made.broken += line_faults(fault)
                made.faults.append(fault)
                line, what = fault.where.rpartition(":")[2], render(fault.what, "en")
                if not line.isdecimal() or not _remove(made.facts, text, int(line), what):
                    made.broken.append(f"at no key: {fault.line()}")
                    return made
    made.broken.append("refused for ever")
    return made


def line_faults(fault) -> Iterator[str]:
    """Yield what is wrong with how a fault is said: one line in each language, and what to do."""
    said = {lang: (render(fault.what, lang), render(fault.hint, lang)) for lang in ("en", "zh")}
    for lang, (what, hint) in said.items():
        says_itself = any(word in said["en"][0] for word in ("missing", "must be"))
        if not what or not (hint or says_itself) or "\n" in what or "{" in what + hint:
            yield f"no clear line ({lang}): {what!r} {hint!r}"
    if said["en"][0] == said["zh"][0]:
        yield f"one language only: {said['en'][0]}"


def _remove(facts: dict, text: str, line: int, what: str) -> bool:
    """Take away what stands on a line; of a whole flow what the fault names. Return whether it may go."""
    path = _paths(text).get(line)
    if path is None:
        return False
    *above, key = path
    if key == "id":
        return _remove_named(facts, facts["flows"][above[1]], what)
    place = facts
    for part in above:
        if isinstance(place, dict) and part not in place:
            return True                       # it went with another fault
        place = place[part]
    if isinstance(place, dict):
        place.pop(key, None)
    elif key < len(place):
        del place[key]
    return key not in ("as_of", "entity")


def _remove_named(facts: dict, flow: dict, what: str) -> bool:
    """Take away what a fault of a whole flow names, wherever it stands; or it went with another fault."""
    numbers = [name for name in ("sensitive", "minors") if name in what]
    for name in [*numbers, *re.findall(r'"(\w+)"', what)]:
        for place in (flow.get("facts", {}), flow, facts.get("facts", {})):
            if name in place and name != "id":
                del place[name]
                return True
    return "small_processor" in what or bool(numbers)


def _paths(text: str) -> dict:
    """Line -> the path of the innermost key or member that begins there."""
    found: dict = {}

    def walk(node, path):
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[key.start_mark.line + 1] = [*path, key.value]
                walk(value, [*path, key.value])
        elif isinstance(node, yaml.SequenceNode):
            for i, value in enumerate(node.value):
                if isinstance(value, yaml.ScalarNode):
                    found[value.start_mark.line + 1] = [*path, i]
                walk(value, [*path, i])

    walk(yaml.compose(text), [])
    return found


# ---- laws: each yields what breaks it


def refusals_are_clear(made: Judged) -> Iterator[str]:
    """What is refused is refused at a key, in one line of each language, with what to do."""
    yield from made.broken


def own_outcomes(made: Judged) -> Iterator[str]:
    """A flow's own outcome, and all of a flow outside the count, is the same whatever stands beside it."""
    if len(made.facts["flows"]) == 1:
        return
    for described, beside in zip(made.facts["flows"], made.report.flows, strict=True):
        [alone] = decided({**made.facts, "flows": [described]}, made.folder).flows
        if alone.own != beside.own:
            yield f"{described['id']}: its own outcome is {alone.own} alone and {beside.own} beside others"
        if IN_BAND not in alone.own and alone.decision.possible != beside.decision.possible:
            yield f"{described['id']}: it does not count and others move it"


def papers_follow_paths(made: Judged) -> Iterator[str]:
    """No paper holds a flow whose path does not call for it; what is refused stands in none."""
    for id, kind in PAPERS.items():
        paths = set(PATHS_BY_MECHANISM[kind.mechanism])
        for name, pack in kind.packs(made.report).items():
            flows = [each for scenario in pack.scenarios for each in scenario.flows]
            if not flows:
                yield f"{name}: nothing stands in it"
            for each in flows:
                possible = set(each.decision.possible)
                if not possible & paths or each.flow.status == "stopped":
                    yield f"{id}: {each.flow.id} stands in it, {possible}, {each.flow.status}"
                if possible & {"blocked_without_approval", "not_necessary_stop"}:
                    yield f"{id}: {each.flow.id} is refused and stands in it"


def dates_agree(made: Judged) -> Iterator[str]:
    """No outcome against a date beside it: of a list, of the act that adopts it, of the flow itself."""
    day, company = str(DAY), made.facts.get("facts", {})
    for each in made.report.flows:
        own = {**company, **each.flow.facts}
        ready = flow_readiness(each).is_ready and not each.not_ready
        if each.flow.status == "active" and each.flow.since is not None and each.flow.since > DAY:
            yield f"{each.flow.id}: it runs and begins later"
        if each.decision.possible != ("exempt_ftz",):
            continue
        book = load_zone(own["ftz_list"]) if own.get("ftz_list", "none") != "none" else None
        if book is not None and book.day_fault(DAY) is not None:
            yield f"{each.flow.id}: exempt by {book.id}, which is not of the day"
        if book is not None and not book.entries:
            yield f"{each.flow.id}: exempt by {book.id}, of which no entry is here"
        is_own = own.get("zone_in_scope") == "yes" or (book is not None and book.covers(own.get("zone", "")))
        is_adopted = own.get("list_adopted_by", "none") != "none" and not is_own
        if is_adopted and own.get("list_adopted_on", "9999") > day:
            yield f"{each.flow.id}: exempt by an act that holds from {own.get('list_adopted_on')}"
        if ready and own.get("list_in_force") == "no":
            yield f"{each.flow.id}: exempt by a list that is not in force"


def questions_change_something(made: Judged) -> Iterator[str]:
    """An answer to what is asked takes paths away, adds none; answers differ in paths or what is asked then.

    Where several things are open it may take answers to the others, too, before they do.
    """
    asked = _asked(made.report)
    for fact, scope in random.Random(str(made.facts)).sample(sorted(asked), min(len(asked), MOST_TRIED)):
        outcomes = {}
        for value in asked[fact, scope]:
            outcomes[value] = outcome = _outcome_of(_answered(made.facts, fact, scope, value), made.folder)
            for each in made.report.flows if outcome else ():
                possible, _ = outcome[each.flow.id]
                if not set(possible) <= set(each.decision.possible):
                    yield f"{fact}={value}: {each.decision.possible} becomes {possible}"
        if not _differ(outcomes) and not _differ_together(made, (fact, scope), asked[fact, scope]):
            yield f"{fact} {scope}: whatever is answered, nothing changes: {next(iter(outcomes.values()))}"


def questions_end(made: Judged) -> Iterator[str]:
    """Whoever answers what is asked, and what is asked then, comes to an end: nothing is left to ask.

    An answer that contradicts another is refused; the key at fault goes, and what it said is asked again.
    """
    facts, draw = made.facts, random.Random(str(made.facts))
    for _ in range(ROUNDS):
        asked = _asked(decided(facts, made.folder))
        if not asked:
            return
        fact, scope = draw.choice(sorted(asked))
        answers = [_answered(facts, fact, scope, value) for value in asked[fact, scope]]
        fitting = [each for each in answers if _outcome_of(each, made.folder)]
        facts = draw.choice(fitting) if fitting else judged(deepcopy(draw.choice(answers)), made.folder).facts
    yield f"after {ROUNDS} answers there is still something to ask: {sorted(asked)}"


def _asked(report: Report) -> dict:
    """Return what is asked and answered by a fact or reading: (fact, flow) -> the answers, widest first."""
    asked = {(q.fact, q.scope): q.leads_to for each in report.flows for q in each.decision.questions}
    return {
        key: sorted(leads, key=lambda value: -len(leads[value])) for key, leads in asked.items()
        if key[0] in FACTS or key[0] in RULES.raw["readings"]
    }


def _differ(outcomes: dict) -> bool:
    """Do answers change paths or what is asked, or is there but one that contradicts nothing?"""
    possible = [str(outcome) for outcome in outcomes.values() if outcome]
    return len(possible) < 2 or len(set(possible)) > 1


def _differ_together(made: Judged, key: tuple, values: list) -> bool:
    """Do answers differ once the rest is answered, first so that most stays open, then by chance?"""
    draw = random.Random(1)
    for n in range(TRIES):
        facts = made.facts
        for _ in range(4):                    # what is asked then is answered, too
            try:
                asked = _asked(decided(facts, made.folder))
            except ChujingError:
                break
            for other in sorted(asked.keys() - {key}):
                facts = _answered(facts, *other, asked[other][0] if n == 0 else draw.choice(asked[other]))
        outcomes = {v: _outcome_of(_answered(facts, *key, v), made.folder) for v in values}
        if all(outcomes.values()) and _differ(outcomes):
            return True
    return False


def _outcome_of(facts: dict, folder: Path) -> dict:
    """Return by flow its possible paths and what is asked; none where the facts contradict each other."""
    try:
        report = decided(facts, folder)
    except ChujingError:
        return {}
    return {
        each.flow.id: (
            each.decision.possible, [(q.fact, q.scope, dict(q.leads_to)) for q in each.decision.questions],
        )
        for each in report.flows
    }


def _answered(facts: dict, fact: str, scope: str, value: str) -> dict:
    zone = facts.get("facts", {}).get("zone", "")
    value = PLACEHOLDERS.get((fact, value), value)
    if fact == "ftz_list" and zone in LIST_BY_ZONE and value != "none":
        value = imported(LIST_BY_ZONE[zone])
    flows = [
        {**each, "facts": {**each.get("facts", {}), fact: value}} if each["id"] == scope else each
        for each in facts["flows"]
    ]
    own = {} if scope else {fact: value}
    return {**facts, "facts": {**facts.get("facts", {}), **own}, "flows": flows}


def absence_clears_nothing(made: Judged) -> Iterator[str]:
    """What nobody answers, or nobody counted, allows nothing more and makes nothing ready.

    Whose data a flow is about is no answer: an applicant's is asked for more than anybody's.
    """
    before = {each.flow.id: each for each in made.report.flows}
    ways = list(_with_less(made.facts))
    for what, less in random.Random(str(made.facts)).sample(ways, min(len(ways), 3 * MOST_TRIED)):
        try:
            report = decided(less, made.folder)
        except ChujingError:
            continue
        for each in report.flows:
            known = before[each.flow.id]
            for allow in ALLOWED:
                if is_allowed(each.decision, allow) and not is_allowed(known.decision, allow):
                    paths = f"{known.decision.possible} becomes {each.decision.possible}"
                    yield f"{each.flow.id}, without {what}: {paths}"
            ready = [flow_readiness(r).is_ready and not r.not_ready for r in (known, each)]
            same = each.decision.path == known.decision.path
            if ready == [False, True] and known.decision.certain and same:
                yield f"{each.flow.id}, without {what}: ready"


def _with_less(facts: dict) -> Iterator[tuple[str, dict]]:
    """Yield what is left out, and the facts without it: an answer becomes unknown, a count is not stated."""
    for name in facts.get("facts", {}):
        if FACTS.get(name, {}).get("values") != ["text"]:
            yield name, {**facts, "facts": {**facts["facts"], name: "unknown"}}
    for i, each in enumerate(facts["flows"]):
        for name in each.get("facts", {}):
            if FACTS.get(name, {}).get("values") != ["text"]:
                own = {**each["facts"], name: "unknown"}
                yield f"{each['id']} {name}", _with_flow(facts, i, {**each, "facts": own})
        for name in ("individuals", "sensitive", "country", "recipient", "left"):
            if name in each:
                rest = {key: value for key, value in each.items() if key != name}
                yield f"{each['id']} {name}", _with_flow(facts, i, rest)


def _with_flow(facts: dict, i: int, flow: dict) -> dict:
    return {**facts, "flows": [flow if n == i else each for n, each in enumerate(facts["flows"])]}




LAWS = (
    refusals_are_clear, own_outcomes, papers_follow_paths, dates_agree, questions_change_something,
    questions_end, absence_clears_nothing,
)
