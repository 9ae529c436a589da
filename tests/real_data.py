"""The real tables, read by a few independent lines: what the reports must say, to the penny."""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from tests.system import Person

FOLDER = Path(os.environ.get("GUANXI_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
STATES = {"Prospecting": 1, "Engaging": 2, "Won": 3, "Lost": 4}


def is_there() -> bool:
    return (FOLDER / "retail_invoices.csv").exists()


def rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        yield from csv.DictReader(file)


def contribution() -> dict[tuple[str, int], Decimal]:
    """Sum of invoices per customer and year; an invoice number counts once, one without customer not at all."""
    totals: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    seen = set()
    for row in rows("retail_invoices.csv"):
        if row["customer_id"] and row["invoice_id"] not in seen:
            seen.add(row["invoice_id"])
            year = 2000 + int(row["invoice_date"].split()[0].split("/")[2])
            amount = Decimal(row["total_price"]).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
            totals[row["customer_id"].split(".")[0], year] += amount
    return dict(totals)


def contribution_total_minor() -> int:
    return int(sum(contribution().values()) * 100)


def pipeline() -> Counter[tuple[int, str, str]]:
    """Number of opportunities by state, salesperson and product; one product is spelled two ways in the file."""
    found: Counter[tuple[int, str, str]] = Counter()
    for row in rows("crm_sales_pipeline.csv"):
        product = {"GTXPro": "GTX Pro"}.get(row["product"], row["product"])
        found[STATES[row["deal_stage"]], row["sales_agent"], product] += 1
    return found


def reported_total_minor(eve: Person) -> int:
    """What the contribution report says of all retail customers, in pennies."""
    totals = eve.get("/api/reports/contribution?name=Retail%20customer&size=1")["totals"]
    return sum(round(Decimal(total["amount"]) * 100) for total in totals)
