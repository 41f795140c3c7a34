"""chujing.yaml, section by section: its declared shape, and the values it is read into."""

from typing import TYPE_CHECKING

from detectors.renamed import old_names

if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
