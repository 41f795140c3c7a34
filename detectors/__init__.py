"""What a value, a name, a comment and a table say of the data in a column; this package knows no law and no database."""

from detectors.renamed import install

install()
