"""Three keystrokes lead anywhere: the palette, the search over all records, and the sheet of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def opens(page: Page, key: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press(key)


def test_the_palette_goes_to_a_page(visit: Visit) -> None:
    page = visit("mei").goes_to("/")
    opens(page, "Control+k")
    page.get_by_role("combobox", name="Search or go to").fill("loss")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name="Loss warnings")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_is_typed_before_the_palette_is_there_is_not_lost(visit: Visit) -> None:
    page = visit("mei").goes_to("/")
    opens(page, "Control+k")
    page.keyboard.type("loss")

    expect(page.get_by_role("combobox", name="Search or go to")).to_have_value("loss")


def test_the_palette_offers_only_what_the_role_may(visit: Visit) -> None:
    page = visit("cleo").goes_to("/")
    opens(page, "Control+k")
    expect(page.get_by_role("option", name="Complaints")).to_be_visible()

    assert page.get_by_role("option", name="Users").count() == 0
    assert page.get_by_role("option", name="New deal").count() == 0


def test_the_palette_opens_a_form(visit: Visit) -> None:
    page = visit("mei", language="zh").goes_to("/")
    opens(page, "Control+k")
    page.get_by_role("combobox").fill("新建客户")
    page.get_by_role("option", name="新建客户").click()

    expect(page.get_by_role("dialog", name="新建客户").get_by_label("客户名称")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="搜索或前往")).to_have_count(0)
    assert untranslated(page) == []


def test_a_record_is_found_by_name_and_then_remembered(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("mei")
    page = visitor.goes_to("/")
    opens(page, "/")
    page.get_by_role("combobox", name="Search or go to").fill(customer["name"])
    page.get_by_role("option", name=customer["customer_no"]).wait_for()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=customer["name"])).to_be_visible()

    visitor.goes_to("/deals")
    opens(page, "Control+k")
    page.get_by_role("group", name="Seen lately").get_by_role("option", name=customer["name"]).click()

    expect(page.get_by_role("heading", name=customer["name"])).to_be_visible()


def test_a_list_that_does_not_answer_leaves_the_others(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("mei")
    page = visitor.goes_to("/")
    page.route("**/api/requests?*", lambda route: route.abort())
    opens(page, "/")
    page.get_by_role("combobox").fill(customer["name"])

    expect(page.get_by_role("group", name="Service requests")).to_contain_text("does not answer now")
    expect(page.get_by_role("option", name=customer["customer_no"])).to_be_visible()
    visitor.console = [said for said in visitor.console if "ERR_FAILED" not in said]


def test_letters_stay_letters_in_a_field(visit: Visit) -> None:
    page = visit("mei").goes_to("/customers")
    page.get_by_placeholder("Search this list").press_sequentially("a/b?")

    expect(page.get_by_placeholder("Search this list")).to_have_value("a/b?")
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("look", ["light", "dark"])
def test_everybody_can_use_them_on_a_phone_as_well(visit: Visit, look: str) -> None:
    visitor = visit("mei", look=look, width=390)
    page = visitor.goes_to("/")
    page.get_by_role("button", name="Search or go to").click()
    page.get_by_role("combobox").wait_for()
    assert visitor.violations() == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()

    assert visitor.violations() == []
    assert page.evaluate(WIDER) <= 0
