"""Five hundred seeded days hold every invariant, and the simulation bites."""

import hashlib
import os
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.simulation.day import play
from tests.simulation.planted import BUGS, search
from tests.simulation.report import simulate

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 500


@pytest.mark.slow
def test_five_hundred_days_hold_every_invariant() -> None:
    summary = simulate(1, SEEDS, workers=2)
    first = summary.violations[0] if summary.violations else None
    assert first is None, f"seed {first.seed}: {first.violation}\n{first.text}"
    assert summary.days == SEEDS
    assert summary.faults["crash"] > 50


@pytest.mark.slow
def test_every_planted_bug_is_caught() -> None:
    assert len(BUGS) >= 15
    with get_context("spawn").Pool(2) as pool:
        caught = pool.map(search, range(len(BUGS)), chunksize=1)
    assert [c.name for c in caught if not c.seed] == []


def test_a_seed_gives_the_same_timeline_again() -> None:
    one, two = play(7, text=True), play(7, text=True)
    assert one.lines > 20
    assert one.text == two.text


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_timeline_in_another_process(hash_seed: str) -> None:
    script = "from tests.simulation.day import play; import sys\n"
    script += "for seed in range(20, 40): sys.stdout.write(play(seed, text=True).text)"
    ran = subprocess.run(
        (sys.executable, "-c", script),
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=100,
    )
    here = "".join(play(seed, text=True).text for seed in range(20, 40)).encode()
    assert hashlib.sha256(ran.stdout).hexdigest() == hashlib.sha256(here).hexdigest()
