"""The chart as a picture that says what it is of: to the clipboard, and into PNG files."""

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QDir, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QWidget

from core.errors import Refusal
from core.runtime.atomic_files import drafted, reason
from core.runtime.tasks import Tasks
from gui.chart.chart import SpreadChart
from gui.controllers.notifier import Notifier
from gui.style.palette import Palette
from gui.widgets import clipboard
from gui.widgets.busy_label import BusyLabel
from gui.widgets.dialog import ask_where

_PAD = 8.0


def chart_picture(chart: SpreadChart, caption: str, palette: Palette) -> QImage:
    """The canvas as it is on the screen, beneath a line of words."""
    canvas = chart.canvas.grab().toImage()
    ratio = canvas.devicePixelRatio()
    line = QFontMetricsF(chart.font()).height() + 2 * _PAD
    width = canvas.width() / ratio
    image = QImage(
        canvas.width(), canvas.height() + round(line * ratio), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(palette.panel))
    painter = QPainter(image)
    painter.setFont(chart.font())
    painter.setPen(QColor(palette.text))
    words = QRectF(_PAD, 0, width - 2 * _PAD, line)
    painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), caption)
    painter.drawImage(QRectF(0, line, width, canvas.height() / ratio), canvas)
    painter.end()
    return image


def save_png(path: Path, image: QImage) -> None:
    """Write the picture, whole or not at all. Raises Refusal."""
    try:
        with drafted(path) as draft:
            writer = QImageWriter(str(draft), QByteArray(b"png"))
            if not writer.write(image):
                raise OSError(writer.errorString())
    except OSError as error:
        raise Refusal(
            "picture", f"The chart could not be saved as {path}: {reason(error)}.", str(path)
        ) from error


class ChartImageController(QObject):
    """Copies and saves; asks where without waiting, and says what became of it."""

    def __init__(
        self,
        window: QWidget,
        palette: Palette,
        busy: BusyLabel,
        notifier: Notifier,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._palette = palette
        self._busy = busy
        self._notifier = notifier
        self._tasks = tasks
        self._folder = Path(QDir.homePath())

    def _picture(self, chart: SpreadChart) -> QImage:
        return chart_picture(chart, chart.caption(), self._palette)

    def copy(self, chart: SpreadChart) -> None:
        """Put a picture of the chart on the clipboard."""
        clipboard.copy(self._picture(chart), "the chart as a picture", self._notifier.say)

    def ask_where(self, chart: SpreadChart) -> None:
        """Take the picture now and open the dialog; nothing waits for it."""
        image = self._picture(chart)
        start = self._folder / f"touchline-{chart.symbol or 'chart'}.png"
        title, kinds = "Save the chart as a picture", "Pictures (*.png)"
        ask_where(self._window, "save-chart", title, start, kinds, partial(self.save, image))

    def save(self, image: QImage, path: Path) -> None:
        """Write the picture to `path`, off the window's thread."""
        self._folder = path.parent
        self._tasks.spawn(self._save(image, path), "picture")

    async def _save(self, image: QImage, path: Path) -> None:
        with self._busy.during("saving the chart"):
            await asyncio.to_thread(save_png, path, image)
        self._notifier.say(f"The chart is saved as {path}.")
