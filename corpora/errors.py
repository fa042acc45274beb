"""The two exceptions that are a user's business; every package here raises them, the command prints them in one line."""


class InputError(ValueError):
    """Something given (a file, an argument, a setting) cannot be used; the message is one line that says what would do.

    The command ends with exit code 2.
    """


class RunError(RuntimeError):
    """A run failed though its input was good (a process was killed, a folder is in use); the message is one line.

    The command ends with exit code 1.
    """
