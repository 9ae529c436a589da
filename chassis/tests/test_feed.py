"""A service's log for its sister services: with the token, page by page, over HTTP as from the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.feed import BASE, LARGEST_PAGE, HttpLog
from chassis.log import DatabaseLog, seal
from chassis.problems import Unavailable
from chassis.pull import Puller
from chassis.reactions import OneByOne
from chassis.testing.stage import Stage
from tests import toy

TOKEN = "open sesame"


@pytest.fixture
def address(workshop: Stage) -> Iterator[str]:
    """The workshop's feed behind a real port."""
    from dataclasses import replace

    app = toy.workshop.web(replace(workshop.settings, feed_token=TOKEN), workshop.database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def feed(address: str) -> Iterator[HttpLog]:
    log = HttpLog(address, TOKEN)
    yield log
    log.close()


@pytest.mark.infra
def test_the_feed_says_what_the_database_says(workshop: Stage, feed: HttpLog) -> None:
    toy_id = toy.make(workshop.database, "bear", ["red", "blue"])
    toy.make(workshop.database, "duck")
    seal(workshop.database)
    log = DatabaseLog(workshop.database)

    assert feed.head() == log.head()
    assert feed.read(0, 10) == log.read(0, 10)
    assert feed.read(1, 2, ["toy"]) == log.read(1, 2, ["toy"])
    assert feed.read(0, 10, ["label"]) == []
    assert (feed.count(1, 4), feed.count(0, 4, ["label", "toy"])) == (3, 4)
    assert feed.of_aggregate("toy", str(toy_id), 1, 3) == log.of_aggregate("toy", str(toy_id), 1, 3)


def test_keys_with_any_character_are_found(feed: HttpLog) -> None:
    assert feed.of_aggregate("toy", "50 % off? #1&b=2", 0, 9) == []


def test_a_wrong_token_is_no_token(address: str) -> None:
    for token in ("", "close sesame", TOKEN + "x", "ä"):
        stranger = HttpLog(address, token.encode().decode("latin-1"))
        with pytest.raises(Unavailable, match="401"):
            stranger.head()
        stranger.close()


def test_without_a_token_of_its_own_a_service_shows_nothing(any_database: Database) -> None:
    from chassis.settings import Settings

    client = toy.workshop.web(Settings("workshop", "", ""), any_database, authenticate=lambda _: None).test_client()  # type: ignore[arg-type,return-value]

    assert client.get(f"{BASE}/head", headers={"Authorization": "Bearer "}).status_code == 401


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=1e3", f"after={'9' * 19}", "after=²"])
def test_nonsense_is_refused(workshop: Stage, query: str) -> None:
    client = workshop.service.web(workshop.settings, workshop.database).test_client()

    answer = client.get(f"{BASE}/log?{query}", headers={"Authorization": f"Bearer {workshop.settings.feed_token}"})

    assert answer.status_code == 422


def test_a_page_has_a_limit(workshop: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(DatabaseLog, "read", lambda _self, _after, limit, _kinds: asked.append(limit) or [])
    client = workshop.service.web(workshop.settings, workshop.database).test_client()

    client.get(f"{BASE}/log?limit=999999", headers={"Authorization": f"Bearer {workshop.settings.feed_token}"})

    assert asked == [LARGEST_PAGE]


def test_nobody_there_is_unavailable() -> None:
    silent = HttpLog("http://127.0.0.1:9", TOKEN)

    with pytest.raises(Unavailable):
        silent.head()
    silent.close()


def test_a_listener_reads_everything_over_the_feed(workshop: Stage, feed: HttpLog, new_sqlite: object) -> None:
    assert callable(new_sqlite)
    database: Database = new_sqlite()
    toy.make(workshop.database, "bear", ["red", "blue"])
    seal(workshop.database)
    consumer = Consumer(
        name="shelf.events",
        service="shelf",
        database=database,
        reactions=OneByOne(toy.shelf.hears),
        sources={"workshop": feed},
    )

    Puller(consumer).pull("workshop")

    assert toy.notes(database) == [(1, 1), (1, 2), (1, 3)]
