"""What people decided about findings, applied to a report, and the queue of what is left to decide."""
