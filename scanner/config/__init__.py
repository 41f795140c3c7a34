"""chujing.yaml: its declared shape, the catalogs it names, the secret key, and how gently sources are read."""

from typing import TYPE_CHECKING

from detectors.renamed import old_names

if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
