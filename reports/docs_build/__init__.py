"""Pages of `reports/docs/en/reference/`, generated from what the code declares; `make docs` writes them.

A page is a function of values: what is known here is read here, what only `scanner` knows (commands, the
shape of chujing.yaml, connectors) is handed in. `scanner/cli/reference.py` does so. Not part of the wheel.
"""
