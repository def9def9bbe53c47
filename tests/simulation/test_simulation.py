"""Five hundred seeded days hold every invariant, and the simulation bites."""

import hashlib
import os
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from core.market.time import NS
from tests.simulation.day import play
from tests.simulation.patches import planted
from tests.simulation.planted import BUGS, search
from tests.simulation.report import simulate
from tests.simulation.shrink import KeptDay, kept_days, shrink
from tests.simulation.timeline import EPOCH_NS, MOST_AT_ONCE, MOST_STEPS, OverrunError, Timeline

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 500


@pytest.mark.slow
def test_five_hundred_days_hold_every_invariant() -> None:
    summary = simulate(1, SEEDS, workers=2)
    first = summary.violations[0] if summary.violations else None
    assert first is None, f"seed {first.seed}: {first.violation}\n{first.text}"
    assert summary.days == SEEDS
    assert summary.faults["crash"] > 50


@pytest.mark.parametrize("day", kept_days(), ids=lambda day: f"{day.seed}")
def test_a_day_that_broke_a_rule_once_holds_today(day: KeptDay) -> None:
    result = play(day.seed, frozenset(day.cut), text=True)
    assert not result.violation, f"once {day.kind}\n{result.text}"


def test_a_violation_is_made_smaller_and_stays_of_its_kind() -> None:
    bug = next(b for b in BUGS if b.name == "a market order is sent though no fallback was asked")
    with planted(bug.plant):
        days = (play(seed, text=True) for seed in range(1, 400))
        broken = next(day for day in days if day.kind.startswith("plan: #"))
        shrunk = shrink(broken)
    assert shrunk.result.kind == broken.kind
    assert shrunk.cut
    assert shrunk.result.lines < broken.lines


@pytest.mark.slow
def test_every_planted_bug_is_caught() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 40
    with get_context("spawn").Pool(2) as pool:
        caught = pool.map(search, range(len(BUGS)), chunksize=1)
    assert [c.name for c in caught if not c.seed] == []


def test_a_day_that_would_never_end_is_a_violation_of_its_seed() -> None:
    bug = next(b for b in BUGS if b.name == "a market order is sent though no fallback was asked")
    with planted(bug.plant):
        said = {play(seed).violation for seed in range(1, 100)}
    assert any("the day did not end" in violation for violation in said), said


@pytest.mark.parametrize("at_once", [True, False])
def test_a_timeline_that_keeps_itself_busy_is_stopped(at_once: bool) -> None:
    timeline = Timeline()

    def again() -> None:
        timeline.after(0 if at_once else 0.001, again)

    again()
    with pytest.raises(OverrunError, match="things happened"):
        timeline.run_until(EPOCH_NS + 1000 * NS)
    assert timeline.steps == (MOST_AT_ONCE if at_once else MOST_STEPS) + 1


def test_a_seed_gives_the_same_timeline_again() -> None:
    one, two = play(7, text=True), play(7, text=True)
    assert one.lines > 20
    assert one.text == two.text


@pytest.mark.parametrize("hash_seed", ["1", "2", "random"])
def test_a_seed_gives_the_same_timeline_in_another_process_and_order(hash_seed: str) -> None:
    script = "from tests.simulation.day import play; import sys\n"
    script += "days = [play(seed, text=True).text for seed in range(39, 19, -1)]\n"
    script += "sys.stdout.write(''.join(reversed(days)))"
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
