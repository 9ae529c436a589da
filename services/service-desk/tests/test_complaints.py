"""Complaints over HTTP: the strict way, and that no step of it can be skipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from service_desk.complaint.commands import escalate_overdue_complaints

COMPLAINT = {"title": "Pump exploded", "severity": "critical", "customer_no": "KH1", "description": "Twice"}


def entered(bo: Client) -> str:
    return f"/complaints/{bo.post('/complaints', **COMPLAINT)['id']}"


def handled(bo: Client, sue: Client, mei: Client) -> str:
    path = entered(bo)
    sue.post(path + "/assignment", expect=200, assignee_id=7)
    mei.post(path + "/handling", expect=200, handling="A new pump, for free")
    return path


def allowed(shown: dict[str, Any]) -> list[str]:
    return [one["action"] for one in shown["actions"] if one["allowed"]]


def test_a_complaint_goes_from_entry_to_the_end(furnished: Stage, bo: Client, sue: Client, mei: Client) -> None:
    path = handled(bo, sue, mei)
    assert bo.post(path + "/visit", expect=200, result="Content", satisfaction=4)["status"] == "visited"

    closed = sue.post(path + "/closing", expect=200)

    assert (closed["status"], closed["complaint_no"][:2], closed["actions"][0]["allowed"]) == ("closed", "TS", False)
    facts = [kind.rpartition(".")[2] for kind, _ in furnished.said()]
    assert facts == ["entered", "assigned", "handled", "visited", "closed"]


def test_no_step_can_be_skipped(bo: Client, sue: Client, mei: Client) -> None:
    path = entered(bo)

    problems = [
        mei.post(path + "/handling", expect=404, handling="Done"),  # not hers yet, so not there
        sue.post(path + "/handling", expect=409, handling="Done"),
        sue.post(path + "/visit", expect=409, result="Content", satisfaction=5),
        sue.post(path + "/closing", expect=409),
    ]

    assert {problem["type"] for problem in problems[1:]} == {"/problems/not-in-this-state"}
    assert allowed(sue.get(path)) == ["edit", "assign"]


def test_a_customer_who_is_not_content_sends_it_back(bo: Client, sue: Client, mei: Client) -> None:
    path = handled(bo, sue, mei)

    returned = bo.post(path + "/visit", expect=200, result="Exploded again", satisfaction=1)

    assert (returned["status"], returned["assignee_id"]) == ("assigned", 7)


def test_only_the_assignee_handles_and_somebody_else_asks(bo: Client, sue: Client, mei: Client) -> None:
    path = entered(bo)
    sue.post(path + "/assignment", expect=200, assignee_id=7)
    assert sue.post(path + "/handling", expect=403, handling="?")["type"] == "/problems/not-the-complaints-assignee"
    mei.post(path + "/handling", expect=200, handling="Done")

    asked = mei.post(path + "/visit", expect=403, result="Fine", satisfaction=5)

    assert asked["type"] == "/problems/handler-may-not-ask"


def test_another_severity_is_another_promise(bo: Client) -> None:
    path = entered(bo)
    before = bo.get(path)

    after = bo.patch(path, version=1, severity="minor")

    assert after["due_at"] > before["due_at"]


def test_somebody_who_left_is_assigned_nothing(sue: Client, bo: Client) -> None:
    assert sue.post(entered(bo) + "/assignment", expect=409, assignee_id=99)["type"] == "/problems/not-at-work"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"severity": "awful"}, "/severity"),
        ({"description": "x" * 3001}, "/description"),
        ({"title": "a\u0000b"}, "/title"),
        ({"mood": "bad"}, "/mood"),
    ],
)
def test_wrong_fields_are_named(bo: Client, change: dict[str, str], pointer: str) -> None:
    problem = bo.post("/complaints", expect=422, **COMPLAINT | change)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_an_overdue_complaint_is_told_once_to_the_superior(furnished: Stage, bo: Client, sue: Client) -> None:
    path = entered(bo)
    sue.post(path + "/assignment", expect=200, assignee_id=7)
    furnished.said()
    later = datetime.now(UTC) + timedelta(days=30)

    for _ in range(2):
        with furnished.doing(at=later) as tx:
            escalate_overdue_complaints(tx)

    [(kind, said)] = furnished.said()
    assert (kind, said["escalated_to_id"]) == ("crm.service-desk.complaint.overdue", 8)
    assert [one["title"] for one in sue.get("/complaints?overdue=true")["items"]] == ["Pump exploded"]
