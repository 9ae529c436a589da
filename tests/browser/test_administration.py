"""What administrators do: files that come in and go out again, rights, and how the events fare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Visitor
from tests.system import System

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def test_a_file_is_tried_put_right_brought_in_and_taken_back(
    visit: Visit, guanxi: System, word: str, tmp_path: Path
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(f"Kennung,name,price\n{word},Pump,12.50\n", "utf-8")
    visitor = visit("sue")
    page = visitor.goes_to("/products")
    visitor.clicks("Import")
    page.locator("input[type=file]").set_input_files(file)
    visitor.clicks("Try it")
    page.get_by_label("Kennung", exact=True).click()
    page.get_by_title("Product code").click()
    visitor.clicks("Try again")
    expect(page.get_by_role("heading", name="Checked")).to_be_visible()
    assert guanxi.person("sue").get(f"/api/products?code={word.replace(' ', '+')}")["total"] == 0

    visitor.clicks("Import", last=True)
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    assert guanxi.person("sue").get(f"/api/products?code={word.replace(' ', '+')}")["items"][0]["price"] == "12.50"

    visitor.clicks("Take back")
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()
    assert visitor.violations() == []


def test_a_file_with_faults_says_which_row_and_why(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("code,name,price\nA-1,Pump,a lot\n", "utf-8")
    visitor = visit("sue", language="zh")
    page = visitor.goes_to("/products")
    visitor.clicks("导入")
    page.locator("input[type=file]").set_input_files(file)
    visitor.clicks("试运行")

    expect(page.get_by_role("table", name="出错的行").get_by_role("cell", name="a lot")).to_be_visible()
    expect(page.get_by_role("button", name="正式导入")).to_have_count(0)


def test_a_right_given_is_there_at_the_next_look(visit: Visit, guanxi: System) -> None:
    admin, jun = visit("admin"), visit("jun")
    roles = guanxi.person("admin").get("/api/roles?code=junior-sales")["items"]
    page = admin.goes_to(f"/roles/{roles[0]['id']}?tab=rights")
    assert admin.violations() == []
    page.get_by_role("checkbox", name="See stock").click()
    admin.clicks("Save")
    expect(page.get_by_text("Saved")).to_be_visible()
    page.wait_for_timeout(2_500)

    menu = jun.goes_to("/").get_by_role("navigation", name="Menu")

    expect(menu.get_by_role("link", name="Stock")).to_be_visible()


def test_the_bus_page_shows_every_service_and_the_story_of_an_event(visit: Visit, guanxi: System) -> None:
    entry = guanxi.person("admin").get("/api/audit?size=1")["items"][0]
    visitor = visit("admin")
    page = visitor.goes_to(f"/bus?event={entry['event_id']}")

    for service in ("Identity", "Marketing", "Customer", "Service desk", "Reporting"):
        expect(page.get_by_role("region", name=service)).to_contain_text("Running")
    expect(page.get_by_role("tabpanel", name="Event explorer")).to_contain_text("Reporting: applied")
    assert visitor.violations() == []


def test_a_notice_leads_to_what_it_is_about(visit: Visit, guanxi: System, word: str) -> None:
    sue, mei = guanxi.person("sue"), guanxi.person("mei")
    opened = mei.post(
        "/api/opportunities", expect=201, customer_name=word, title=word, success_rate=50, description=word
    )
    path = f"/api/opportunities/{opened.json['id']}"
    sue.post(f"{path}/assignment", assignee_id=mei.get("/api/me")["user_id"])
    visitor = visit("mei")
    page = visitor.goes_to("/notifications")
    page.get_by_role("row").filter(has_text=word).get_by_role("link").click()

    expect(page.get_by_role("heading", level=1, name=word)).to_be_visible()
