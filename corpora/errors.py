"""The two exceptions that users can act on. All packages raise them; the command prints their message in one line."""


class InputError(ValueError):
    """A file, an argument or a setting cannot be used; the message is one line that says what to do.

    The command ends with exit code 2.
    """


class RunError(RuntimeError):
    """A run failed although its input is valid (a process was killed, a folder is in use); the message is one line.

    The command ends with exit code 1.
    """
