"""The digest as one HTML page that loads nothing."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.cells import shown
from reports.messages.words import t
from reports.wording.digest import MOST_LISTED, Digest
from reports.wording.figures import number


def digest_page(digest: Digest) -> str:
    """Return the digest as a page."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def words(key: str, **values: object) -> str:
        return t(key, digest.lang, **values)

    template = environment.get_template("digest.html")
    return template.render(d=digest, t=words, number=number, shown=shown, listed=MOST_LISTED)
