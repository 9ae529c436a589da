"""An administrator looks after the event bus through the gateway; in both modes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from chassis.worker import LOOK_SECONDS
from gateway.routes import SERVICES
from tests.journeys.test_main_job import an_assigned_opportunity
from tests.system import Person, System, wait_until

WITHIN_SECONDS = 10


@pytest.fixture
def admin(guanxi: System) -> Iterator[Person]:
    """Whatever happens in a test, nobody stays paused: the systems are shared."""
    person = guanxi.person("admin")
    yield person
    if person.get("/api/bus/customer/status")["standing"]["paused_at"]:
        person.post("/api/bus/customer/resume", reason="the test is over")


@pytest.fixture
def word() -> str:
    """A name that no other test uses."""
    return f"Bus {secrets.token_hex(4)}"


def win(guanxi: System, word: str) -> tuple[Person, str, str]:
    _, mei, path = an_assigned_opportunity(guanxi, word)
    item = mei.post(f"{path}/plan", expect=201, planned_for="2026-12-01T09:00:00Z", todo="Show the pump").json
    mei.post(f"{path}/plan/{item['id']}/execution", result="They want three")
    return mei, path, mei.post(f"{path}/win").headers["Guanxi-Said"]


def arrived(person: Person, said: str) -> dict[str, str]:
    """How a command stands with each service that listens."""
    told = person.get(f"/api/bus/arrivals?said={quote(said)}")["services"]
    return {one["service"]: one["state"] for one in told}


def customers(mei: Person, word: str) -> list[Any]:
    found: list[Any] = mei.get(f"/api/customers?name={quote(word)}")["items"]
    return found


def test_a_paused_service_hears_nothing_until_it_is_resumed(guanxi: System, admin: Person, word: str) -> None:
    admin.post("/api/bus/customer/pause", reason="the customer desk moves")
    time.sleep(2 * LOOK_SECONDS)

    mei, path, said = win(guanxi, word)
    wait_until(lambda: arrived(mei, said).get("reporting") == "applied", "reporting", within=WITHIN_SECONDS)
    assert arrived(mei, said)["customer"] == "waiting"
    assert admin.get("/api/bus/customer/status")["does"].startswith("paused by ")
    assert (customers(mei, word), mei.get(path)["customer_no"]) == ([], None)

    admin.post("/api/bus/customer/resume", reason="moved")
    wait_until(lambda: customers(mei, word), "the customer to come", within=2 * WITHIN_SECONDS)
    wait_until(lambda: mei.get(path)["customer_no"], "the link", within=2 * WITHIN_SECONDS)
    assert set(arrived(mei, said).values()) == {"applied"}
    assert len(customers(mei, word)) == 1
    done = admin.get("/api/bus/customer/audit?size=2")["items"]
    assert [(one["action"], one["by_name"]) for one in done] == [("resume", "Ada Admin"), ("pause", "Ada Admin")]


def test_the_story_of_a_win_is_told_across_services(guanxi: System, admin: Person, word: str) -> None:
    mei, path, _ = win(guanxi, word)
    wait_until(lambda: mei.get(path)["customer_no"], "the link", within=2 * WITHIN_SECONDS)
    history = mei.get(f"{path}/history")["items"]
    won = next(one["event_id"] for one in history if one["type"].endswith(".won"))

    def story() -> Any:
        told = admin.get(f"/api/bus/causation/{won}")
        return told if len(told["events"]) >= 3 else None

    told = wait_until(story, "the story", within=WITHIN_SECONDS)

    kinds = [(one["depth"], one["event_type"].removeprefix("crm.")) for one in told["events"]]
    assert kinds[0] == (0, "marketing.opportunity.won")
    assert {(1, "customer.customer.opened"), (2, "marketing.opportunity.linked")} <= set(kinds)
    assert told["events"][0]["heard"]["customer.events"] == "done"
    assert told["silent"] == []
    assert mei.ask("GET", f"/api/bus/causation/{won}").status == 403


def test_every_service_has_its_desk(admin: Person) -> None:
    for name in SERVICES:
        status = admin.get(f"/api/bus/{name}/status")
        assert (status["service"], status["consumer"]) == (name, f"{name}.events")
        assert admin.get(f"/api/bus/{name}/parked")["items"] == []
