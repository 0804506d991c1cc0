"""Errors that one line explains to a user, and exit statuses; everything else is a bug."""

FINISHED, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: success, work that failed, input that cannot be used, Ctrl-C."""


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what could be."""


class OperationError(RuntimeError):
    """Something that should have worked did not; the message says what to do."""


class TooLargeError(OperationError):
    """Work that does not fit a device, but may in parts."""


class FatalError(OperationError):
    """After which no other work of the same campaign can succeed either."""
