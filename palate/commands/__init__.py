"""The commands, with one file per group; each file has `mount(app)`."""
