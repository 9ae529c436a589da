"""By keyboard alone: three keystrokes lead anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.people import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def test_a_customer_is_found_and_opened_without_a_mouse(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("mei")
    page = visitor.goes_to("/")
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search or go to").fill(customer["name"])
    expect(page.get_by_role("option", name=customer["name"])).to_be_visible()
    assert visitor.violations() == []
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name=customer["name"])).to_be_visible()


def test_a_form_is_begun_and_sent_without_a_mouse(visit: Visit, word: str) -> None:
    page = visit("jun").goes_to("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or go to").wait_for()
    page.keyboard.type("new task")
    expect(page.get_by_role("option", name="New task")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.get_by_label("Title").wait_for()
    page.keyboard.type(word)
    page.keyboard.press("Tab")
    page.get_by_label("Due at").fill("2027-02-01T09:00")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name=word)).to_be_visible()


def test_a_question_mark_shows_the_keys_but_not_where_somebody_types(visit: Visit) -> None:
    page = visit("mei").goes_to("/customers")
    page.get_by_placeholder("Search this list").fill("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("heading", level=1).click()

    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
