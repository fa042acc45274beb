"""The `palate` command: parses, calls functions that any program can call, prints what they return."""
