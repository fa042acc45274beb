"""Who runs a task over the parts of its input: processes of this machine."""
