"""The real program with someone beside it: `python -m tests.pictures.program ADDRESS [ARG ...]`.

The arguments are Touchline's own.
"""

import sys

from gui.__main__ import main
from gui.app.qt_loading import load_qt

if __name__ == "__main__":
    load_qt()  # as the program does it, before anything else asks for Qt
    from tests.pictures.beside import stand_beside

    stand_beside(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
