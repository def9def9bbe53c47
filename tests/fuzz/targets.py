"""What reads bytes from outside, each as a function that must take any: what it may not say.

Used by Hypothesis in `make test` and, guided by the code that is reached, by `make fuzz`.
"""

from collections.abc import Callable
from decimal import Decimal

from core.market.prices import Side
from core.market.quotes import Quote, Trade, TradingStatus
from core.orders.facts import Source
from core.venue.alpaca import account_wire, market_wire, rest_replies
from core.venue.alpaca.order_wire import (
    BadFrame,
    order_report,
    order_reports,
    sane,
    trading_message,
)
from core.venue.alpaca.stream_protocol import (
    Ended,
    FrameResult,
    MarketStreamProtocol,
    OrderStreamProtocol,
)
from core.venue.credentials import Credentials
from core.venue.interface import OrderReport, PostRequest

CREDENTIALS = Credentials("PKTESTKEY", "very-secret-word")
SELL = PostRequest("tl-a-1", "UVXY", Side.SELL, Decimal(100), Decimal("15.24"))
NOW = 1_790_000_000 * 10**9
LONGEST = 200  # characters of a reason


def split(data: bytes, most: int = 8) -> list[bytes]:
    """`data` as up to `most` frames: a byte 0xff 0x00 ends one."""
    return data.split(b"\xff\x00", most - 1)


def _right_number(value: Decimal | None) -> None:
    assert value is None or sane(value), value


def _right_report(report: OrderReport) -> None:
    assert report.client_id
    assert report.broker_id
    assert report.status
    assert report.filled >= 0
    for value in (report.filled, report.avg_price, report.qty, report.limit_price):
        _right_number(value)
    if report.execution is not None:
        assert report.execution.id
        assert report.execution.qty > 0
        assert report.execution.price > 0
        _right_number(report.execution.qty)
        _right_number(report.execution.price)


def _right_message(message: object) -> None:
    if isinstance(message, OrderReport):
        _right_report(message)
    elif isinstance(message, Quote):
        assert isinstance(message.bid_size, int)
        _right_number(message.bid)
        _right_number(message.ask)
    elif isinstance(message, Trade):
        _right_number(message.price)
        assert isinstance(message.exchange_ns, int)
    else:
        assert isinstance(message, TradingStatus), message


def _named(bad: BadFrame) -> None:
    assert 0 < len(bad.reason) <= LONGEST, bad.reason
    assert "\n" not in bad.reason


def _right_words(result: FrameResult) -> None:
    for message in result.messages:
        _right_message(message)
    for bad in result.bad:
        _named(bad)
    if isinstance(result.end, Ended):
        assert len(result.end.words) <= LONGEST
        assert CREDENTIALS.secret not in result.end.words


def order_stream(data: bytes) -> None:
    """A conversation on the stream of orders, from its login on."""
    protocol = OrderStreamProtocol(CREDENTIALS)
    protocol.opening()
    for frame in split(data):
        _right_words(protocol.receive(frame, NOW))


def order_frame(data: bytes) -> None:
    """One frame of the stream of orders."""
    try:
        message = trading_message(data)
    except BadFrame as bad:
        _named(bad)
        return
    if isinstance(message, OrderReport):
        _right_report(message)


def market_stream(data: bytes) -> None:
    """A conversation on the stream of market data."""
    protocol = MarketStreamProtocol(CREDENTIALS, "iex")
    protocol.change(["UVXY"])
    protocol.opening()
    for frame in split(data):
        _right_words(protocol.receive(frame, NOW))


def market_frame(data: bytes) -> None:
    """One frame of the stream of market data."""
    found, refused = market_wire.MarketDecoder("iex").frame(data, NOW)
    for message in found:
        if isinstance(message, Quote | Trade | TradingStatus):
            _right_message(message)
    for bad in refused:
        _named(bad)


def rest_order(data: bytes) -> None:
    """An order, or a list of them, as REST gives it."""
    try:
        _right_report(order_report(data, Source.READ))
    except BadFrame as bad:
        _named(bad)
    try:
        reports, refused = order_reports(data)
    except BadFrame as bad:
        _named(bad)
        return
    for report in reports:
        _right_report(report)
    for each in refused:
        _named(each)


_READERS: tuple[Callable[[bytes], object], ...] = (
    account_wire.account,
    account_wire.positions,
    account_wire.asset,
    account_wire.assets,
    account_wire.clock,
    lambda body: market_wire.latest_quote(body, "UVXY", NOW, "iex"),
)


def rest_body(data: bytes) -> None:
    """What else REST gives."""
    for read in _READERS:
        try:
            read(data)
        except BadFrame as bad:
            _named(bad)


def rest_answer(data: bytes) -> None:
    """An answer as a whole: status, headers and body in one, for each kind of request."""
    head, _, body = data.partition(b"\n")
    status = 100 + (head[0] if head else 0) * 2
    words = head[1:].decode("latin-1")
    headers = {"retry-after": words, "x-ratelimit-reset": words}
    answer = rest_replies.Answer(status, body, headers, 1_790_000_000.0)
    assert 0 <= rest_replies.wait_of(answer) <= rest_replies.LONGEST_WAIT
    for reply in (
        rest_replies.posted(answer, SELL),
        rest_replies.cancelled(answer),
        rest_replies.read(answer, "tl-a-1", None),
    ):
        if isinstance(reply, OrderReport):
            _right_report(reply)
    assert len(rest_replies.down_reason(answer)) <= LONGEST
    assert rest_replies.login_refused(answer) in (True, False)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "order_frame": order_frame,
    "order_stream": order_stream,
    "market_frame": market_frame,
    "market_stream": market_stream,
    "rest_order": rest_order,
    "rest_body": rest_body,
    "rest_answer": rest_answer,
}
