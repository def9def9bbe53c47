"""`make pictures`: the pictures of docs/cockpit.md anew, in dark and light; names choose scenes."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import TAPE
from tests.gui.conftest import venue_environment
from tests.pictures import stories
from tests.pictures.hand import touchline
from tests.pictures.stage import SEED, stage
from tests.pictures.stories import Story
from tests.support.commands import ROOT
from tests.support.screen import missing, screen

FOLDER = ROOT / "docs" / "pictures" / "cockpit"
THEMES = ("dark", "light")
AT_ONCE = 2
QUOTES = TAPE / "IBM-2013-10-08.quotes.csv.gz"
_USUAL = ("--symbol", "UVXY")
_KEYS = {"APCA_API_KEY_ID": "embedded", "APCA_API_SECRET_KEY": "embedded"}
_IEX = {"TOUCHLINE_FEED": "iex"}


@dataclass(frozen=True)
class Scene:
    """A story, the screen it plays on, and how Touchline is started for it.

    `own`: on the embedded exchange that Touchline starts by itself. `needs`: a file without
    which its pictures stay as they are.
    """

    story: Story
    size: str = "1600x1000"
    arguments: tuple[str, ...] = _USUAL
    env: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    closed: bool = False
    needs: Path | None = None
    iex: bool = False


SCENES: dict[str, Scene] = {
    "first": Scene(stories.first_start),
    "order": Scene(stories.one_order),
    "fallbacks": Scene(stories.fallbacks),
    "warnings": Scene(stories.warnings),
    "sending": Scene(stories.sending),
    "tables": Scene(stories.tables),
    "trouble": Scene(stories.trouble),
    "chart": Scene(stories.charting),
    "around": Scene(stories.around),
    "paper": Scene(stories.venue("paper"), arguments=("--venue", "paper", *_USUAL), env=_KEYS),
    "live": Scene(
        stories.venue("live"),
        arguments=("--venue", "live", "--confirm", "KPIT", *_USUAL),
        env=_KEYS,
    ),
    "closed": Scene(stories.closed, closed=True),
    "iex": Scene(stories.one_exchange, env=_IEX, iex=True),
    "150": Scene(stories.sized("150"), size="2400x1500", env={"QT_SCALE_FACTOR": "1.5"}),
    "200": Scene(stories.sized("200"), size="3200x2000", env={"QT_SCALE_FACTOR": "2"}),
    "small": Scene(stories.sized("small"), size="1120x740"),
    "tape": Scene(
        stories.on_tape,
        arguments=("--symbol", "IBM", "--tape", str(QUOTES), "--at", "10:00"),
        own=True,
        needs=QUOTES,
    ),
    "drills": Scene(stories.drills, arguments=(*_USUAL, "--seed", SEED), own=True),
}


def take(name: str, theme: str, folder: Path) -> str:
    """Play one scene in one theme; what it took, in words."""
    scene, begun = SCENES[name], time.monotonic()
    if scene.needs is not None and not scene.needs.exists():
        return f"{name}, {theme}: left as it is, there is no {scene.needs.name}"
    with TemporaryDirectory() as made, stage() as playing, screen(Path(made), scene.size) as on:
        env = {"TOUCHLINE_HOME": f"{made}/home", **scene.env}
        if not scene.own:
            env |= venue_environment(playing.port)
        if scene.iex:
            env["TOUCHLINE_DATA_STREAM_URL"] = f"ws://127.0.0.1:{playing.port}/v2/iex"
        if scene.closed:
            playing.close_market()
        try:
            with touchline(on, env, folder, theme, *scene.arguments) as hand:
                scene.story(hand, playing)
        except Exception as error:
            log = Path(made) / "home" / "touchline.log"
            error.add_note(log.read_text(encoding="utf-8") if log.exists() else "nothing logged")
            raise
    return f"{name}, {theme}: {time.monotonic() - begun:.0f} s"


def main(arguments: Sequence[str]) -> int:
    """Take the pictures asked for; 1 when a story did not come to its end."""
    parser = argparse.ArgumentParser(prog="make pictures", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--theme", choices=THEMES)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.scenes) - set(SCENES):
        parser.error(f"there is no scene {', '.join(sorted(unknown))}; see --help")
    if lacks := missing():
        sys.stderr.write(f"There is no screen of our own to be had without {', '.join(lacks)}.\n")
        return 2
    themes = (asked.theme,) if asked.theme else THEMES
    tasks = [(name, theme) for name in asked.scenes or SCENES for theme in themes]
    failed = False
    with ThreadPoolExecutor(AT_ONCE) as pool:
        coming = {task: pool.submit(take, *task, asked.folder) for task in tasks}
        for (name, theme), done in coming.items():
            if (error := done.exception()) is not None:
                failed = True
                notes = "\n".join(getattr(error, "__notes__", ()))
                sys.stderr.write(f"{name}, {theme}: {error} {notes}\n")
            else:
                sys.stdout.write(f"{done.result()}\n")
            sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
