"""The tables we know: what their columns mean, and what each row becomes in the API."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from guanxi.importing.reading import Column, Fault, Record, moment, number, text, whole, yes_or_no

NO_ACCOUNT = "(no account named 未填客户)"
STAGES = {"Prospecting": "unassigned", "Engaging": "in-development", "Won": "won", "Lost": "failed"}
CHANCES = {"unassigned": 10, "in-development": 50, "won": 100, "failed": 0}
MILLION = 1_000_000
DAY, MINUTE = "%d-%m-%Y", "%m/%d/%y %H:%M"
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Sending:
    """Rows for one bulk endpoint, sent by one of the two accounts; ``rows`` keeps where each came from."""

    path: str
    account: str
    rows: Sequence[tuple[int, Row]]


Convert = Callable[[Sequence[Record], list[Fault], list[str]], list[Sending]]


@dataclasses.dataclass(frozen=True)
class Table:
    """One file: its columns, and how its good records become requests.

    ``convert`` may add faults (a record that cannot be used) and remarks (what it took the liberty to mend).
    """

    file: str
    title: str
    columns: Sequence[Column]
    convert: Convert


def login_of(name: str) -> str:
    """``Moses Frase`` signs in as ``moses.frase``."""
    return re.sub(r"[^a-z0-9]+", ".", name.lower()).strip(".")


def sales_teams(records: Sequence[Record], _faults: list[Fault], _remarks: list[str]) -> list[Sending]:
    """Managers become supervisors, salespeople account managers below them."""
    managers = {record.values["manager"]: record.row for record in records}
    rows: list[tuple[int, Row]] = [
        (row, {"login": login_of(name), "full_name": name, "role": "supervisor"}) for name, row in managers.items()
    ]
    for record in records:
        name, manager = record.values["sales_agent"], record.values["manager"]
        row = {"login": login_of(name), "full_name": name, "role": "account-manager"}
        rows.append((record.row, row | {"manager_login": login_of(manager)}))
    return [Sending("/api/users/bulk", "admin", rows)]


def products(records: Sequence[Record], _faults: list[Fault], _remarks: list[str]) -> list[Sending]:
    rows = [
        (
            record.row,
            {
                "code": record.values["product"],
                "name": record.values["product"],
                "model": record.values["series"],
                "price": money(record.values["sales_price"]),
                "currency": "USD",
            },
        )
        for record in records
    ]
    return [Sending("/api/products/bulk", "supervisor", rows)]


def accounts(records: Sequence[Record], _faults: list[Fault], _remarks: list[str]) -> list[Sending]:
    """Companies become customers; revenue in million USD is their yearly turnover."""
    rows = []
    for record in records:
        values = record.values
        row = {
            "reference": f"account:{values['account']}",
            "name": values["account"],
            "region": values["office_location"],
            "level": 1,
            "yearly_turnover": money(values["revenue"] * MILLION),
            "currency": "USD",
        }
        rows.append((record.row, row))
    return [Sending("/api/customers/bulk", "supervisor", rows)]


def pipeline(records: Sequence[Record], faults: list[Fault], remarks: list[str]) -> list[Sending]:
    """Deals become opportunities in their states; a product spelled without blanks is taken as the known one."""
    rows, mended = [], 0
    for record in records:
        values = record.values
        if values["deal_stage"] not in STAGES:
            faults.append(Fault(record.row, "deal_stage", f"is none of {', '.join(STAGES)}"))
            continue
        product = "GTX Pro" if values["product"] == "GTXPro" else values["product"]
        mended += product != values["product"]
        rows.append((record.row, _opportunity(values, product)))
    if mended:
        remarks.append(f"product 'GTXPro' is taken as 'GTX Pro' in {mended} rows")
    return [Sending("/api/opportunities/bulk", "supervisor", rows)]


def _opportunity(values: Mapping[str, Any], product: str) -> Row:
    state = STAGES[values["deal_stage"]]
    account = values["account"] or NO_ACCOUNT
    row = {
        "reference": values["opportunity_id"],
        "customer_name": account,
        "title": f"{product} for {account}",
        "success_rate": CHANCES[state],
        "description": "Taken over from the former system",
        "product": product,
        "amount": money(values["close_value"] or Decimal(0)),
        "currency": "USD",
        "salesperson": login_of(values["sales_agent"]),
        "state": state,
    }
    dates = {"assigned_at": values["engage_date"], "closed_at": values["close_date"]}
    return row | {name: iso(at) for name, at in dates.items() if at}


def invoices(records: Sequence[Record], faults: list[Fault], remarks: list[str]) -> list[Sending]:
    """Invoices become customers and orders; numbers with a C, and negative totals, are credit notes.

    The file names some invoices twice with the same content; an invoice exists once.
    """
    customers: dict[str, tuple[int, Row]] = {}
    orders: dict[str, tuple[int, Row]] = {}
    repeated = 0
    for record in records:
        values = record.values
        if values["customer_id"] is None:
            faults.append(Fault(record.row, "customer_id", f"is empty: invoice {values['invoice_id']} has no customer"))
            continue
        order = _order(values)
        earlier = orders.setdefault(order["order_no"], (record.row, order))
        if earlier[0] != record.row:
            repeated += earlier[1] == order
            if earlier[1] != order:
                faults.append(Fault(record.row, "invoice_id", f"says otherwise than row {earlier[0]}"))
            continue
        customers.setdefault(order["customer_reference"], (record.row, _customer(values)))
        opened = customers[order["customer_reference"]][1]
        opened["opened_at"] = min(opened["opened_at"], order["ordered_at"])
    if repeated:
        remarks.append(f"{repeated} rows repeat an invoice that stands earlier in the file; each is taken once")
    return [
        Sending("/api/customers/bulk", "supervisor", list(customers.values())),
        Sending("/api/orders/bulk", "supervisor", list(orders.values())),
    ]


def _customer(values: Mapping[str, Any]) -> Row:
    number_of = values["customer_id"]
    return {
        "reference": f"retail:{number_of}",
        "name": f"Retail customer {number_of}",
        "region": "United Kingdom" if values["domestic_sale"] else "Abroad",
        "level": 1,
        "opened_at": iso(values["invoice_date"]),
    }


def _order(values: Mapping[str, Any]) -> Row:
    is_credit = values["invoice_id"].startswith("C") or values["total_price"] < 0
    return {
        "order_no": values["invoice_id"],
        "customer_reference": f"retail:{values['customer_id']}",
        "ordered_at": iso(values["invoice_date"]),
        "kind": "credit_note" if is_credit else "order",
        "amount": money(values["total_price"]),
        "currency": "GBP",
    }


def money(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), rounding=ROUND_HALF_EVEN)}"


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


TABLES = (
    Table("crm_sales_teams.csv", "sales teams", (Column("sales_agent", text), Column("manager", text)), sales_teams),
    Table(
        "crm_products.csv",
        "products",
        (Column("product", text), Column("series", text), Column("sales_price", number)),
        products,
    ),
    Table(
        "crm_accounts.csv",
        "accounts",
        (Column("account", text), Column("office_location", text), Column("revenue", number)),
        accounts,
    ),
    Table(
        "crm_sales_pipeline.csv",
        "pipeline",
        (
            Column("opportunity_id", text),
            Column("sales_agent", text),
            Column("product", text),
            Column("account", text, is_required=False),
            Column("deal_stage", text),
            Column("engage_date", moment(DAY), is_required=False),
            Column("close_date", moment(DAY), is_required=False),
            Column("close_value", number, is_required=False),
        ),
        pipeline,
    ),
    Table(
        "retail_invoices.csv",
        "invoices",
        (
            Column("invoice_id", text),
            Column("invoice_date", moment(MINUTE)),
            Column("customer_id", whole, is_required=False),
            Column("domestic_sale", yes_or_no),
            Column("total_price", number),
        ),
        invoices,
    ),
)
"""In the order in which they must come: people before their deals, customers before their orders."""
