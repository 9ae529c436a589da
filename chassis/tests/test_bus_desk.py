"""The operators' desk over HTTP: what it shows, what it refuses, and who may."""

from __future__ import annotations

import base64
import dataclasses
import uuid
from typing import Any

import pytest

from chassis.bus_desk import routes_of
from chassis.causation import AT_ONCE
from chassis.database import Database
from chassis.redrive import Redriver
from chassis.routes import Route
from chassis.testing.stage import Client, Stage, some_settings
from tests import toy
from tests.toy import notes
from tests.toy_databases import statements
from tests.toy_shelf import life_of, parked, try_again, whole

AT = "/bus/shelf"
NOBODY = str(uuid.UUID(int=1))


@pytest.fixture
def desk(shelf: Stage) -> Client:
    """The shelf with a blue toy that jams it, one that does not, and bytes that are no event."""
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf), *life_of(shelf, 2), b"not json")
    return shelf.client()


def poison(desk: Client) -> str:
    found: str = desk.get(f"{AT}/parked?reason=failed&aggregate_id=1")["items"][0]["event_id"]
    return found


def work(shelf: Stage) -> int:
    assert shelf.consumer
    return Redriver(shelf.consumer).run_due()


# Looking


def test_the_list_is_filtered_sorted_and_paged(desk: Client) -> None:
    page = desk.get(f"{AT}/parked?size=2")
    assert (page["total"], len(page["items"])) == (7, 2)
    following = desk.get(f"{AT}/parked?size=5&cursor={page['next_cursor']}")["items"]
    assert len({one["event_id"] for one in page["items"] + following}) == 7

    def found(filters: str) -> int:
        total: int = desk.get(f"{AT}/parked?{filters}")["total"]
        return total

    assert [found(one) for one in ("reason=failed", "reason=failed,behind", "state=dead", "aggregate_id=2")] == [
        2,
        6,
        1,
        3,
    ]
    assert [found(one) for one in ("source=workshop", "event_type=painted", "consumer=shelf.events")] == [6, 6, 7]
    assert [found(one) for one in ("first_from=2199-01-01", "first_to=2199-01-01", "q=cannot")] == [0, 7, 2]
    assert desk.get(f"{AT}/parked?sort=-next_attempt_at&fields=event_id,reason")["items"][0]["reason"] == "failed"


@pytest.mark.parametrize("wrong", ["event_id=one", "first_from=yesterday", "sort=body", "size=0", "where=x"])
def test_a_filter_that_is_none_is_refused_by_name(desk: Client, wrong: str) -> None:
    errors = desk.get(f"{AT}/parked?{wrong}", expect=422)["errors"]

    assert errors[0]["pointer"] == "/" + wrong.partition("=")[0]


def test_causes_are_counted_most_first(desk: Client) -> None:
    causes = desk.get(f"{AT}/causes?reason=failed,unparseable")["items"]

    assert [(one["number"], one["aggregates"], one["reason"], one["error_class"]) for one in causes] == [
        (2, 2, "failed", "PrinterJammed"),
        (1, 1, "unparseable", "DecodeError"),
    ]
    assert desk.get(f"{AT}/parked?fingerprint={causes[0]['fingerprint']}")["total"] == 2
    assert desk.get(f"{AT}/causes?kind=x", expect=422)["errors"][0]["pointer"] == "/kind"


def test_one_parked_event_shows_body_failures_and_version(shelf: Stage, desk: Client) -> None:
    try_again(shelf)

    shown = desk.get(f"{AT}/parked/{poison(desk)}")

    assert shown["body"]["data"] == {"toy_id": 1, "colour": "blue"}
    assert (shown["original"], shown["raw"], shown["actions"]) == (None, None, [])
    assert [one["attempt"] for one in shown["failures"]] == [1, 2]
    assert desk.etag == f'"{shown["version"]}"' == '"2"'


def test_bytes_that_are_no_event_are_shown_as_they_are(desk: Client) -> None:
    dead = desk.get(f"{AT}/parked?state=dead")["items"][0]["event_id"]

    shown = desk.get(f"{AT}/parked/{dead}")

    assert (shown["body"], base64.b64decode(shown["raw"])) == (None, b"not json")


@pytest.mark.parametrize("name", [NOBODY, "nothing"])
def test_what_is_not_parked_is_not_found(desk: Client, name: str) -> None:
    assert desk.get(f"{AT}/parked/{name}", expect=404)["type"] == "/problems/not-parked"
    assert desk.post(f"{AT}/parked/{name}/redrive", expect=404)["type"] == "/problems/not-parked"


def test_the_status_says_how_far_it_is_and_what_waits(desk: Client) -> None:
    shown = desk.get(f"{AT}/status")

    assert (shown["service"], shown["consumer"], shown["does"]) == ("shelf", "shelf.events", "goes on")
    assert {(one["state"], one["reason"]): one["number"] for one in shown["parked"]} == {
        ("dead", "unparseable"): 1,
        ("waiting", "behind"): 4,
        ("waiting", "failed"): 2,
    }
    assert shown["blocked_aggregates"] == 2


def test_causation_tells_this_services_part(desk: Client, shelf: Stage) -> None:
    (made,) = [row for row in toy.rows(shelf.database, toy.note) if (row["toy_id"], row["version"]) == (1, 1)]

    part = desk.get(f"{AT}/causation?event_ids={made['event_id']}")

    assert [one["event_type"] for one in part["said"]] == ["crm.shelf.label.printed"]
    assert part["heard"] == [{"event_id": made["event_id"], "consumer": "shelf.events", "state": "done"}]


@pytest.mark.parametrize("ids", ["", "one", ",".join([NOBODY] * (AT_ONCE + 1))])
def test_causation_of_what_is_no_list_of_ids_is_refused(desk: Client, ids: str) -> None:
    assert desk.get(f"{AT}/causation?event_ids={ids}", expect=422)["errors"][0]["pointer"] == "/event_ids"


# Doing


def test_one_event_is_tried_again_and_its_followers_with_it(shelf: Stage, desk: Client) -> None:
    toy.mend_printer(shelf.database)

    shown = desk.post(f"{AT}/parked/{poison(desk)}/redrive", expect=200, reason="mended")

    assert (shown["state"], shown["attempts"], shown["actions"][0]["action"]) == ("waiting", 0, "redrive")
    assert work(shelf) == 3
    assert [one for one in notes(shelf.database) if one[0] == 1] == whole()


def test_a_cause_is_tried_again_as_a_whole_after_a_dry_run(shelf: Stage, desk: Client) -> None:
    toy.mend_printer(shelf.database)
    cause = desk.get(f"{AT}/causes?reason=failed")["items"][0]["fingerprint"]
    where = {"fingerprint": cause}

    trial = desk.post(f"{AT}/redrive", expect=200, where=where, dry_run=True)
    assert trial == {"events": 2, "aggregates": 2, "skipped": 0, "left": 0, "dry_run": True}
    assert work(shelf) == 0
    assert desk.post(f"{AT}/redrive", expect=200, where=where) == {**trial, "dry_run": False}

    assert work(shelf) == 6
    assert desk.get(f"{AT}/audit")["total"] == 2


def test_an_event_is_discarded_with_a_reason_and_only_once(shelf: Stage, desk: Client) -> None:
    event = poison(desk)
    path = f"{AT}/parked/{event}/discard"
    assert desk.post(path, expect=422)["errors"][0]["pointer"] == "/reason"

    assert desk.post(path, expect=200, reason="painted by hand")["state"] == "discarded"

    assert desk.post(path, expect=409, reason="again")["type"] == "/problems/already-discarded"
    assert desk.post(f"{AT}/parked/{event}/redrive", expect=409)["type"] == "/problems/already-discarded"
    assert work(shelf) == 2
    assert desk.get(f"{AT}/parked?state=discarded")["items"][0]["note"] == "painted by hand"


def test_many_are_discarded_by_name(shelf: Stage, desk: Client) -> None:
    ids = [one["event_id"] for one in desk.get(f"{AT}/parked?aggregate_id=1")["items"]]

    assert desk.post(f"{AT}/discard", expect=200, event_ids=ids, reason="the toy is gone")["events"] == 3

    assert [one for one in parked(shelf) if one[2] == "discarded"] == [
        (3, "failed", "discarded"), (4, "behind", "discarded"), (5, "behind", "discarded")
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "/event_ids"),
    ({"event_ids": []}, "/event_ids"),
    ({"event_ids": ["one"]}, "/event_ids/0"),
    ({"where": {}}, "/event_ids"),
    ({"where": {"colour": "blue"}}, "/where/colour"),
    ({"where": {"first_to": "soon"}}, "/where/first_to"),
    ({"where": {"state": "dead"}, "dry_run": "perhaps"}, "/dry_run"),
])  # fmt: skip
def test_who_says_nothing_sensible_is_told_where(desk: Client, body: dict[str, Any], pointer: str) -> None:
    assert desk.post(f"{AT}/redrive", expect=422, **body)["errors"][0]["pointer"] == pointer


def put(desk: Client, event: str, expect: int, version: int | None, **body: Any) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return desk.call("PUT", f"{AT}/parked/{event}/data", body, expect=expect, headers=headers)


def test_an_event_is_edited_by_whoever_has_seen_it(shelf: Stage, desk: Client) -> None:
    event, navy = poison(desk), {"toy_id": 1, "colour": "navy"}
    assert put(desk, event, 428, None, data=navy, reason="x")["type"] == "/problems/precondition-required"
    assert put(desk, event, 412, 7, data=navy, reason="x")["current"] == 1
    assert put(desk, event, 422, 1, data=[], reason="x")["errors"][0]["pointer"] == "/data"

    shown = put(desk, event, 200, 1, data=navy, reason="there is no blue")

    assert (shown["body"]["data"], shown["original"]["data"]["colour"]) == (navy, "blue")
    action = shown["actions"][0]
    assert (action["before"], action["after"], action["by_name"]) == (
        {"colour": "blue"},
        {"colour": "navy"},
        "Ada Admin",
    )
    desk.post(f"{AT}/parked/{event}/redrive", expect=200)
    assert work(shelf) == 3


def test_what_is_no_event_cannot_be_edited_or_tried(desk: Client) -> None:
    dead = desk.get(f"{AT}/parked?state=dead")["items"][0]["event_id"]

    assert put(desk, dead, 409, 1, data={}, reason="x")["type"] == "/problems/not-an-event"
    assert desk.post(f"{AT}/parked/{dead}/redrive", expect=409)["type"] == "/problems/not-an-event"


def test_an_action_with_a_version_that_is_past_is_refused(shelf: Stage, desk: Client) -> None:
    event = poison(desk)
    try_again(shelf)

    path = f"{AT}/parked/{event}/discard"
    desk.post(path, expect=412, reason="x", headers={"If-Match": '"1"'})
    desk.post(path, expect=200, reason="x", headers={"If-Match": '"2"'})


def test_an_action_repeated_with_its_key_is_done_once(desk: Client) -> None:
    headers = {"Idempotency-Key": "once"}
    for _ in range(2):
        desk.post(f"{AT}/redrive", expect=200, where={"reason": "failed"}, headers=headers)

    assert desk.get(f"{AT}/audit?action=redrive")["total"] == 2


def test_a_consumer_is_paused_and_resumed(desk: Client) -> None:
    shown = desk.post(f"{AT}/pause", expect=200, reason="the printer is away")
    assert (shown["paused_by"], shown["pause_reason"]) == ("Ada Admin", "the printer is away")
    assert desk.get(f"{AT}/status")["does"].startswith("paused by Ada Admin since ")
    assert desk.post(f"{AT}/pause", expect=409, reason="x")["type"] == "/problems/paused-already"

    assert desk.post(f"{AT}/resume", expect=200, reason="it is back")["paused_at"] is None

    assert desk.post(f"{AT}/resume", expect=409, reason="x")["type"] == "/problems/not-paused"
    assert [one["action"] for one in desk.get(f"{AT}/audit")["items"]] == ["resume", "pause"]


def test_the_audit_is_filtered(desk: Client) -> None:
    event = poison(desk)
    desk.post(f"{AT}/parked/{event}/redrive", expect=200)
    desk.post(f"{AT}/pause", expect=200, reason="lunch")

    def found(filters: str) -> list[str]:
        return [one["action"] for one in desk.get(f"{AT}/audit?{filters}")["items"]]

    assert found(f"event_id={event}") == ["redrive"]
    assert found("action=pause&by_name=ada&q=lun") == ["pause"]
    assert found("by_name=olga") == []


# Who


def test_who_may_look_may_not_operate(shelf: Stage, desk: Client) -> None:
    onlooker, operator = shelf.client(None, "bus:read"), shelf.client(None, "bus:operate")

    assert onlooker.get(f"{AT}/parked")["total"] == 7
    assert onlooker.post(f"{AT}/pause", expect=403, reason="x")["needs"] == "bus:operate"
    assert operator.get(f"{AT}/parked", expect=403)["needs"] == "bus:read"


def test_every_row_of_a_desk_asks_for_a_right_of_the_bus() -> None:
    rows: list[Route] = routes_of("shelf")

    assert [route.path for route in rows if route.is_personal] == [f"{AT}/arrivals"]
    rest = [route for route in rows if not route.is_personal]
    assert {(route.is_read, route.needs) for route in rest} == {(True, "bus:read"), (False, "bus:operate")}


def test_who_listens_to_nobody_cannot_be_paused(any_database: Database) -> None:
    deaf = dataclasses.replace(toy.workshop, routes=routes_of("workshop", hears=False))
    client = Stage(deaf, any_database, some_settings("workshop", "")).client()

    assert client.post("/bus/workshop/pause", expect=404, reason="x")["type"] == "/problems/hears-nothing"
    assert client.get("/bus/workshop/status")["does"] == "goes on"


def test_the_list_costs_two_statements_and_one_event_three(shelf: Stage, desk: Client) -> None:
    event = poison(desk)
    with statements(shelf.database) as said:
        desk.get(f"{AT}/parked")
        assert len(said) == 2
        desk.get(f"{AT}/parked/{event}")
        assert len(said) == 2 + 3
