"""Answers to REST calls, and the refusals Alpaca words in its own way.

A refusal is raised where it is found and becomes the answer in one place (`api.routes`).
"""

from typing import Any, NamedTuple

INVALID = 40010001
UNPROCESSABLE = 42210000
FORBIDDEN = 40310000
NOT_FOUND = 40410000


class Reply(NamedTuple):
    """HTTP status and JSON body; None is an empty body."""

    status: int
    body: Any = None


class Refused(Exception):
    """The broker says no. Carries the whole answer."""

    def __init__(self, status: int, code: int | None, message: str, **context: Any) -> None:
        super().__init__(message)
        body: dict[str, Any] = {} if code is None else {"code": code}
        self.reply = Reply(status, body | {"message": message} | context)


def invalid(message: str) -> Refused:
    """422 40010001: a field of the request is wrong."""
    return Refused(422, INVALID, message)


def unprocessable(message: str) -> Refused:
    """422 42210000: the request is well formed but cannot be done."""
    return Refused(422, UNPROCESSABLE, message)


def forbidden(message: str, **context: Any) -> Refused:
    """403 40310000: the account may not do this now."""
    return Refused(403, FORBIDDEN, message, **context)


def not_found(message: str) -> Refused:
    """404 40410000."""
    return Refused(404, NOT_FOUND, message)
