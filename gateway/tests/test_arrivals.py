"""Whether a command has arrived everywhere, put together out of what each service says of itself."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chassis.events import encode
from gateway.tests.conftest import Counted, Person
from gateway.tests.test_story import Says, Silent
from gateway.upstream import Answer, Asked

SAID = f"identity.user.{uuid.UUID(int=7)}"
AT = f"/api/bus/arrivals?said={SAID}"


class Listener:
    """A service that says how each of the events stands with it."""

    def __init__(self, name: str, *states: str) -> None:
        self.name, self.states = name, states

    def ask(self, asked: Asked) -> Answer:
        assert (asked.method, asked.path) == ("GET", f"/bus/{self.name}/arrivals")
        items = [{"event_id": uuid.UUID(int=number), "state": state} for number, state in enumerate(self.states)]
        return Answer(200, [], [encode({"items": items})])


def told(person: Person) -> dict[str, str]:
    answer = person.get(AT)
    assert answer.status_code == 200, answer.data
    return {one["service"]: one["state"] for one in (answer.json or {})["services"]}


def test_each_listener_is_named_with_its_state(upstreams: dict[str, Counted], mei: Person) -> None:
    upstreams["marketing"].upstream = Listener("marketing", "done", "skipped")
    upstreams["customer"].upstream = Listener("customer", "done", "waiting")
    upstreams["service-desk"].upstream = Listener("service-desk", "done", "waiting", "parked")
    upstreams["reporting"].upstream = Listener("reporting")

    assert told(mei) == {"marketing": "applied", "customer": "waiting", "service-desk": "held"}


@pytest.mark.parametrize("gone", [Silent(), Says(500), Says(200, b"1")], ids=["silent", "broken", "strange"])
def test_who_does_not_answer_is_named(upstreams: dict[str, Counted], mei: Person, gone: Any) -> None:
    for name in ("marketing", "customer", "service-desk"):
        upstreams[name].upstream = Listener(name, "done")
    upstreams["reporting"].upstream = gone

    assert told(mei)["reporting"] == "silent"


def test_a_refusal_of_a_service_is_the_answer(upstreams: dict[str, Counted], mei: Person) -> None:
    for name in ("marketing", "customer", "service-desk", "reporting"):
        upstreams[name].upstream = Listener(name)

    answer = mei.get("/api/bus/arrivals?said=nothing")  # the real identity refuses it

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/said")  # type: ignore[index]


def test_it_needs_a_session_and_is_only_read(somebody: Person, mei: Person) -> None:
    assert somebody.get(AT).status_code == 401
    assert mei.ask("POST", AT).status_code == 405
