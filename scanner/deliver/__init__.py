"""What leaves the program for other places: catalogs, dossiers, logs and metrics."""
