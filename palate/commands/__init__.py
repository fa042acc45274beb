"""One file per group of commands; each has `mount(app)`."""
