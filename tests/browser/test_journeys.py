"""A day at work, in a browser: sign in, find, read, change; and what happens when something is in the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
WORDS = {
    "en": {"in": "Sign in", "customers": "Customers", "search": "Search this list", "open": "Open",
           "phone": "Edit Phone", "field": "Phone", "save": "Save", "saved": "Saved", "history": "History"},
    "zh": {"in": "登录", "customers": "客户", "search": "在此列表中搜索", "open": "打开", "phone": "修改电话",
           "field": "电话", "save": "保存", "saved": "已保存", "history": "历史"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sign_in_find_a_customer_and_change_it(
    visit: Visit, guanxi: System, customer: dict[str, Any], language: str
) -> None:
    say = WORDS[language]
    visitor = visit(language=language)
    page = visitor.goes_to("/sign-in")
    page.get_by_role("button", name="mei").click()
    visitor.clicks(say["in"])
    page.get_by_role("link", name=say["customers"], exact=True).click()
    page.get_by_placeholder(say["search"]).fill(customer["name"])
    expect(page).to_have_url(re.compile("q=Acme"))
    page.get_by_role("button", name=customer["name"]).click()
    page.get_by_role("link", name=say["open"], exact=True).click()

    expect(page.get_by_role("heading", level=1, name=customer["name"])).to_be_visible()
    page.get_by_text("010-1111").first.hover()
    visitor.clicks(say["phone"])
    page.get_by_label(say["field"], exact=True).fill("021-2222")
    visitor.clicks(say["save"])

    expect(page.get_by_text(say["saved"])).to_be_visible()
    assert guanxi.person("mei").get(f"/api/customers/{customer['customer_no']}")["phone"] == "021-2222"
    page.get_by_role("tab", name=say["history"]).click()
    expect(page.get_by_role("listitem").filter(has_text="021-2222").first).to_contain_text("010-1111")
    assert untranslated(page) == []


def test_a_wrong_password_is_said_in_the_readers_language(visit: Visit) -> None:
    visitor = visit(language="zh")
    page = visitor.goes_to("/customers")
    page.get_by_label("登录名").fill("mei")
    page.get_by_label("密码").fill("wrong")
    visitor.clicks("登录")

    expect(page.get_by_role("alert")).to_contain_text("登录名或密码错误")


def test_whoever_signs_in_comes_to_where_he_wanted(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goes_to("/customers?level=3&sort=-opened_at")
    page.get_by_role("button", name="mei").click()
    visitor.clicks("Sign in")

    expect(page.get_by_role("group", name="Filters")).to_contain_text("Major")
    assert page.url.endswith("/customers?level=3&sort=-opened_at")


def test_the_address_restores_the_view_and_back_works(visit: Visit, customer: dict[str, Any]) -> None:
    page = visit("mei").goes_to(f"/customers?name={customer['name'].replace(' ', '+')}")
    expect(page.get_by_role("row")).to_have_count(2)

    page.get_by_role("button", name="Remove the filter Customer name").click()
    expect(page.get_by_role("group", name="Filters").get_by_text("Customer name:")).to_have_count(0)
    page.go_back()

    expect(page.get_by_role("group", name="Filters").get_by_text("Customer name:")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_session_that_ends_loses_nothing(visit: Visit, guanxi: System, word: str) -> None:
    visitor = visit("mei")
    page = visitor.goes_to("/customers")
    visitor.clicks("New customer")
    page.get_by_label("Customer name").fill(word)
    page.get_by_role("textbox", name="Phone").fill("010-3333")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="New customer").get_by_text("Please fill this in").first.wait_for()
    page.get_by_label("Region").click()
    page.get_by_title("Beijing").click()
    page.get_by_label("Level").click()
    page.get_by_title("Partner", exact=True).click()
    visitor.waits()
    page.context.clear_cookies()
    visitor.clicks("Save")

    again = page.get_by_role("dialog", name="Your session has ended")
    again.get_by_label("Password").fill("guanxi-demo")
    again.get_by_role("button", name="Sign in").click()
    expect(again).to_be_hidden()
    visitor.clicks("Save")

    expect(page.get_by_role("heading", name=word)).to_be_visible()
    assert (
        guanxi.person("mei").get(f"/api/customers?name={word.replace(' ', '%20')}")["items"][0]["phone"] == "010-3333"
    )


def test_two_people_change_one_record_and_nothing_is_lost(
    visit: Visit, guanxi: System, customer: dict[str, Any]
) -> None:
    visitor, path = visit("mei"), f"/api/customers/{customer['customer_no']}"
    page = visitor.goes_to(path.removeprefix("/api"))
    visitor.clicks("Edit")
    form = page.get_by_role("dialog", name="Edit")
    form.get_by_role("textbox", name="Phone").fill("mine")
    form.get_by_label("Address").fill("my address")
    guanxi.person("mei").patch(path, phone="theirs", fax="their fax")
    form.get_by_role("button", name="Save").click()

    conflict = page.get_by_role("dialog", name="Somebody else changed this meanwhile")
    row = conflict.get_by_role("row").filter(has_text="Phone")
    for value in ("010-1111", "theirs", "mine"):
        expect(row).to_contain_text(value)
    row.get_by_text("theirs").click()
    conflict.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved")).to_be_visible()
    kept = guanxi.person("mei").get(path)
    assert (kept["phone"], kept["fax"], kept["address"]) == ("theirs", "their fax", "my address")


def test_what_the_server_refuses_stands_at_its_field(visit: Visit, word: str) -> None:
    visitor = visit("sam")
    page = visitor.goes_to("/deals")
    visitor.clicks("New deal")
    form = page.get_by_role("dialog", name="New deal")
    form.get_by_label("Amount").fill("much")
    form.get_by_label("Deal").first.fill(word)
    form.get_by_label("Expected on").fill("2027-01-31")
    visitor.clicks("Save")

    expect(form.locator(".ant-form-item-explain-error").first).to_be_visible()
    expect(form.get_by_label("Amount")).to_have_value("much")


def test_a_menu_shows_what_a_role_opens_and_the_rest_says_why_not(visit: Visit) -> None:
    page = visit("cleo").goes_to("/")
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Complaints")).to_be_visible()
    expect(menu.get_by_role("link", name="Users")).to_have_count(0)

    page.goto(page.url + "users")

    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()


def test_with_the_network_cut_the_form_keeps_what_was_typed(visit: Visit, word: str) -> None:
    visitor = visit("jun")
    page = visitor.goes_to("/tasks")
    visitor.clicks("New task")
    page.get_by_label("Title").fill(word)
    page.get_by_label("Due at").fill("2027-01-31T10:00")
    page.context.set_offline(True)
    visitor.clicks("Save")
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    page.context.set_offline(False)
    visitor.clicks("Save")

    expect(page.get_by_role("heading", name=word)).to_be_visible()
    visitor.console = [said for said in visitor.console if "ERR_INTERNET_DISCONNECTED" not in said]
