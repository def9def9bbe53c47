"""What a REST answer means: Alpaca's status and body to the engine's replies.

Pure: an Answer or a Silence in, one of `interface`'s replies out. Only the venue's own words are
definite; a gateway's page, a timeout and a body that can't be read prove nothing.
"""

from email.utils import parsedate_to_datetime

import msgspec

from core.errors import LoginRefused, Refusal, VenueUnreachable
from core.market.time import NS
from core.orders.facts import Source
from core.venue.alpaca.account_wire import ErrorBody, error_body
from core.venue.alpaca.feed_words import no_data, not_in_plan
from core.venue.alpaca.order_wire import BadFrame, order_report
from core.venue.interface import (
    Absent,
    CancelReply,
    PostReply,
    PostRequest,
    ReadReply,
    Refused,
    Taken,
    Unanswered,
)

LOGIN = "login"
DEFAULT_WAIT = 2.0  # seconds, when a 429 doesn't say; the limit is 200 requests a minute
LONGEST_WAIT = 90.0
_SHARES_RESERVED = "40310000"
_NOT_FOUND = "404"
_WASH = "wash trade"
_USED_ID = "client_order_id must be unique"
_OF_KEYS = ("forbidden", "unauthorized", "not authorized", "access key")
_OF_PLAN = "subscription"
LOGIN_SENTENCE = "Alpaca does not accept these keys."


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer as it came. Header names are lower case; `wall` is the second it arrived."""

    status: int
    body: bytes
    headers: dict[str, str]
    wall: float


class Silence(msgspec.Struct, frozen=True):
    """No HTTP answer; why, in a few words."""

    reason: str


Outcome = Answer | Silence


def posted(outcome: Outcome, request: PostRequest) -> PostReply:
    """The reply to the POST of `request`."""
    if isinstance(outcome, Silence):
        return Unanswered(outcome.reason)
    if 200 <= outcome.status < 300:
        return _accepted(outcome, request)
    error = error_body(outcome.body)
    if outcome.status == 429:
        return Refused(_words(outcome, error), error.code, retry_after=wait_of(outcome))
    if _login(outcome, error):
        return Refused(LOGIN_SENTENCE, LOGIN)
    if not _definite(outcome, error):
        return Unanswered(_words(outcome, error))
    if outcome.status == 422 and _USED_ID in error.message:
        return Unanswered("the client order id is already used: the order may have arrived")
    reserved = error.shares_reserved and error.code == _SHARES_RESERVED
    opposed = outcome.status == 403 and _WASH in error.message.lower()
    return Refused(
        _words(outcome, error),
        error.code,
        shares_reserved=reserved,
        opposed=opposed,
        in_the_way=error.existing_order_id if opposed else "",
        held=error.existing_qty,
    )


def _accepted(outcome: Answer, request: PostRequest) -> PostReply:
    """The order in a good answer; one that contradicts what was asked, or itself, is to be read."""
    try:
        report = order_report(outcome.body, Source.POST)
    except BadFrame as bad:
        return Unanswered(f"the answer could not be read ({bad.reason})")
    if report.client_id != request.client_id:
        return Unanswered("the answer speaks of another order")
    for name, said, asked in (
        ("symbol", report.symbol, request.symbol),
        ("side", report.side, request.side),
        ("quantity", report.qty, request.qty),
    ):
        if said not in (asked, None, ""):
            return Unanswered(f"the answer names another {name}: {said} instead of {asked}")
    if report.status == "filled" and not report.filled:
        return Unanswered("the answer contradicts itself: filled, with no shares filled")
    return report


def cancelled(outcome: Outcome) -> CancelReply:
    """The reply to a DELETE of an order. Only 204 says that it was taken."""
    if isinstance(outcome, Silence):
        return Unanswered(outcome.reason)
    if outcome.status == 204:
        return Taken()
    error = error_body(outcome.body)
    if outcome.status == 429:
        return Refused(_words(outcome, error), error.code, retry_after=wait_of(outcome))
    if _no_such_order(outcome, error):
        return Absent()
    if outcome.status == 422 and _definite(outcome, error):
        return Refused(_words(outcome, error), error.code)
    return Unanswered(LOGIN_SENTENCE if _login(outcome, error) else _words(outcome, error))


def read(outcome: Outcome, client_id: str, broker_id: str | None) -> ReadReply:
    """The reply to a GET of one order, asked for by `broker_id` or else by `client_id`."""
    if isinstance(outcome, Silence):
        return Unanswered(outcome.reason)
    if outcome.status == 200:
        return _found(outcome, client_id, broker_id)
    error = error_body(outcome.body)
    if _no_such_order(outcome, error):
        return Absent()
    return Unanswered(LOGIN_SENTENCE if _login(outcome, error) else _words(outcome, error))


def _found(outcome: Answer, client_id: str, broker_id: str | None) -> ReadReply:
    try:
        report = order_report(outcome.body, Source.READ)
    except BadFrame as bad:
        return Unanswered(f"the answer could not be read ({bad.reason})")
    same = report.client_id == client_id if broker_id is None else report.broker_id == broker_id
    return report if same else Unanswered("the answer speaks of another order")


def body_of(outcome: Outcome, what: str) -> bytes:
    """The body of a good answer to a read that isn't of an order; `what` names it in sentences.

    Raises VenueUnreachable, LoginRefused, or Refusal when the venue says no.
    """
    if isinstance(outcome, Silence):
        raise VenueUnreachable("venue", f"The venue can't be reached ({what}): {outcome.reason}.")
    if outcome.status == 200:
        return outcome.body
    error = error_body(outcome.body)
    words = _words(outcome, error)
    if error.html:
        raise VenueUnreachable(
            "venue",
            f"A page came instead of the venue's answer ({what}): {words}. A firewall, a proxy or "
            "the login page of this network may stand in between.",
        )
    if _login(outcome, error):
        raise LoginRefused("login", LOGIN_SENTENCE)
    if outcome.status != 429 and _definite(outcome, error):
        raise Refusal("venue", f"The venue refused {what}: {words}")
    raise VenueUnreachable("venue", f"The venue gave no usable answer ({what}): {words}")


def data_body_of(outcome: Outcome, what: str, feed: str) -> bytes:
    """As `body_of`, from the host of market data: what that refuses says nothing about trading."""
    if isinstance(outcome, Answer) and outcome.status in (401, 403):
        error = error_body(outcome.body)
        if error.json and _OF_PLAN in error.message.lower():
            raise Refusal("feed", not_in_plan(feed), feed)
        if error.json:
            raise Refusal("feed", no_data(_words(outcome, error).rstrip(".")), feed)
    return body_of(outcome, what)


def unreadable(what: str, bad: BadFrame) -> VenueUnreachable:
    """The error for a good answer whose body can't be read."""
    return VenueUnreachable("venue", f"The venue's answer can't be read ({what}): {bad.reason}.")


def down_reason(outcome: Outcome) -> str:
    """Why the REST link counts as down after this outcome; empty when it is up."""
    if isinstance(outcome, Silence):
        return outcome.reason
    return f"HTTP {outcome.status}" if outcome.status >= 500 or outcome.status < 200 else ""


def login_refused(outcome: Outcome) -> bool:
    """Whether the venue said that it does not accept the keys."""
    return isinstance(outcome, Answer) and (
        outcome.status in (401, 403) and _login(outcome, error_body(outcome.body))
    )


def time_of(outcome: Outcome) -> int | None:
    """The venue's time in an answer's `Date` header, cut to a second, in ns; None: not told.

    An answer out of a cache (`Age`) has the date of the day it was made.
    """
    if not isinstance(outcome, Answer) or "age" in outcome.headers:
        return None
    try:
        moment = parsedate_to_datetime(outcome.headers.get("date", ""))
        return int(moment.timestamp()) * NS if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def wait_of(answer: Answer) -> float:
    """Seconds to wait after a 429: Retry-After, else X-RateLimit-Reset, else a default."""
    said_ns = time_of(answer)
    now = answer.wall if said_ns is None else said_ns / NS  # this computer's clock may be wrong
    for seconds in (
        _retry_after(answer.headers.get("retry-after", ""), now),
        _until(answer.headers.get("x-ratelimit-reset", ""), now),
    ):
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_WAIT)
    return DEFAULT_WAIT


def _retry_after(text: str, now: float) -> float | None:
    plain = _seconds(text)
    if plain is not None or not text:
        return plain
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return None


def _until(text: str, now: float) -> float | None:
    epoch = _seconds(text)
    return None if epoch is None else epoch - now


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def _login(answer: Answer, error: ErrorBody) -> bool:
    """Whether the keys were refused: 401, or a 403 that has no code and speaks of them.

    A 403 that speaks of something else forbids one call only.
    """
    if answer.status == 401:
        return not error.html
    words = error.message.lower()
    of_keys = not words or any(each in words for each in _OF_KEYS)
    return answer.status == 403 and error.json and not error.code and of_keys


def _definite(answer: Answer, error: ErrorBody) -> bool:
    """Whether the venue itself said no: a 4xx in its own JSON, by no gateway, and no timeout."""
    return 400 <= answer.status < 500 and answer.status != 408 and error.json


def _no_such_order(answer: Answer, error: ErrorBody) -> bool:
    """Whether that 404 is the venue's own word: a gateway's has no code of its."""
    return answer.status == 404 and error.json and error.code.startswith(_NOT_FOUND)


def _words(answer: Answer, error: ErrorBody) -> str:
    return error.message or f"HTTP {answer.status}"
