"""What the service desk hears from others: whom it may serve, and who has bought."""

from __future__ import annotations

import dataclasses

from chassis.events import Heard, PersonalText
from chassis.transaction import Transaction
from service_desk import copies


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What every event about a customer tells us."""

    customer_no: str
    name: str
    status: int
    manager_id: int | None = None


class CustomerOpened(Standing, Heard, type="customer.customer.opened", key="customer_no"):
    """There is a customer to serve."""


class CustomerEdited(Standing, Heard, type="customer.customer.edited", key="customer_no"):
    """What is known of a customer was corrected."""


class CustomerDeleted(Standing, Heard, type="customer.customer.deleted", key="customer_no"):
    """The customer is to be served no more."""


class CustomerLost(Standing, Heard, type="customer.customer.lost", key="customer_no"):
    """The customer left us, but may still ask something of us."""


class CustomerRecovered(Standing, Heard, type="customer.customer.recovered", key="customer_no"):
    """The customer came back."""


class DealWon(Heard, type="marketing.deal.won"):
    """A customer has bought; whoever sold asks some days later whether all is well."""

    deal_id: int
    name: str
    customer_no: str | None = None
    customer_name: str
    contact_name: PersonalText = ""
    owner_id: int
    owner_name: PersonalText


def know_customer(tx: Transaction, event: Standing) -> None:
    """Keep the customer as it is described now."""
    copies.keep_customer(tx, dataclasses.asdict(event))
