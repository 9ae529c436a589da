"""What a command's answer names, and what each listener says of it."""

from __future__ import annotations

import uuid

import pytest

from chassis.arriving import MOST_NAMED, SAID
from chassis.events import open_envelope
from chassis.joining import Joiner
from chassis.tables import event_log
from chassis.testing.stage import Client, Stage
from tests import toy
from tests.toy_databases import statements
from tests.toy_shelf import life_of

AT = "/bus/shelf/arrivals"


@pytest.fixture
def desk(shelf: Stage) -> Client:
    """The shelf, which listens to toys."""
    assert shelf.consumer
    joiner = Joiner(shelf.consumer, pulls=True)
    joiner.register()
    joiner.join("workshop")
    return shelf.client()


def named(*raws: bytes) -> str:
    said = [open_envelope(raw) for raw in raws]
    return ",".join(f"{one.service}.{one.aggregate}.{one.id}" for one in said)


def states(desk: Client, said: str) -> list[str]:
    return [one["state"] for one in desk.get(f"{AT}?said={said}")["items"]]


def test_an_answer_names_what_the_command_said(workshop: Stage) -> None:
    answer = workshop.client().client.post("/toys", json={"name": "bear"})

    (said,) = toy.rows(workshop.database, event_log)
    assert answer.headers[SAID] == f"workshop.toy.{said['event_id']}"


def test_an_answer_that_changed_nothing_names_nothing(workshop: Stage) -> None:
    client = workshop.client()
    client.post("/toys", name="bear")

    refused = client.client.post("/toys", json={"name": ""})

    assert (refused.status_code, SAID in refused.headers) == (422, False)
    assert SAID not in client.client.get("/toys/1").headers


def test_an_event_waits_until_it_is_applied(shelf: Stage, desk: Client) -> None:
    made, painted, *_ = life_of(shelf)
    assert states(desk, named(made, painted)) == ["waiting", "waiting"]

    shelf.takes(made)
    assert states(desk, named(made, painted)) == ["done", "waiting"]


def test_what_is_put_aside_has_not_arrived(shelf: Stage, desk: Client) -> None:
    toy.jam_printer(shelf.database, "blue")
    made, red, blue, *_ = life_of(shelf)

    shelf.takes(made, red, blue)

    assert states(desk, named(made, red, blue)) == ["done", "done", "parked"]


def test_what_is_not_listened_to_is_left_out(desk: Client) -> None:
    stranger = uuid.uuid4()
    assert states(desk, f"workshop.robot.{stranger},elsewhere.toy.{stranger}") == []


def test_it_costs_two_statements(shelf: Stage, desk: Client) -> None:
    said = named(*life_of(shelf))
    with statements(shelf.database) as sent:
        desk.get(f"{AT}?said={said}")
    assert len(sent) == 2


@pytest.mark.parametrize(
    "said", ["", "toy", "workshop.toy.one", ",".join([f"a.b.{uuid.UUID(int=1)}"] * (MOST_NAMED + 1))]
)
def test_what_names_no_events_is_refused(desk: Client, said: str) -> None:
    told = desk.get(f"{AT}?said={said}", expect=422)
    assert told["errors"][0]["pointer"] == "/said"
