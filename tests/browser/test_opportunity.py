"""From a hint to a customer, in the browser: assigned, planned, done, won."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Visitor
from tests.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def test_an_opportunity_is_assigned_planned_worked_at_and_won(visit: Visit, guanxi: System, word: str) -> None:
    said = {"customer_name": word, "title": word, "success_rate": 60, "description": word, "amount": "5000.00"}
    number = guanxi.person("mei").post("/api/opportunities", expect=201, **said).json["id"]
    sue, mei = visit("sue"), visit("mei")
    page = sue.goes_to(f"/opportunities/{number}")
    sue.clicks("Assign")
    page.get_by_role("dialog").get_by_label("Assignee").click()
    page.get_by_title("Mei Manager").click()
    sue.clicks("Assign", last=True)
    expect(page.get_by_text("In development").first).to_be_visible()

    page = mei.goes_to(f"/opportunities/{number}")
    mei.clicks("More")
    expect(page.get_by_role("menuitem", name="Win")).to_contain_text("No plan item has a result yet")
    page.keyboard.press("Escape")
    mei.clicks("New plan item")
    form = page.get_by_role("dialog", name="New plan item")
    form.get_by_role("textbox").first.fill("2027-01-05T09:00")
    form.get_by_role("textbox").last.fill("Show the pump")
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Show the pump")
    row.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Record the result").click()
    page.get_by_role("dialog", name="Record the result").get_by_role("textbox").fill("They want it")
    mei.clicks("Record the result")
    expect(row).to_contain_text("They want it")
    mei.clicks("Win")

    expect(page.get_by_text("Won").first).to_be_visible()
    wait_until(lambda: guanxi.person("mei").get(f"/api/opportunities/{number}")["customer_no"], "the customer")
    assert sue.violations() == mei.violations() == []
