"""Which rows of a table are wanted: choices from groups, and words searched for. No Qt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.market.prices import Side


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """What a table can be narrowed down by: one choice at a time, the first of which is all."""

    title: str
    choices: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What a person wants to see: words that must be found, and a choice of each group."""

    words: str = ""
    chosen: Mapping[str, object] = field(default_factory=dict)

    @property
    def all_words(self) -> tuple[str, ...]:
        """The words apart, in lower case."""
        return tuple(self.words.casefold().split())


TODAY = "Days"
DAYS = FilterGroup(TODAY, (("all days", None), ("today", True)))
SIDE = "Side"
SIDES = FilterGroup(SIDE, (("both sides", None), ("sells", Side.SELL), ("buys", Side.BUY)))
SYMBOL = "Symbol"


def symbols_group(symbols: Iterable[str]) -> FilterGroup:
    """One choice for each symbol."""
    return FilterGroup(SYMBOL, (("all symbols", None), *((s, s) for s in sorted(set(symbols)))))


def has_all_words(words: tuple[str, ...], text: str) -> bool:
    """Whether all `words` stand in `text`, both in lower case."""
    return all(word in text for word in words)
