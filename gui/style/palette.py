"""Colours by meaning, one table a theme. Nothing else names a colour."""

from dataclasses import dataclass, fields, replace

from gui.state.preferences import SideColours, ThemeChoice


@dataclass(slots=True, eq=False)
class Palette:
    """Semantic colours as #rrggbb. Text on its ground keeps a contrast of 4.5:1.

    A window has one of its own, which changes in place with the theme: keep the palette
    and read a colour when it is drawn, or make anew what was made of it in `restyle`.
    """

    name: str
    background: str  # the window
    panel: str  # a dock's ground
    raised: str  # inputs, buttons, selected rows
    border: str
    text: str
    muted: str  # labels, units
    faint: str  # grid text, disabled
    grid: str  # chart grid lines
    spread: str  # fill between bid and ask
    future: str  # the chart right of now
    bid: str
    ask: str
    sell: str
    buy: str
    on_side: str  # text on a sell or buy button
    trade: str  # prints
    good: str
    warn: str
    bad: str
    embedded: str
    paper: str
    live: str

    def take_colours(self, other: "Palette") -> None:
        """Take on the colours of `other`."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))


DARK = Palette(
    name="dark",
    background="#0b0e13",
    panel="#0f1319",
    raised="#1a2129",
    border="#242c36",
    text="#e6eaf0",
    muted="#98a2b0",
    faint="#828c9a",
    grid="#1b222b",
    spread="#1f2730",
    future="#0f1621",
    bid="#56b4e9",
    ask="#e69f00",
    sell="#e8743b",
    buy="#4e9be8",
    on_side="#0b0e13",
    trade="#c3cbd6",
    good="#41b98b",
    warn="#e6cf5c",
    bad="#ff7a6b",
    embedded="#5cc8b8",
    paper="#8fb8ff",
    live="#ff7a6b",
)

LIGHT = Palette(
    name="light",
    background="#eef1f5",
    panel="#ffffff",
    raised="#f3f5f8",
    border="#cfd6de",
    text="#14181d",
    muted="#4c5763",
    faint="#5d6874",
    grid="#e6eaef",
    spread="#e9edf2",
    future="#f4f7fb",
    bid="#0067a3",
    ask="#8a5a00",
    sell="#b3420c",
    buy="#0b62b8",
    on_side="#ffffff",
    trade="#3b444f",
    good="#0d7350",
    warn="#7a5c00",
    bad="#b3261e",
    embedded="#0b6e62",
    paper="#2455b8",
    live="#b3261e",
)

GREEN_RED = {
    DARK.name: {"buy": "#3fb57f", "sell": "#f2727f", "bid": "#5ec98f", "ask": "#ff8f8f"},
    LIGHT.name: {"buy": "#0b6b3a", "sell": "#b01e3e", "bid": "#0f6b45", "ask": "#a8323a"},
}


def palette_of(theme: ThemeChoice, sides: SideColours) -> Palette:
    """A table of one's own in these colours; dark where the theme is not yet decided."""
    table = LIGHT if theme is ThemeChoice.LIGHT else DARK
    return replace(table, **GREEN_RED[table.name] if sides is SideColours.GREEN_RED else {})
