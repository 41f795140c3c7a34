"""DataHub's own ingestion asks us: a classifier for the recipe, loaded by its dotted path.

    classification:
      enabled: true
      max_workers: 1                          # more cuts tables into fives in processes of their own, and context is lost
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
from datahub.ingestion.glossary.classification_types import ColumnInfo as Asked
from datahub.ingestion.glossary.classification_types import DebugInfo, InfotypeProposal
from datahub.ingestion.glossary.classifier import Classifier as Base

from detectors.columns import detect
from detectors.errors import ConfigError, nearest
from detectors.message import Msg
from detectors.model import ColumnFinding, ColumnInfo, ColumnSample, TableInfo, TableRef
from detectors.renamed import old_names

SETTINGS = ("source", "reviews", "node", "min_confidence", "detectors")
MOST = 65_536                                 # characters of a cell looked at

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StandingReview:
    """What a review says of columns it saw."""

    verdict: str                              # accept, reject or relabel
    columns: Mapping[str, str]                # id -> label it speaks of there; empty: of any
    rank: int                                 # the more specific one counts: column, group, table, pattern; of equals the later
    to: str

    def on(self, columns: Sequence[str], label: str) -> bool:
        return any(self.columns[c] in ("", label) for c in columns if c in self.columns)


class Classifier(Base):  # type: ignore[misc, unused-ignore]
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
        self._least = float(settings.get("min_confidence", 0))
        self._decided = tuple(decisions(settings.get("reviews") or ()))
        if settings.get("detectors"):
            _use(Path(settings["detectors"]))

    @classmethod
    def create(cls, config_dict: Mapping[str, Any] | None) -> Classifier:
        """A classifier as the recipe configures it."""
        return cls(config_dict or {})

    def classify(self, columns: list[Asked]) -> list[Asked]:
        """The columns with a proposal where one is labelled. A fault of ours leaves the table without, and no value in a log."""
        if multiprocessing.parent_process() is not None:
            raise ConfigError(
                Msg("a table's columns have to be seen together"),
                where="classification",
                hint=Msg("max_workers: 1"),
            )
        for dataset, some in _by_dataset(columns).items():
            try:
                self._table(dataset, some)
            except Exception as e:  # its message may hold values
                log.warning("%s was not classified: internal error, %s; please report it with this word", dataset, type(e).__name__)
        return columns

    def _table(self, dataset: str, columns: Sequence[Asked]) -> None:
        *above, name = dataset.split(".")
        source = self._source or (above[0] if above else "datahub")
        infos = tuple(_info(c) for c in columns)
        table = TableInfo(TableRef(name, above[-1] if len(above) > 1 else ""), infos)
        samples = [ColumnSample(table.ref.column(source, i.parts), table, i, _values(c.values))
                   for i, c in zip(infos, columns, strict=True)]
        found = {f.column: f for f in detect(table, samples) if f.primary}
        for sample, column in zip(samples, columns, strict=True):
            ids = (sample.id, TableRef(name).column(source, sample.column.parts))
            term = self._term(found.get(sample.id), ids)
            column.infotype_proposals = [InfotypeProposal(f"{self._node}.{term[0]}", term[1], DebugInfo())] if term else []

    def _term(self, finding: ColumnFinding | None, ids: Sequence[str]) -> tuple[str, float] | None:
        """(node and label, confidence), or None where there is nothing to say."""
        label = finding.label if finding is not None else ""
        said = max((d for d in self._decided if d.on(ids, label)), key=lambda d: d.rank, default=None)
        if said is not None and said.verdict == "relabel":
            return f"accepted.{said.to}", 1.0
        if finding is None or said is not None and said.verdict == "reject":
            return None
        if said is not None:
            return f"accepted.{label}", 1.0
        return (f"suggested.{label}", finding.confidence) if finding.confidence >= self._least else None


def decisions(reviews: str | Sequence[Mapping[str, Any]]) -> Iterator[StandingReview]:
    """Standing decisions of a `reviews.yaml`, or of its entries. Undone and expired ones, and mere justifications, are left out."""
    entries = _entries(reviews) if isinstance(reviews, str) else list(reviews)
    undone = {str(e["undo"]): n for n, e in enumerate(entries) if e.get("undo")}                   # what is recorded again after it counts
    if missing := set(undone) - {str(e.get("id", "")) for e in entries}:
        raise ConfigError(
            Msg("{name} is undone, and no entry has this id", name=min(missing)),
            where=reviews if isinstance(reviews, str) else "reviews",
            hint=Msg("chujing review export -o standing.yaml writes those that count"),
        )
    for n, e in enumerate(entries):
        until = e.get("until")
        over = until is not None and date.fromisoformat(str(until)) < date.today()
        if e.get("verdict") not in ("accept", "reject", "relabel") or n < undone.get(str(e.get("id", "")), -1) or over:
            continue
        columns = [str(e["column"])] if e.get("column") else [str(c) for c in e.get("columns") or ()]
        label = "" if columns and e["verdict"] == "relabel" else str(e.get("label") or "") or _label(e.get("seen"))
        saw = {str(c): _label(seen) for c, seen in (e.get("saw") or {}).items()}      # of a table or pattern: it decides no others
        rank = 3 if len(columns) == 1 else 2 if columns else 1 if e.get("table") else 0
        labels = dict.fromkeys(columns, label) if columns else saw
        yield StandingReview(str(e["verdict"]), labels, rank * 1_000_000 + n, str(e.get("to", "")))


def _label(seen: object) -> str:
    """The label at the head of what a review was made of; empty where nothing was found."""
    return str(seen or "").split(" ", 1)[0].removesuffix("-")


def _entries(path: str) -> list[Mapping[str, Any]]:
    import yaml

    try:
        read = yaml.safe_load(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as e:
        raise ConfigError(
            Msg("the reviews cannot be read ({kind})", kind=type(e).__name__), where=path
        ) from None
    if not isinstance(read, list | type(None)) or not all(isinstance(e, dict) for e in read or ()):
        raise ConfigError(Msg("these are no reviews"), where=path, hint=Msg("chujing review writes them"))
    return read or []


def _use(path: Path) -> None:
    """Your own detectors beside those that ship."""
    from detectors import custom, registry
    from detectors.names import lexicon

    own = custom.load(path)
    registry.use([c.detector for c in own if c.detector.shape.pattern != "$^"])
    lexicon.use([(c.detector.label, name) for c in own for name in c.names])


def _by_dataset(columns: Iterable[Asked]) -> Mapping[str, list[Asked]]:
    out: dict[str, list[Asked]] = {}
    for c in columns:
        out.setdefault(c.metadata.dataset_name or "", []).append(c)
    return out


def _info(column: Asked) -> ColumnInfo:
    """A column as we know it. DataHub leaves `metadata.datatype` empty; what it knows stands in `meta_info`."""
    name = re.sub(r"\[(?:version|type|key)=[^\]]*\]\.", "", column.metadata.name or "")
    path = tuple(name.split(".")) if name != column.metadata.name else (name,)
    kind = re.sub(r"\w+=|'[^']*'", "", str(column.metadata.meta_info.get("DataType") or "")).lower().replace("()", "")
    return ColumnInfo(name, kind, column.metadata.description or "", path=path)


def _values(cells: Sequence[Any]) -> pa.Array | None:
    """Cells as an Arrow array; as text where they are of several kinds. None where there are none: names and comments alone."""
    full = [None if c is None or isinstance(c, bytes | bytearray | memoryview | dict | list | set) else c for c in cells]
    if not any(c is not None for c in full):
        return None
    try:
        return pa.array([c[:MOST] if isinstance(c, str) else c for c in full])
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([None if c is None else str(c)[:MOST] for c in full])


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
