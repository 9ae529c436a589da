"""Leads that were kept elsewhere: by reference, or by company and phone; what is here already is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis import dictionary
from chassis.bulk import Batch, in_bulk
from chassis.transaction import Transaction
from marketing.lead.model import Lead


@in_bulk
def import_leads(tx: Transaction, batch: Batch) -> None:
    """New leads belong to whoever imports them; a lead with the same reference, or company and phone, is no new one."""
    sources = dictionary.known(tx, "opportunity source", [row.values.get("source", "") for row in batch])
    seen = _known(tx, [row.values for row in batch])
    new: list[Lead] = []
    for row in batch:
        if row.values.get("source") and row.values["source"] not in sources:
            batch.refuse(row, "Not a value of the dictionary", "/source")
        elif not batch.permits(row, is_new=not _marks(row.values) & seen):
            continue
        elif _marks(row.values) & seen:
            batch.unchanged += 1
        else:
            seen |= _marks(row.values)
            new.append(Lead.begin(row.values, by=tx.principal, at=tx.now))
    tx.add_all(new)
    tx.publish_all([(lead.created(), None) for lead in new])
    batch.created = len(new)


def withdraw_lead(tx: Transaction, lead: Lead) -> None:
    """An imported lead is thrown away, unless somebody has called already. Raises LeadClosed or NotInThisState."""
    tx.publish_removal(lead, lead.delete())


def _marks(values: Any) -> set[tuple[str, str]]:
    """What makes two rows the same lead."""
    found = {("reference", values["reference"])} if values.get("reference") else set()
    if values.get("phone"):
        found.add((values["company"].casefold(), values["phone"]))
    return found


def _known(tx: Transaction, rows: Sequence[Any]) -> set[tuple[str, str]]:
    references = [row["reference"] for row in rows if row.get("reference")]
    phones = [row["phone"] for row in rows if row.get("phone")]
    alike = sa.or_(Lead.reference.in_(references), Lead.phone.in_(phones))
    found = tx.rows(sa.select(Lead.reference, Lead.company, Lead.phone).where(alike))
    return {mark for row in found for mark in _marks(row._asdict())}
