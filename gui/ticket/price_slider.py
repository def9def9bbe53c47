"""One track from bid to ask with a handle for each side; every stop is a legal price."""

from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.errors import Refusal
from core.market.limit_price import LimitPrice, limit_price
from core.market.prices import Side, ceil_legal, floor_legal, step_legal, ticks_between
from core.market.quotes import Quote
from core.orders.plan import DEFAULTS
from core.wording.numbers import price
from gui.style import style
from gui.style.palette import Palette
from gui.style.text_scale import px

_MARGIN = 12
_TRACK_Y = 15
_RADIUS = 9.0
_STEPS: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_DOT_EVERY_PX = 7  # stops closer together than this are a line, not dots


class PriceSlider(QWidget):
    """Chooses a fraction of the spread per side by moving over the legal prices.

    What is kept is the fraction; when the quote moves the handles move with it.
    The left and right keys step the handle that was moved last, up and down change it.
    """

    fraction_chosen = Signal(object, object)  # Side, Decimal

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ticket-price")
        self.setAccessibleName("Price inside the spread")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Drag S or B over the legal prices; double-click for the default")
        self._palette = palette
        self._quote: Quote | None = None
        self.old = False  # the quote prices no order any more
        self._fractions = {side: plan.fraction for side, plan in DEFAULTS.items()}
        self._active = Side.SELL
        self._dragging = False
        self._limits: dict[Side, LimitPrice] = {}  # what the handles stand on
        self._range: tuple[Decimal, int] = (Decimal(0), 0)

    def sizeHint(self) -> QSize:
        """Track and one line of words."""
        return QSize(px(240), px(46))

    def minimumSizeHint(self) -> QSize:
        """No less than a usable track."""
        return QSize(px(160), px(46))

    def set_quote(self, quote: Quote | None, *, old: bool = False) -> None:
        """Show another market, dim where it is `old`; None when nothing can be priced."""
        if old is not self.old:
            self.old = old
            self.update()
        usable = quote is not None and 0 < quote.bid <= quote.ask
        quote = quote if usable else None
        if _prices(quote) != _prices(self._quote):
            self._quote = quote
            self._price()

    def set_fraction(self, side: Side, fraction: Decimal) -> None:
        """Put a handle where `fraction` says."""
        if self._fractions[side] != fraction:
            self._fractions[side] = fraction
            self._price()

    def limit(self, side: Side) -> LimitPrice | None:
        """The legal price a handle stands on."""
        return self._limits.get(side)

    def _price(self) -> None:
        """Price both handles, once for all that is drawn and said of them."""
        self._limits = {}
        if self._quote is not None:
            self._limits = {side: found for side in Side if (found := self._priced(side))}
            low = ceil_legal(self._quote.bid)
            self._range = low, max(ticks_between(low, floor_legal(self._quote.ask)), 0)
        self._describe()
        self.update()

    def _priced(self, side: Side) -> LimitPrice | None:
        quote = self._quote
        if quote is None:
            return None
        try:
            return limit_price(side, quote.bid, quote.ask, self._fractions[side], quote.symbol)
        except Refusal:
            return None

    def _describe(self) -> None:
        places = []
        for side in Side:
            limit = self.limit(side)
            if limit is not None:
                places.append(f"{side.value} {price(limit.price)}")
        self.setAccessibleDescription(", ".join(places))

    def nudge(self, ticks: int) -> None:
        """Move the handle in hand by so many legal prices."""
        limit = self.limit(self._active)
        if limit is not None and self.isEnabled():
            self._choose(self._active, step_legal(limit.price, ticks))

    def take_other_side(self) -> None:
        """Let the keys move the other side's handle."""
        self._active = Side.BUY if self._active is Side.SELL else Side.SELL
        self.update()

    # -- choosing -------------------------------------------------------------

    def _choose(self, side: Side, chosen: Decimal) -> None:
        quote = self._quote
        if quote is None or not quote.spread:
            return
        chosen = min(max(chosen, ceil_legal(quote.bid)), floor_legal(quote.ask))
        gap = quote.ask - chosen if side is Side.SELL else chosen - quote.bid
        fraction = (gap / quote.spread).quantize(Decimal("0.000001"))
        fraction = min(max(fraction, Decimal(0)), Decimal(1))
        if fraction != self._fractions[side]:
            self.set_fraction(side, fraction)
            self.fraction_chosen.emit(side, fraction)

    def _price_at(self, x: float) -> Decimal | None:
        if self._quote is None:
            return None
        low, count = self._stops()
        span = max(self.width() - 2 * _MARGIN, 1)
        return step_legal(low, round(min(max((x - _MARGIN) / span, 0.0), 1.0) * count))

    def _stops(self) -> tuple[Decimal, int]:
        """Lowest legal price and how many steps lie above it."""
        return self._range

    def _x(self, at: Decimal) -> float:
        low, count = self._stops()
        share = ticks_between(low, at) / count if count else 0.5
        return _MARGIN + share * (self.width() - 2 * _MARGIN)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle."""
        if self._quote is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        places = {side: self._x(limit.price) for side in Side if (limit := self.limit(side))}
        if places:
            self._active = min(places, key=lambda side: abs(places[side] - x))
            self._dragging = True
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the handle over the legal prices."""
        chosen = self._price_at(event.position().x()) if self._dragging else None
        if chosen is not None:
            self._choose(self._active, chosen)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag moves the handle there too."""
        self.mouseMoveEvent(event)
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the default of the handle that was hit."""
        self.mousePressEvent(event)
        self._dragging = False
        default = DEFAULTS[self._active].fraction
        self.set_fraction(self._active, default)
        self.fraction_chosen.emit(self._active, default)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right step by one legal price; up and down change the handle."""
        steps = _STEPS.get(event.key())
        if steps is not None:
            self.nudge(steps)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.take_other_side()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which handle the keys move."""
        super().focusInEvent(event)
        self.update()

    # -- drawing --------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, stops, handles, and the three prices beneath."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_track(painter)
        if self._quote is None:
            return
        self._draw_words(painter, self._quote)
        order = [side for side in (Side.BUY, Side.SELL) if side is not self._active]
        for side in [*order, self._active]:
            self._draw_handle(painter, side)

    def _draw_track(self, painter: QPainter) -> None:
        right = self.width() - _MARGIN
        painter.setPen(QPen(QColor(self._palette.border), 3))
        painter.drawLine(QPointF(_MARGIN, _TRACK_Y), QPointF(right, _TRACK_Y))
        if self._quote is None:
            return
        _, count = self._stops()
        if not count or (right - _MARGIN) / count < _DOT_EVERY_PX:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.faint))
        for stop in range(count + 1):
            x = _MARGIN + (right - _MARGIN) * stop / count
            painter.drawEllipse(QPointF(x, _TRACK_Y), 2.5, 2.5)

    def _draw_handle(self, painter: QPainter, side: Side) -> None:
        limit = self.limit(side)
        if limit is None:
            return
        centre = QPointF(self._x(limit.price) + self._aside(side), _TRACK_Y)
        ring = self.hasFocus() and side is self._active
        painter.setPen(QPen(QColor(self._palette.text if ring else self._palette.panel), 1.5))
        painter.setBrush(QColor(self._handle_colour(side, limit)))
        painter.drawEllipse(centre, _RADIUS, _RADIUS)
        painter.setPen(QColor(self._palette.on_side if self.isEnabled() else self._palette.panel))
        painter.setFont(style.font(style.SMALL_PT, bold=True))
        box = QRectF(centre.x() - 9, centre.y() - 9, 18, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, side.value[0].upper())

    def _handle_colour(self, side: Side, limit: LimitPrice) -> str:
        """Its side's, and grey where the price is the touch or old, or nothing can be moved."""
        if limit.collapsed or self.old or not self.isEnabled():
            return self._palette.faint
        return style.side_colour(self._palette, side)

    def _aside(self, side: Side) -> float:
        """Handles on one price stand beside each other, so that both can be seen."""
        places = [self._x(limit.price) for each in Side if (limit := self.limit(each))]
        if len(places) < 2 or abs(places[0] - places[1]) > _RADIUS:
            return 0.0
        apart = _RADIUS * 0.8
        low, high = min(places) - apart, max(places) + apart
        inwards = max(_RADIUS - low, 0.0) - max(high - (self.width() - _RADIUS), 0.0)
        return inwards - apart if side is Side.SELL else inwards + apart

    def _draw_words(self, painter: QPainter, quote: Quote) -> None:
        area = QRectF(2, px(28), self.width() - 4, px(18))
        painter.setFont(self.font())
        painter.setPen(QColor(self._palette.faint if self.old else self._palette.bid))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft, f"bid {price(quote.bid)}")
        painter.setPen(QColor(self._palette.muted))
        inside = self._stops()[1] > 1
        middle = f"mid {price(quote.mid)}" if inside else "no price between"
        painter.drawText(area, Qt.AlignmentFlag.AlignHCenter, middle)
        painter.setPen(QColor(self._palette.faint if self.old else self._palette.ask))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight, f"ask {price(quote.ask)}")


def _prices(quote: Quote | None) -> tuple[str, Decimal, Decimal] | None:
    """What of a quote is drawn: one that came anew at the same prices changes nothing."""
    return None if quote is None else (quote.symbol, quote.bid, quote.ask)
