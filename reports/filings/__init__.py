"""Filings pre-filled from a decided report: one file is one document. What a person must write is marked; examples are always invented."""
