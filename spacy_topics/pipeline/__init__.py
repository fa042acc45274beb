"""spaCy components; their factories register through the entry points in setup.cfg."""
