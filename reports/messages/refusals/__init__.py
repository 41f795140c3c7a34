"""Errors in Chinese."""
