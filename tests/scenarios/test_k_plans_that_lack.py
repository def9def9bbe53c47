"""K. Plans that lack: keys, plan and host are told apart, and quotes kept back stop no order."""

import asyncio
from pathlib import Path

import pytest

from core.engine.events import Level
from core.errors import LoginRefused, Refusal, VenueUnreachable
from core.market.links import LinkName, LinkState
from core.orders.state import State
from core.venue.alpaca import rest_replies
from core.venue.alpaca.feed_words import not_in_plan
from core.venue.alpaca.rest import Rest
from core.venue.alpaca.rest_replies import Answer as HttpAnswer
from core.venue.interface import Refused, Taken, Unanswered
from tests.core.venue.alpaca.frames import ORDER_ID
from tests.core.venue.alpaca.rest_server import Answer, RestServer
from tests.core.venue.alpaca.test_rest import SELL, rest_on
from tests.support.trading import Trading, outcome, play

NO_SIP = {"message": "subscription does not permit querying recent SIP data"}
FORBIDDEN = {"message": "forbidden."}
PAGE = b"<html><head><title>Access denied by the office firewall</title></head></html>"
ACCOUNT = {"id": "i", "account_number": "PA1", "status": "ACTIVE", "equity": "1", "cash": "1"}


async def _quote(answer: Answer) -> tuple[Refusal, Rest, list[LinkState]]:
    """What is raised by a data host that answers so, while the trading host is well."""
    server = RestServer(Answer(200, ACCOUNT | {"buying_power": "1"}))
    server.by_path["/stocks/quotes/latest"] = answer
    async with rest_on(server) as client:
        await client.rest.account()
        with pytest.raises(Refusal) as caught:
            await client.rest.latest_quote("UVXY")
        await client.rest.account()
        return caught.value, client.rest, [link.state for link in client.links]


@pytest.mark.scenario(108)
async def test_a_feed_that_the_plan_lacks_is_said_as_that_and_touches_no_trading() -> None:
    refusal, _, states = await _quote(Answer(403, NO_SIP))
    assert type(refusal) is Refusal
    assert refusal.rule == "feed"
    assert refusal.sentence == not_in_plan("iex")
    assert set(states) == {LinkState.UP}


@pytest.mark.scenario(108)
def test_another_feed_is_offered_by_its_name() -> None:
    answer = HttpAnswer(403, b'{"message":"subscription does not permit querying"}', {}, 0.0)
    with pytest.raises(Refusal) as caught:
        rest_replies.data_body_of(answer, "the quote of UVXY", "sip")
    assert caught.value.sentence == (
        "Your plan has no SIP quotes, so nothing has a price. Keys, orders and cancels are not "
        "affected. Every plan has quotes of IEX: start Touchline with TOUCHLINE_FEED=iex to see "
        "them."
    )


@pytest.mark.scenario(108)
@pytest.mark.parametrize("status", [401, 403])
async def test_keys_that_get_no_data_are_not_keys_that_cannot_trade(status: int) -> None:
    refusal, _, states = await _quote(Answer(status, FORBIDDEN))
    assert type(refusal) is Refusal
    assert refusal.sentence.startswith("The venue gives these keys no market data (forbidden)")
    assert set(states) == {LinkState.UP}


@pytest.mark.scenario(108)
@pytest.mark.parametrize("status", [403, 407, 451, 503])
async def test_a_page_of_a_firewall_is_neither_the_plan_nor_the_keys(status: int) -> None:
    refusal, _, states = await _quote(Answer(status, PAGE))
    assert isinstance(refusal, VenueUnreachable)
    assert "A page came instead of the venue's answer" in refusal.sentence
    assert "office firewall" in refusal.sentence
    assert set(states) == {LinkState.UP}


@pytest.mark.scenario(108)
async def test_a_page_instead_of_the_account_is_not_taken_for_refused_keys() -> None:
    async with rest_on(RestServer(Answer(403, PAGE))) as client:
        with pytest.raises(VenueUnreachable, match="A firewall, a proxy or the login page"):
            await client.rest.account()
        assert isinstance(await client.rest.cancel(ORDER_ID), Unanswered)
        assert LinkState.REFUSED not in {link.state for link in client.links}


@pytest.mark.scenario(108)
async def test_one_forbidden_call_is_refused_by_itself_and_the_keys_go_on() -> None:
    only_this = {"message": "account is restricted to liquidation only"}
    server = RestServer(Answer(403, only_this), Answer(204))
    async with rest_on(server) as client:
        reply = await client.rest.post(SELL)
        assert isinstance(reply, Refused)
        assert reply.message == only_this["message"]
        assert await client.rest.cancel(ORDER_ID) == Taken()
        assert {link.state for link in client.links} == {LinkState.UP}


@pytest.mark.scenario(108)
@pytest.mark.parametrize("words", ["forbidden.", "", "request is not authorized"])
async def test_keys_that_the_trading_host_refuses_are_still_refused_keys(words: str) -> None:
    async with rest_on(RestServer(Answer(403, {"message": words}))) as client:
        with pytest.raises(LoginRefused):
            await client.rest.account()
        assert client.links[-1].state is LinkState.REFUSED


@pytest.mark.scenario(108)
def test_an_order_at_work_goes_on_to_its_end_when_its_quotes_are_kept_back(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.keep_quotes_back(not_in_plan("sip"))
        await t.engine.watch(["UVXY", "IBM", "AIG"])
        (said,) = t.notices(Level.WARNING)
        assert said == not_in_plan("sip")
        assert t.notices(Level.ALARM) == []
        await asyncio.sleep(1)
        assert t.engine.links[LinkName.REST].state is LinkState.UP
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)

    play(scenario, tmp_path)
