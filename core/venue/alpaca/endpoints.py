"""Where a venue is found: the addresses of Alpaca and of the embedded exchange, as frozen data.

Every address can be overridden by an environment variable. Keys never travel
unencrypted beyond this machine, nor unasked to a host that is not Alpaca's. No I/O.
"""

import re
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec

from core.errors import Refusal, UnknownHost
from core.market.venues import VENUE_NAMES, profile_of

_HOSTS = {"alpaca-paper": "paper-api.alpaca.markets", "alpaca-live": "api.alpaca.markets"}
_ALPACAS = frozenset((*_HOSTS.values(), "data.alpaca.markets", "stream.data.alpaca.markets"))
FEEDS = ("iex", "sip", "delayed_sip", "boats", "overnight")

TRADING_URL = "TOUCHLINE_TRADING_URL"
TRADING_STREAM_URL = "TOUCHLINE_TRADING_STREAM_URL"
DATA_URL = "TOUCHLINE_DATA_URL"
DATA_STREAM_URL = "TOUCHLINE_DATA_STREAM_URL"
FEED = "TOUCHLINE_FEED"


class Endpoints(msgspec.Struct, frozen=True):
    """The addresses of one venue. The REST ones have no path, the stream ones are whole."""

    name: str
    trading_url: str
    trading_stream_url: str
    data_url: str
    data_stream_url: str
    feed: str


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def endpoints_of(
    name: str, env: Mapping[str, str], *, embedded_port: int | None = None
) -> Endpoints:
    """The addresses of the venue `name` with the overrides of `env`.

    `embedded_port` is where the embedded exchange listens. Raises Refusal for an
    unknown name or feed, and for an address that is malformed or not encrypted.
    """
    base = _base(name, embedded_port)
    stream = _stream(env, DATA_STREAM_URL, "")
    feed = _feed(env, stream, base.feed)
    found = Endpoints(
        name=name,
        trading_url=_rest(env, TRADING_URL, base.trading_url),
        trading_stream_url=_stream(env, TRADING_STREAM_URL, base.trading_stream_url),
        data_url=_rest(env, DATA_URL, base.data_url),
        data_stream_url=stream or base.data_stream_url.format(path=_path(feed)),
        feed=feed,
    )
    missing = [variable for variable, url in _by_variable(found) if not url]
    if missing:
        raise Refusal("venue", f"The {name} exchange is not running, and {missing[0]} is not set.")
    return found


def check_hosts(found: Endpoints, trusted: Collection[str]) -> None:
    """Raise UnknownHost for the first that gets the keys and is neither known nor in `trusted`.

    Known are this machine and Alpaca's own hosts, each by its whole name and on its usual port.
    """
    for variable, url in _by_variable(found):
        host = urlsplit(url).netloc.lower().removesuffix(":443")
        if host not in _ALPACAS and host not in trusted and not is_loopback(url):
            raise UnknownHost(
                "host",
                f"{variable} is set: the keys of your {found.name} account would go to {host}, "
                "which is neither Alpaca's nor this machine.",
                host,
            )


def _base(name: str, port: int | None) -> Endpoints:
    profile = profile_of(name)
    if profile.own_exchange:
        if port is None:
            return Endpoints(name, "", "", "", "", "sip")
        http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"
        return Endpoints(name, http, f"{ws}/stream", http, ws + "/{path}", "sip")
    host = _HOSTS.get(profile.adapter)
    if host is None:
        raise Refusal(
            "venue", f"The venue must be one of {', '.join(VENUE_NAMES)}, not {name[:40]!r}.", name
        )
    return Endpoints(
        name,
        f"https://{host}",
        f"wss://{host}/stream",
        "https://data.alpaca.markets",
        "wss://stream.data.alpaca.markets/{path}",
        "iex",
    )


def _by_variable(found: Endpoints) -> tuple[tuple[str, str], ...]:
    return (
        (TRADING_URL, found.trading_url),
        (TRADING_STREAM_URL, found.trading_stream_url),
        (DATA_URL, found.data_url),
        (DATA_STREAM_URL, found.data_stream_url),
    )


def _path(feed: str) -> str:
    return f"v1beta1/{feed}" if feed in ("boats", "overnight") else f"v2/{feed}"


def _feed(env: Mapping[str, str], stream: str, default: str) -> str:
    """The feed asked for, which must be the one that an overridden stream address names."""
    asked = env.get(FEED, "").strip()
    if asked and asked not in FEEDS:
        raise Refusal(
            "feed", f"{FEED} must be one of {', '.join(FEEDS)}, not {asked[:40]!r}.", asked
        )
    named = urlsplit(stream).path.rpartition("/")[2]
    if named not in FEEDS:
        return asked or default
    if asked and asked != named:
        raise Refusal("feed", f"{FEED} is {asked}, but {DATA_STREAM_URL} ends in {named}.", asked)
    return named


def _rest(env: Mapping[str, str], variable: str, default: str) -> str:
    given = env.get(variable, "").strip()
    if not given:
        return default
    parts = _parts(variable, given, "https", "http")
    if parts.path not in ("", "/"):
        raise Refusal(
            "address",
            f"{variable} must end after host and port, without {parts.path!r}.",
            parts.path,
        )
    return f"{parts.scheme}://{parts.netloc}"


def _stream(env: Mapping[str, str], variable: str, default: str) -> str:
    given = env.get(variable, "").strip()
    if not given:
        return default
    parts = _parts(variable, given, "wss", "ws")
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _parts(variable: str, given: str, safe: str, plain: str) -> SplitResult:
    """Take an address apart. What was given is not repeated: it may hold a password."""
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Refusal("address", f"{variable} is not an address.") from None
    if parts.scheme not in (safe, plain) or not host or not re.fullmatch(r"[\w.:-]+", host, re.A):
        raise Refusal("address", f"{variable} must be an address that begins with {safe}://.")
    if parts.username is not None or parts.query or parts.fragment or port == 0:
        raise Refusal("address", f"{variable} must hold host, port and path only.")
    if parts.scheme == plain and not is_loopback(given):
        raise Refusal(
            "address", f"{variable} must begin with {safe}://: {host} is not this machine.", host
        )
    return parts
