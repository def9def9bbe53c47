"""What every test stands on: an offscreen screen, a home of its own, no keys, known chance."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SEED = int(os.environ.get("TOUCHLINE_TEST_SEED", "20131008"))
TAPE = Path(__file__).resolve().parents[2] / "shared" / "data" / "tape"
OURS = ("APCA_", "TOUCHLINE_")

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", parent=settings.get_profile("ci"), derandomize=False)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    """The seed, so that a failure can be repeated."""
    return f"chance: TOUCHLINE_TEST_SEED={SEED}, hypothesis profile {PROFILE}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TOUCHLINE_HOME in a folder of this test's own; no keys from outside, no key ring."""
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    folder = tmp_path / "touchline-home"
    monkeypatch.setenv("TOUCHLINE_HOME", str(folder))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return folder


@pytest.fixture(scope="module", autouse=True)
def no_litter() -> Iterator[None]:
    """What a file of tests leaves open fails there, not in whichever test later needs memory."""
    yield
    gc.collect()


@pytest.fixture
def seed() -> int:
    """The seed for anything a test leaves to chance."""
    return SEED


@pytest.fixture(scope="session")
def tape() -> Path:
    """The folder of recorded market data, which lies beside the checkout and not in it."""
    if not TAPE.is_dir():
        pytest.skip("the recorded tape is not beside this checkout (../shared/data/tape)")
    return TAPE
