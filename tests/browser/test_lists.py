"""Lists that people work in: views they keep, records they change together, news they are told of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def open_customers(guanxi: System, word: str, *names: str) -> list[str]:
    mei = guanxi.person("mei")
    known = {"region": "北京", "level": 3, "although_known": True}
    bodies = [{"name": f"{word} {name}", **known} for name in names]
    return [mei.post("/api/customers", expect=201, **body).json["customer_no"] for body in bodies]


@pytest.mark.parametrize(("look", "language"), [("light", "en"), ("dark", "zh")])
def test_a_view_is_kept_changed_and_opened_first(
    visit: Visit, guanxi: System, word: str, look: str, language: str
) -> None:
    words = {
        "en": ("View: All", "Save as a view…", "Name", "Open Leads with this view", "Save", "This view has changes."),
        "zh": ("视图：全部", "另存为视图…", "名称", "打开线索时默认使用此视图", "保存", "视图有改动。"),
    }
    every, save_as, name, opens, save, dirty = words[language]
    visitor = visit("jun", look=look, language=language)
    page = visitor.goes_to("/leads?status=1&sort=full_name")
    visitor.clicks(every)
    page.get_by_role("menuitem", name=save_as).click()
    page.get_by_label(name, exact=True).fill(word)
    page.get_by_label(opens).check()
    assert visitor.violations() == []
    page.get_by_role("dialog").get_by_role("button", name=save).click()
    expect(page.get_by_role("button", name=word)).to_be_visible()

    page = visitor.goes_to("/leads")
    expect(page.get_by_role("button", name=word)).to_be_visible()
    assert "status=1" in page.url
    page.locator(".chip button").click()
    expect(page.get_by_text(dirty)).to_be_visible()
    assert visitor.violations() == []
    assert untranslated(page) == []
    page.locator(".dirty").get_by_role("button", name=save, exact=True).click()
    expect(page.get_by_text(dirty)).to_have_count(0)

    jun = guanxi.person("jun")
    [kept] = [one for one in jun.get("/api/views?screen=leads")["items"] if one["name"] == word]
    assert (kept["query"], kept["is_default"]) == ("sort=full_name", True)


def test_a_shared_view_is_found_in_the_palette_and_not_changed_by_others(
    visit: Visit, guanxi: System, customer: dict[str, Any]
) -> None:
    word = customer["name"]
    guanxi.person("sue").post(
        "/api/views", expect=201, screen="customers", name=word, query="level=3&sort=name", is_shared=True
    )
    visitor = visit("mei")
    page = visitor.goes_to("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or go to").fill(word)
    page.get_by_role("option", name=f"{word} Customers").click()
    expect(page.get_by_role("button", name=f"View: {word}")).to_be_visible()

    page.get_by_role("button", name="Customer name", exact=True).click()
    expect(page.locator(".dirty").get_by_role("button")).to_have_text(["Save as a view…", "Discard"])
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("This view has changes.")).to_have_count(0)
    assert "sort=name" in page.url


def test_many_are_changed_together_and_each_refusal_is_told(visit: Visit, guanxi: System, word: str) -> None:
    numbers = open_customers(guanxi, word, "one", "two", "three")
    visitor = visit("mei")
    page = visitor.goes_to(f"/customers?name={word.replace(' ', '+')}")
    page.get_by_label("Choose this page").check()
    expect(page.get_by_text("3 chosen")).to_be_visible()
    assert visitor.violations() == []
    guanxi.person("mei").patch(f"/api/customers/{numbers[0]}", level=4)
    page.keyboard.press("Control+k")
    page.get_by_role("option", name="Edit", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_role("combobox", name="Field").fill("Level")
    page.keyboard.press("Enter")
    form.get_by_role("combobox", name="Level").fill("Partner")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Edit").click()
    expect(page.get_by_text("Finished: 3 of 3")).to_be_visible()

    table = page.get_by_role("table", name="What was not done")
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table).to_contain_text(f"{word} one")
    expect(table).to_contain_text("Somebody changed this record after you read it")
    assert visitor.violations() == []
    with page.expect_download() as file:
        page.get_by_role("button", name="Download the result").click()
    lines = file.value.path().read_text("utf-8-sig").splitlines()
    assert sorted(line.split(",")[2] for line in lines[1:]) == ["Done", "Done", "Refused"]
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    levels = [guanxi.person("mei").get(f"/api/customers/{number}")["level"] for number in numbers[1:]]
    assert levels == [4, 4]


def test_what_is_new_is_told_and_shown_when_asked(visit: Visit, guanxi: System, word: str) -> None:
    open_customers(guanxi, word, "one")
    visitor = visit("mei")
    visitor.page.clock.install()
    page = visitor.goes_to(f"/customers?name={word.replace(' ', '+')}")
    expect(page.get_by_role("button", name=f"{word} one")).to_be_visible()
    open_customers(guanxi, word, "two")
    page.clock.fast_forward(21_000)

    expect(page.get_by_text("1 new")).to_be_visible()
    expect(page.get_by_role("button", name=f"{word} two")).to_have_count(0)
    visitor.clicks("Show")
    expect(page.get_by_role("button", name=f"{word} two")).to_be_visible()
    expect(page.get_by_text("1 new")).to_have_count(0)


def test_who_may_be_meant_is_told_while_typing(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("mei")
    page = visitor.goes_to("/customers?new=1")
    form = page.get_by_role("dialog")
    form.get_by_label("Customer name").fill(customer["name"])

    expect(form.get_by_text("There may be one already")).to_be_visible()
    expect(form.get_by_role("link", name=customer["name"])).to_have_attribute(
        "href", f"/customers/{customer['customer_no']}"
    )
    assert visitor.violations() == []
    form.get_by_label("Customer name").fill("")
    expect(form.get_by_text("There may be one already")).to_have_count(0)
