"""What people decided about findings: applied to a report, and the queue of what remains to be decided."""
