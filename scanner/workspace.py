"""A folder in which chujing works: its configuration, what people recorded beside it, and the state.

Opened once for a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from detectors.errors import ConfigError, Gathering
from detectors.message import Msg
from detectors.yaml_document import Document
from mappings.baseline import FiledScenario
from mappings.chosen_readings import Origins
from reports.reviews.collection import Reviews
from scanner.config import hash_key, model
from scanner.config.contradictions import check_fit
from scanner.config.model import Config
from scanner.records import answers, filings, reviews
from scanner.records.answers import Answers, FactAnswer, FieldReply


@dataclass(frozen=True, slots=True)
class Workspace:
    """One folder as it stands when it is opened.

    configured: whether it has a chujing.yaml; without one `config` is empty, and of the records only reviews
    are read. config: chujing.yaml, with the recorded answers laid over its facts and those of its flows.
    entity_facts: facts that are one legal entity's own, by entity.
    """

    folder: Path = Path()
    config: Config = Config(sources=())
    configured: bool = False
    entity_facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answers: Answers = Answers()
    reviews: Reviews = field(default_factory=Reviews, repr=False)
    past_filings: tuple[FiledScenario, ...] = ()

    @property
    def config_name(self) -> str:
        """The name of the configuration's file; empty: there is none."""
        return Path(self.config.file).name if self.config.file else ""

    @property
    def field_replies(self) -> tuple[FieldReply, ...]:
        """The last reply on each field of each flow."""
        return self.answers.replies()

    @property
    def origins(self) -> Origins:
        """Who stated a fact of the group, or of one entity, and when."""
        stated = self.config.fact_provenance.items()
        group = {("", fact): (source.get("by", ""), source.get("on", "")) for fact, source in stated}
        answered = (answer for answer in self.answers.latest().values() if answer.entity)
        return group | {(a.entity, a.fact): (a.by, str(a.on)) for a in answered}

    def reread(self) -> Workspace:
        """Return the workspace with its reviews as they stand now."""
        return replace(self, reviews=reviews.read(self.folder))

    def year_key(self, year: int) -> tuple[bytes, Path | None]:
        """Return the year's hash key, checked against the state, and the key file if it was just made."""
        return hash_key.key_of_year(self.config.key_file, year, self.folder)


def open_workspace(file: Path | None = None, required: bool = True, day: date | None = None) -> Workspace:
    """Return the folder of a configuration, ./chujing.yaml by default.

    Raise ConfigError with all faults in the configuration and the records, and for a missing configuration:
    with required=False only if it was named. day: of the decision, today by default.
    """
    path = file or Path(model.FILE)
    if file is None and not required and not path.exists():
        return Workspace(path.parent, reviews=reviews.read(path.parent))
    problems = Gathering()
    with problems:
        config = model.read(path, day)
    if problems.errors:                       # what is recorded beside it is read all the same
        for read in (answers.read, filings.read, reviews.read):
            with problems:
                read(path.parent)
    problems.raise_all()
    return workspace_of(config)


def workspace_of(config: Config) -> Workspace:
    """Return the folder of a configuration that was read from a file.

    One made by hand has nothing recorded beside it.
    """
    folder = Path(config.file).parent if config.file else Path()
    if config.document is None:
        return Workspace(folder, config, configured=True)
    problems = Gathering()
    with problems:
        recorded = answers.read(folder)
        config, entity_facts = _with_answers(config, recorded, config.document)
    with problems:
        past_filings = filings.read(folder)
    with problems:
        past_reviews = reviews.read(folder)
    problems.raise_all()
    return Workspace(
        folder,
        config,
        configured=True,
        entity_facts=entity_facts,
        answers=recorded,
        past_filings=past_filings,
        reviews=past_reviews,
    )


def _with_answers(
    config: Config, recorded: Answers, doc: Document
) -> tuple[Config, Mapping[str, Mapping[str, str]]]:
    """The configuration with recorded answers, and the facts that are one entity's own, by entity.

    An answer about a flow or an entity that has left the configuration is history.
    """
    facts, provenance = dict(config.facts), dict(config.fact_provenance)
    of_entity: dict[str, dict[str, str]] = {}
    of_flow = {f.id: dict(f.facts) for f in config.flows}
    for answer in recorded.latest().values():
        if (answer.flow and answer.flow not in of_flow) or (
            answer.entity and answer.entity not in config.entities
        ):
            continue
        if answer.flow:
            _lay_over(answer, of_flow[answer.flow], doc)
        elif answer.entity:
            _lay_over(answer, of_entity.setdefault(answer.entity, {}), doc)
        else:
            _lay_over(answer, facts, doc)
            parts = {"value": answer.value, "by": answer.by, "on": str(answer.on), "how": answer.how}
            provenance[answer.fact] = parts
    flows = tuple(replace(f, facts=of_flow[f.id]) for f in config.flows)
    check_fit(facts, of_entity, flows, doc)
    return replace(config, facts=facts, fact_provenance=provenance, flows=flows), of_entity


def _lay_over(answer: FactAnswer, facts: dict[str, str], doc: Document) -> None:
    """Put an answer among facts; raise ConfigError where they say otherwise."""
    stated = facts.get(answer.fact, "unknown")
    if stated not in ("unknown", answer.value):
        where = ("flows", "facts", answer.fact) if answer.flow else ("exporter", "facts", answer.fact)
        raise ConfigError(
            Msg(
                '"{fact}" is "{value}" here and "{other}" in {file} ({by}, {on})',
                fact=answer.fact,
                value=stated,
                other=answer.value,
                file=answers.FILE,
                by=answer.by,
                on=answer.on,
            ),
            where=doc.where(*where),
            hint=Msg("remove one of the two"),
        )
    facts[answer.fact] = answer.value
