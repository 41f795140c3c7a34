"""chujing.yaml: its declared shape, the catalogs it names, the secret key, and how gently sources are read."""
