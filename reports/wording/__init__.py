"""Pure text about flows, tables, decisions and laws, for every format."""
