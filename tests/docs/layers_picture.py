"""The layers as an SVG picture: a column for each house, a row for each layer.

On a background of its own, so that it reads on a dark page and on a light one; in the
reader's own sans-serif.
"""

from collections.abc import Iterator, Sequence
from html import escape

from tests.docs.layers import House, Package

COLUMN = 580
GAP = 72  # between the columns, for the arrow
MARGIN = 24
HEAD = 64  # above the first row
ROW = 46
BETWEEN = 8  # rows, and siblings in a row
FOOT = 54
NAME_WIDTH = 120  # of a lone package, before its purpose
PADDING = 3  # characters of room around a name beside others
FITS = 66  # characters of a purpose

PAPER = "#fbfaf7"
INK = "#1f2430"
FAINT = "#5b6270"
LINE = "#c3c7cf"
BOX = "#ffffff"
PURE = "#dcecdf"
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"'


def picture(houses: Sequence[House]) -> str:
    """The whole picture."""
    rows = max(len(house.layers) for house in houses)
    width = 2 * MARGIN + len(houses) * COLUMN + (len(houses) - 1) * GAP
    height = HEAD + rows * (ROW + BETWEEN) + FOOT
    body = [part for at, house in enumerate(houses) for part in _column(_left(at), house)]
    for at in range(1, len(houses)):
        body += _arrow(_left(at), houses[at].name, rows)
    body += _legend(height)
    return "\n".join([*_opening(width, height), *body, "</svg>", ""])


def _left(column: int) -> int:
    return MARGIN + column * (COLUMN + GAP)


def _opening(width: int, height: int) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" {FONT}>'
    )
    yield "<title>The layers: what stands above may import what stands below</title>"
    yield f'<rect width="{width}" height="{height}" rx="10" fill="{PAPER}" stroke="{LINE}"/>'


def _column(left: int, house: House) -> Iterator[str]:
    yield _text(left, 30, house.name, size=18, weight=700)
    yield _text(left, 50, house.purpose, size=12, fill=FAINT)
    for at, layer in enumerate(house.layers):
        yield from _row(left, HEAD + at * (ROW + BETWEEN), layer)


def _row(left: int, top: int, layer: tuple[Package, ...]) -> Iterator[str]:
    if len(layer) == 1:
        yield _box(left, top, COLUMN, layer[0])
        yield _text(left + 14, top + 28, layer[0].name, weight=600)
        words = _short(layer[0].purpose)
        yield _text(left + NAME_WIDTH, top + 28, words, size=12, fill=FAINT)
        return
    room = COLUMN - BETWEEN * (len(layer) - 1)
    letters = sum(len(package.name) + PADDING for package in layer)
    x = float(left)
    for package in layer:
        width = round(room * (len(package.name) + PADDING) / letters)
        yield _box(x, top, width, package)
        yield _text(x + width / 2, top + 28, package.name, weight=600, anchor="middle")
        x += width + BETWEEN


def _short(purpose: str) -> str:
    """As much of it as fits beside a name: all, or what comes before its colon."""
    return purpose if len(purpose) <= FITS else purpose.partition(":")[0] + "."


def _arrow(left: int, target: str, rows: int) -> Iterator[str]:
    """From one column to the next, half-way down."""
    y = HEAD + rows * (ROW + BETWEEN) // 2
    begin, end = left - GAP + 12, left - 14
    yield f'<path d="M{begin} {y}H{end}" stroke="{FAINT}" stroke-width="2"/>'
    yield f'<path d="M{end - 8} {y - 6}L{end} {y}L{end - 8} {y + 6}" {_STROKE}/>'
    yield _text((begin + end) / 2, y - 12, "imports", size=12, fill=FAINT, anchor="middle")


_STROKE = f'fill="none" stroke="{FAINT}" stroke-width="2"'


def _legend(height: int) -> Iterator[str]:
    y = height - 30
    yield _text(
        MARGIN,
        y + 12,
        "A layer may import those below it, never one above or beside it.",
        size=12,
        fill=FAINT,
    )
    x = MARGIN + COLUMN + GAP
    yield f'<rect x="{x}" y="{y}" width="22" height="14" rx="3" fill="{PURE}" stroke="{LINE}"/>'
    yield _text(
        x + 32, y + 12, "Pure: no I/O, reads no clock, starts no task.", size=12, fill=FAINT
    )


def _box(x: float, y: float, width: float, package: Package) -> str:
    fill = PURE if package.pure else BOX
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{ROW}" rx="6" '
        f'fill="{fill}" stroke="{LINE}"/>'
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    weight: int = 400,
    fill: str = INK,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}" text-anchor="{anchor}">{escape(words)}</text>'
    )
