"""One record in the browser: its files, its past and what is taken back, reasons, twins, the pool and the bin."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
Row = dict[str, Any]


def test_files_come_by_button_and_by_drop_and_what_is_refused_says_why(
    visit: Visit, guanxi: System, customer: Row, tmp_path: Path
) -> None:
    (tmp_path / "licence.txt").write_text("A licence")
    (tmp_path / "film.bin").write_bytes(bytes(11 * 1024 * 1024))
    mei = visit("mei")
    page = mei.goes_to(f"/customers/{customer['customer_no']}?tab=files")
    files = page.get_by_role("region", name="Files")
    files.get_by_label("Add files").last.set_input_files([tmp_path / "licence.txt", tmp_path / "film.bin"])

    expect(files.get_by_role("link", name="licence.txt")).to_be_visible()
    expect(files.get_by_role("alert")).to_contain_text("film.bin")
    expect(files.get_by_role("alert")).to_contain_text(re.compile("large|10 MB"))
    dropped = page.evaluate_handle(
        "() => { const all = new DataTransfer(); all.items.add(new File(['x'], 'plan.txt')); return all }"
    )
    files.dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_role("tab", name="Files 2")).to_be_visible()
    with page.expect_download() as download:
        files.get_by_role("link", name="licence.txt").click()
    assert Path(download.value.path()).read_text() == "A licence"
    mei.clicks("Delete plan.txt")
    mei.clicks("Delete", last=True)
    expect(page.get_by_role("tab", name="Files 1")).to_be_visible()
    assert mei.violations() == []


def test_a_timeline_tells_everything_and_each_figure_leads_to_what_it_counts(
    visit: Visit, guanxi: System, customer: Row
) -> None:
    number, sue = customer["customer_no"], guanxi.person("sue")
    for amount in ("100.00", "250.50"):
        sue.post("/api/orders", expect=201, customer_no=number, amount=amount, ordered_at="2026-03-01T08:00:00Z")
    guanxi.person("mei").post(
        f"/api/customers/{number}/activities", expect=201, held_at="2026-04-01T08:00:00Z", place="-", title="Tea"
    )
    visitor = visit("sue", look="dark")
    page = visitor.goes_to(f"/customers/{number}")
    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline.get_by_text("Opened")).to_be_visible()
    expect(timeline.get_by_role("link")).to_have_count(3)

    timeline.get_by_role("button", name="Contact records").click()
    expect(timeline.get_by_role("link")).to_have_text(["Tea"])
    expect(page).to_have_url(re.compile("kinds=activity"))
    assert (visitor.violations(), untranslated(page)) == ([], [])
    page.get_by_role("link", name="¥350.50", exact=True).first.click()
    expect(page.get_by_role("heading", name="Orders 2")).to_be_visible()


def test_a_change_is_undone_at_once_and_an_earlier_value_comes_back_from_the_history(
    visit: Visit, guanxi: System, customer: Row
) -> None:
    path = f"/customers/{customer['customer_no']}"
    mei = visit("mei")
    page = mei.goes_to(f"{path}?tab=history")

    def phone() -> Any:
        return guanxi.person("mei").get(f"/api{path}")["phone"]

    mei.clicks("Edit Phone")
    page.get_by_role("textbox", name="Phone").fill("010-2222")
    page.keyboard.press("Enter")
    mei.clicks("Undo")
    expect(page.get_by_text("It is as it was.")).to_be_visible()
    assert phone() == "010-1111"

    mei.clicks("Restore this value: Phone")
    wait_until(lambda: phone() == "010-2222", "the restored value")
    # Somebody else was quicker: both versions are shown.
    page.route(f"**/api{path}", lambda route: route.continue_(headers={**route.request.headers, "if-match": '"1"'}))
    page.get_by_role("button", name="Restore this value: Phone").last.click()
    expect(page.get_by_role("dialog", name="Somebody else changed this meanwhile")).to_be_visible()
    assert phone() == "010-2222"


def test_a_refused_action_explains_itself_by_keyboard_in_ones_own_language(
    visit: Visit, guanxi: System, word: str
) -> None:
    mei = guanxi.person("mei")
    said = {"customer_name": word, "title": word, "success_rate": 60, "description": word}
    number = mei.post("/api/opportunities", expect=201, **said).json["id"]
    visitor = visit("mei", language="zh")
    page = visitor.goes_to(f"/opportunities/{number}")
    page.get_by_role("button", name="更多").focus()
    page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name="成交")
    item.focus()
    page.keyboard.press("Enter")

    dialog = page.get_by_role("dialog", name="为什么不能成交？")
    expect(dialog).to_contain_text("须先为该机会指派负责人")
    expect(dialog.get_by_role("link")).to_have_attribute("href", "/problems/opportunity-not-in-development")
    assert (visitor.violations(), untranslated(page)) == ([], [])


def test_a_warning_says_which_rule_saw_what(visit: Visit, guanxi: System, word: str) -> None:
    sue = guanxi.person("sue")
    old = {"name": word, "region": "北京", "level": 1, "opened_at": "2024-01-01T00:00:00Z", "manager_login": "mei"}
    sue.post("/api/customers/bulk", rows=[old])
    number = sue.get(f"/api/customers?name={word.replace(' ', '%20')}")["items"][0]["customer_no"]
    for at in ("2024-02-01", "2024-03-02"):
        sue.post("/api/orders", expect=201, customer_no=number, amount="10.00", ordered_at=f"{at}T08:00:00Z")
    guanxi.person("mei").post("/api/losses/detection")
    loss = sue.get(f"/api/losses?customer_no={number}")["items"][0]["id"]

    page = visit("mei").goes_to(f"/losses/{loss}")

    why = page.get_by_role("region", name="Why this warning?")
    expect(why).to_contain_text("without an order for 6 months")
    expect(why).to_contain_text("Usually ordered every 30 days: 2 orders")


def test_two_files_of_one_customer_become_one(visit: Visit, guanxi: System, customer: Row, word: str) -> None:
    mei = guanxi.person("mei")
    twin = mei.post("/api/customers", expect=201, name=f"{word} Ltd", region="上海", level=2, phone="010-1111",
                    address="1 Bund", although_known=True).json["customer_no"]  # fmt: skip
    mei.post(f"/api/customers/{twin}/contacts", expect=201, name="Li", phone="139")
    visitor = visit("sue")
    page = visitor.goes_to(f"/customers/{customer['customer_no']}")
    visitor.clicks("Look at them")
    visitor.clicks(f"Compare with {word} Ltd")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 contact")
    dialog.get_by_role("radio", name=f"Level {word} Ltd").check()
    assert (visitor.violations(), untranslated(page)) == ([], [])
    visitor.clicks(f"Merge into {word}")

    expect(page.get_by_text(f"{word} Ltd is part of {word} now.")).to_be_visible()
    kept = mei.get(f"/api/customers/{customer['customer_no']}")
    assert (kept["level"], kept["region"], kept["address"]) == (2, "北京", "1 Bund")


def test_a_customer_in_the_pool_is_claimed_by_whoever_may(
    visit: Visit, guanxi: System, customer: Row, word: str
) -> None:
    number = customer["customer_no"]
    guanxi.person("sue").post(f"/api/customers/{number}/release", reason="Nobody's")
    mei, sam = visit("mei"), visit("sam")
    page = mei.goes_to(f"/pool?q={word.replace(' ', '+')}")
    page.get_by_role("button", name=word).click()
    mei.clicks("Claim")
    mei.clicks("Why?")
    expect(page.get_by_role("dialog", name="Why not “Claim”?")).to_contain_text("waits some days")

    page = sam.goes_to(f"/pool?q={word.replace(' ', '+')}")
    page.get_by_role("button", name=word).click()
    sam.clicks("Claim")

    expect(page).to_have_url(re.compile(f"/customers/{number}$"))
    assert guanxi.person("sue").get(f"/api/customers/{number}")["manager_name"] == "Sam Senior"


def test_what_was_thrown_away_is_restored_from_the_bin(visit: Visit, guanxi: System, customer: Row, word: str) -> None:
    path = f"/api/customers/{customer['customer_no']}"
    guanxi.person("mei").ask("DELETE", path, headers={"If-Match": '"1"'})
    visitor = visit("sue", look="dark")
    page = visitor.goes_to(f"/bin?q={word.replace(' ', '+')}")
    page.get_by_role("button", name=word).click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    assert (visitor.violations(), untranslated(page)) == ([], [])
    visitor.clicks("Restore")

    expect(page.get_by_role("heading", name=word)).to_be_visible()
    wait_until(lambda: guanxi.person("sue").get(path)["status"] == 1, "the customer to be back")


def test_a_lead_becomes_customer_contact_and_deal_before_ones_eyes(visit: Visit, guanxi: System, word: str) -> None:
    sam = guanxi.person("sam")
    lead = sam.post("/api/leads", expect=201, full_name="Ada", company=word, mobile="139").json["id"]
    visitor = visit("sam")
    page = visitor.goes_to(f"/leads/{lead}")
    visitor.clicks("Convert")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="Begin a deal with it").check()
    dialog.get_by_label("Amount").fill("900.00")
    dialog.get_by_label("Expected on").fill("2027-03-31")
    assert visitor.violations() == []
    visitor.clicks("Convert", last=True)

    expect(dialog.get_by_text("The lead was converted.")).to_be_visible()
    assert (visitor.violations(), untranslated(page)) == ([], [])
    dialog.get_by_role("link", name="Deal").click()
    expect(page.get_by_role("heading", name=word)).to_be_visible()
    expect(page.get_by_role("navigation", name="Way of this record")).to_contain_text("Qualification")
    converted = sam.get(f"/api/leads/{lead}")
    assert (converted["status"], page.url.endswith(f"/deals/{converted['deal_id']}")) == (9, True)


def test_a_remark_is_changed_and_taken_off_where_it_hangs(visit: Visit, guanxi: System, word: str) -> None:
    sam = guanxi.person("sam")
    deal = {"name": word, "amount": "1.00", "expected_on": "2027-03-31", "customer_name": word}
    number = sam.post("/api/deals", expect=201, **deal).json["id"]
    sam.post(f"/api/deals/{number}/remarks", expect=201, text="Call Ada")
    visitor = visit("sam")
    page = visitor.goes_to(f"/deals/{number}")
    row = page.get_by_role("row").filter(has_text="Ada")
    row.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Call Ada twice")
    visitor.clicks("Save")
    expect(row).to_contain_text("Call Ada twice")

    row.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    visitor.clicks("Delete", last=True)
    expect(row).to_have_count(0)
    assert sam.get(f"/api/deals/{number}/remarks")["total"] == 0


def test_a_conversion_that_fails_says_why_and_is_asked_for_anew(
    visit: Visit, guanxi: System, customer: Row, word: str
) -> None:
    lead = guanxi.person("sam").post("/api/leads", expect=201, full_name="Ada", company=f"{word} Ltd").json["id"]
    visitor = visit("sam")
    page = visitor.goes_to(f"/leads/{lead}")
    visitor.clicks("Convert")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=word, exact=True).click()
    path = f"/api/customers/{customer['customer_no']}"
    assert guanxi.person("mei").ask("DELETE", path, headers={"If-Match": '"1"'}).status == 204
    visitor.clicks("Convert", last=True)

    expect(dialog).to_contain_text("Nothing was kept, and the lead is open again.")
    expect(dialog).to_contain_text(f"There is no customer {customer['customer_no']}")
    visitor.clicks("Try again")
    visitor.clicks("Convert", last=True)
    expect(dialog.get_by_text("The lead was converted.")).to_be_visible()
