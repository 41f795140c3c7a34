"""What findings mean: categories, head-counts, necessity and the export path of a flow.

Law is data; no database is known here.
"""

from detectors.renamed import install

install()
