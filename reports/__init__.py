"""The finished report for people, programs and catalogs; no source is known here."""

from detectors.renamed import install

install()
