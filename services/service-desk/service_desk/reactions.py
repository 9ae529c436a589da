"""What the service desk hears from others: whom it may serve, and who has bought."""

from __future__ import annotations

import dataclasses

from chassis.events import Heard, PersonalText
from chassis.transaction import Transaction
from service_desk import copies, following


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


class CustomerReleased(Standing, Heard, type="customer.customer.released", key="customer_no"):
    """Nobody looks after the customer for the time being."""


class CustomerClaimed(Standing, Heard, type="customer.customer.claimed", key="customer_no"):
    """Somebody looks after the customer again."""


class CustomerTransferred(Standing, Heard, type="customer.customer.transferred", key="customer_no"):
    """Somebody else looks after the customer."""

    from_manager_id: int
    reason: str
    with_open_work: bool


class CustomerRestored(Standing, Heard, type="customer.customer.restored", key="customer_no"):
    """A deleted customer is there again."""


class CustomerMerged(Standing, Heard, type="customer.customer.merged", key="customer_no"):
    """The customer took another file in."""


class CustomerAbsorbed(Standing, Heard, type="customer.customer.absorbed", key="customer_no"):
    """The file became part of another one: whatever we have of it is the other one's."""

    into: str
    into_name: str


class CustomerPurged(Heard, type="customer.customer.purged", key="customer_no"):
    """Nothing is kept of the customer."""

    customer_no: str


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


def know_standing(tx: Transaction, event: Standing) -> None:
    """The same for events that tell more than the standing."""
    copies.keep_customer(tx, {name: getattr(event, name) for name in STANDING})


def follow_merge(tx: Transaction, event: CustomerAbsorbed) -> None:
    """What the customer asked of us, the other one asks."""
    know_standing(tx, event)
    copies.remember_merge(tx, event.customer_no, into=event.into)
    following.relink(tx, event.customer_no, to=event.into)


def follow_transfer(tx: Transaction, event: CustomerTransferred) -> None:
    """The new manager goes on with what the old one had under way with the customer, if that is wanted."""
    know_standing(tx, event)
    if event.with_open_work and event.manager_id:
        following.hand_over(tx, event.customer_no, event.from_manager_id, event.manager_id)


def forget_customer(tx: Transaction, event: CustomerPurged) -> None:
    copies.drop_customer(tx, event.customer_no)


STANDING = tuple(field.name for field in dataclasses.fields(Standing))
