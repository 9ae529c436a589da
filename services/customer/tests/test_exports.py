"""Customers and orders as files: what the list shows, in the reader's language and scope."""

from __future__ import annotations

import csv
import io
from typing import Any

from python_calamine import CalamineWorkbook

from chassis.testing.stage import Client

ORDER = {"ordered_at": "2026-03-01T08:30:00Z", "amount": "1000.25"}


def table(client: Client, path: str) -> list[dict[str, str]]:
    raw = client.client.get(path).get_data()
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def test_orders_have_plain_amounts_and_real_dates(mei: Client, sue: Client, acme: dict[str, Any]) -> None:
    sue.post("/orders", order_no="O-1", customer_no=acme["customer_no"], **ORDER)
    sue.post("/orders", order_no="C-1", customer_no=acme["customer_no"], kind="credit_note",
             ordered_at="2026-03-02T08:30:00Z", amount="-0.25")  # fmt: skip

    [credit, order] = table(mei, "/orders/export?lang=zh")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(mei.client.get("/orders/export?format=xlsx").get_data()))

    assert (order["订单编号"], order["金额"], order["订单日期"]) == ("O-1", "1000.25", "2026-03-01T08:30:00Z")
    assert (credit["客户名称"], credit["金额"]) == ("Acme", "-0.25")
    cells = dict(zip(*sheet.get_sheet_by_index(0).to_python()[:2], strict=True))
    assert (cells["Order no."], cells["Amount"]) == ("C-1", -0.25)
    assert f"{cells['Ordered at (UTC)']}" == "2026-03-02 08:30:00"


def test_nobody_gets_a_file_of_what_is_not_in_his_scope(mei: Client, bob: Client, acme: dict[str, Any]) -> None:
    assert [row["Customer name"] for row in table(mei, "/customers/export")] == ["Acme"]
    assert table(bob, "/customers/export") == []
    assert table(bob, f"/customers/export?ids={acme['customer_no']}") == []


def test_the_contacts_of_one_customer_are_a_file_too(mei: Client, acme: dict[str, Any]) -> None:
    other = mei.post("/customers", name="Beta", region="North", level=1)
    for customer, name in ((acme, "Ann"), (other, "Ben")):
        mei.post(f"/customers/{customer['customer_no']}/contacts", name=name, phone="1")

    rows = table(mei, f"/customers/{acme['customer_no']}/contacts/export?lang=zh&fields=name,phone")

    assert rows == [{"姓名": "Ann", "办公电话": "1"}]
