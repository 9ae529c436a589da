"""Imports that came before: found again, stopped, and taken back later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def test_an_earlier_import_is_found_and_taken_back(visit: Visit, guanxi: System, word: str) -> None:
    sue = guanxi.person("sue")
    name = f"{word.replace(' ', '-')}.csv"
    content = f"full_name,company,mobile\n{word},Acme,13800000000\n".encode()
    path = f"/api/leads/imports/{sue.upload('/api/leads/imports', name, content, expect=202)['id']}"
    wait_until(lambda: sue.get(path)["state"] == "done", "the import")
    visitor = visit("sue", language="zh")
    page = visitor.goes_to("/leads")
    visitor.clicks("导入")
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    assert visitor.violations() == []
    visitor.clicks("撤销导入")

    expect(page.get_by_role("heading", name="已撤销")).to_be_visible()
    assert sue.get(f"/api/leads?full_name={word.replace(' ', '+')}")["total"] == 0
    assert untranslated(page) == []


def test_a_long_import_is_stopped(visit: Visit, guanxi: System, word: str) -> None:
    sue = guanxi.person("sue")
    name = f"{word.replace(' ', '-')}.csv"
    rows = "".join(f"{word} {at},Acme,13800000000\n" for at in range(20_000))
    job = sue.upload(
        "/api/leads/imports", name, f"full_name,company,mobile\n{rows}".encode(), expect=202, dry_run="true"
    )
    visitor = visit("sue")
    page = visitor.goes_to("/leads")
    visitor.clicks("Import")
    page.get_by_role("button", name=name).click()
    visitor.clicks("Stop")

    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    assert sue.get(f"/api/leads/imports/{job['id']}")["state"] == "cancelled"


def test_a_sheet_is_tried_put_right_and_brought_in(visit: Visit, guanxi: System, word: str, tmp_path: Path) -> None:
    sheet = tmp_path / "orders of last week.xlsx"
    with xlsxwriter.Workbook(sheet) as book:
        page_of = book.add_worksheet()
        page_of.write_row(0, 0, ["full_name", "Firma", "Telefon", "next_contact_on"])
        page_of.write_row(1, 0, [word, "Acme", "13800000000", "soon"])
        page_of.write_row(2, 0, [f"{word} too", "Acme", "13800000001", "2027-01-31"])
    visitor = visit("sue")
    page = visitor.goes_to("/leads")
    visitor.clicks("Import")
    page.locator("input[type=file]").set_input_files(sheet)
    visitor.clicks("Try it")
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    page.get_by_role("combobox", name="Firma").fill("Company")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Telefon").fill("Mobile")
    page.keyboard.press("Enter")
    visitor.clicks("Try again")
    page.get_by_label("next_contact_on in row 2").fill("2027-02-01")
    assert visitor.violations() == []
    visitor.clicks("Try again")
    expect(page.get_by_role("heading", name="Checked")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()

    found = guanxi.person("sue").get(f"/api/leads?full_name={word.replace(' ', '+')}&sort=full_name")["items"]
    assert [(one["company"], one["mobile"]) for one in found] == [("Acme", "13800000000"), ("Acme", "13800000001")]
