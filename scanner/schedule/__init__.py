"""When scans run, and the same schedule for other schedulers."""
