"""Errors that one line explains to a user; everything else is a bug."""


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what could be."""


class OperationError(RuntimeError):
    """Something that should have worked did not; the message says what to do."""
