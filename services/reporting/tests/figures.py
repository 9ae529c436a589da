"""Looking behind the figures of a report: every cell, and the records that its link leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from chassis.testing.stage import Client
from reporting.report import Cells, How, Report

ALWAYS = {"/reports/customer-growth": "from=2010-12&to=2011-03"}
"""What a report cannot do without."""


def asked_of(report: Report, question: str = "") -> str:
    """The address of a question to a report."""
    return f"{report.path}?{ALWAYS.get(report.path, '')}&{question}"


BESIDE = ("drill", "at", "as_of", "complete_up_to")
"""What an answer says that is not about the world."""
Cell = tuple[str, Any, str]
"""Which figure, what the report shows, and the address of its records."""


def cells_of(part: Mapping[str, Any], cells: Cells) -> Iterator[Cell]:
    for field, figure in cells.named(part).items():
        yield figure, part[field], part["drill"][field]
    for name, inner in cells.within.items():
        found = part[name]
        for one in found if isinstance(found, list) else [found]:
            yield from cells_of(one, inner)


def records(client: Client, address: str) -> list[dict[str, Any]]:
    """All pages, two by two."""
    page = client.get(f"{address.removeprefix('/api')}&size=2")
    found, total = page["items"], page["total"]
    while page["next_cursor"]:
        page = client.get(f"{address.removeprefix('/api')}&size=2&cursor={page['next_cursor']}")
        found = found + page["items"]
    assert len({(one["record"], one["id"]) for one in found}) == len(found) == total
    return found


def worked_out(how: How, found: list[dict[str, Any]], shown: Any) -> Any:
    """The figure, from nothing but its records."""
    if how == How.COUNT:
        return len(found)
    if how == How.MONEY:
        return f"{sum((Decimal(one['amount']) for one in found), Decimal('0.00'))}"
    measured = [one["measured"] for one in found]
    if how == How.SUM:
        return sum(measured)
    if not measured:
        return None
    return round(sum(measured) / len(measured), 2 if isinstance(shown, float) else None)


def wrong_cells(client: Client, report: Report, answer: Mapping[str, Any]) -> list[str]:
    """Every figure that is not what its records say."""
    wrong = []
    for figure, shown, address in cells_of(answer, report.cells):
        found = worked_out(report.figures[figure].how, records(client, address), shown)
        if found != shown:
            wrong.append(f"{address}: {shown}, but the records say {found}")
    return wrong


def bare(part: Any) -> Any:
    """What a report says of the world: no links, and not up to when it is complete."""
    if isinstance(part, Mapping):
        return {name: bare(value) for name, value in part.items() if name not in BESIDE}
    return [bare(one) for one in part] if isinstance(part, list) else part
