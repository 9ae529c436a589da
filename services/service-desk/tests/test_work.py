"""The work list and the promises: one list for all kinds, each with the moment until which it is promised."""

from __future__ import annotations

from typing import Any

import pytest

from chassis import remembering
from chassis.testing.stage import Client

ASKED = {"kind": "complaint", "title": "Leaks", "customer_no": "KH1", "request_text": "It drips"}
COMPLAINT = {"title": "Exploded", "severity": "critical", "customer_no": "KH1", "description": "Twice"}
VISIT = {"subject": "Still dry?", "customer_no": "KH1", "planned_for": "2031-01-11T09:00:00Z"}
WEEK = [["09:00-12:00"]] * 5 + [[], []]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED_SECONDS", -1.0)


def put(client: Client, path: str, body: dict[str, Any], *, expect: int = 200, version: int = 0) -> Any:
    return client.call("PUT", path, body, expect=expect, headers={"If-Match": f'"{version}"'} if version else None)


def test_all_open_work_stands_in_one_list_the_most_urgent_first(mei: Client, bo: Client, sue: Client) -> None:
    mei.post("/visits", **VISIT)
    mei.post("/requests", **ASKED)
    mei.post("/complaints", **COMPLAINT)

    assert [one["noun"] for one in mei.get("/work")["items"]] == ["complaint", "request", "visit"]
    assert [one["title"] for one in sue.get("/work?noun=visit")["items"]] == ["Still dry?"]
    assert bo.get("/work")["total"] == 0


def test_what_is_settled_is_no_work(mei: Client, sue: Client) -> None:
    path = f"/visits/{mei.post('/visits', **VISIT)['id']}"

    mei.post(path + "/completion", expect=200, result="Dry")

    assert sue.get("/work")["total"] == 0


def test_a_promise_changes_what_comes_in_from_now_on(mei: Client, sue: Client) -> None:
    before = mei.post("/requests", **ASKED)["due_at"]

    put(sue, "/service-promises", {"about": "request", "kind": "complaint", "answer_minutes": 1, "settle_minutes": 2})

    assert mei.post("/requests", **ASKED)["due_at"] < before


def test_a_promise_names_a_kind_of_the_dictionary_and_minutes_in_order(sue: Client) -> None:
    promise = {"about": "request", "kind": "riddle", "answer_minutes": 1, "settle_minutes": 2}
    assert put(sue, "/service-promises", promise, expect=422)["errors"][0]["pointer"] == "/kind"

    wrong = put(sue, "/service-promises", promise | {"kind": "any", "answer_minutes": 3}, expect=422)

    assert wrong["errors"][0]["pointer"] == "/answer_minutes"


def test_the_calendar_is_set_as_a_whole(sue: Client) -> None:
    shown = put(sue, "/working-calendar", {"zone": "UTC", "week": WEEK, "days_off": ["2026-12-25"]}, version=1)

    assert (shown["week"], shown["days_off"]) == (WEEK, ["2026-12-25"])
    assert sue.get("/working-calendar")["zone"] == "UTC"
    put(sue, "/working-calendar", {"zone": "UTC", "week": WEEK}, version=1, expect=412)
    put(sue, "/working-calendar", {"zone": "Nowhere", "week": WEEK}, version=2, expect=422)
