"""The accounts that can be traded: which one, its keys, and whether it answers."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from core.app.accounts import CONFIRM, KeyStatus, LoginResult
from core.market.venues import VENUE_NAMES, VENUES, profile_of
from gui.dialogs.confirmation import ConfirmationDialog
from gui.style import style
from gui.style.palette import Palette
from gui.widgets.dialog import Dialog, buttons_row
from gui.widgets.panel import button, label, set_role, set_text
from gui.widgets.segmented import Segmented

_WIDTH = 520


def where_words(venue: str, holds: KeyStatus) -> str:
    """Where the keys of an account are, in a sentence."""
    if holds.trouble:
        return holds.trouble
    if holds.environment:
        return "Its keys come from the environment, which goes before the key ring."
    if holds.ring:
        return "Its keys are in the system's key ring."
    return f"No keys of the {venue} account are kept. They are made on Alpaca's pages."


def answer_words(venue: str, answered: LoginResult) -> str:
    """What the account answered."""
    state = "blocked from trading" if answered.blocked else "ready to trade"
    return f"The {venue} account {answered.number} answered in {answered.took_ms:.0f} ms: {state}."


class AccountsDialog(Dialog):
    """One account at a time.

    What was typed as a secret leaves its field when it is to be kept, when another account is
    looked at, and when the dialog closes.
    """

    shown = Signal(str)  # the venue that is looked at
    test_asked = Signal(str, str, str)
    keep_asked = Signal(str, str, str)
    forget_asked = Signal(str)
    connect_asked = Signal(str, str)  # venue, and what was typed to confirm a live account

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent, "accounts", "Accounts")
        self.setFixedWidth(_WIDTH)
        self._palette = palette
        self._venue_in_use = ""  # the venue that is at work
        self.forgetting = ConfirmationDialog(
            self,
            "forgetting",
            "Forget the keys?",
            ("Forget them", "Take the keys out of the key ring"),
            ("Keep them", "Leave the keys where they are"),
        )
        self.forgetting.confirmed.connect(lambda venue, _: self.forget_asked.emit(venue))
        self._build()

    def _build(self) -> None:
        self.venues = Segmented("accounts-venue", [(v.title, v.about) for v in VENUES])
        self.venues.chosen.connect(lambda _: self._on_chosen())
        self.about = _words("accounts-about")
        self.where = _words("accounts-where")
        set_role(self.where, "role", "muted")
        self.key_id = _field("accounts-key-id", "Key ID")
        self.secret = _field("accounts-secret", "Secret key")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.confirm = _field("accounts-confirm", f"Last {CONFIRM} characters of the number")
        self.confirm.setMaxLength(CONFIRM)
        self.confirm.textChanged.connect(lambda _: self._show_ready())
        for field in (self.key_id, self.secret):
            field.textChanged.connect(lambda _: self._show_ready())
        self.outcome = _words("accounts-result")
        self.outcome.setMinimumHeight(40)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.keys = QWidget()
        form = QFormLayout(self.keys)
        form.setContentsMargins(0, 0, 0, 0)
        for title, field in (("Key ID", self.key_id), ("Secret key", self.secret)):
            form.addRow(label(f"{field.objectName()}-label", title, role="muted"), field)
        form.addRow(self._key_buttons())
        self.live = QWidget()
        row = QFormLayout(self.live)
        row.setContentsMargins(0, 0, 0, 0)
        row.addRow(
            label(
                "accounts-confirm-label", f"Last {CONFIRM} characters of its number", role="muted"
            ),
            self.confirm,
        )
        for part in (self.venues, self.about, self.where, self.keys, self.outcome, self.live):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.column.addLayout(self._last_row())

    def _key_buttons(self) -> QHBoxLayout:
        self.test = button("accounts-test", "Test the connection", "Ask the account for an answer")
        self.keep = button("accounts-keep", "Keep in the key ring", "Keep in the system's key ring")
        self.forget = button("accounts-forget", "Forget", "Take the keys out of the key ring")
        self.test.clicked.connect(lambda: self.test_asked.emit(*self._typed()))
        self.keep.clicked.connect(self._on_keep)
        self.forget.clicked.connect(self._on_forget)
        return buttons_row(self.test, self.keep, self.forget)

    def _last_row(self) -> QHBoxLayout:
        self.go = button("accounts-connect", "", "Trade on this account")
        self.go.clicked.connect(self._on_connect)
        shut = button("accounts-close", "Close", "Close, and stay where we are")
        shut.clicked.connect(self.reject)
        return buttons_row(self.go, shut)

    @property
    def venue(self) -> str:
        """The account that is looked at."""
        return VENUE_NAMES[max(self.venues.index, 0)]

    def open_on(self, venue: str, now: str) -> None:
        """Show the account `venue`; `now` is the one at work, empty for none."""
        self._venue_in_use = now
        self.venues.choose(VENUE_NAMES.index(venue))
        self._on_chosen()
        self.bring_up()

    def show_key_status(self, venue: str, holds: KeyStatus) -> None:
        """Where the keys are."""
        if venue == self.venue:
            set_text(self.where, where_words(venue, holds))
            self.forget.setEnabled(holds.ring)

    def show_result(self, venue: str, sentence: str, *, bad: bool) -> None:
        """What came of a test, or of keeping."""
        if venue != self.venue:
            return
        set_text(self.outcome, sentence)
        set_role(self.outcome, "role", "bad" if bad else "")
        self._show_ready()

    def wait(self, sentence: str) -> None:
        """Say what is under way; the buttons wait."""
        set_text(self.outcome, sentence)
        set_role(self.outcome, "role", "muted")
        for part in (self.test, self.keep, self.forget):
            part.setEnabled(False)

    def done(self, result: int) -> None:
        """Leave nothing secret in a field, and no question."""
        self._clear()
        self.forgetting.reject()
        super().done(result)

    def _clear(self) -> None:
        for field in (self.key_id, self.secret, self.confirm):
            field.clear()

    def _typed(self) -> tuple[str, str, str]:
        return self.venue, self.key_id.text(), self.secret.text()

    def _on_chosen(self) -> None:
        venue, profile = self.venue, profile_of(self.venue)
        self._clear()
        set_text(self.about, profile.about)
        colour = style.venue_colour(self._palette, venue)
        self.about.setStyleSheet(f"border-left: 3px solid {colour}; padding-left: 10px;")
        self.keys.setVisible(profile.needs_keys)
        self.where.setVisible(profile.needs_keys)
        set_text(self.where, "")
        set_text(self.outcome, "")
        self.live.setVisible(profile.confirms_account)
        set_text(self.go, f"Trade on {venue.upper()}")
        self._show_ready()
        self.adjustSize()
        self.shown.emit(venue)

    def _on_keep(self) -> None:
        typed = self._typed()
        self.key_id.clear()
        self.secret.clear()
        self.keep_asked.emit(*typed)

    def _on_forget(self) -> None:
        self.forgetting.put(
            self.venue,
            (),
            f"The keys of the {self.venue} account leave the system's key ring. The secret key "
            "cannot be read again at Alpaca: without a copy of it new keys have to be made there.",
        )

    def _on_connect(self) -> None:
        venue, confirm = self.venue, self.confirm.text().strip()
        self.accept()
        self.connect_asked.emit(venue, confirm)

    def _show_ready(self) -> None:
        venue = self.venue
        both = bool(self.key_id.text().strip() and self.secret.text().strip())
        none = not (self.key_id.text() or self.secret.text())
        self.keep.setEnabled(both)
        self.test.setEnabled(both or none)
        typed = len(self.confirm.text().strip()) == CONFIRM
        confirmed = typed or not profile_of(venue).confirms_account
        self.go.setEnabled(venue != self._venue_in_use and confirmed)
        why = "" if venue != self._venue_in_use else "This account is at work already."
        if not confirmed:
            why = f"Type the last {CONFIRM} characters of the account's number first."
        self.go.setToolTip(why or "Trade on this account")


def _field(name: str, spoken: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(spoken)
    field.setMaxLength(300)
    return field


def _words(name: str) -> QLabel:
    words = label(name)
    words.setWordWrap(True)
    return words
