"""The command line's words: what earlier versions took is taken."""

import argparse
from pathlib import Path

import pytest

from core.cli.parser import build_parser

EARLIER = Path(__file__).resolve().parents[2] / "earlier"
LINES = (EARLIER / "cli_flags.txt").read_text("utf-8").splitlines()


def options(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Every option of `parser`, by each of its names."""
    return {name: action for action in parser._actions for name in action.option_strings}


def of_commands(
    parser: argparse.ArgumentParser, name: str = ""
) -> dict[str, argparse.ArgumentParser]:
    """The parser of each command by its words; that of the window under an empty name."""
    found = {name: parser}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, one in action.choices.items():
                found |= of_commands(one, f"{name} {word}".strip())
    return found


COMMANDS = of_commands(build_parser())


@pytest.mark.parametrize("line", [line for line in LINES if " -" in line or line[0] == "-"])
def test_every_option_of_an_earlier_version_is_taken(line: str) -> None:
    words = line.split()
    first = next(n for n, word in enumerate(words) if word.startswith("-"))
    command, words = " ".join(words[:first]), words[first:]
    action = options(COMMANDS[command])[words[0]]
    for value in words[1].split("|") if len(words) > 1 and action.choices else ():
        kind = action.type
        assert action.choices is not None
        assert (kind(value) if callable(kind) else value) in action.choices


@pytest.mark.parametrize("line", [line for line in LINES if " " not in line and line[0] != "-"])
def test_every_command_of_an_earlier_version_is_there(line: str) -> None:
    assert line in COMMANDS
