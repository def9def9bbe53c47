"""Where venues are found, and which addresses are refused."""

import pytest

from core.errors import Refusal, UnknownHost
from core.venue.alpaca.endpoints import check_hosts, endpoints_of, is_loopback


def test_paper_and_live_have_alpacas_addresses() -> None:
    paper, live = endpoints_of("paper", {}), endpoints_of("live", {})
    assert paper.trading_url == "https://paper-api.alpaca.markets"
    assert paper.trading_stream_url == "wss://paper-api.alpaca.markets/stream"
    assert live.trading_url == "https://api.alpaca.markets"
    assert live.data_url == paper.data_url == "https://data.alpaca.markets"
    assert live.data_stream_url == "wss://stream.data.alpaca.markets/v2/iex"
    assert live.feed == "iex"


def test_the_feed_can_be_chosen() -> None:
    chosen = endpoints_of("paper", {"TOUCHLINE_FEED": "sip"})
    assert (chosen.feed, chosen.data_stream_url[-7:]) == ("sip", "/v2/sip")
    night = endpoints_of("paper", {"TOUCHLINE_FEED": "overnight"})
    assert night.data_stream_url.endswith("/v1beta1/overnight")


def test_the_embedded_exchange_is_on_its_port() -> None:
    found = endpoints_of("embedded", {}, embedded_port=4321)
    assert found.trading_url == found.data_url == "http://127.0.0.1:4321"
    assert found.trading_stream_url == "ws://127.0.0.1:4321/stream"
    assert found.data_stream_url == f"ws://127.0.0.1:4321/v2/{found.feed}"


def test_every_address_can_be_overridden() -> None:
    env = {
        "TOUCHLINE_TRADING_URL": "http://localhost:1/",
        "TOUCHLINE_TRADING_STREAM_URL": "ws://[::1]:2/stream",
        "TOUCHLINE_DATA_URL": "https://data.example",
        "TOUCHLINE_DATA_STREAM_URL": "wss://data.example/v2/sip",
    }
    found = endpoints_of("embedded", env)
    assert found.trading_url == "http://localhost:1"
    assert found.trading_stream_url == "ws://[::1]:2/stream"
    assert found.data_stream_url == "wss://data.example/v2/sip"
    assert found.feed == "sip"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"TOUCHLINE_TRADING_URL": "http://api.alpaca.markets"}, "is not this machine"),
        ({"TOUCHLINE_TRADING_URL": "https://api.alpaca.markets/v2"}, "without '/v2'"),
        ({"TOUCHLINE_TRADING_URL": "api.alpaca.markets"}, "begins with https://"),
        ({"TOUCHLINE_TRADING_URL": "https://"}, "begins with https://"),
        ({"TOUCHLINE_TRADING_URL": "https://h:notaport"}, "is not an address"),
        ({"TOUCHLINE_DATA_URL": "https://user:pass@h"}, "host, port and path only"),
        ({"TOUCHLINE_DATA_URL": "https://h?key=1"}, "host, port and path only"),
        ({"TOUCHLINE_TRADING_URL": "https://\u0430pi.alpaca.markets"}, "begins with https://"),
        ({"TOUCHLINE_DATA_URL": "https://api.alpaca.markets@evil.com"}, "host, port and path only"),
        ({"TOUCHLINE_TRADING_STREAM_URL": "ws://10.0.0.1/stream"}, "is not this machine"),
        ({"TOUCHLINE_DATA_STREAM_URL": "https://h/v2/iex"}, "begins with wss://"),
        ({"TOUCHLINE_FEED": "gossip"}, "TOUCHLINE_FEED must be one of"),
        (
            {"TOUCHLINE_FEED": "iex", "TOUCHLINE_DATA_STREAM_URL": "wss://h/v2/sip"},
            "TOUCHLINE_FEED is iex",
        ),
    ],
)
def test_a_bad_override_is_refused_with_a_sentence(env: dict[str, str], words: str) -> None:
    with pytest.raises(Refusal) as caught:
        endpoints_of("paper", env)
    assert words in caught.value.sentence
    assert "pass" not in caught.value.sentence


def test_an_unknown_venue_and_a_missing_exchange_are_refused() -> None:
    with pytest.raises(Refusal, match="must be one of embedded, paper, live"):
        endpoints_of("robinhood", {})
    with pytest.raises(Refusal, match="not running"):
        endpoints_of("embedded", {})


def test_loopback_is_known_by_name_and_number() -> None:
    assert all(is_loopback(u) for u in ("http://localhost", "ws://127.9.9.9:1/x", "http://[::1]:5"))
    assert not any(is_loopback(u) for u in ("http://localhost.evil.com", "http://10.0.0.1", "x"))


@pytest.mark.scenario(134)
@pytest.mark.parametrize("venue", ["paper", "live"])
@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://broker.example", "broker.example"),
        ("https://BROKER.example:443", "broker.example"),
        ("https://api.alpaca.markets.evil.com", "api.alpaca.markets.evil.com"),
        ("https://evil-alpaca.markets", "evil-alpaca.markets"),
        ("https://api.alpaca.markets.", "api.alpaca.markets."),
        ("https://api.alpaca.markets:8443", "api.alpaca.markets:8443"),
        ("https://xn--pi-7iq.alpaca.markets", "xn--pi-7iq.alpaca.markets"),
    ],
)
def test_keys_go_to_no_host_but_the_venues_and_those_a_person_named(
    venue: str, address: str, host: str
) -> None:
    found = endpoints_of(venue, {"TOUCHLINE_TRADING_URL": address})
    with pytest.raises(UnknownHost) as caught:
        check_hosts(found, ())
    assert caught.value.value == host
    assert f"the keys of your {venue} account would go to {host}, which" in caught.value.sentence
    check_hosts(found, {host})


@pytest.mark.scenario(134)
@pytest.mark.parametrize(
    "env",
    [
        {},
        {"TOUCHLINE_TRADING_URL": "https://API.alpaca.markets:443"},
        {"TOUCHLINE_DATA_URL": "http://127.0.0.1:80", "TOUCHLINE_FEED": "sip"},
        {"TOUCHLINE_DATA_STREAM_URL": "ws://[::1]:2/v2/iex"},
    ],
)
def test_the_venues_own_hosts_and_this_machine_need_no_confirmation(env: dict[str, str]) -> None:
    check_hosts(endpoints_of("live", env), ())


@pytest.mark.scenario(134)
def test_each_address_is_asked_about_by_the_name_of_its_variable() -> None:
    env = {
        "TOUCHLINE_TRADING_STREAM_URL": "wss://one.example/stream",
        "TOUCHLINE_DATA_URL": "https://two.example",
        "TOUCHLINE_DATA_STREAM_URL": "wss://three.example/v2/iex",
    }
    found, trusted, asked = endpoints_of("live", env), set[str](), []
    for _ in env:
        with pytest.raises(UnknownHost) as caught:
            check_hosts(found, trusted)
        trusted.add(str(caught.value.value))
        asked.append(caught.value.sentence.split(" ")[0])
    check_hosts(found, trusted)
    assert asked == list(env)
