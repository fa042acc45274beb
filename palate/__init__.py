"""The `palate` command: parses arguments, calls functions that any program can call, and prints what they return."""
