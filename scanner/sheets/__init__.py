"""Spreadsheets and review files that people fill in, read back."""
