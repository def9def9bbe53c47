"""Works out a new order or filter between frames, while the old one stays on the screen."""

from collections.abc import Callable, Generator, Iterable, Mapping
from time import perf_counter
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

from gui.tables.ranking import Ranking

AT_ONCE = 1_500  # records that are ranked within one frame
SLICE_S = 0.003  # of each frame otherwise

R = TypeVar("R")
Steps = Generator[None, None, None]


class BackgroundRanking(QObject, Generic[R]):
    """Ranks `records`, which may change meanwhile: whoever changes one says so by `changed`.

    `put_into_force` takes the new ranking when it is whole. A ranking that is done with is
    taken apart here too, since that takes as long as making it.
    """

    def __init__(
        self,
        records: Mapping[int, R],
        put_into_force: Callable[[Ranking[R]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._records = records
        self._put_into_force = put_into_force
        self._ranking: Ranking[R] | None = None  # in the making
        self._ranked: dict[int, R] = {}  # the records as they were when it was begun
        self._changed: set[int] = set()
        self._making: Steps | None = None
        self._emptying: Steps | None = None  # the ranking before
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._work)

    @property
    def under_way(self) -> bool:
        """Whether a new ranking is being worked out."""
        return self._ranking is not None

    def begin(self, ranking: Ranking[R]) -> None:
        """Fill `ranking` with all records, at once where they are few."""
        self._ranking, self._ranked, self._changed = ranking, dict(self._records), set()
        self._making = ranking.fill(self._ranked)
        if len(self._records) <= AT_ONCE:
            for _ in self._making:
                pass
            self._finish(ranking)
        else:
            self._timer.start()

    def changed(self, numbers: Iterable[int]) -> None:
        """These records came, changed or went."""
        if self._ranking is not None:
            self._changed.update(numbers)

    def take_apart(self, ranking: Ranking[R]) -> None:
        """This one is in force no more."""
        if len(ranking) > AT_ONCE:
            self._emptying = ranking.empty()
            self._timer.start()

    def _work(self) -> None:
        end = perf_counter() + SLICE_S
        for steps in (self._emptying, self._making):
            for _ in steps or ():
                if perf_counter() >= end:
                    return
        self._emptying = None
        self._timer.stop()
        if self._ranking is not None:
            self._finish(self._ranking)

    def _finish(self, ranking: Ranking[R]) -> None:
        """Put right what changed since it was begun."""
        for number in self._changed:
            before = ranking.entry(number, self._ranked.get(number))
            if before is not None:
                ranking.drop(before)
            now = ranking.entry(number, self._records.get(number))
            if now is not None:
                ranking.add(now)
        self._ranking, self._making, self._ranked = None, None, {}
        self._put_into_force(ranking)
