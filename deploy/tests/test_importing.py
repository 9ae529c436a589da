"""How the importer waits: for a service that is away for a moment, and for news that a service has to hear."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from guanxi.importing.client import Api, Refused, wait_for

PATIENCE_SECONDS = 0.5


class Moody:
    """A Guanxi that answers 503 as often as ``away`` says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.away = 0
        self.keys: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        signs_in = environ["PATH_INFO"] == "/api/session"
        self.keys += [] if signs_in else [environ.get("HTTP_IDEMPOTENCY_KEY", "")]
        self.away -= 1
        status = "503 Service Unavailable" if self.away >= 0 else "201 Created"
        start_response(status, [("Content-Type", "application/json"), ("Retry-After", "0.1")])
        return [json.dumps({"token": "x"} if signs_in else {"title": "away", "created": 1}).encode()]


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def address(moody: Moody) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, moody)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def test_what_a_service_that_is_away_did_not_take_is_sent_again_with_the_same_key(moody: Moody, address: str) -> None:
    api = Api(address, "sue", "password")
    moody.away = 2

    assert api.call("POST", "/api/orders/bulk", {"rows": []})["created"] == 1
    api.call("POST", "/api/orders/bulk", {"rows": []})

    first, second, third, next_one = moody.keys
    assert first == second == third != next_one


def test_a_service_that_stays_away_is_given_up(moody: Moody, address: str) -> None:
    api = Api(address, "sue", "password")
    moody.away = 1000

    with pytest.raises(Refused, match="503 away"):
        api.call("POST", "/api/orders/bulk", {"rows": []}, patience=PATIENCE_SECONDS)


def test_whoever_is_not_there_at_all_is_not_waited_for() -> None:
    with pytest.raises(Refused, match="is Guanxi running"):
        Api("http://127.0.0.1:9", "sue", "password")


def test_who_hears_of_one_after_the_other_is_waited_for_longer_than_once() -> None:
    left = [{f"person {number}" for number in range(count)} for count in range(6, -1, -1)]

    wait_for("the salespeople", lambda: left.pop(0), PATIENCE_SECONDS)

    assert left == []


def test_when_no_news_comes_the_refusal_says_who_is_missing() -> None:
    names = {"moses.frase", "darcel.schlecht", "zane.levy", "wilburn.farren"}

    with pytest.raises(Refused) as refused:
        wait_for("marketing to hear of the salespeople", lambda: names, PATIENCE_SECONDS)

    assert refused.value.detail.endswith("4 missing, such as darcel.schlecht, moses.frase, wilburn.farren")
