"""A broken pair of Python and PySide6 is refused in one sentence before Qt is loaded."""

import sys
from importlib.metadata import PackageNotFoundError

import pytest
from PySide6.QtCore import QObject

from core.errors import Refusal
from gui.app import platform_check
from gui.app.platform_check import check_pair, check_platform


def test_the_pair_that_runs_these_tests_is_sound() -> None:
    check_platform()


@pytest.mark.parametrize("pyside", ["6.12.0", "6.12.1", "6.13.0", "7.0.0"])
def test_pyside_6_12_is_refused_below_python_3_12(pyside: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_pair((3, 11), pyside)
    assert pyside in refused.value.sentence
    assert "Python 3.12" in refused.value.sentence
    check_pair((3, 12), pyside)


@pytest.mark.parametrize("pyside", ["6.11.0", "6.11.1"])
@pytest.mark.parametrize("python", [(3, 11), (3, 12), (3, 14)])
def test_the_two_releases_that_resize_wrongly_are_refused_everywhere(
    python: tuple[int, int], pyside: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check_pair(python, pyside)
    assert refused.value.sentence.count(".") >= 1


@pytest.mark.parametrize("pyside", ["6.11.2", "6.11.3"])
def test_the_pinned_releases_pass_on_python_3_11(pyside: str) -> None:
    check_pair((3, 11), pyside)


def test_a_missing_pyside_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(platform_check, "version", missing)
    with pytest.raises(Refusal) as refused:
        check_platform()
    assert "not installed" in refused.value.sentence


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal there")
def test_this_pyside_gives_back_every_none_it_takes() -> None:
    before = sys.getrefcount(None)
    for _ in range(1000):
        QObject().setObjectName("x")
    assert sys.getrefcount(None) > before - 500
