"""The one error that a person is meant to read: a message, never a traceback."""


class StackError(Exception):
    """Something that the person at the terminal can act upon."""
