"""The HTML report: its data, pictures, pages and list of what to do; written by `reports/formats/html.py`."""
