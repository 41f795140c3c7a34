"""Files of every format, in folders, archives and remote file systems."""
