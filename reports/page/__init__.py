"""The HTML report: its data, pictures, pages and list of what to do; `reports/formats/html.py` writes them."""
