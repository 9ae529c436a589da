"""What administrators set: modules, the dictionary, pipelines, working time, erasures, and the end of a demo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SCREENS = ("/modules", "/dictionary?kind=region", "/pipelines", "/working-calendar", "/erasures", "/demo")
EFFECT = "L0406"


@pytest.fixture
def switched_on(guanxi: System) -> Iterator[None]:
    """Whatever happens in a test, the analysis of campaigns is there at its end."""
    yield
    guanxi.person("admin").post(f"/api/rights/{EFFECT}/enable")


def is_on(guanxi: System, code: str) -> bool:
    folders = guanxi.person("admin").get("/api/rights")["items"]
    return next(bool(part["is_on"]) for folder in folders for part in folder["children"] if part["code"] == code)


def test_a_function_is_switched_off_after_saying_for_whom_and_administration_is_not(
    visit: Visit, guanxi: System, switched_on: None
) -> None:
    page = visit("admin").goes_to("/modules")
    page.get_by_role("switch", name="Campaign effect analysis").click()
    dialog = page.get_by_role("dialog", name="Switch off: Campaign effect analysis")
    expect(dialog).to_contain_text("3 roles are concerned")
    expect(dialog).to_contain_text("Analyse campaign effect")
    dialog.get_by_role("button", name="Switch off", exact=True).click()
    expect(page.get_by_role("switch", name="Campaign effect analysis")).not_to_be_checked()
    assert not is_on(guanxi, EFFECT)

    page.get_by_role("switch", name="Authority management").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch off", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("administration always stays on")
    expect(page.get_by_role("switch", name="Authority management")).to_be_checked()


def test_a_value_is_added_to_its_kind_and_moved_by_keyboard(visit: Visit, guanxi: System, word: str) -> None:
    admin = guanxi.person("admin")
    page = visit("admin").goes_to("/dictionary")
    page.get_by_role("navigation", name="Kinds").get_by_role("button", name="Customer tag").click()
    page.get_by_role("button", name="New item").click()
    drawer = page.get_by_role("dialog", name="New item: Customer tag")
    drawer.locator("#value").fill(word)
    drawer.locator("#text").fill(word)
    drawer.get_by_role("button", name="Save").click()
    page.get_by_role("button", name=f"{word}: one up").focus()
    page.keyboard.press("Enter")
    values = page.get_by_role("region", name="Customer tag")
    expect(values.get_by_role("listitem").last).not_to_contain_text(word)

    kept = [item["text"] for item in admin.get("/api/dictionary?kind=customer+tag&sort=position")["items"]]
    assert kept[-2] == word
    page.get_by_role("navigation", name="Kinds").get_by_role("button", name="Customer level").click()
    expect(page.get_by_text("The product's rules count on these values").first).to_be_visible()
    expect(page.get_by_role("button", name="New item")).to_have_count(0)


def test_a_stage_that_deals_are_in_does_not_go(visit: Visit, guanxi: System, word: str) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    sold = {"customer_name": word, "amount": "100.00", "currency": "CNY", "expected_on": soon}
    guanxi.person("sam").post("/api/deals", expect=201, name=word, **sold)
    page = visit("admin").goes_to("/pipelines")
    page.get_by_role("button", name="Remove 资质审查").click()
    page.get_by_role("button", name="Save").click()

    refusal = page.get_by_role("alert")
    expect(refusal.get_by_role("link", name="The deals in 资质审查")).to_be_visible()
    refusal.get_by_role("button", name="Put back what deals are in").click()
    expect(page.get_by_role("listitem", name="资质审查")).to_be_visible()
    assert len(guanxi.person("admin").get("/api/pipelines/standard")["stages"]) == 9


def test_a_pipeline_is_made_and_its_stages_are_named_moved_and_refused(visit: Visit, guanxi: System, word: str) -> None:
    code = word.lower().replace(" ", "-")
    page = visit("admin").goes_to("/pipelines")
    page.get_by_role("button", name="New pipeline").click()
    dialog = page.get_by_role("dialog", name="New pipeline")
    dialog.get_by_label("Code").fill(word)
    dialog.get_by_label("Name").fill(word)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Small letters, digits and hyphens.", exact=True)).to_be_visible()
    dialog.get_by_label("Code").fill(code)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name=word)).to_be_visible()

    won = page.get_by_role("listitem", name="成交")
    won.get_by_label("Probability").fill("90")
    page.get_by_role("button", name="Save").click()
    expect(won.get_by_text("This stage is 100 percent")).to_be_visible()
    won.get_by_label("Probability").fill("100")
    page.get_by_role("button", name="需求分析: one up").press("Enter")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    stages = guanxi.person("admin").get(f"/api/pipelines/{code}")["stages"]
    assert [stage["code"] for stage in stages[:2]] == ["needs-analysis", "qualification"]


def test_a_span_that_ends_too_early_is_refused_where_it_stands(visit: Visit, guanxi: System) -> None:
    page = visit("admin").goes_to("/working-calendar")
    page.get_by_label("Monday, span 1, ends").fill("08:00")
    page.get_by_role("button", name="Save").click()
    monday = page.get_by_role("listitem", name="Monday")
    expect(monday.get_by_role("alert")).to_contain_text("Each span ends after it begins")
    page.get_by_label("Monday, span 1, ends").fill("11:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    assert guanxi.person("cleo").get("/api/working-calendar")["week"][0][0] == "09:00-11:30"

    page.get_by_role("row", name="Complaint Minor").get_by_role("button", name="Edit").click()
    page.get_by_label("Working minutes until it is answered").fill("90")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Complaint Minor")).to_contain_text("1 h 30 min")


def test_whoever_only_reads_working_time_changes_nothing(visit: Visit) -> None:
    page = visit("cleo").goes_to("/working-calendar")

    expect(page.get_by_label("Monday, span 1, begins")).not_to_be_editable()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_an_erasure_of_nobody_is_requested_and_refused(visit: Visit) -> None:
    page = visit("admin").goes_to("/erasures?new=1")
    page.get_by_label("Who, by records such as contact/7").fill("contact/999999")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_label("Ground").click()
    page.get_by_title("Objection").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()

    progress = page.get_by_role("tabpanel", name="Progress")
    expect(progress).to_contain_text("There are no such records, so nobody was erased.")
    expect(progress.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_demo_is_cleared_only_with_the_word(visit: Visit, guanxi: System) -> None:
    page = visit("admin").goes_to("/")
    page.get_by_role("button", name="Ada Admin").click()
    page.get_by_role("menuitem", name="Clear the demo data").click()
    page.get_by_label("Type clear to confirm").fill("yes")
    page.get_by_role("button", name="Clear everything").click()

    expect(page.get_by_text("Type clear, nothing else.")).to_be_visible()
    assert guanxi.person("mei").ask("POST", "/api/demo/clearing", {"word": "clear"}).status == 403


def test_whoever_may_not_is_told_so(visit: Visit) -> None:
    visitor = visit("jun")
    for path in ("/modules", "/pipelines", "/working-calendar", "/demo"):
        expect(visitor.goes_to(path).get_by_role("heading", name="You may not see this")).to_be_visible()


@pytest.mark.parametrize(("look", "language", "width"), [("light", "en", 1280), ("dark", "zh", 390)])
def test_the_screens_of_administrators(visit: Visit, look: str, language: str, width: int) -> None:
    visitor = visit("admin", look=look, language=language, width=width)
    found: dict[str, Any] = {}
    for path in SCREENS:
        page = visitor.goes_to(path)
        page.locator("h1").wait_for()
        page.locator(".ant-skeleton").wait_for(state="detached")
        found[path] = visitor.violations() + untranslated(page)
        assert page.evaluate(WIDER) <= 0, path
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_new_webhook_tells_its_secret_this_once(visit: Visit) -> None:
    visitor = visit("admin", look="dark")
    page = visitor.goes_to("/webhooks?new=1")
    form = page.get_by_role("dialog")
    form.get_by_label("Address").fill("https://example.com/hook")
    form.get_by_label("Events").fill("customer.opened")
    page.keyboard.press("Enter")
    visitor.clicks("Save")

    secret = page.get_by_role("textbox", name="The secret, shown this once")
    expect(secret).to_have_value(re.compile("^whsec_"))
    assert visitor.violations() == []
