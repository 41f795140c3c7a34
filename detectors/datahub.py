"""DataHub's own ingestion asks us: a classifier for the recipe, loaded by its dotted path.

    classification:
      enabled: true
      max_workers: 1                          # more would cut tables into pieces, and context would be lost
      sample_size: 1000
      classifiers:
        - type: detectors.datahub.Classifier
          config: {source: crm, reviews: reviews.yaml}

Terms are those of `chujing push --to datahub`: `chujing.suggested.<label>` (疑似·待复核), or
`chujing.accepted.<label>` where a review given in the configuration accepts it. Contract: acryl-datahub 1.7,
`ingestion/glossary/classifier.py`, `classification_types.py`.
"""

from __future__ import annotations

import logging
import multiprocessing
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from datahub.ingestion.glossary.classification_types import ColumnInfo as DataHubColumn
from datahub.ingestion.glossary.classification_types import DebugInfo, InfotypeProposal
from datahub.ingestion.glossary.classifier import Classifier as DataHubClassifier

from detectors import custom
from detectors.columns import detect
from detectors.errors import ConfigError, nearest
from detectors.input_files import input_text
from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnInfo, ColumnSample, TableInfo, TableRef
from detectors.renamed import old_names

SETTINGS = ("source", "reviews", "node", "min_confidence", "detectors")
MOST = 65_536                                 # characters of a cell that are examined

VERDICTS = ("accept", "reject", "relabel")
UNREAD = (bytes, bytearray, memoryview, dict, list, set)       # kinds of cells that are not examined
PLACES = 1_000_000                            # more reviews than there are in a file

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StandingReview:
    """What a review says of the columns it was made for.

    verdict: accept, reject or relabel (to the label `to`). columns: id -> label it speaks of, empty for
    any. rank: the highest counts. A review of one column ranks over one of several, a table, a pattern; a
    later over an earlier one.
    """

    verdict: str
    columns: Mapping[str, str]
    rank: int
    to: str

    def on(self, columns: Sequence[str], label: str) -> bool:
        """Does it speak of the label on a column, given by all of its ids?"""
        return any(self.columns[column] in ("", label) for column in columns if column in self.columns)


class Classifier(DataHubClassifier):  # type: ignore[misc, unused-ignore]
    """Labels the columns of a table, all of them together."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        for key in settings:
            if key not in SETTINGS:
                raise ConfigError(
                    Msg('unknown setting "{name}"', name=key),
                    where="classifiers",
                    hint=nearest(key, SETTINGS) or Msg("known: {names}", names=str(SETTINGS)),
                )
        self._source = str(settings.get("source", ""))
        self._node = str(settings.get("node", "chujing"))
        self._min_confidence = float(settings.get("min_confidence", 0))
        self._reviews = tuple(decisions(settings.get("reviews") or ()))
        if settings.get("detectors"):
            custom.use(Path(settings["detectors"]))

    @classmethod
    def create(cls, config_dict: Mapping[str, Any] | None) -> Classifier:
        """Return a classifier as the recipe configures it."""
        return cls(config_dict or {})

    def classify(self, columns: list[DataHubColumn]) -> list[DataHubColumn]:
        """Return the columns, with a proposal where one is labelled.

        Raise ConfigError in a worker process. A fault of ours leaves its table without proposals, and no
        value in a log.
        """
        if multiprocessing.parent_process() is not None:
            raise ConfigError(
                Msg("a table's columns have to be seen together"),
                where="classification",
                hint=Msg("max_workers: 1"),
            )
        for dataset, of_dataset in _by_dataset(columns).items():
            try:
                self._propose(dataset, of_dataset)
            except Exception as e:  # its message may hold values
                log.warning(
                    "%s was not classified: internal error, %s; please report it with this word",
                    dataset, type(e).__name__,
                )
        return columns

    def _propose(self, dataset: str, columns: Sequence[DataHubColumn]) -> None:
        """Set the proposals of one table's columns. dataset: `database.schema.table`, or the end of it."""
        *above, name = dataset.split(".")
        source = self._source or (above[0] if above else "datahub")
        infos = tuple(_column_info(column) for column in columns)
        table = TableInfo(TableRef(name, above[-1] if len(above) > 1 else ""), infos)
        samples = [
            ColumnSample(table.ref.column(source, info.parts), table, info, _cells(column.values))
            for info, column in zip(infos, columns, strict=True)
        ]
        primary = {finding.column: finding for finding in detect(table, samples) if finding.primary}
        for sample, column in zip(samples, columns, strict=True):
            without_schema = TableRef(name).column(source, sample.column.parts)
            term = self._term(primary.get(sample.id), (sample.id, without_schema))
            column.infotype_proposals = [term] if term is not None else []

    def _term(self, finding: ColumnFinding | None, ids: Sequence[str]) -> InfotypeProposal | None:
        label = finding.label if finding is not None else ""
        reviews = (review for review in self._reviews if review.on(ids, label))
        review = max(reviews, key=lambda r: r.rank, default=None)
        if review is not None and review.verdict == "relabel":
            return self._proposal(f"accepted.{review.to}", 1.0)
        if finding is None or review is not None and review.verdict == "reject":
            return None
        if review is not None:
            return self._proposal(f"accepted.{label}", 1.0)
        if finding.confidence < self._min_confidence:
            return None
        return self._proposal(f"suggested.{label}", finding.confidence)

    def _proposal(self, term: str, confidence: float) -> InfotypeProposal:
        return InfotypeProposal(f"{self._node}.{term}", confidence, DebugInfo())


def decisions(reviews: str | Sequence[Mapping[str, Any]]) -> Iterator[StandingReview]:
    """Yield the reviews that count of a `reviews.yaml` or of its entries; raise ConfigError if it is none.

    Undone and expired ones, and mere justifications, are left out.
    """
    entries = _entries(reviews) if isinstance(reviews, str) else list(reviews)
    undone = {str(entry["undo"]): place for place, entry in enumerate(entries) if entry.get("undo")}
    if missing := set(undone) - {str(entry.get("id", "")) for entry in entries}:
        raise ConfigError(
            Msg("{name} is undone, and no entry has this id", name=min(missing)),
            where=reviews if isinstance(reviews, str) else "reviews",
            hint=Msg("chujing review export -o standing.yaml writes those that count"),
        )
    for place, entry in enumerate(entries):
        until = entry.get("until")
        expired = until is not None and date.fromisoformat(str(until)) < date.today()
        recorded_again = place >= undone.get(str(entry.get("id", "")), -1)
        if entry.get("verdict") in VERDICTS and recorded_again and not expired:
            yield _standing(entry, place)


def _standing(entry: Mapping[str, Any], place: int) -> StandingReview:
    """One of columns speaks of its label there; one of a table or pattern of the columns it lists."""
    columns = [str(entry["column"])] if entry.get("column") else [str(c) for c in entry.get("columns") or ()]
    if columns:
        labelled = str(entry.get("label") or "") or _label(entry.get("seen"))
        labels = dict.fromkeys(columns, "" if entry["verdict"] == "relabel" else labelled)
        specific = 3 if len(columns) == 1 else 2
    else:
        labels = {str(column): _label(basis) for column, basis in (entry.get("saw") or {}).items()}
        specific = 1 if entry.get("table") else 0
    return StandingReview(str(entry["verdict"]), labels, specific * PLACES + place, str(entry.get("to", "")))


def _label(basis: object) -> str:
    """The label at the head of what a review was made of; empty where there was none."""
    return str(basis or "").split(" ", 1)[0].removesuffix("-")


def _entries(path: str) -> list[Mapping[str, Any]]:
    import yaml

    try:
        entries = yaml.safe_load(input_text(Path(path), ConfigError))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as e:
        raise ConfigError(
            Msg("the reviews cannot be read ({kind})", kind=type(e).__name__), where=path
        ) from None
    entries = [] if entries is None else entries
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(Msg("these are no reviews"), where=path, hint=Msg("chujing review writes them"))
    return entries


def _by_dataset(columns: Iterable[DataHubColumn]) -> Mapping[str, list[DataHubColumn]]:
    datasets: dict[str, list[DataHubColumn]] = {}
    for column in columns:
        datasets.setdefault(column.metadata.dataset_name or "", []).append(column)
    return datasets


def _column_info(column: DataHubColumn) -> ColumnInfo:
    """A column in our words. DataHub leaves `metadata.datatype` empty; what it has stands in `meta_info`."""
    name = re.sub(r"\[(?:version|type|key)=[^\]]*\]\.", "", column.metadata.name or "")
    path = tuple(name.split(".")) if name != column.metadata.name else (name,)
    declared = str(column.metadata.meta_info.get("DataType") or "")
    kind = re.sub(r"\w+=|'[^']*'", "", declared).lower().replace("()", "")
    return ColumnInfo(name, kind, column.metadata.description or "", path=path)


def _cells(values: Sequence[Any]) -> pa.Array | None:
    """Cells as an Arrow array, as text where they are of several kinds; None without any."""
    cells = [None if isinstance(value, UNREAD) else value for value in values]
    if not any(cell is not None for cell in cells):
        return None
    try:
        return pa.array([cell[:MOST] if isinstance(cell, str) else cell for cell in cells])
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([None if cell is None else str(cell)[:MOST] for cell in cells])


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
