"""`python -m tests.fuzz SECONDS [TARGET ...]`: atheris on every reader, one after the other.

Each target runs in a process of its own, so that one that dies is named and the others go on.
What made it fail is left in the folder that is named, and in `.fuzz` what has been reached.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.corpus import SEEDS
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".fuzz"
LIMITS = ("-timeout=5", "-rss_limit_mb=1024", "-max_len=8192", "-print_final_stats=1")


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("seconds", type=int, help="for all targets together")
    parser.add_argument("target", nargs="*", help="only these")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Returns how many targets failed."""
    given = _arguments(argv)
    names = given.target or list(TARGETS)
    failed = [name for name in names if not _holds(name, max(1, given.seconds // len(names)))]
    print(f"{len(names)} targets, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}")
    return len(failed)


def _holds(name: str, seconds: int) -> bool:
    folder = WORK / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words"
    words.write_text(_dictionary(SEEDS[name]), encoding="ascii")
    ran = subprocess.run(
        (
            *(sys.executable, "-m", "tests.fuzz.guided", name, str(corpus), *LIMITS),
            *(f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", f"-dict={words}"),
        ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + 120,
        check=False,
    )
    lines = ran.stderr.splitlines()
    runs = next((x.split()[-1] for x in lines if "number_of_executed_units" in x), "?")
    reached = next((x for x in reversed(lines) if "cov:" in x), "").split("corp:")[0].split("cov:")
    print(f"{name}: {runs} inputs, cov:{reached[-1].rstrip()}, exit {ran.returncode}", flush=True)
    if ran.returncode:
        print("\n".join(lines[-40:]))
        print(f"what made it fail is in {folder}")
    return ran.returncode == 0


def _dictionary(seeds: tuple[bytes, ...]) -> str:
    """The words of the seeds, and numbers that mean trouble, as libFuzzer takes them."""
    found = {word for seed in seeds for word in re.findall(rb'"[^"]{1,40}"|[a-z_]{2,}', seed)}
    odd = {b"NaN", b"Infinity", b"1e309", b"-0", b"null", b"[[[[", b'{"', b"\xff\x00"}
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in sorted(found | odd))
    return "".join(f'"{word}"\n' for word in escaped)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
