"""Scenarios without a test, each with what it demands and why there is none yet."""

LEFT_OUT: dict[int, tuple[str, str]] = {}
