"""The one way to write files, for the rooms of scanner; see reports/files.py."""

from reports.files import add_line, check_new, make_folder, write_atomically, write_together, writing

__all__ = ["add_line", "check_new", "make_folder", "write_atomically", "write_together", "writing"]
