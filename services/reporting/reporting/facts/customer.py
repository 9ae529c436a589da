"""What we know of each customer: the name that reports show, and the standing that composition counts."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Annotated

from chassis.events import Heard, PersonalText
from chassis.personal import personal
from reporting.projection import Projection

DELETED = 3
"""The customer service's code for a customer that is on record only."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What every event about a customer tells."""

    customer_no: str
    name: PersonalText
    region: str
    manager_id: int
    manager_name: PersonalText
    level: int
    satisfaction: int | None
    credit: int | None
    status: int
    opened_at: datetime | None = None


class CustomerOpened(Standing, Heard, type="customer.customer.opened", key="customer_no"):
    """There is a new customer."""


class CustomerMatched(Standing, Heard, type="customer.customer.matched", key="customer_no"):
    """An opportunity was won with a customer who was there already."""


class CustomerEdited(Standing, Heard, type="customer.customer.edited", key="customer_no"):
    """What is known of a customer was corrected."""


class CustomerDeleted(Standing, Heard, type="customer.customer.deleted", key="customer_no"):
    """The customer is no longer counted."""


class CustomerLost(Standing, Heard, type="customer.customer.lost", key="customer_no"):
    """The customer left us."""


class CustomerRecovered(Standing, Heard, type="customer.customer.recovered", key="customer_no"):
    """The customer came back."""


class CustomerReleased(Standing, Heard, type="customer.customer.released", key="customer_no"):
    """Nobody looks after the customer for the time being."""


class CustomerClaimed(Standing, Heard, type="customer.customer.claimed", key="customer_no"):
    """Somebody looks after the customer again."""


class CustomerTransferred(Standing, Heard, type="customer.customer.transferred", key="customer_no"):
    """Somebody else looks after the customer."""


class CustomerRestored(Standing, Heard, type="customer.customer.restored", key="customer_no"):
    """A deleted customer is there again."""


class CustomerMerged(Standing, Heard, type="customer.customer.merged", key="customer_no"):
    """The customer took another file in."""


class CustomerAbsorbed(Standing, Heard, type="customer.customer.absorbed", key="customer_no"):
    """The file became part of another one: whatever we have of it is the other one's."""


@dataclasses.dataclass(frozen=True, slots=True)
class CustomerFact:
    """One customer as it was last described."""

    customer_no: str
    name: Annotated[str, personal(customer="customer_no")] = ""
    region: str = ""
    manager_id: int | None = None
    manager_name: Annotated[str, personal(user="manager_id")] = ""
    level: int | None = None
    satisfaction: int | None = None
    credit: int | None = None
    status: int = 0
    opened_at: datetime | None = None
    version: int = 0


def fold(event: Standing, row: CustomerFact, at: datetime) -> CustomerFact:
    """The newest description is the whole truth."""
    return dataclasses.replace(row, **{name: getattr(event, name) for name in DESCRIBED})


DESCRIBED = [field.name for field in dataclasses.fields(Standing)]

CUSTOMERS = Projection(
    "customer_fact",
    ["manager_id"],
    row=CustomerFact,
    heard=[
        CustomerOpened,
        CustomerMatched,
        CustomerEdited,
        CustomerDeleted,
        CustomerLost,
        CustomerRecovered,
        CustomerReleased,
        CustomerClaimed,
        CustomerTransferred,
        CustomerRestored,
        CustomerMerged,
        CustomerAbsorbed,
    ],
    fold=fold,
)
customer_fact = CUSTOMERS.table
