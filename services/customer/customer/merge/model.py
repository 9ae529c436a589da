"""The rules of a merge: what may become one, which value of each field stays, and what is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from chassis.events import Event
from chassis.personal import personal
from chassis.problems import Conflict, wrong_field
from customer.customer.life_cycle import MOVED_BY_ORDERS, stage_of_buyer
from customer.customer.model import Customer, Standing, Status
from customer.keys import keys_of

MOST_MOVED = 5000
"""Records in one transaction: about as many seconds as a person waits."""
FIELDS: Mapping[str, Sequence[str]] = {
    "name": ["name"],
    "region": ["region"],
    "manager_id": ["manager_id", "manager_name", "held_since", "pooled_at"],
    "level": ["level"],
    "satisfaction": ["satisfaction"],
    "credit": ["credit"],
    "address": ["address"],
    "postal_code": ["postal_code"],
    "phone": ["phone"],
    "fax": ["fax"],
    "website": ["website"],
    "licence_no": ["licence_no"],
    "legal_person": ["legal_person"],
    "registered_capital": ["registered_capital_minor"],
    "yearly_turnover": ["yearly_turnover_minor"],
    "currency": ["currency"],
    "bank": ["bank"],
    "bank_account": ["bank_account"],
    "local_tax_no": ["local_tax_no"],
    "national_tax_no": ["national_tax_no"],
}
"""What people choose, and the columns that go with it."""


class CustomerMerged(Standing, Event, type="customer.customer.merged", key="customer_no"):
    """Another file turned out to be the same customer; what belonged to it belongs here now."""

    absorbed: str
    moved: dict[str, int]


class CustomerAbsorbed(Standing, Event, type="customer.customer.absorbed", key="customer_no"):
    """The file became part of another one and can only be read."""

    into: str
    into_name: Annotated[str, personal(customer="into")]


class MergedAway(Conflict):
    """The customer became part of another one; that cannot be undone."""

    customer_no: str
    merged_into: str


class TooMuchToMerge(Conflict):
    """More hangs on the customer than one transaction moves; keep this one and merge the other into it."""

    limit: int
    found: int


class BothWarnedOf(Conflict):
    """There is an open warning about each of the two; confirm or settle one of them first."""

    loss_ids: Sequence[int]


@dataclasses.dataclass(frozen=True)
class Choice:
    """The two values of a field, and whose stays."""

    field: str
    kept: Any
    other: Any
    take_other: bool


def choices(survivor: Customer, absorbed: Customer, take: Collection[str] | None) -> list[Choice]:
    """Field by field; unless somebody chose, what the survivor lacks comes from the other one."""
    if unknown := sorted(set(take or ()) - set(FIELDS)):
        raise wrong_field("/take", f"There is no field {unknown[0]!r} to choose")
    found = []
    for field, (column, *_) in FIELDS.items():
        kept, other = getattr(survivor, column), getattr(absorbed, column)
        is_lacking = kept in ("", None) and other not in ("", None)
        found.append(Choice(field, kept, other, field in take if take is not None else is_lacking))
    return found


def must_be_two(survivor: Customer, absorbed: Customer) -> None:
    """Two that are there. Raises Invalid, CustomerGone or MergedAway."""
    if survivor.customer_no == absorbed.customer_no:
        raise wrong_field("/absorbed", "A customer is not merged with itself")
    for one in (survivor, absorbed):
        if one.merged_into is not None:
            raise MergedAway(customer_no=one.customer_no, merged_into=one.merged_into)
        one.must_be_there()


def must_be_movable(counts: Mapping[str, int], warned: Sequence[int]) -> None:
    """``warned`` are the open losses of both. Raises TooMuchToMerge or BothWarnedOf."""
    if (found := sum(counts.values())) > MOST_MOVED:
        raise TooMuchToMerge(limit=MOST_MOVED, found=found)
    if len(warned) > 1:
        raise BothWarnedOf(loss_ids=list(warned))


def be_absorbed(absorbed: Customer, *, into: Customer, at: datetime) -> CustomerAbsorbed:
    """Go out of sight, and point to the one that stays."""
    absorbed.change(status=Status.DELETED, deleted_at=at, merged_into=into.customer_no)
    return CustomerAbsorbed(**absorbed.standing(), into=into.customer_no, into_name=into.name)


def take_over(survivor: Customer, absorbed: Customer, chosen: Sequence[Choice], most_tags: int) -> None:
    """The values that were chosen, and the tags of both."""
    taken = [column for choice in chosen if choice.take_other for column in FIELDS[choice.field]]
    survivor.change(**{column: getattr(absorbed, column) for column in taken})
    survivor.change(**keys_of(survivor.name, survivor.phone))
    more = sorted(set(absorbed.tags) - set(survivor.tags))
    if more:
        survivor.tags = sorted([*survivor.tags, *more][:most_tags])


def merged(survivor: Customer, *, absorbed: str, moved: Mapping[str, int], orders: int, at: datetime) -> CustomerMerged:
    """Told by the one that stays, which may have come to another stage by the orders of both."""
    if survivor.stage in MOVED_BY_ORDERS and survivor.stage != stage_of_buyer(orders):
        survivor.change(stage=stage_of_buyer(orders), stage_since=at)
    return CustomerMerged(**survivor.standing(), absorbed=absorbed, moved=dict(moved))
