"""`sources:` in chujing.yaml: where the data is, how it is opened, which tables are read, how gently."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.masking import mask_people, mask_values
from detectors.redaction import redact
from detectors.surrogates import well_formed
from reports.patterns import fits_any
from scanner.config.pace import Pace, parse_window
from scanner.config.secret import Secret, SecretPlace, reveal, secret_place
from scanner.connectors.urls import database_url

if TYPE_CHECKING:
    from detectors.yaml_document import Document
    from scanner.config.grammar.sources import SourceKeys


@dataclass(frozen=True, slots=True)
class Source:
    """Where data is. Passwords are read at use (`revealed`) and never shown.

    secrets: options that nobody may see.
    """

    id: str
    url: str
    password: Secret | None = field(default=None, repr=False)
    dictionary: Path | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    timeout: int = 60                         # seconds
    entity: str = ""  # who holds this data; empty: the only entity, else the group
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    metastore: str = ""
    metastore_password: Secret | None = field(default=None, repr=False)
    pace: Pace = Pace()
    secrets: Mapping[str, Secret] = field(default_factory=dict, repr=False)

    def revealed(self) -> OpenSource:
        """Return what opens the source, secrets among it; raise ConfigError for one that is not there."""
        hidden = {name: reveal(secret) or "" for name, secret in self.secrets.items()}
        return OpenSource(
            self.id, self.url, self.timeout, {**self.options, **hidden}, reveal(self.password),
            self.metastore, reveal(self.metastore_password),
        )

    def all_secrets(self) -> Iterator[Secret | None]:
        """Yield the secrets of the source, or where they are."""
        yield from (self.password, self.metastore_password, *self.secrets.values())

    def selects(self, schema: str, table: str) -> bool:
        """Do include and exclude let a table through? Their patterns are `schema/table` or `table`."""
        names = [f"{schema}/{table}", table] if schema else [table, f"*/{table}"]
        included = not self.include or fits_any(names, self.include)
        return included and not fits_any(names, self.exclude)


@dataclass(frozen=True, slots=True)
class OpenSource:
    """What opens a source, with the secrets as they are now: for whoever opens it, and not kept."""

    id: str
    url: str
    timeout: int
    options: Mapping[str, str] = field(repr=False)
    password: str | None = field(repr=False)
    metastore: str
    metastore_password: str | None = field(repr=False)


def source_name(url: str) -> str:
    """Return a short id for a URL: the name of its database or file, or of a glob's folder."""
    if "://" in url:                          # without the login, the query and the fragment
        url = re.split("[?#;]", re.sub(r"://[^/]*@", "://", redact(url)))[0]
    url = mask_values(url) if "://" in url else mask_people(url)
    parts = [p for p in url.split("?", 1)[0].replace("\\", "/").split("/") if p and not p.endswith(":")]
    for part in reversed(parts[-2:]):
        if stem := part.split(".", 1)[0].replace("*", ""):
            return well_formed(stem)
    return "source"


def read_source(name: str, keys: SourceKeys, doc: Document) -> Source:
    """Return a source of chujing.yaml. Files are relative to its folder."""
    at = ("sources", name)
    base = Path(doc.file).parent
    hidden = {key: secret_place(place, doc, *at, "secrets", key) for key, place in keys.secrets.items()}
    windows = tuple(parse_window(text) for text in keys.blackout)
    return Source(
        id=name,
        url=resolve_url(keys.url, base),
        password=secret_place(keys.password, doc, *at, "password"),
        dictionary=base / keys.dictionary if keys.dictionary else None,
        include=keys.include,
        exclude=keys.exclude,
        timeout=keys.timeout,
        entity=keys.entity,
        options=keys.options,
        metastore=os.path.expandvars(keys.metastore),
        metastore_password=secret_place(keys.metastore_password, doc, *at, "metastore_password"),
        pace=Pace(keys.connections, keys.pause, windows),
        secrets={key: place for key, place in hidden.items() if place is not None},
    )


def resolve_url(url: str, base: Path) -> str:
    """Return a URL with ${VAR} from the environment; files are relative to the folder of chujing.yaml."""
    url = os.path.expandvars(url)
    if url.startswith("spark:"):              # a catalogue, or FORMAT:PATH of the cluster
        return url
    if "://" not in url:
        return database_url(url if Path(url).is_absolute() else str(base / url))
    scheme, _, rest = url.partition(":///")
    if scheme.startswith("sqlite") and rest and not rest.startswith("/") and rest != ":memory:":
        return f"{scheme}:///{(base / rest).resolve()}"
    return url


def secret_variables(secrets: Iterable[Secret | None]) -> Iterator[str]:
    """Yield the environment variables that hold secrets."""
    yield from (s.env for s in secrets if isinstance(s, SecretPlace) and s.env)
