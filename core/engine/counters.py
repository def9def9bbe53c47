"""What the engine did since it started, in numbers for the status line."""

import msgspec


class Counters(msgspec.Struct):
    """One engine's counts; every room of it adds its own."""

    posts: int = 0
    cancels: int = 0
    reads: int = 0
    replaces: int = 0
    facts: int = 0
    bad_frames: int = 0
    listener_errors: int = 0
    journal_error: str = ""
