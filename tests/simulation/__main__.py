"""`python -m tests.simulation`: many days, one day with its timeline, or the planted bugs."""

import argparse
import multiprocessing
import sys
from pathlib import Path

from tests.simulation.day import play
from tests.simulation.planted import BUGS, search_from_one
from tests.simulation.report import page, simulate
from tests.simulation.shrink import keep, shrink


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many days")
    parser.add_argument("--first", type=int, default=1, help="the first one's seed")
    parser.add_argument("--seed", type=int, default=None, help="play one day and print it")
    parser.add_argument("--report", type=Path, default=None, help="write a page about it")
    parser.add_argument(
        "--keep", action="store_true", help="keep the smallest day of each violation for the tests"
    )
    parser.add_argument("--planted", action="store_true", help="search every planted bug")
    return parser.parse_args(argv)


def _one(seed: int) -> int:
    result = play(seed, text=True)
    sys.stdout.write(result.text)
    print(result.violation or f"seed {seed}: no violation")
    return 1 if result.violation else 0


def _many(first: int, seeds: int, report: Path | None, *, keep_them: bool) -> int:
    summary = simulate(first, seeds)
    for kind, results in summary.kinds.items():
        shrunk = shrink(results[0])
        print(f"--- {kind}: {len(results)} days, the shortest made smaller ---")
        print(f"{shrunk.result.text}\nleft out: {', '.join(sorted(shrunk.cut)) or 'nothing'}")
        if keep_them:
            keep(shrunk)
    for result in summary.violations:
        print(f"seed {result.seed}: {result.violation}; replay it with make simulate ", end="")
        print(f"SEED={result.seed}")
    for kind, results in summary.kinds.items():
        print(f"{len(results):4}  {kind}")
    print(summary.sentence)
    if report is not None:
        begin = "" if first == 1 else f" FIRST={first}"
        command = f"make simulate SEEDS={seeds}{begin} REPORT={report}"
        report.write_text(page(summary, command), encoding="utf-8")
    return 1 if summary.violations else 0


def _planted() -> int:
    missed = 0
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        caught = pool.imap(search_from_one, range(len(BUGS)))
        for catch in caught:
            seed = f"seed {catch.seed:3}" if catch.seed else "NOT FOUND"
            print(f"{seed}  {catch.name}: {catch.violation}")
            missed += not catch.seed
    return 1 if missed else 0


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0 when nothing was violated, or every planted bug was found."""
    given = _arguments(sys.argv[1:] if argv is None else argv)
    if given.planted:
        return _planted()
    if given.seed is not None:
        return _one(given.seed)
    return _many(given.first, given.seeds, given.report, keep_them=given.keep)


if __name__ == "__main__":
    sys.exit(main())
