"""The one way to write files, for the rooms of scanner; see reports/files.py."""

from reports.files import add_line, check_new, make_folder, write_atomically, write_together, writing

STATE_FOLDER = ".chujing"                     # in a folder that was scanned: what we remember of it

__all__ = [
    "STATE_FOLDER", "add_line", "check_new", "make_folder", "write_atomically", "write_together", "writing",
]
