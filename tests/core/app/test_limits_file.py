"""The file of limits: read without guessing, written whole, in its former spelling too."""

import contextlib
import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app.limits_file import load, save, unknown
from core.errors import Refusal
from core.risk import limits
from core.risk.limits import DEFAULTS, FORMER_NAMES, Limits
from core.runtime import private_files
from core.wording.setting_spec import specs_of

D = Decimal
EARLIER = Path(__file__).resolve().parents[2] / "earlier"


def test_where_there_is_no_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.json") == DEFAULTS


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    mine = Limits(max_shares=D(77), short_sales=True, price_band_percent=D("0.5"))
    save(path, mine)
    assert load(path) == mine
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_a_key_of_another_version_is_passed_over_and_numbers_may_be_bare(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"max_shares": 50, "sound": "on", "price_band_percent": "2.5"}')
    assert load(path) == Limits(max_shares=D(50), price_band_percent=D("2.5"))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"max_shares": "many"}', '{"max_shares": null}', "\x00", "[" * 9999],
)
def test_a_damaged_file_is_refused_in_a_sentence_that_names_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(Refusal, match=r"settings\.json cannot be used") as refused:
        load(path)
    assert refused.value.rule == "settings"
    assert refused.value.sentence.endswith("Mend the file or move it away.")
    assert path.read_text() == text


@pytest.mark.parametrize("value", ["0", "-1", "10000001", '"NaN"', '"Infinity"', "1e400"])
def test_a_value_out_of_bounds_is_refused_by_name(tmp_path: Path, value: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(f'{{"max_shares": {value}}}')
    with pytest.raises(Refusal, match="max_shares must lie between 1 and 10000000"):
        load(path)


def test_a_file_that_is_far_too_long_or_no_file_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(" " * (private_files.MAX_SETTINGS_BYTES + 1))
    with pytest.raises(Refusal, match="far too long"):
        load(path)
    with pytest.raises(Refusal, match="cannot be used"):
        load(tmp_path)


def test_a_bad_value_is_not_saved_and_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save(path, DEFAULTS)
    before = path.read_text()
    with pytest.raises(Refusal, match="orders_per_minute"):
        save(path, Limits(orders_per_minute=0))
    assert path.read_text() == before
    with pytest.raises(Refusal):
        save(tmp_path / "none" / "settings.json", DEFAULTS)


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_it_is_settings_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.json"
    path.write_bytes(data)
    with contextlib.suppress(Refusal):
        limits.check(load(path))


@given(st.dictionaries(st.sampled_from(sorted(specs_of(Limits))), st.integers() | st.booleans()))
def test_whatever_the_values_are_it_is_settings_within_bounds_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "values.json"
    path.write_bytes(msgspec.json.encode(values))
    with contextlib.suppress(Refusal):
        limits.check(load(path))


def test_a_misspelt_name_in_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert unknown(path) == ()
    path.write_text('{"max_notionl": 1000, "max_shares": 10, "colour": "red"}')
    assert unknown(path) == ("colour", "max_notionl")


def test_a_file_of_an_earlier_version_is_read_in_its_spelling() -> None:
    earlier = EARLIER / "settings.json"
    assert unknown(earlier) == ()
    read = load(earlier)
    assert read.price_band_percent == D("2.5")
    written = msgspec.json.decode(earlier.read_bytes(), type=dict[str, D | bool])
    for name, value in written.items():
        assert getattr(read, FORMER_NAMES.get(name, name)) == value


def test_of_a_name_and_its_former_the_present_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"price_band_percent": 3, "collar_percent": 2}')
    assert load(path).price_band_percent == 3
    path.write_text('{"collar_percent": 200}')
    with pytest.raises(Refusal, match="price_band_percent must lie"):
        load(path)


@pytest.mark.scenario(132)
@pytest.mark.parametrize("written", ["1_000", "\u0661\u0660", "1 000", "0x10"])
def test_digits_are_read_by_the_rule_of_window_and_command_line(
    tmp_path: Path, written: str
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"max_notional": written}), encoding="utf-8")
    with pytest.raises(Refusal, match="The max_notional must be a number"):
        load(path)
