"""Made-up tokens: identity is soon asked no more for an address that sends many, and nobody signed in notices."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chassis.problems import TooManyRequests
from gateway import exchange, limits
from gateway.app import create_gateway
from gateway.door import Door
from gateway.exchange import FRESH_SECONDS, UNKNOWN_SECONDS
from gateway.limits import Allowance, Windows
from gateway.settings import GatewaySettings
from gateway.tests.conftest import Clock, Person

FEW = 5
HERE, THERE = "10.0.0.7", "10.0.0.8"


@pytest.fixture
def settings(settings: GatewaySettings) -> GatewaySettings:
    return dataclasses.replace(settings, unknown_tokens=f"{FEW}/minute")


@pytest.fixture
def door(upstreams: Any, settings: GatewaySettings, clock: Clock) -> Door:
    made = create_gateway(upstreams, settings)
    made.exchange.clock = made.exchange.unknown.clock = clock
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guess(somebody: Person, token: str, address: str = HERE, method: str = "GET", path: str = "/api/me") -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return somebody.ask(method, path, headers, environ_overrides={"REMOTE_ADDR": address})


def flood(somebody: Person, address: str = HERE) -> list[int]:
    return [guess(somebody, f"{address} {number}", address).status_code for number in range(FEW + 3)]


def exchanges(upstreams: Any) -> int:
    found: int = upstreams["identity"].asked.count("POST /internal/exchange")
    return found


def at(person: Person, address: str) -> int:
    answer = person.ask("GET", "/api/opportunities", environ_overrides={"REMOTE_ADDR": address})
    return int(answer.status_code)


def test_who_sends_many_unknown_tokens_is_told_to_wait(somebody: Person, upstreams: Any) -> None:
    assert flood(somebody) == [401] * FEW + [429] * 3

    assert exchanges(upstreams) == FEW
    answer = guess(somebody, "one more")
    assert (answer.status_code, answer.json["type"]) == (429, "/problems/too-many-requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_another_address_is_asked_for_as_before(somebody: Person) -> None:
    flood(somebody)

    assert guess(somebody, "unknown", THERE).status_code == 401


def test_after_a_minute_it_may_try_again(somebody: Person, clock: Clock) -> None:
    flood(somebody)

    clock.now += 60

    assert guess(somebody, "unknown").status_code == 401


def test_who_is_signed_in_there_goes_on(somebody: Person, mei: Person, clock: Clock) -> None:
    assert at(mei, HERE) == 200
    flood(somebody)

    clock.now += FRESH_SECONDS

    assert at(mei, HERE) == 200


@pytest.mark.parametrize("cookie", [True, False])
def test_who_signs_in_there_may_begin(door: Door, somebody: Person, cookie: bool) -> None:
    flood(somebody)
    late = Person(door)

    late.sign_in("mei", cookie=cookie)

    assert at(late, HERE) == 200


def test_one_unknown_token_is_asked_for_once_in_a_while(somebody: Person, upstreams: Any, clock: Clock) -> None:
    for _ in range(3 * FEW):
        assert guess(somebody, "an old session").status_code == 401
    assert exchanges(upstreams) == 1

    clock.now += UNKNOWN_SECONDS

    assert guess(somebody, "an old session").status_code == 401
    assert exchanges(upstreams) == 2


def test_a_flood_from_everywhere_throws_no_session_out(
    somebody: Person, mei: Person, upstreams: Any, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MOST_UNKNOWN", 10)
    at(mei, HERE)
    for number in range(30):
        guess(somebody, f"guess {number}", f"10.1.{number}.1")
    asked = exchanges(upstreams)

    assert at(mei, HERE) == 200
    assert exchanges(upstreams) == asked
    assert len(door.exchange._strangers) == 10


def test_nobody_can_end_a_session_that_is_none(somebody: Person, upstreams: Any) -> None:
    answers = [guess(somebody, f"guess {number}", method="DELETE", path="/api/session") for number in range(FEW + 1)]

    assert [answer.status_code for answer in answers] == [401] * FEW + [429]
    assert "DELETE /session" not in upstreams["identity"].asked


def test_a_network_of_its_own_counts_as_one_address(somebody: Person) -> None:
    answers = [guess(somebody, f"guess {number}", f"2001:db8::{number}") for number in range(FEW + 1)]

    assert [answer.status_code for answer in answers] == [401] * FEW + [429]
    assert guess(somebody, "unknown", "2001:db8:0:1::1").status_code == 401


def test_counting_costs_the_same_however_many_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_COUNTED", 100)
    windows = Windows(Allowance.parse("1/minute"), Clock())

    for number in range(1000):
        windows.count(f"client {number}")

    assert len(windows._counts) <= 100
    with pytest.raises(TooManyRequests):
        windows.count("client 999")
