"""What values, names, comments and tables say of a column; no law and no database is known here."""

from detectors.renamed import install

install()
