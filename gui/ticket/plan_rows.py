"""How the order is worked: wait, steps, the trader's limit, and what follows when time runs out."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.errors import Refusal
from core.market.prices import Side
from core.orders.plan import DEFAULTS, Fallback, Step
from core.orders.plan_input import parse_collar, parse_limit, parse_steps, parse_timeout
from gui.state.preferences import Preset
from gui.ticket.ticket_model import PlanEntry
from gui.widgets.field_keys import leaves_by_key
from gui.widgets.field_length import limit_length
from gui.widgets.panel import button, label, set_role
from gui.widgets.segmented import Segmented

USUAL_STEPS = "0.50:3 0.75:4 0.85:3"
_WAITS: tuple[Decimal | None, ...] = (None, *map(Decimal, (5, 10, 15, 30)))
FALLBACKS = (Fallback.MARKET, Fallback.COLLAR, Fallback.NONE)
_FALLBACK_WORDS = (
    ("market", "Then send the proven rest to market"),
    ("collar", "Then send the proven rest as a limit a little through the touch"),
    ("none", "Then send nothing more"),
)


class PlanRows(QWidget):
    """Three rows and their `entry`. `changed` when another plan is meant, `refused` a sentence."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = PlanEntry()
        self._refusals: dict[QLineEdit, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._wait_row())
        column.addLayout(self._steps_row())
        column.addLayout(self._then_row())

    # -- building -------------------------------------------------------------

    def _wait_row(self) -> QHBoxLayout:
        sell, buy = (DEFAULTS[side].timeout for side in (Side.SELL, Side.BUY))
        usual = (f"{sell}/{buy}", f"{sell} seconds for a sell, {buy} seconds for a buy")
        fixed = [(str(value), f"{value} seconds") for value in _WAITS if value is not None]
        self.waits = Segmented("ticket-wait", [usual, *fixed])
        self.waits.choose(0)
        self.waits.chosen.connect(self._on_wait)
        self.wait_field = self._field("ticket-wait-seconds", "Seconds to wait", "other", 54)
        self.wait_field.textEdited.connect(self._on_wait_edited)
        unit = label("ticket-wait-unit", "s", role="muted")
        return _row(
            label("ticket-wait-label", "Wait", role="muted"), self.waits, self.wait_field, unit
        )

    def _steps_row(self) -> QHBoxLayout:
        self.steps_field = self._field(
            "ticket-steps", "Steps: fraction of the spread and seconds", "one price", 0
        )
        self.steps_field.setToolTip("Prices one after the other, each FRACTION:SECONDS")
        self.steps_field.setMinimumWidth(96)
        self.steps_field.textEdited.connect(self._on_steps_edited)
        self.steps_chip = button(
            "ticket-steps-usual", "in steps", f"Steps {USUAL_STEPS}", role="chip", check=True
        )
        self.steps_chip.clicked.connect(lambda on: self.choose_steps(USUAL_STEPS if on else ""))
        self.limit_field = self._field("ticket-limit", "Worst price: your limit", "none", 62)
        self.limit_field.setToolTip(
            "Your limit: nothing of the order, its steps and its fallback included, "
            "is sent to sell below it or to buy above it"
        )
        self.limit_field.textEdited.connect(self._on_limit_edited)
        caption = label("ticket-limit-label", "&limit", role="muted")
        caption.setBuddy(self.limit_field)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.steps_chip)
        row.addWidget(self.steps_field, 1)
        row.addWidget(caption)
        row.addWidget(self.limit_field)
        return row

    def _then_row(self) -> QHBoxLayout:
        self.fallbacks = Segmented("ticket-fallback", _FALLBACK_WORDS)
        self.fallbacks.choose(0)
        self.fallbacks.chosen.connect(self._on_fallback)
        self.collar_field = self._field("ticket-collar", "Width of the collar", "25 bps", 62)
        self.collar_field.setToolTip(
            "How far through the touch the collared rest may go: 5 ticks, or 40 bps; "
            "empty for 25 bps or 2 ticks, whichever is wider"
        )
        self.collar_field.setEnabled(False)
        self.collar_field.textEdited.connect(self._on_collar_edited)
        then = label("ticket-then-label", "then", role="muted")
        return _row(then, self.fallbacks, self.collar_field)

    def _field(self, name: str, spoken: str, hint: str, width: int) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(spoken)
        field.setPlaceholderText(hint)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        if width:
            field.setFixedWidth(width)
        field.installEventFilter(self)
        limit_length(field, self.refused.emit)
        return field

    # -- what is entered ------------------------------------------------------

    @property
    def refusal(self) -> str:
        """Why what is typed makes no plan; empty when it does."""
        return next(iter(self._refusals.values()), "")

    def as_preset(self, name: str, fractions: Mapping[Side, Decimal]) -> Preset:
        """These rows and fractions under a name; what means nothing of the steps is left out."""
        return Preset(
            name=name,
            sell_fraction=fractions[Side.SELL],
            buy_fraction=fractions[Side.BUY],
            wait=self.entry.wait,
            steps=self.steps_field.text().strip() if self.entry.steps else "",
            fallback=self.entry.fallback,
            collar=self.collar_field.text().strip(),
        )

    # -- choosing -------------------------------------------------------------

    def choose_preset(self, preset: Preset) -> None:
        """Set every row that a preset holds."""
        self.choose_wait(preset.wait)
        self.choose_fallback(preset.fallback)
        self.choose_collar(preset.collar)
        self.choose_steps(preset.steps)

    def choose_wait(self, seconds: Decimal | None) -> None:
        """Wait so many seconds on both sides; None for each side's own."""
        if seconds is None or seconds in _WAITS:
            self.waits.choose(_WAITS.index(seconds))
            self._on_wait(_WAITS.index(seconds))
        else:
            self.wait_field.setText(f"{seconds:f}")
            self._on_wait_edited(f"{seconds:f}")

    def choose_steps(self, text: str) -> None:
        """Work the order in these steps; empty for one price."""
        self.steps_field.setText(text)
        self._on_steps_edited(text)

    def choose_fallback(self, fallback: Fallback) -> None:
        """Do this when time runs out."""
        self.fallbacks.choose(FALLBACKS.index(fallback))
        self._on_fallback(self.fallbacks.index)

    def choose_collar(self, text: str) -> None:
        """How far a collared rest may go, as typed; empty for the usual."""
        self.collar_field.setText(text)
        self._on_fallback(max(self.fallbacks.index, 0))

    def choose_limit(self, text: str) -> None:
        """Never a worse price than this; empty for any."""
        self.limit_field.setText(text)
        self._on_limit_edited(text)

    def _on_wait(self, index: int) -> None:
        self.entry = replace(self.entry, wait=_WAITS[index])
        self.wait_field.clear()
        self._mark(self.wait_field, "")

    def _on_wait_edited(self, text: str) -> None:
        if not text.strip():
            self.waits.choose(0)
            self._on_wait(0)
            return
        try:
            self.entry = replace(self.entry, wait=parse_timeout(text))
        except Refusal as refusal:
            self._mark(self.wait_field, refusal.sentence)
            return
        self.waits.choose(self._wait_place())
        self._mark(self.wait_field, "")

    def _wait_place(self) -> int:
        """Which of the offered waits is chosen; -1 for one of the trader's own."""
        return _WAITS.index(self.entry.wait) if self.entry.wait in _WAITS else -1

    def _on_steps_edited(self, text: str) -> None:
        steps: tuple[Step, ...] = ()
        refusal = ""
        if text.strip():
            try:
                steps = parse_steps(text.replace(",", " ").split())
            except Refusal as refused:
                refusal = refused.sentence
        self.entry = replace(self.entry, steps=steps)
        self.steps_chip.setChecked(bool(text.strip()))
        for other in (self.waits, self.wait_field):
            other.setEnabled(not steps)
        self.waits.choose(-1 if steps else self._wait_place())
        self._mark(self.steps_field, refusal)

    def _on_limit_edited(self, text: str) -> None:
        limit, refusal = None, ""
        if text.strip():
            try:
                limit = parse_limit(text)
            except Refusal as refused:
                refusal = refused.sentence
        self.entry = replace(self.entry, limit=limit)
        self._mark(self.limit_field, refusal)

    def _on_fallback(self, index: int) -> None:
        self.entry = replace(self.entry, fallback=FALLBACKS[index])
        collared = self.entry.fallback is Fallback.COLLAR
        self.collar_field.setEnabled(collared)
        self._on_collar_edited(self.collar_field.text() if collared else "")

    def _on_collar_edited(self, text: str) -> None:
        try:
            self.entry = replace(self.entry, collar=parse_collar(text))
        except Refusal as refusal:
            self._mark(self.collar_field, refusal.sentence)
            return
        self._mark(self.collar_field, "")

    def _mark(self, field: QLineEdit, sentence: str) -> None:
        """Mark a field whose text means nothing, until it does."""
        self._refusals.pop(field, None)
        if sentence:
            self._refusals[field] = sentence
        set_role(field, "wrong", "true" if sentence else "false")
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc leave a field; neither ever sends."""
        return leaves_by_key(watched, event) or super().eventFilter(watched, event)


def _row(first: QWidget, *rest: QWidget) -> QHBoxLayout:
    """A caption on the left, everything else on the right."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(5)
    row.addWidget(first)
    row.addStretch(1)
    for widget in rest:
        row.addWidget(widget)
    return row
