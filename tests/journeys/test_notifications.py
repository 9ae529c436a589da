"""People are told what concerns them, wherever it happened; in both modes."""

from __future__ import annotations

import secrets

import pytest

from tests.journeys.test_main_job import an_assigned_opportunity
from tests.system import Person, System, wait_until


@pytest.fixture
def word() -> str:
    return f"Told {secrets.token_hex(4)}"


def about(person: Person, word: str) -> list[str]:
    return [one["text_en"] for one in person.get("/api/notifications?size=200")["items"] if word in one["text_en"]]


def test_whoever_is_assigned_is_told_and_the_superior_hears_of_the_win(guanxi: System, word: str) -> None:
    sue, mei, path = an_assigned_opportunity(guanxi, word)

    told = wait_until(lambda: about(mei, word), "mei to be told")

    assert told == [f"The opportunity “Pumps” ({word}) was assigned to you"]
    newest = next(one for one in mei.get("/api/notifications?is_read=false")["items"] if word in one["text_en"])
    assert mei.ask("GET", "/api" + newest["link"]).json["customer_name"] == word
    unread = mei.get("/api/notifications")["unread"]
    assert mei.post(f"/api/notifications/{newest['id']}/read").json["is_read"] is True
    assert mei.get("/api/notifications")["unread"] == unread - 1

    item = mei.post(f"{path}/plan", expect=201, planned_for="2026-12-01T09:00:00Z", todo="Show the pump").json
    mei.post(f"{path}/plan/{item['id']}/execution", result="They want three")
    mei.post(f"{path}/win")
    assert wait_until(lambda: about(sue, word), "sue to be told") == [f"Mei Manager won {word}"]


def test_a_request_that_comes_back_is_told(guanxi: System, word: str) -> None:
    mei, sue = guanxi.person("mei"), guanxi.person("sue")
    fields = {"region": "华东", "level": 2}
    customer_no = mei.post("/api/customers", expect=201, name=word, **fields).json["customer_no"]
    asked = {"kind": "咨询", "title": "Which pump?", "customer_no": customer_no, "request_text": "For salt water"}
    wait_until(lambda: mei.ask("POST", "/api/requests", asked).status == 201, "the desk to know the customer")
    number = mei.get(f"/api/requests?customer_no={customer_no}")["items"][0]["id"]

    sue.post(f"/api/requests/{number}/allocation", assignee_id=mei.get("/api/me")["user_id"])

    wait_until(lambda: about(mei, f"Request {number} (咨询) was allocated to you"), "mei to be told")
