"""Our packages as a zip for the workers, which read code and data from within it."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("detectors", "mappings", "reports", "scanner")
OMITTED = ("docs", "migrations")             # folders of a package that no worker needs

_folder: list[tempfile.TemporaryDirectory[str]] = []        # of the zip, until the process ends


@cache
def package_zip() -> Path:
    """Return the path of the zip, in a temporary folder, named by its content."""
    files = list(_files())
    everything = b"".join(name.encode() + b"\0" + content for name, content in files)
    digest = hashlib.sha256(everything).hexdigest()[:12]
    _folder.append(tempfile.TemporaryDirectory(prefix="chujing-"))
    path = Path(_folder[0].name) / f"chujing-{digest}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return path


def _files() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of our packages."""
    for package in PACKAGES:
        root = Path(find_spec(package).origin or "").parent  # type: ignore[union-attr]
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and "__pycache__" not in inside.parts and inside.parts[0] not in OMITTED:
                yield f"{package}/{inside.as_posix()}", path.read_bytes()
