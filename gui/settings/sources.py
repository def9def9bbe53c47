"""What the settings dialog sets: the window's preferences, and the limits of the account."""

from collections.abc import Awaitable, Callable

from msgspec import Struct, structs
from PySide6.QtCore import QObject, Signal

from core.errors import Refusal
from core.risk import limits
from core.risk.limits import Limits
from core.runtime.tasks import Tasks
from core.wording.setting_spec import SettingSpec, specs_of
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import USUAL
from gui.state.view_state import ViewState

Apply = Callable[[Limits], Awaitable[None]]


class SettingsSource(QObject):
    """A record of settings. `changed`, or `refused` with a name and a sentence, answers `set`."""

    changed = Signal()
    refused = Signal(str, str)

    def __init__(self, usual: Struct, now: Callable[[], Struct], parent: QObject) -> None:
        super().__init__(parent)
        self._usual = usual
        self._now = now

    def about(self) -> dict[str, SettingSpec]:
        """Every setting, in order."""
        return specs_of(type(self._usual))

    def value(self, name: str) -> object:
        """As it is now."""
        return getattr(self._now(), name)

    def usual(self, name: str) -> object:
        """Its default."""
        return getattr(self._usual, name)

    def asks(self, name: str, value: object) -> bool:
        """Whether a person is asked before it is set to `value`."""
        raise NotImplementedError

    def set(self, name: str, value: object) -> None:
        """Set it, now or as soon as whoever keeps it has taken it."""
        raise NotImplementedError


class PreferenceSource(SettingsSource):
    """The window's own preferences. A slip costs nothing here, so they ask nothing."""

    def __init__(self, store: PreferenceStore, parent: QObject) -> None:
        super().__init__(USUAL, lambda: store.values, parent)
        self._store = store
        store.changed.connect(self.changed)

    def asks(self, name: str, value: object) -> bool:
        """Never."""
        return False

    def set(self, name: str, value: object) -> None:
        """Set it at once."""
        try:
            self._store.change(**{name: value})
        except Refusal as refusal:
            self.refused.emit(name, refusal.sentence)


class LimitSource(SettingsSource):
    """The limits of the pre-trade controls. What lets more through is asked about."""

    def __init__(self, known: ViewState, tasks: Tasks, parent: QObject) -> None:
        super().__init__(limits.DEFAULTS, lambda: known.settings, parent)
        self._known = known
        self._tasks = tasks
        self._apply: Apply | None = None

    def connect_core(self, apply: Apply) -> None:
        """Set limits by `apply` from now on."""
        self._apply = apply
        self.changed.emit()

    def asks(self, name: str, value: object) -> bool:
        """When more would pass than now."""
        now = self._known.settings
        return bool(limits.widened(now, structs.replace(now, **{name: value})))

    def set(self, name: str, value: object) -> None:
        """Ask the core to take it; the limits shown change when it has."""
        if self._apply is None:
            self.refused.emit(name, "Limits can be set once an account is open.")
            return
        self._tasks.spawn(self._set(self._apply, name, value), "limits")

    async def _set(self, apply: Apply, name: str, value: object) -> None:
        wanted = structs.replace(self._known.settings, **{name: value})
        try:
            await apply(wanted)
        except Refusal as refusal:
            self.refused.emit(name, refusal.sentence)
            return
        self._known.settings, self._known.settings_error = wanted, ""
        self.changed.emit()
