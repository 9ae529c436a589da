"""The event bus page: who goes on, what is parked and why, long flows, and one event's story."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.journeys.test_main_job import an_assigned_opportunity
from tests.system import EmbeddedSystem, System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def parked(guanxi: EmbeddedSystem) -> Iterator[str]:
    """An event that no customer service can apply: its data are missing. Discarded at the end."""
    event, about = str(uuid.uuid4()), str(secrets.randbelow(10**9) + 10**6)
    admin = guanxi.person("admin")
    say_nonsense(guanxi, event, about)
    path = f"/api/bus/customer/parked/{event}"
    wait_until(lambda: admin.ask("GET", path).status == 200, "the event to be parked")
    yield event
    if admin.get(path)["state"] != "discarded":
        admin.post(f"{path}/discard", reason="the test is over")


def say_nonsense(guanxi: EmbeddedSystem, event: str, about: str) -> None:
    now = datetime.now(UTC)
    said = now.isoformat().replace("+00:00", "Z")
    name = "crm.marketing.opportunity.won"
    envelope: dict[str, Any] = {
        "id": event, "type": name, "source": "/crm/marketing", "subject": f"opportunity/{about}", "time": said,
        "dataschema": f"/contracts/{name}/1", "partitionkey": f"opportunity/{about}", "aggregateversion": 1,
        "recordedtime": said, "correlationid": event, "authid": "0", "authname": "system", "data": {"changes": {}},
    }  # fmt: skip
    moment = now.strftime("%Y-%m-%d %H:%M:%S.%f")
    row = (uuid.UUID(event).hex, name, "opportunity", about, 1, moment, moment, json.dumps(envelope).encode())
    with sqlite3.connect(guanxi.folder / "marketing.db", timeout=10) as database:
        database.execute(
            "INSERT INTO event_log (event_id, event_type, aggregate_type, aggregate_id, aggregate_version,"
            " occurred_at, recorded_at, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row
        )  # fmt: skip


@pytest.fixture
def paused(guanxi: System) -> Iterator[None]:
    """Whatever happens in a test, the customer service goes on at its end."""
    yield
    admin = guanxi.person("admin")
    if admin.get("/api/bus/customer/status")["standing"]["paused_at"]:
        admin.post("/api/bus/customer/resume", reason="the test is over")


def test_a_service_is_paused_and_resumed_with_a_reason(visit: Visit, guanxi: System, paused: None) -> None:
    page = visit("admin").goes_to("/bus")
    customer = page.get_by_role("region", name="Customer")
    customer.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause")
    dialog.get_by_role("button", name="Pause").click()
    expect(dialog.get_by_text("Please fill this in")).to_be_visible()
    dialog.get_by_label("Why?").fill("the desk moves")
    dialog.get_by_role("button", name="Pause").click()

    expect(customer).to_contain_text("Ada Admin · the desk moves")
    assert guanxi.person("admin").get("/api/bus/customer/status")["standing"]["paused_at"]

    customer.get_by_role("button", name="Resume").click()
    page.get_by_label("Why?").fill("moved")
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(customer).to_contain_text("Running")


def test_a_parked_event_shows_its_body_and_is_discarded_with_a_reason(
    visit: Visit, guanxi: System, parked: str
) -> None:
    visitor = visit("admin")
    page = visitor.goes_to("/bus")
    page.get_by_role("button", name="Customer Cannot be applied").first.click()
    page.get_by_role("row").filter(has_text="opportunity.won").first.click()
    body = page.get_by_role("dialog").get_by_text('"aggregateversion": 1')
    expect(body).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Try 1", exact=True)).to_be_visible()
    assert visitor.violations() == []
    visitor.goes_to(f"{page.url.removeprefix(visitor.address).split('&event=')[0]}&event={parked}")
    page.get_by_role("button", name="Discard", exact=True).click()
    dialog = page.get_by_role("dialog", name="Discard", exact=True)
    dialog.get_by_label("Why?").fill("it has no data")
    dialog.get_by_role("button", name="Discard").click()

    expect(page.get_by_text("it has no data")).to_be_visible()
    assert guanxi.person("admin").get(f"/api/bus/customer/parked/{parked}")["state"] == "discarded"


def test_a_parked_event_gets_other_data_and_its_story_leads_back_to_it(
    visit: Visit, guanxi: System, parked: str
) -> None:
    visitor = visit("admin")
    page = visitor.goes_to(f"/bus?tab=story&event={parked}")
    expect(page.get_by_role("list", name="Event explorer")).to_contain_text("Opportunity: Won")
    page.get_by_role("button", name="Customer: parked").click()
    page.get_by_role("button", name="Edit the data").click()
    dialog = page.get_by_role("dialog", name="Other data for this event")
    data = dialog.get_by_label("Data of the event, as JSON")
    data.fill('{"changes": {},\n "opportunity_id": }')
    expect(dialog.get_by_text("This is no valid JSON: line 2, column 20.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Keep these data")).to_be_disabled()
    data.fill('{"opportunity_id": 7}')
    expect(dialog.get_by_role("region")).to_contain_text("2 fields differ")
    dialog.get_by_role("button", name="Keep these data").click()
    expect(dialog.get_by_text("Please fill this in")).to_be_visible()
    assert visitor.violations() == []
    dialog.get_by_label("Why?").fill("the number was lost")
    dialog.get_by_role("button", name="Keep these data").click()

    expect(page.get_by_role("dialog").get_by_text("the number was lost")).to_be_visible()
    shown = guanxi.person("admin").get(f"/api/bus/customer/parked/{parked}")
    assert (shown["body"]["data"], shown["original"]["data"]) == ({"opportunity_id": 7}, {"changes": {}})


def test_data_edited_by_two_are_refused_to_the_second(visit: Visit, guanxi: System, parked: str) -> None:
    page = visit("admin").goes_to(f"/bus?service=customer&event={parked}")
    page.get_by_role("button", name="Edit the data").click()
    guanxi.person("admin").ask("POST", f"/api/bus/customer/parked/{parked}/discard", {"reason": "it is nonsense"})
    dialog = page.get_by_role("dialog", name="Other data for this event")
    dialog.get_by_label("Why?").fill("the number was lost")
    dialog.get_by_role("button", name="Keep these data").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Somebody else has just done something with this event")


def test_events_are_found_by_the_record_they_are_about(visit: Visit, guanxi: System, customer: dict[str, Any]) -> None:
    number = customer["customer_no"]
    wait_until(lambda: guanxi.person("admin").get(f"/api/audit?record_id={number}")["items"], "the audit log")
    visitor = visit("admin")
    page = visitor.goes_to("/bus?tab=story")
    page.get_by_label("Number", exact=True).fill(number)
    page.keyboard.press("Enter")
    page.get_by_role("list", name="Events found").get_by_role("button", name="Customer: ").click()

    told = page.get_by_role("list", name="Event explorer")
    expect(told).to_contain_text(customer["name"])
    expect(told.get_by_role("link", name=number)).to_be_visible()
    assert f"number={number}" in page.url
    page.get_by_role("button", name="Back to the events found").click()
    expect(page.get_by_role("list", name="Events found")).to_be_visible()


def test_all_of_one_cause_are_counted_before_they_are_tried_again(visit: Visit, guanxi: System, parked: str) -> None:
    page = visit("admin", language="zh").goes_to("/bus")
    page.get_by_role("button", name="全部重试").first.click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("涉及")
    page.get_by_role("dialog").get_by_role("button", name="全部重试").click()

    expect(page.get_by_text("已完成")).to_be_visible()
    actions = guanxi.person("admin").get(f"/api/bus/customer/parked/{parked}")["actions"]
    assert [one["action"] for one in actions] == ["redrive"]
    assert untranslated(page) == []


def test_a_flow_that_waits_is_cancelled_with_a_reason(visit: Visit, guanxi: System, paused: None) -> None:
    admin, word = guanxi.person("admin"), f"Flow {secrets.token_hex(4)}"
    admin.post("/api/bus/customer/pause", reason="so that the flow waits")
    time.sleep(2)
    _, mei, path = an_assigned_opportunity(guanxi, word)
    item = mei.post(f"{path}/plan", expect=201, planned_for="2026-12-01T09:00:00Z", todo="Show the pump").json
    mei.post(f"{path}/plan/{item['id']}/execution", result="They want three")
    mei.post(f"{path}/win")
    page = visit("admin").goes_to("/bus?tab=flows")
    flow = page.get_by_role("listitem").filter(has_text=path.split("/")[-1]).first
    flow.get_by_role("button", expanded=False).first.click()
    expect(page.get_by_role("list", name="Steps")).to_be_visible()
    flow.get_by_role("button", name="Cancel the flow").click()
    dialog = page.get_by_role("dialog", name="Cancel the flow")
    dialog.get_by_label("Why?").fill("nobody waits for it")
    dialog.get_by_role("button", name="Cancel the flow").click()

    expect(page.get_by_text("Done")).to_be_visible()
    found = admin.get("/api/flows?state=cancelled")["items"]
    assert [one["reason"] for one in found if "nobody waits" in one["reason"]]


def test_the_story_of_an_event_is_told(visit: Visit, guanxi: System) -> None:
    event = guanxi.person("admin").get("/api/audit?size=1")["items"][0]["event_id"]
    visitor = visit("admin")
    page = visitor.goes_to("/bus?tab=story")
    page.get_by_label("Id of an event").fill(event)
    page.keyboard.press("Enter")

    expect(page.get_by_text("identity.session.opened").first).to_be_visible()
    expect(page.get_by_text("applied").first).to_be_visible()
    assert page.url.endswith(f"event={event}")
    assert visitor.violations() == []


def test_whoever_may_not_see_the_bus_is_told_so(visit: Visit) -> None:
    page = visit("mei").goes_to("/bus")

    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_bus_on_a_phone(visit: Visit, parked: str, look: str) -> None:
    visitor = visit("admin", look=look, width=390)
    for tab in ("parked", "flows", "story"):
        page = visitor.goes_to(f"/bus?tab={tab}")
        page.get_by_role("region", name="Reporting").get_by_text("Running").wait_for()
        assert visitor.violations() == [], tab
        assert page.evaluate(WIDER) <= 0, tab
