"""The digest of the reducer: computed from the sources of all that it imports, and written down.

`python -m tests.support.reducer_digest` writes it into `core/orders/reducer_digest.py`.
"""

import hashlib
import re
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "core/orders/reducer_digest.py"
REDUCER = "core.orders.reducer"


def sources() -> list[Path]:
    """Every file that `reduce` runs through, in the order of their names."""
    modules = grimp.build_graph("core").find_upstream_modules(REDUCER) | {REDUCER}
    files = [ROOT / f"{module.replace('.', '/')}.py" for module in sorted(modules)]
    return [file for file in files if file.is_file()]  # the others are packages: a docstring


def digest() -> str:
    """Sixteen hexadecimal digits that change with any of these files."""
    source = hashlib.blake2b(digest_size=8)
    for file in sources():
        source.update(file.read_text(encoding="utf-8").encode())
    return source.hexdigest()


def main() -> None:
    """Write it down."""
    text = WRITTEN.read_text(encoding="utf-8")
    text = re.sub(r'^RULES = ".*"$', f'RULES = "{digest()}"', text, flags=re.MULTILINE)
    WRITTEN.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
