"""The state of scans in a database: store, lease, version and migrations."""
