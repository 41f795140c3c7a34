"""Hive's metastore as a list of tables."""
