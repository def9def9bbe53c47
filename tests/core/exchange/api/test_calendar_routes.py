"""The clock and the calendar as Alpaca gives them."""

from tests.core.exchange.virtual_exchange import VirtualExchange


def test_the_calendar_names_holidays_early_closes_and_the_day_of_settlement() -> None:
    found = VirtualExchange().call("GET", "/v2/calendar", start="2026-11-24", end="2026-11-30").body
    assert [day["date"] for day in found] == [
        "2026-11-24", "2026-11-25", "2026-11-27", "2026-11-30"
    ]  # fmt: skip
    assert found[2] == {
        "date": "2026-11-27",
        "open": "09:30",
        "close": "13:00",
        "session_open": "0400",
        "session_close": "1700",
        "settlement_date": "2026-11-30",
    }


def test_the_calendar_can_be_asked_by_the_day_of_settlement() -> None:
    asked = {"start": "2026-11-27", "end": "2026-11-27", "date_type": "SETTLEMENT"}
    found = VirtualExchange().call("GET", "/v2/calendar", **asked).body
    assert [day["date"] for day in found] == ["2026-11-25"]


def test_without_bounds_it_is_all_that_alpaca_tells() -> None:
    found = VirtualExchange().call("GET", "/v2/calendar").body
    assert (found[0]["date"], found[-1]["date"]) == ("1970-01-02", "2029-12-31")
    assert VirtualExchange().call("GET", "/v2/calendar", start="9999-12-31").body == []


def test_the_calendar_of_a_market_says_each_part_of_the_day_with_its_zone() -> None:
    asked = {"start": "2026-11-27", "end": "2026-11-27"}
    body = VirtualExchange().call("GET", "/v3/calendar/NYSE", **asked).body
    (day,) = body["calendar"]
    assert body["market"]["mic"] == "XNYS"
    assert day["pre_start"] == "2026-11-27T04:00:00-05:00"
    assert day["core_end"] == day["post_start"] == "2026-11-27T13:00:00-05:00"
    utc = VirtualExchange().call("GET", "/v3/calendar/XNAS", timezone="UTC", **asked).body
    assert utc["calendar"][0]["core_start"] == "2026-11-27T14:30:00+00:00"
    assert VirtualExchange().call("GET", "/v3/calendar/LSE").status == 400
    years = {"start": "1970-01-01", "end": "2029-12-31"}
    assert VirtualExchange().call("GET", "/v3/calendar/NYSE", **years).status == 400


def test_the_clocks_say_which_part_of_the_day_it_is() -> None:
    for at, phase in ((3.0, "closed"), (5.0, "pre"), (10.0, "core"), (17.0, "post")):
        exchange = VirtualExchange(at=at)
        (clock,) = exchange.call("GET", "/v3/clock").body["clocks"]
        assert clock["phase"] == phase
        assert clock["phase_until"] > clock["timestamp"]
        assert exchange.call("GET", "/v2/clock").body["is_open"] is (phase == "core")
    both = VirtualExchange().call("GET", "/v3/clock", markets="NYSE,XNAS").body["clocks"]
    assert [c["market"]["mic"] for c in both] == ["XNYS", "XNAS"]
    assert VirtualExchange().call("GET", "/v3/clock", markets="LSE").status == 422
