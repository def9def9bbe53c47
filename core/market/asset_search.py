"""Finds assets by what a person types: the symbol's beginning first, then words of the name.

Pure. Made once for all assets of a venue; a search looks at what begins with the text only.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from core.market.account import Asset

MOST = 40
_LAST = "\U0010ffff"  # sorts behind every letter


class AssetIndex:
    """The tradable assets of a venue, by symbol and by the words of their names."""

    def __init__(self, assets: Iterable[Asset] = ()) -> None:
        self._assets = {asset.symbol: asset for asset in assets if asset.tradable}
        self._symbols = sorted(self._assets)
        self._names = {
            symbol: frozenset(asset.name.casefold().split())
            for symbol, asset in self._assets.items()
        }
        self._words = sorted((w, symbol) for symbol, words in self._names.items() for w in words)

    def __len__(self) -> int:
        return len(self._assets)

    def find(self, text: str, most: int = MOST) -> tuple[Asset, ...]:
        """At most `most` assets: the symbol itself, those that begin so, then names with the words.

        Of several words typed each must begin a word of the name.
        """
        typed = text.strip()
        if not typed:
            return ()
        found: dict[str, None] = {}
        for symbol in chain(self._with_symbol(typed.upper()), self._with_name(typed.casefold())):
            if len(found) >= most:
                break
            found[symbol] = None
        return tuple(self._assets[symbol] for symbol in found)

    def _with_symbol(self, prefix: str) -> Iterator[str]:
        for index in range(bisect_left(self._symbols, prefix), len(self._symbols)):
            if not self._symbols[index].startswith(prefix):
                return
            yield self._symbols[index]

    def _with_name(self, text: str) -> Iterator[str]:
        spans = sorted((self._span(word) for word in text.split()), key=len)
        others = tuple(text.split())
        for index in spans[0]:
            symbol = self._words[index][1]
            name = self._names[symbol]
            if all(any(each.startswith(other) for each in name) for other in others):
                yield symbol

    def _span(self, prefix: str) -> range:
        """Where the words are that begin so."""
        return range(
            bisect_left(self._words, (prefix, "")), bisect_left(self._words, (prefix + _LAST, ""))
        )


def marks(asset: Asset, *, halted: bool = False) -> str:
    """What may be done with it, in a few words."""
    parts = ["halted"] if halted else []
    parts.append("fractions" if asset.fractionable else "whole shares")
    parts.append("shortable" if asset.shortable else "no shorts")
    return ", ".join(parts)
