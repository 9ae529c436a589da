"""One piece of work of each role, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.hands import Hands
from tests.browser.people import Visitor
from tests.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def test_the_account_manager_signs_in_and_changes_a_customer(
    visit: Visit, guanxi: System, customer: dict[str, Any]
) -> None:
    page = visit().goes_to("/sign-in")
    hands = Hands(page)
    page.get_by_label("Login").wait_for()
    hands.types("mei")
    hands.fills("Password", "guanxi-demo")
    hands.presses("Enter")
    page.get_by_role("heading", level=1).filter(has_text="Mei").wait_for()
    hands.asks_for(customer["name"], customer["name"])
    page.get_by_role("heading", level=1, name=customer["name"]).wait_for()
    hands.uses("Edit")
    page.get_by_role("dialog", name="Edit").get_by_role("textbox").first.wait_for()
    hands.fills("Phone", "021-7777")
    hands.presses("Enter")

    expect(page.get_by_text("021-7777").first).to_be_visible()
    assert guanxi.person("mei").get(f"/api/customers/{customer['customer_no']}")["phone"] == "021-7777"


def test_the_supervisor_assigns_an_opportunity(visit: Visit, guanxi: System, word: str) -> None:
    said = {"customer_name": word, "title": word, "success_rate": 60, "description": word}
    number = guanxi.person("mei").post("/api/opportunities", expect=201, **said).json["id"]
    page = visit("sue").goes_to("/")
    hands = Hands(page)
    hands.asks_for(word, word)
    page.get_by_role("heading", level=1, name=word).wait_for()
    hands.uses("Assign")
    page.get_by_role("dialog", name="Assign").wait_for()
    hands.chooses("Assignee", "Mei Manager")
    hands.uses("Assign")

    wait_until(lambda: guanxi.person("sue").get(f"/api/opportunities/{number}")["assignee_name"], "the assignment")
    expect(page.get_by_text("In development").first).to_be_visible()


def test_the_service_clerk_takes_a_complaint(visit: Visit, customer: dict[str, Any], word: str) -> None:
    page = visit("cleo").goes_to("/")
    hands = Hands(page)
    hands.asks_for("new complaint", "New complaint")
    form = page.get_by_role("dialog", name="New complaint")
    form.get_by_label("Title").wait_for()
    hands.types(word)
    hands.chooses("Severity", "Serious")
    hands.chooses("Customer no.", customer["name"], typed=customer["name"])
    hands.fills("Description", "It leaks")
    hands.uses("Save")

    expect(page.get_by_role("heading", level=1, name=word)).to_be_visible()


def test_the_marketer_plans_a_campaign_and_submits_it(visit: Visit, guanxi: System, word: str) -> None:
    page = visit("max").goes_to("/")
    hands = Hands(page)
    hands.asks_for("new campaign", "New campaign")
    page.get_by_role("dialog", name="New campaign").get_by_label("Campaign").wait_for()
    hands.types(word)
    hands.fills("Starts on", "02022027")
    hands.fills("Ends on", "03032027")
    hands.uses("Save")
    page.get_by_role("heading", level=1, name=word).wait_for()
    hands.uses("Submit")

    expect(page.get_by_text("Submitted").first).to_be_visible()
    (kept,) = guanxi.person("max").get(f"/api/campaigns?q={word.replace(' ', '%20')}")["items"]
    assert (kept["starts_on"], kept["ends_on"], kept["status"]) == ("2027-02-02", "2027-03-03", "submitted")


def test_the_salesperson_notes_a_call(visit: Visit, guanxi: System, word: str) -> None:
    lead = guanxi.person("sam").post("/api/leads", expect=201, full_name=word, company=word, phone="010-1").json
    page = visit("sam").goes_to("/")
    hands = Hands(page)
    hands.asks_for(word, word)
    page.get_by_role("heading", level=1, name=word).wait_for()
    hands.uses("Called, not reached")

    wait_until(lambda: guanxi.person("sam").get(f"/api/leads/{lead['id']}")["status"] != lead["status"], "the attempt")


def test_the_executive_goes_from_a_figure_to_its_records(visit: Visit, customer: dict[str, Any]) -> None:
    page = visit("eve").goes_to("/")
    hands = Hands(page)
    hands.asks_for("composition", "Composition")
    row = page.get_by_role("row").filter(has_text="Major")
    row.wait_for()
    hands.uses(row.get_by_role("cell").nth(1).inner_text())

    expect(page.get_by_role("heading", level=1)).to_contain_text("Customers")
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_be_visible()


def test_the_administrator_opens_an_account(visit: Visit, guanxi: System, word: str) -> None:
    login = word.lower().replace(" ", "")
    page = visit("admin").goes_to("/")
    hands = Hands(page)
    hands.asks_for("new user", "New user")
    page.get_by_role("dialog", name="New user").get_by_label("Login").wait_for()
    hands.types(login)
    hands.fills("Full name", word)
    hands.chooses("Role", "Account manager")
    hands.fills("Password", "Guanxi-Keyboard-2027")
    hands.uses("Save")

    expect(page.get_by_role("heading", level=1, name=word)).to_be_visible()
    assert [one["full_name"] for one in guanxi.person("admin").get(f"/api/users?login={login}")["items"]] == [word]
