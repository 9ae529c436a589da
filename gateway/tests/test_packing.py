"""Answers are packed for whoever takes them so, and nothing else about them changes."""

from __future__ import annotations

import gzip
import json

import pytest

from gateway.packing import SMALLEST
from gateway.tests.conftest import Counted, Person
from gateway.upstream import Answer, Asked

LONG = json.dumps({"items": ["关系"] * 2000}).encode()


class Says:
    """A service with one answer."""

    def __init__(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.body = body
        self.headers = [("Content-Length", str(len(body))), ("ETag", '"7"'), *(headers or JSON)]

    def ask(self, asked: Asked) -> Answer:
        return Answer(200, list(self.headers), [self.body])


JSON = (("Content-Type", "application/json"),)


def test_a_long_answer_is_packed_for_who_takes_it(upstreams: dict[str, Counted], mei: Person) -> None:
    upstreams["customer"].upstream = Says(LONG)

    answer = mei.ask("GET", "/api/customers", headers={"Accept-Encoding": "br, gzip"})

    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert (int(answer.headers["Content-Length"]), answer.headers["ETag"]) == (len(answer.data), '"7"')
    assert gzip.decompress(answer.data) == LONG
    assert len(answer.data) * 20 < len(LONG)


@pytest.mark.parametrize("takes", ["", "br", "gzip;q=0"])
def test_who_does_not_take_it_gets_it_as_it_is(upstreams: dict[str, Counted], mei: Person, takes: str) -> None:
    upstreams["customer"].upstream = Says(LONG)

    answer = mei.ask("GET", "/api/customers", headers={"Accept-Encoding": takes})

    assert answer.data == LONG
    assert ("Content-Encoding" in answer.headers, answer.headers["Vary"]) == (False, "Accept-Encoding")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/customers", Says(b"x" * (SMALLEST - 1))),
        ("/api/customers", Says(LONG, ("Content-Type", "text/csv"))),
        ("/api/customers", Says(gzip.compress(LONG * 50), *JSON, ("Content-Encoding", "gzip"))),
        ("/api/webhooks", Says(LONG)),
    ],
    ids=["small", "file", "packed", "secret"],
)
def test_what_is_not_worth_it_or_not_safe_is_left(
    upstreams: dict[str, Counted], mei: Person, path: str, says: Says
) -> None:
    upstreams["customer"].upstream = says

    answer = mei.ask("GET", path, headers={"Accept-Encoding": "gzip"})

    assert answer.data == says.body


def test_a_look_at_the_headers_stays_one(upstreams: dict[str, Counted], mei: Person) -> None:
    upstreams["customer"].upstream = Says(LONG)

    answer = mei.ask("HEAD", "/api/customers", headers={"Accept-Encoding": "gzip"})

    assert (answer.headers["Content-Length"], "Content-Encoding" in answer.headers) == (str(len(LONG)), False)
