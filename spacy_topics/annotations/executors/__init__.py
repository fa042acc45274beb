"""Executors, which run a task over the parts of its input."""
