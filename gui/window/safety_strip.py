"""The strip that never goes away: venue, account, session, links, armed, Cancel all, Kill."""

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from core.market.links import LinkName, LinkState
from core.market.time import NS
from core.market.venues import profile_of
from core.wording.link_outages import lost, standing
from core.wording.quote_words import quote_light
from core.wording.times import age, countdown, since
from gui.actions.action_table import WINDOW_ACTIONS, WindowAction
from gui.actions.shortcuts import ShortcutTable
from gui.state.view_state import ViewState
from gui.style import style
from gui.style.palette import Palette
from gui.style.text_scale import at_least
from gui.widgets.panel import button, label, set_role, set_text
from gui.window.kill_button import KillButton
from gui.window.menu_button import MenuButton

HEIGHT = 46
_NARROW_BELOW = 1400
_CANCEL_ALL = WINDOW_ACTIONS[WindowAction.CANCEL_ALL]
_AMBER = Decimal("0.4")  # of the oldest that a quote may be to price an order

_PROVEN_NS = 12 * NS  # a heartbeat comes every five seconds, and has five to be answered
_ASKED_WITHIN_NS = 75 * NS  # the account is read every minute while nothing works

_MARKS = {
    LinkState.CONNECTING: "\N{CIRCLE WITH LEFT HALF BLACK}",
    LinkState.UP: "\N{BLACK CIRCLE}",
    LinkState.RECONNECTING: "\N{CIRCLE WITH LEFT HALF BLACK}",
    LinkState.DOWN: "\N{WHITE CIRCLE}",
    LinkState.REFUSED: "\N{MULTIPLICATION X}",
    LinkState.LIMITED: "\N{CIRCLED MINUS}",
}
_RESTRICTED = "Short-sale restriction (Rule 201): a short may be sold only above the best bid."
_TITLES = {
    LinkName.QUOTES: ("quotes", "Quote stream", "SIP, 119 min behind"),
    LinkName.ORDERS: ("order stream", "Order stream, which tells fills", "100 ms"),
    LinkName.REST: ("REST", "Requests to the venue", "100 ms"),
}


class Light(QLabel):
    """One link: a mark, its name, its state or age; explained on hover."""

    def __init__(self, name: LinkName, palette: Palette) -> None:
        super().__init__()
        self.setObjectName(f"light-{name.value}")
        self.setTextFormat(Qt.TextFormat.RichText)
        self._palette = palette
        self._name, self._spoken, sample = _TITLES[name]
        self.setAccessibleName(self._spoken)
        width = QFontMetrics(style.font()).horizontalAdvance(f"● {self._name} {sample}")
        self.setMinimumWidth(width + 10)

    def show_state(self, state: LinkState | None, words: str, colour: str, why: str) -> None:
        """Mark, words, and the sentence shown on hover."""
        mark = _MARKS[state] if state is not None else "\N{WHITE CIRCLE}"
        set_text(
            self,
            f'<span style="color:{colour}">{mark}</span>&nbsp;&nbsp;'
            f'<span style="color:{self._palette.muted}">{self._name}</span> {words}',
        )
        if self.toolTip() != why:
            self.setToolTip(why)
            self.setAccessibleDescription(why)


class SafetyStrip(QFrame):
    """Where we trade, whether it is open, how fresh what we see is, and the way out."""

    arm_asked = Signal(bool)
    cancel_all_asked = Signal()
    kill_asked = Signal()

    def __init__(
        self, palette: Palette, known: ViewState, keys: ShortcutTable, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("safety-strip")
        self.setAccessibleName("Safety strip")
        self.setProperty("role", "strip")
        self.setFixedHeight(HEIGHT)
        self._palette = palette
        self._known = known
        self._keys = keys
        self.armed = False
        self._narrow = self._refused = False
        self._venue = ""
        self._build()
        keys.changed.connect(self._show_keys)
        self.show_venue("")
        self.set_armed(False)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        self.menu = MenuButton(self._keys)
        row.addWidget(self.menu)
        self.venue = label("strip-venue")
        self.venue.setAccessibleName("Venue")
        self.account = label("strip-account", role="muted")
        self.session = label("strip-session", rich=True)
        self.session.setAccessibleName("Session")
        self.lights = {name: Light(name, self._palette) for name in _TITLES}
        self.halt = label("strip-halt", role="bad")
        self.arm = button("strip-arm", "Disarmed", "Arm or disarm the ticket", role="arm")
        self.arm.setFixedWidth(118)
        self.arm.clicked.connect(lambda: self.arm_asked.emit(not self.armed))
        self.cancel_all = button("strip-cancel-all", "", _CANCEL_ALL.spoken)
        self.cancel_all.clicked.connect(self.cancel_all_asked)
        for widget in (self.venue, self.account, self.session, *self.lights.values(), self.halt):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self.arm)
        row.addWidget(self.cancel_all)
        self.kill = KillButton(self._keys)
        self.kill.pulled.connect(self.kill_asked)
        row.addWidget(self.kill)
        self._make_room(narrow=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a small window some words go, and nothing that warns."""
        super().resizeEvent(event)
        narrow = self.width() < at_least(_NARROW_BELOW)
        if narrow is not self._narrow:
            self._make_room(narrow)

    def _make_room(self, narrow: bool) -> None:
        self._narrow = narrow
        self.account.setVisible(not narrow)
        self._show_keys()
        self._show_venue_words()
        words = "closes in " if narrow else "market closed, opens in "
        width = QFontMetrics(style.font()).horizontalAdvance(words)
        width += QFontMetrics(style.font(bold=True)).horizontalAdvance("00:00:00")
        self.session.setMinimumWidth(width + 4)

    def restyle(self) -> None:
        """The colours of the theme; what has an age follows by itself."""
        self.show_venue(self._venue)
        self._make_room(self.width() < at_least(_NARROW_BELOW))

    def _show_venue_words(self) -> None:
        words = self._venue.upper() or ("NOT CONNECTED" if self._refused else "CONNECTING")
        whole = profile_of(self._venue).own_exchange and not self._narrow
        set_text(self.venue, f"{words} EXCHANGE" if whole else words)

    def _show_keys(self) -> None:
        key = "" if self._narrow else self._keys.text(WindowAction.CANCEL_ALL)
        set_text(self.cancel_all, f"{_CANCEL_ALL.title}  {key}".rstrip())
        self.cancel_all.setToolTip(self._keys.spoken(WindowAction.CANCEL_ALL))
        self.arm.setToolTip(self._keys.spoken(WindowAction.ARM))

    def show_refused(self) -> None:
        """No venue takes us, and nothing tries any more."""
        self._refused = True
        self.show_venue("")

    def show_venue(self, name: str) -> None:
        """Word, colour and border of the venue."""
        self.venue_name = name
        colour = style.venue_colour(self._palette, name) if name else self._palette.border
        self._venue = name
        self._show_venue_words()
        self.venue.setStyleSheet(
            f"color: {colour if name else self._palette.muted}; border: 1.5px solid {colour};"
            "border-radius: 4px; padding: 4px 11px; font-weight: 600;"
        )
        self.setStyleSheet(
            f"QFrame#safety-strip {{ border: none; border-bottom: 2px solid {colour}; }}"
        )

    def set_armed(self, armed: bool) -> None:
        """Show whether a click on the ticket sends."""
        self.armed = armed
        killed = bool(self._known.killed)
        mark = "\N{BLACK CIRCLE}" if armed else "\N{WHITE CIRCLE}"
        word = "Armed" if armed else "Killed" if killed else "Disarmed"
        set_text(self.arm, f"{word}  {mark}")
        self.arm.setAccessibleName(word)
        set_role(self.arm, "armed", "true" if armed else "false")

    def refresh(self, symbol: str, now_ns: int) -> None:
        """Ages and countdowns as of `now_ns`."""
        account = self._known.account
        set_text(self.account, account.number if account else "")
        set_text(self.session, self._session_words(now_ns))
        board = self._known.board
        word = "HALTED" if board.halted(symbol) else "SSR" if board.restricted(symbol) else ""
        set_text(self.halt, f"{symbol} {word}" if word else "")
        self.halt.setToolTip(_RESTRICTED if word == "SSR" else "")
        self._show_quotes(symbol, now_ns)
        self._show_link(LinkName.ORDERS, now_ns)
        self._show_link(LinkName.REST, now_ns)

    def _session_words(self, now_ns: int) -> str:
        market = self._known.market
        muted = f'<span style="color:{self._palette.muted}">'
        if market is None:
            return f"{muted}session unknown</span>"
        if market.open_at(now_ns):
            left = countdown(market.next_close_ns - now_ns)
            words = "closes in" if self._narrow else "market open, closes in"
            return f"{muted}{words}</span> <b>{left}</b>"
        left = countdown(market.next_open_ns - now_ns)
        words = "opens in" if self._narrow else "market closed, opens in"
        return f"{muted}{words}</span> <b>{left}</b>"

    def _show_quotes(self, symbol: str, now_ns: int) -> None:
        link_seen = self._known.links.get(LinkName.QUOTES)
        quote = self._known.board.quotes.get(symbol)
        if link_seen is None or link_seen.link.state is not LinkState.UP or quote is None:
            self._show_link(LinkName.QUOTES, now_ns)
            return
        words, why = quote_light(
            quote, self._known.board.time, now_ns, self._known.settings.max_quote_age_ns
        )
        self.lights[LinkName.QUOTES].show_state(
            link_seen.link.state,
            words,
            self._quote_colour(symbol, now_ns),
            f"{why} The feed gave its last sign {age(now_ns - link_seen.at_ns)} ago.",
        )

    def _quote_colour(self, symbol: str, now_ns: int) -> str:
        """Red where the quote prices no order, yellow where it soon will not."""
        old = self._known.board.age(symbol, now_ns)
        if old is None or self._known.why_old(symbol, now_ns):
            return self._palette.bad
        soon = old.ns > self._known.settings.max_quote_age_ns * _AMBER
        return self._palette.warn if soon else self._palette.good

    def _show_link(self, name: LinkName, now_ns: int) -> None:
        light, link_seen = self.lights[name], self._known.links.get(name)
        if link_seen is None:
            light.show_state(None, "not connected", self._palette.muted, "Not connected yet.")
            return
        link = link_seen.link
        stands = age(now_ns - link.since_ns)
        if link.state is LinkState.UP:
            silent = now_ns - link_seen.at_ns
            round_trip = f"{link.rtt_ms:.0f} ms" if link.rtt_ms is not None else "up"
            if silent > _PROVEN_NS:
                round_trip = since(silent)
            why = f"{_TITLES[name][1]}: up for {stands}; last answer {since(silent)}"
            if link.rtt_ms is not None:
                why += f", in {link.rtt_ms:.1f} ms"
            light.show_state(link.state, round_trip, self._colour_up(name, silent), why + ".")
            return
        final = link.state in (LinkState.DOWN, LinkState.REFUSED, LinkState.LIMITED)
        colour = self._palette.bad if final else self._palette.warn
        why = f"{_TITLES[name][1]}: {link.state.value} for {stands}"
        if link.attempt:
            why += f", attempt {link.attempt}"
        what = lost(name, len(self._known.working()))
        detail = standing(link, now_ns).rstrip(".")
        told = f"{why}. {detail}. {what}" if detail else f"{why}. {what}"
        light.show_state(link.state, link.state.value, colour, told)

    def _colour_up(self, name: LinkName, silent_ns: int) -> str:
        """Green while an answer proves it, yellow where one is overdue.

        Requests are few while all is well; with a stream lost, silence may be their end, too.
        """
        if silent_ns <= _PROVEN_NS:
            return self._palette.good
        streams = self._known.up(LinkName.ORDERS) and self._known.up(LinkName.QUOTES)
        quiet = name is LinkName.REST and streams and silent_ns <= _ASKED_WITHIN_NS
        return self._palette.muted if quiet else self._palette.warn
