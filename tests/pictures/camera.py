"""Cuts a picture out of the screen and writes it small: 256 colours, a PNG."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from tests.pictures.beside import Box

COLOURS = 256
_COARSE = 0xFFF8F8F8  # colours that differ by less than this shows are one to begin with


def around(boxes: list[Box], margin: int, width: int, height: int) -> QRect:
    """What holds all the boxes, and a margin where the screen has room for it."""
    left = max(min(box[0] for box in boxes) - margin, 0)
    top = max(min(box[1] for box in boxes) - margin, 0)
    right = min(max(box[0] + box[2] for box in boxes) + margin, width)
    bottom = min(max(box[1] + box[3] for box in boxes) + margin, height)
    return QRect(left, top, right - left, bottom - top)


def write(picture: QImage, path: Path) -> None:
    """Write it as a PNG of at most 256 colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = _indexed(picture.convertToFormat(QImage.Format.Format_RGB32))
    if not small.save(str(path), quality=0):  # of the compression, which loses nothing
        raise OSError(f"{path} could not be written")


def _indexed(picture: QImage) -> QImage:
    """The picture in the colours it uses most; every other one is its nearest among them."""
    width, height = picture.width(), picture.height()
    dots = np.frombuffer(picture.constBits(), np.uint32).reshape(height, -1)[:, :width]
    colours, place, count = np.unique(dots, return_inverse=True, return_counts=True)
    table = colours if len(colours) <= COLOURS else _table(colours, count)
    nearest = _nearest(colours, table)
    rows = nearest[place.reshape(height, width)].astype(np.uint8)
    result = QImage(
        np.ascontiguousarray(rows).tobytes(), width, height, width, QImage.Format.Format_Indexed8
    )
    result.setColorTable([int(colour) for colour in table])
    return result.copy()  # its own bytes


def _table(colours: NDArray[np.uint32], count: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Of each group of like colours the one that is used most, for the groups used most."""
    order = np.argsort(count)[::-1]
    groups = colours[order] & np.uint32(_COARSE)
    _, first, whose = np.unique(groups, return_index=True, return_inverse=True)
    used = np.bincount(whose, weights=count[order])
    chosen: NDArray[np.uint32] = colours[order][first[np.argsort(used)[::-1][:COLOURS]]]
    return chosen


def _nearest(colours: NDArray[np.uint32], table: NDArray[np.uint32]) -> NDArray[np.int64]:
    found = np.empty(len(colours), np.int64)
    parts = _parts(table)
    for start in range(0, len(colours), 1_000):
        apart = _parts(colours[start : start + 1_000])[:, None, :] - parts[None, :, :]
        found[start : start + 1_000] = (apart * apart).sum(axis=2).argmin(axis=1)
    return found


def _parts(colours: NDArray[np.uint32]) -> NDArray[np.int64]:
    shifts = np.array((16, 8, 0), np.uint32)
    return ((colours[:, None] >> shifts) & np.uint32(0xFF)).astype(np.int64)
