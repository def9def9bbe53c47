"""What the Help menu tells: what the lights mean, in the colours and marks that they have."""

from dataclasses import dataclass
from html import escape

from PySide6.QtWidgets import QTextBrowser, QWidget

from gui.style.palette import Palette
from gui.widgets.dialog import Dialog, buttons_row
from gui.widgets.panel import button

_SIZE = (620, 560)


@dataclass(frozen=True, slots=True)
class LightMeaning:
    """A mark in one of the palette's colours, its name, and what it means."""

    mark: str
    colour: str
    name: str
    meaning: str


LIGHTS: tuple[LightMeaning, ...] = (
    LightMeaning(
        "\N{BLACK CIRCLE}",
        "good",
        "Green",
        "Up. Beside it stands how old the last quote is, or how long the last answer took. An "
        "answer of more than 12 s ago proves nothing any more: its age stands there, in grey "
        "where none is due and in yellow where one is.",
    ),
    LightMeaning(
        "\N{BLACK CIRCLE}",
        "warn",
        "Yellow, quotes",
        "The last quote is older than two fifths of your limit, 2 s of the usual 5 s, by its own "
        "time against the venue's. Prices may have moved.",
    ),
    LightMeaning(
        "\N{BLACK CIRCLE}",
        "bad",
        "Red, quotes",
        "The last quote is older than your limit (Settings, Oldest quote), carries no time, or "
        'comes from a DELAYED feed. "15 min behind" is a feed that is late. Nothing is priced '
        "until a fresh quote comes.",
    ),
    LightMeaning(
        "\N{CIRCLE WITH LEFT HALF BLACK}",
        "warn",
        "Half a circle",
        "Connecting, or connecting again. Working orders stay at the venue. Their deadlines run "
        "on: the cancel goes by REST, and the fallback is sent only after REST proves the end.",
    ),
    LightMeaning(
        "\N{WHITE CIRCLE}",
        "bad",
        "An empty circle",
        "Down. Nothing is concluded from silence: an order whose end is not proven is shown as "
        "such, and nothing is sent in its place.",
    ),
    LightMeaning(
        "\N{MULTIPLICATION X}",
        "bad",
        "A cross",
        "The venue refused the connection. Its own words stand in the log; hover the light.",
    ),
)
LINKS: tuple[tuple[str, str], ...] = (
    (
        "quotes",
        "Bid, ask, trades and halts. The IEX feed shows one exchange only, not the NBBO.",
    ),
    ("order stream", "The venue tells fills and the end of orders here, without being asked."),
    ("REST", "Requests: orders go out, cancels go out, and what the stream did not tell is read."),
)
WORDS: tuple[tuple[str, str], ...] = (
    ("Armed", "A press on Sell or Buy sends. Every start, a lost order stream and Kill disarm."),
    ("Cancel asked, not proven", "The cancel is on its way; the order may still fill."),
    ("Falling back", "The end of the limit is proven; the rest is on its way to the market."),
    ("Uncertain, being read", "An answer is missing. The venue is asked until it proves what is."),
    ("Needs you", "Something only a person can decide. The sentence beside it says what is left."),
)


def lights_page(palette: Palette) -> str:
    """The page, as rich text in the colours of `palette`."""
    rows = [
        _row(
            f'<span style="color:{getattr(palette, line.colour)}">{line.mark}</span>&nbsp; '
            f"<b>{escape(line.name)}</b>",
            line.meaning,
        )
        for line in LIGHTS
    ]
    links = [_row(f"<b>{escape(name)}</b>", meaning) for name, meaning in LINKS]
    words = [_row(f"<b>{escape(name)}</b>", meaning) for name, meaning in WORDS]
    return (
        f"<h3>The three connections</h3>{_table(links)}"
        f"<h3>The marks</h3>{_table(rows)}"
        f"<h3>Words of an order and of the ticket</h3>{_table(words)}"
    )


def _row(head: str, meaning: str) -> str:
    return (
        f'<tr><td width="170" style="padding:4px 12px 4px 0">{head}</td>'
        f'<td style="padding:4px 0">{escape(meaning)}</td></tr>'
    )


def _table(rows: list[str]) -> str:
    return f'<table width="100%">{"".join(rows)}</table>'


class LightsPage(Dialog):
    """What the lights mean. Stands beside the window; Esc closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "lights", "What the lights mean")
        self.resize(*_SIZE)
        self._page = QTextBrowser()
        self._page.setObjectName("lights-page")
        self._page.setAccessibleName("What the lights mean")
        shut = button("lights-close", "Close", "Close this page")
        shut.clicked.connect(self.accept)
        self.column.addWidget(self._page, 1)
        self.column.addLayout(buttons_row(shut))

    def show_page(self, palette: Palette) -> None:
        """Show it in the colours of now."""
        self._page.setHtml(lights_page(palette))
        self.bring_up()
