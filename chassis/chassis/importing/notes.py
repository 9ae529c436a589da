"""What an import writes down: why rows were refused, and which records it changed."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from chassis.dialect import insert, storable
from chassis.importing.lines import Fault, shortened
from chassis.importing.tables import import_change, import_fault
from chassis.transaction import Row, Transaction

MOST_FAULTS = 10_000
"""Nobody reads more; the count goes on."""


def note(tx: Transaction, job: Row, faults: Sequence[Fault]) -> None:
    """Write down why rows were refused, up to a number that somebody could read."""
    known = tx.scalar(sa.select(sa.func.count()).where(import_fault.c.import_id == job.id)) if faults else 0
    rows = [
        {
            "import_id": job.id,
            "row": fault.row,
            "column": storable(fault.column)[:200],
            "record": "",
            "value": storable(shortened(fault.value)),
            "reason": storable(fault.reason)[:1000],
        }
        for fault in faults[: max(0, MOST_FAULTS - known)]
    ]
    if rows:
        tx.execute(sa.insert(import_fault), rows)


def note_changes(tx: Transaction, job: Row, noun: str) -> None:
    """Which records this part made or changed, and to which version: that is what an undo needs."""
    said: dict[str, list[int]] = {}
    for key, version in tx.said_about(noun):
        said.setdefault(key, []).append(version)
    if not said:
        return
    rows = [
        {
            "import_id": job.id,
            "record": key,
            "number": job.parts_done,
            "first_version": min(versions),
            "last_version": max(versions),
            "events": len(versions),
            "outcome": "",
        }
        for key, versions in said.items()
    ]
    statement = insert(tx.session, import_change)
    new = statement.excluded
    again = {"last_version": new.last_version, "events": import_change.c.events + new.events}
    tx.execute(statement.on_conflict_do_update(index_elements=["import_id", "record"], set_=again), rows)
