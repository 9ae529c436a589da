"""The desks of all services side by side, and the one story that no service knows alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.causation import Heard, Part, Said
from chassis.events import encode
from chassis.problems import Unavailable
from gateway.routes import SERVICES, owner_of
from gateway.tests.conftest import Counted, Person
from gateway.upstream import Answer, Asked

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WON, OPENED, LINKED = (uuid.UUID(int=number) for number in range(1, 4))
STORY = f"/api/bus/causation/{OPENED}"


def said(event_id: uuid.UUID, service: str, caused_by: uuid.UUID | None = None) -> Said:
    return Said(event_id, f"crm.{service}.x.y", service, "x/1", 1, NOON, "Mei", caused_by)


class Desk:
    """A service that tells its part of a story."""

    def __init__(self, name: str, *told: Said, heard: Sequence[Heard] = ()) -> None:
        self.name, self.told, self.heard = name, told, heard
        self.tokens: set[str] = set()

    def ask(self, asked: Asked) -> Answer:
        assert (asked.method, asked.path) == ("GET", f"/bus/{self.name}/causation")
        self.tokens.add(dict(asked.headers)["Authorization"])
        ids = [uuid.UUID(one) for one in asked.query.removeprefix("event_ids=").split(",")]
        about = [one for one in self.told if one.event_id in ids or one.caused_by in ids]
        return Answer(200, [], [encode(Part(about, [one for one in self.heard if one.event_id in ids]))])


class Says:
    """A service that answers this and nothing else."""

    def __init__(self, status: int, body: bytes = b"{}") -> None:
        self.status, self.body = status, body

    def ask(self, asked: Asked) -> Answer:
        return Answer(self.status, [("Content-Type", "application/problem+json")], [self.body])


class Silent:
    """A service that does not answer."""

    def ask(self, asked: Asked) -> Answer:
        raise Unavailable(detail="silence")


@pytest.fixture
def desks(upstreams: dict[str, Counted]) -> dict[str, Counted]:
    """Marketing, customer, desk and reports tell parts; identity is the real one."""
    heard = [Heard(WON, "customer.events", "done")]
    upstreams["marketing"].upstream = Desk("marketing", said(WON, "marketing"), said(LINKED, "marketing", OPENED))
    upstreams["customer"].upstream = Desk("customer", said(OPENED, "customer", WON), heard=heard)
    upstreams["service-desk"].upstream = Desk("service-desk")
    upstreams["reporting"].upstream = Desk("reporting", heard=[Heard(LINKED, "reporting.events", "parked")])
    return upstreams


def test_a_story_is_put_together_out_of_all_services(desks: dict[str, Counted], admin: Person) -> None:
    answer = admin.get(STORY)

    assert answer.status_code == 200
    told: dict[str, Any] = answer.json or {}
    assert [(one["depth"], one["service"], one["heard"]) for one in told["events"]] == [
        (0, "marketing", {"customer.events": "done"}),
        (1, "customer", {}),
        (2, "marketing", {"reporting.events": "parked"}),
    ]
    assert (told["asked"], told["silent"], told["is_cut"]) == (str(OPENED), [], False)
    assert answer.headers["Content-Security-Policy"]


def test_each_service_is_asked_with_the_signed_token_of_the_person(desks: dict[str, Counted], admin: Person) -> None:
    admin.get(STORY)

    tokens = {token for name in SERVICES[1:] for token in desks[name].upstream.tokens}  # type: ignore[attr-defined]
    assert len(tokens) == 1
    assert admin.bearer["Authorization"] not in tokens


@pytest.mark.parametrize("gone", [Silent(), Says(500), Says(200, b'{"said": 1}')], ids=["silent", "broken", "strange"])
def test_who_does_not_answer_is_named_and_the_rest_is_told(desks: dict[str, Counted], admin: Person, gone: Any) -> None:
    desks["customer"].upstream = gone

    told = admin.get(f"/api/bus/causation/{WON}").json or {}

    assert ([one["service"] for one in told["events"]], told["silent"]) == (["marketing"], ["customer"])


def test_what_nobody_knows_is_unknown_unless_somebody_was_silent(desks: dict[str, Counted], admin: Person) -> None:
    unknown = f"/api/bus/causation/{uuid.UUID(int=9)}"
    assert admin.get(unknown).json["type"] == "/problems/event-unknown"  # type: ignore[index]
    assert admin.get("/api/bus/causation/one").status_code == 404

    desks["customer"].upstream = Silent()

    answer = admin.get(unknown)
    assert (answer.status_code, answer.json["detail"]) == (503, "No answer from customer")  # type: ignore[index]


def test_a_refusal_of_a_service_is_the_answer(desks: dict[str, Counted], admin: Person, mei: Person) -> None:
    assert mei.get(STORY).status_code == 403  # the real identity refuses its part

    desks["reporting"].upstream = Says(403, b'{"needs": "bus:read"}')

    answer = admin.get(STORY)
    assert (answer.status_code, answer.data) == (403, b'{"needs": "bus:read"}')


def test_a_story_needs_a_session_and_is_only_read(desks: dict[str, Counted], somebody: Person, admin: Person) -> None:
    assert somebody.get(STORY).status_code == 401
    assert admin.ask("POST", STORY).status_code == 405


def test_a_desk_is_reached_under_its_services_name(admin: Person, mei: Person, upstreams: dict[str, Counted]) -> None:
    shown = admin.get("/api/bus/identity/status")
    assert (shown.status_code, (shown.json or {})["service"]) == (200, "identity")
    assert mei.get("/api/bus/identity/status").status_code == 403

    admin.get("/api/bus/service-desk/parked")
    assert upstreams["service-desk"].asked == ["GET /bus/service-desk/parked"]


@pytest.mark.parametrize(
    "path", ["/api/bus", "/api/bus/", "/api/bus/nobody/status", "/api/bus/internal", "/bus/customer"]
)
def test_there_is_no_desk_of_nobody(admin: Person, upstreams: dict[str, Counted], path: str) -> None:
    assert owner_of(path) is None
    assert admin.get(path).status_code == 404
    assert upstreams["customer"].asked == []
