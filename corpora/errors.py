"""The one exception for what a user gave and cannot be used; every package here raises it, the command prints it."""


class InputError(ValueError):
    """Something given (a file, an argument, a setting) cannot be used; the message is one line that says what would do."""
