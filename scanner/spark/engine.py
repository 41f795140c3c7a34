"""The Spark engine: which sources are read on a cluster, and the session that reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from detectors.errors import ConfigError
from detectors.message import Msg, Text

if TYPE_CHECKING:
    from scanner.connectors.protocol import Connector
    from scanner.spark.session import Cluster

_EXAMPLES = "spark://host:7077, yarn, k8s://https://host:6443, local-cluster[2,1,1024] or local[2]"


class SourceAddress(Protocol):
    """What the engine must know of a source: `scanner.config.model.Source` is one."""

    @property
    def id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def options(self) -> Mapping[str, str]: ...


class Engine:
    """A cluster by the URL of its master, reached at first use; or a session that runs already and stays."""

    def __init__(self, master: str = "", session: Any = None, patience: int = 120) -> None:
        """patience: seconds until a cluster that gives no worker counts as unreachable."""
        if not master and session is None:
            raise ConfigError(Msg("the Spark engine needs a cluster"),
                              hint=Msg("--master {address}", address=_EXAMPLES))
        self._master, self._session, self._patience = master, session, patience
        self.watch: Callable[[Text], None] | None = None      # is given how far each job is, in words
        self._cluster: Cluster | None = None
        self._failure: Exception | None = None

    def connect(self, source: SourceAddress, detectors: Path | None = None) -> Connector | None:
        """Return the source on the cluster; None for what stays with the local engine.

        Raise SourceError when the cluster cannot be used.
        """
        from scanner.connectors.files.grouping import group_listing
        from scanner.connectors.files.listing import list_local
        from scanner.connectors.opening import encoding_option
        from scanner.connectors.protocol import Access, is_yes
        from scanner.spark.files import SparkFiles
        from scanner.spark.tables import SparkTables

        url = source.url
        if url.startswith("spark:"):
            return SparkTables(self._start(detectors), url, source.id, source.options)
        if "://" in url and not url.startswith("file://") or url.startswith("dictionary:"):
            return None
        path = Path(url.removeprefix("file://")).expanduser().absolute()     # workers stand elsewhere
        listing = list_local(str(path), follow_links=is_yes(source.options.get("follow_links", "")))
        encoding = encoding_option(source.options, source.id)
        grouping = group_listing(listing, Access(source.id, options=source.options, encoding=encoding))
        if any(group.is_lake or any(file.is_remote for file in group.files) for group in grouping.groups):
            return None                       # a lake's own library, or an archive
        return SparkFiles(self._start(detectors), grouping, source.id)

    def _start(self, detectors: Path | None) -> Cluster:
        from scanner.spark.session import Cluster

        if self._failure is not None:         # one attempt is enough: every source says why
            raise self._failure
        if self._cluster is None:
            try:
                self._cluster = Cluster(self._master, self._session, detectors, self._patience)
                self._cluster.watch = self.watch
            except Exception as e:
                self._failure = e
                raise
        return self._cluster

    def close(self) -> None:
        """Stop the session, unless it was somebody else's. May be called twice."""
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
