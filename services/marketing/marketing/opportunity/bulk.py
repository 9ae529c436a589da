"""Opportunities that were kept elsewhere: taken over with their states, their dates and their history."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import flowing
from chassis.bulk import Batch, Row, in_bulk
from chassis.people import person
from chassis.transaction import Transaction
from marketing.flows import WIN
from marketing.opportunity.life_cycle import Status
from marketing.opportunity.model import ASSIGNEE_ROLE, Opportunity, OpportunityFailed

STATES = {
    "unassigned": Status.UNASSIGNED,
    "in-development": Status.IN_DEVELOPMENT,
    "won": Status.WON,
    "failed": Status.FAILED,
}
OWN_FIELDS = ("salesperson", "state", "created_at", "assigned_at", "closed_at", "failure_reason")
"""What a row says besides the opportunity's own fields: how it came to its state."""


@dataclasses.dataclass
class Record:
    """A good row on its way to become an opportunity."""

    row: Row
    salesperson: sa.Row[Any]
    opportunity: Opportunity

    def at(self, name: str) -> datetime | None:
        return self.row.values.get(name)

    @property
    def status(self) -> Status:
        return STATES[self.row.values["state"]]


@in_bulk
def import_opportunities(tx: Transaction, batch: Batch) -> None:
    """Take over opportunities by reference; one that is here already and says the same is left alone."""
    batch.refuse_repeats("reference")
    people = _salespeople(tx, [row.values["salesperson"] for row in batch])
    known = _known(tx, [row.values["reference"] for row in batch])
    records = [found for row in batch if (found := _record(tx, batch, row, people, known))]
    _tell_histories(tx, records)
    batch.created = len(records)


def _record(
    tx: Transaction, batch: Batch, row: Row, people: Mapping[str, sa.Row[Any]], known: Mapping[str, Opportunity]
) -> Record | None:
    """What is to be made of a row; None when nothing is."""
    fields = {name: value for name, value in row.values.items() if name not in OWN_FIELDS}
    present = known.get(row.values["reference"])
    if not batch.permits(row, is_new=present is None):
        return None
    if present is not None:
        if present.says_the_same(fields, STATES[row.values["state"]]):
            batch.unchanged += 1
        else:
            batch.refuse(row, "Another opportunity has this reference", "/reference")
        return None
    salesperson = people.get(row.values["salesperson"])
    if salesperson is None:
        batch.refuse(row, "No active account manager has this login", "/salesperson")
        return None
    at = row.values.get("created_at") or row.values.get("assigned_at") or tx.now
    by = {"by_id": salesperson.user_id, "by_name": salesperson.full_name}
    return Record(row, salesperson, Opportunity.begin(fields, **by, at=at))


def _tell_histories(tx: Transaction, records: Sequence[Record]) -> None:
    """Created, assigned, closed: each step of all records together, at the time it happened."""
    tx.add_all([record.opportunity for record in records])
    tx.publish_all([(record.opportunity.created(), record.opportunity.created_at) for record in records])
    developed = [record for record in records if record.status != Status.UNASSIGNED]
    tx.publish_all([_assigned(tx, record) for record in developed])
    tx.publish_all([_closed(tx, record) for record in developed if record.status != Status.IN_DEVELOPMENT])
    flowing.start_all(tx, WIN, {record.opportunity.id: {} for record in developed if record.status == Status.WON})


def _assigned(tx: Transaction, record: Record) -> tuple[Any, datetime]:
    to, at = record.salesperson, record.at("assigned_at") or tx.now
    return record.opportunity.assign(to_id=to.user_id, to_name=to.full_name, reason="imported", at=at), at


def _closed(tx: Transaction, record: Record) -> tuple[Any, datetime]:
    at = record.at("closed_at") or tx.now
    if record.status == Status.WON:
        return record.opportunity.win(at=at), at
    reason = record.row.values.get("failure_reason") or "Not recorded before the import"
    return record.opportunity.fail(reason=reason, at=at), at


def _salespeople(tx: Transaction, logins: Sequence[str]) -> dict[str, sa.Row[Any]]:
    active = (person.c.login.in_(set(logins)), person.c.role == ASSIGNEE_ROLE, person.c.is_active)
    return {found.login: found for found in tx.rows(sa.select(person).where(*active))}


def _known(tx: Transaction, references: Sequence[str]) -> dict[str, Opportunity]:
    statement = sa.select(Opportunity).where(Opportunity.reference.in_(references))
    return {found.reference: found for found in tx.session.scalars(statement) if found.reference}


def withdraw_opportunity(tx: Transaction, opportunity: Opportunity) -> OpportunityFailed | None:
    """An imported opportunity is thrown away; one that is being developed fails. Raises OpportunityClosed."""
    if opportunity.status == Status.UNASSIGNED:
        tx.publish_removal(opportunity, opportunity.delete())
        return None
    return opportunity.fail(reason="The import was taken back", at=tx.now)
