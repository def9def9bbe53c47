"""What a REST call brings, and the row that joins a method and a path to what answers it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Reply


class Request(NamedTuple):
    """One call: the pieces of its path, its query and its body."""

    exchange: Exchange
    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Mapping[str, Any]


Route = tuple[str, str, Callable[[Request], Reply]]
"""Method, pattern of the whole path (its groups become `Request.parts`), and what answers."""
