"""When scans run: due times, running them, and the same schedule for other schedulers."""
