"""Reports: every one has a page, each figure leads to what it counts, and any moment of the past can be looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from chassis.database import Database
from chassis.principal import SYSTEM
from chassis.transaction import transaction
from reporting.management_report.commands import produce_report
from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
COMPLETE = {"en": "Complete up to", "zh": "数据截至"}
FIGURES = {"en": "Chart", "zh": "图表"}


def majors(guanxi: System, as_of: str = "") -> int:
    """How many customers of that level there are, in the words of the report."""
    asked = f"?as_of={quote(as_of)}" if as_of else ""
    parts = guanxi.person("eve").get(f"/api/reports/composition{asked}")["items"]
    return sum(int(one["customers"]) for one in parts if one["value"] == "3")


def opened(guanxi: System, name: str) -> None:
    before = majors(guanxi)
    guanxi.person("mei").post("/api/customers", expect=201, name=name, region="北京", level=3, although_known=True)
    wait_until(lambda: majors(guanxi) > before, "the report to hear of it")


def write_down_last_month(guanxi: System) -> str:
    """What the job does once an hour, now that everything has been heard."""
    database = Database(guanxi.home.database_urls()["reporting"], pool_size=1)
    try:
        with transaction(database, "reporting", principal=SYSTEM) as tx:
            return produce_report(tx)
    finally:
        database.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_report_has_a_page(visit: Visit, guanxi: System, customer: dict[str, Any], language: str) -> None:
    visitor = visit("eve", language=language)
    page = visitor.goes_to("/reports")
    every = guanxi.person("eve").get("/api/reports")["items"]
    # one language is enough to see that each opens
    for one in every if language == "en" else every[:4]:
        page.evaluate("address => history.pushState({}, '', address)", one["address"].removeprefix("/api"))
        expect(page.get_by_role("heading", level=1)).to_have_text(one["title_en" if language == "en" else "title"])
        expect(page.get_by_text(COMPLETE[language])).to_be_visible()
        chart, nothing = page.get_by_role("region", name=FIGURES[language]), page.locator(".state.middle h2")
        expect(chart.or_(nothing)).to_be_visible()
        assert untranslated(page) == []
        assert page.get_by_text("Something went wrong").count() == 0


def test_a_figure_leads_to_the_records_that_it_counts(visit: Visit, customer: dict[str, Any]) -> None:
    page = visit("sue").goes_to("/reports/composition")
    expect(page.get_by_role("img", name="Composition")).to_be_visible()
    figure = page.get_by_role("row", name="Major").get_by_role("link")
    counted = figure.inner_text()
    figure.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Customers{counted}")
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(int(counted))
    page.get_by_role("link", name=re.compile("^Customer KH")).first.click()
    expect(page).to_have_url(re.compile(r"/customers/KH\d+$"))


def test_a_report_shows_what_it_showed_at_a_moment(visit: Visit, guanxi: System, word: str) -> None:
    opened(guanxi, word)
    then = datetime.now(UTC).isoformat()
    opened(guanxi, f"{word} too")
    now, before = majors(guanxi), majors(guanxi, then)
    assert 1 <= before == now - 1

    page = visit("eve").goes_to(f"/reports/composition?as_of={quote(then)}")

    banner = page.get_by_role("status").filter(has_text="As of")
    expect(banner).to_be_visible()
    figure = page.get_by_role("row", name="Major").get_by_role("link")
    expect(figure).to_have_text(str(before))
    page.get_by_role("button", name="Back to now").click()
    expect(figure).to_have_text(str(now))
    expect(banner).to_have_count(0)


def test_the_past_is_reached_by_keyboard_and_stands_in_the_address(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("eve")
    page = visitor.goes_to("/reports")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or go to").fill("composition")
    expect(page.get_by_role("option", name="Composition")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="As of").press("Enter")
    slider = page.get_by_role("slider", name="Moment")
    slider.press("Home")

    expect(page).to_have_url(re.compile("as_of=20"))
    expect(page.get_by_text("There is nothing to count yet")).to_be_visible()
    assert visitor.violations() == []
    slider.press("End")
    expect(page).not_to_have_url(re.compile("as_of="))
    expect(page.get_by_role("row", name="Major")).to_be_visible()


@pytest.mark.parametrize("moment", ["2199-01-01T00:00:00Z", "soon"])
def test_a_moment_that_there_was_not_is_refused_in_the_readers_language(visit: Visit, moment: str) -> None:
    page = visit("eve", language="zh").goes_to(f"/reports/loss?as_of={moment}")

    expect(page.get_by_text("该时点在未来")).to_be_visible()
    page.get_by_role("button", name="回到当前").last.click()
    expect(page.get_by_text("数据截至")).to_be_visible()


def test_a_warning_says_why_and_leads_to_what_it_is_about(visit: Visit, guanxi: System, word: str) -> None:
    late = {"name": word, "customer_name": word, "amount": "5.00", "expected_on": "2024-01-31"}
    deal = guanxi.person("sam").post("/api/deals", expect=201, **late).json["id"]
    sam = visit("sam")
    wait_until(
        lambda: any(one["records"] for one in guanxi.person("sam").get("/api/reports/sales-warnings")["items"]),
        "the warning",
    )

    page = sam.goes_to("/dashboard")
    page.get_by_role("button", name="Why? Deals overdue").click()
    expect(page.get_by_text("The month in which the deal was to be closed is over")).to_be_visible()
    page.get_by_role("link", name=f"Deal {deal}", exact=True).click()
    expect(page.get_by_role("heading", level=1, name=word)).to_be_visible()
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("region", name="Warnings").get_by_role("link", name="Deals overdue")).to_be_visible()


def test_somebody_states_what_a_month_will_bring(visit: Visit) -> None:
    visitor = visit("sam", language="zh")
    page = visitor.goes_to("/forecast?month=2027-03")
    stated = page.get_by_label("我对 2027年3月 的预测")
    stated.fill("很多")
    visitor.clicks("填报")
    expect(page.get_by_role("alert")).to_be_visible()
    stated.fill("1234.50")
    visitor.clicks("填报")

    expect(page.get_by_role("row").filter(has_text="Sam").get_by_text("¥1,234.50")).to_be_visible()
    assert untranslated(page) == []


def test_a_target_is_split_among_people_and_has_to_add_up(visit: Visit, guanxi: System, word: str) -> None:
    visitor = visit("sue")
    page = visitor.goes_to("/targets?new=1")
    form = page.get_by_role("dialog")
    form.get_by_label("Team").fill(word)
    form.get_by_label("Amount").first.fill("1500.50")
    visitor.clicks("Add a share")
    form.get_by_label("Person of share 1").fill("Mei")
    page.get_by_title("Mei Manager", exact=True).click()
    form.get_by_label("Amount of share 1").fill("1000")
    expect(form.get_by_text("¥500.50 is not shared out yet")).to_be_visible()
    visitor.clicks("Save")
    expect(form.get_by_role("alert")).to_contain_text("The shares do not add up")
    assert visitor.violations() == []
    form.get_by_label("Amount of share 1").fill("1500.50")
    visitor.clicks("Save")

    expect(page.get_by_role("row").filter(has_text=word)).to_contain_text("¥1,500.50")
    [made] = guanxi.person("sue").get(f"/api/targets?team={quote(word)}")["items"]
    assert made["amount"] == 150_050


def test_the_report_of_a_month_is_submitted(visit: Visit, guanxi: System) -> None:
    month = f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"
    sue = guanxi.person("sue")
    wait_until(lambda: write_down_last_month(guanxi).endswith(("there", "produced")), "the report of last month")
    visitor = visit("sue")
    page = visitor.goes_to(f"/management-reports/{month}")
    expect(page.get_by_role("table", name="Customer growth")).to_be_visible()
    assert visitor.violations() == []
    visitor.clicks("Submit to the executives")
    visitor.clicks("Submit to the executives", last=True)

    expect(page.get_by_text("Submitted by Sue")).to_be_visible()
    assert sue.get(f"/api/management-reports/{month}")["status"] == "submitted"
