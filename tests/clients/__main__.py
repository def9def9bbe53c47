"""`make clients`: three clients that are not ours, each against an exchange of its own.

alpaca-py is the one of the lock. The old `alpaca-trade-api` and the npm package are installed by
hash into `.clients` the first time. Each lists what it called and what was refused.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core.exchange.api.server import serve
from core.exchange.options import DEFAULT_KEY, DEFAULT_SECRET, ExchangeOptions, Knobs
from tests.support.commands import ROOT

HERE = Path(__file__).parent
DRIVERS = HERE / "drivers"  # scripts that run among the client's own packages, without ours
FOLDER = ROOT / ".clients"
CAP_S = 120.0
KEYS = {"APCA_API_KEY_ID": DEFAULT_KEY, "APCA_API_SECRET_KEY": DEFAULT_SECRET}


class Called(NamedTuple):
    """One call of a client, and why it was refused if it was."""

    call: str
    ok: bool
    why: str


def install() -> None:
    """Install what is not ours, by hash, unless it is there."""
    if shutil.which("npm") and not _npm_package().exists():
        FOLDER.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, FOLDER / name)
        subprocess.run(("npm", "ci", "--ignore-scripts", "--silent"), cwd=FOLDER, check=True)
    if not _old_python().exists():
        venv.create(FOLDER / "old", with_pip=True)
        pip = (str(_old_python()), "-m", "pip", "install", "-qq", "--require-hashes")
        try:
            # One of them has no wheel for this Python: it is built with what the lock names.
            asked = ("--no-build-isolation", "-r", str(HERE / "requirements.txt"))
            subprocess.run((*pip, *asked), check=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(FOLDER / "old")
            raise


def _npm_package() -> Path:
    return FOLDER / "node_modules" / "@alpacahq" / "alpaca-trade-api"


def _old_python() -> Path:
    return FOLDER / "old" / "bin" / "python"


def clients() -> dict[str, Sequence[str]]:
    """The clients that are installed, and the command of each; the exchange's address follows."""
    found: dict[str, Sequence[str]] = {
        "alpaca-py": (sys.executable, str(DRIVERS / "new_python.py"))
    }
    if _old_python().exists():
        found["alpaca-trade-api (PyPI)"] = (str(_old_python()), str(DRIVERS / "old_python.py"))
    if shutil.which("node") and _npm_package().exists():
        driver = str(DRIVERS / "npm_client.mjs")
        found["@alpacahq/alpaca-trade-api (npm)"] = ("node", driver)
    return found


async def run(command: Sequence[str]) -> list[Called]:
    """Let one client call the exchange; raises RuntimeError when it breaks."""
    options = ExchangeOptions(knobs=Knobs(hidden_chance=0.0), rate_limit=0)
    async with serve(options) as running:
        process = await asyncio.create_subprocess_exec(
            *(*command, running.url, str(FOLDER)),
            env={"PATH": os.environ["PATH"], **KEYS},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), CAP_S)
        except TimeoutError:
            process.kill()
            raise RuntimeError("it did not come to its end") from None
        if process.returncode:
            raise RuntimeError(err.decode()[-2000:])
    lines = [line for line in out.decode().splitlines() if line.startswith("{")]
    return [Called(**json.loads(line)) for line in lines]


def main() -> int:
    """Install, let all of them call, and list what came of it; 1 when anything was refused."""
    install()
    refused = False
    for name, command in clients().items():
        called = asyncio.run(run(command))
        wrong = [each for each in called if not each.ok]
        refused |= bool(wrong)
        sys.stdout.write(f"{name}: {len(called)} called, {len(wrong)} refused\n")
        sys.stdout.write(f"  {', '.join(each.call for each in called if each.ok)}\n")
        sys.stdout.writelines(f"  refused {each.call}: {each.why}\n" for each in wrong)
    return int(refused)


if __name__ == "__main__":
    sys.exit(main())
