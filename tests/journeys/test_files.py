"""Files through the door, in both modes: a list comes in as a spreadsheet, goes out as one, and is taken back."""

from __future__ import annotations

import csv
import io
import os
from typing import Any

from python_calamine import CalamineWorkbook

from chassis.sheets import Column, Kind, write_xlsx
from tests.infra.postgres import fresh_name
from tests.system import Person, System, wait_until

COLUMNS = [Column(name, name, Kind.TEXT) for name in ("外部编号", "客户名称", "地区", "客户等级", "客户经理登录名")]


def spreadsheet(mark: str, count: int) -> bytes:
    every = {"地区": "华东", "客户等级": "2", "客户经理登录名": "mei"}
    rows = [{"外部编号": f"{mark}-{number}", "客户名称": f"{mark} {number}", **every} for number in range(count)]
    return b"".join(write_xlsx(COLUMNS, rows)[0])


def ended(person: Person, path: str, *states: str) -> dict[str, Any]:
    job: dict[str, Any] = {}

    def is_over() -> bool:
        job.update(person.get(path))
        return job["state"] in states

    wait_until(is_over, f"{path} to be {states}", within=60)
    return job


def test_a_spreadsheet_becomes_customers_comes_out_again_and_is_taken_back(guanxi: System) -> None:
    sue, mei = guanxi.person("sue"), guanxi.person("mei")
    mark = fresh_name("firm")
    job = sue.upload("/api/customers/imports", "客户.xlsx", spreadsheet(mark, 1200), expect=202)
    path = f"/api/customers/imports/{job['id']}"

    job = ended(sue, path, "done", "refused", "failed")

    assert (job["state"], job["created"], job["rows_done"]) == ("done", 1200, 1200)
    out = mei.ask("GET", f"/api/customers/export?format=csv&q={mark}", headers={"Accept-Language": "zh-CN"})
    rows = list(csv.DictReader(io.StringIO(out.raw.decode("utf-8-sig"))))
    assert (len(rows), rows[0]["地区"], {row["客户经理"] for row in rows}) == (1200, "华东", {"Mei Manager"})
    sheet = mei.ask("GET", f"/api/customers/export?format=xlsx&q={mark}").raw
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()) == 1201

    sue.post(f"{path}/undo", expect=202)
    job = ended(sue, path, "undone", "failed")

    assert (job["undone"], job["kept"]) == (1200, 0)
    assert mei.get(f"/api/customers?q={mark}")["total"] == 0


def test_a_damaged_file_is_told_by_row(guanxi: System) -> None:
    sue = guanxi.person("sue")
    job = sue.upload("/api/products/imports", "p.csv", b"code,name,price\nA,B,ten\n", expect=202)

    job = ended(sue, f"/api/products/imports/{job['id']}", "refused")

    [fault] = sue.get(f"/api/products/imports/{job['id']}/faults")["items"]
    assert (fault["row"], fault["column"], fault["value"]) == (2, "price", "ten")
    assert sue.upload("/api/products/imports", "p.xls", b"x", expect=422)["errors"][0]["pointer"] == "/file"


def test_a_large_file_of_a_customer_goes_in_and_out_whole(guanxi: System) -> None:
    mei = guanxi.person("mei")
    no = mei.post("/api/customers", expect=201, name=fresh_name("Acme"), region="华东", level=1).json["customer_no"]
    scan = b"%PDF-1.7\n" + os.urandom(9_000_000)

    kept = mei.upload(f"/api/customers/{no}/attachments", "合同.pdf", scan)
    answer = mei.ask("GET", f"/api/customers/{no}/attachments/{kept['id']}")

    assert answer.raw == scan
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert (
        mei.upload(f"/api/customers/{no}/attachments", "x", b"x" * 10_485_761, expect=413)["limit_bytes"] == 10_485_760
    )
    assert mei.upload(f"/api/customers/{no}/attachments", "x", b"x" * 17_000_000, expect=413)["limit_bytes"] > 0
