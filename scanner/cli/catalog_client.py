"""What `chujing push` and `chujing review` share: how a catalog is reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detectors.message import Msg
from scanner.cli.output import warn

if TYPE_CHECKING:
    from scanner.config.catalogs import Catalog
    from scanner.deliver.http import Http


@contextmanager
def open_client(name: str, url: str, catalog: Catalog, lang: str, rate: float = 0) -> Iterator[Http]:
    """Yield a client of a catalog, closed afterwards. rate: requests a second; 0 for as configured."""
    from scanner.deliver.http import Http, Patience

    token = catalog.token(name)
    if token and url.startswith("http://") and not url.startswith(("http://127.", "http://localhost")):
        warn(Msg("the token travels unencrypted (http)"), lang)
    patience = Patience(rate=rate or catalog.rate, timeout=catalog.timeout)
    client = Http(url, token, basic=catalog.basic, patience=patience)
    try:
        yield client
    finally:
        client.close()
