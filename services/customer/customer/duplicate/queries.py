"""Looking for customers who are in the house already."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.problems import wrong_field
from chassis.transaction import Transaction
from customer import copies
from customer.customer.model import Customer, Status
from customer.customer.queries import get_customer
from customer.duplicate.model import Check, Match, alike_by
from customer.keys import name_core, phone_digits

CHECK = "duplicate check"
"""The dictionary's name for the setting."""
MOST_MATCHES = 20


@dataclasses.dataclass(frozen=True)
class Matches:
    """Who may be meant, the one with most in common first."""

    items: Sequence[Match]


def check_of(tx: Transaction) -> Check:
    """What the administrator wants of likely duplicates; unless said otherwise, a warning."""
    written = copies.words_of(tx, CHECK)
    return Check(written) if written in set(Check) else Check.WARN


def list_duplicates(tx: Transaction, name: str = "", phone: str = "", licence_no: str = "") -> Matches:
    """Customers like this, whoever looks after them: nobody can avoid a double whom he may not see."""
    if not (name or phone or licence_no):
        raise wrong_field("/name", "Say a name, a phone or a licence_no")
    return Matches(find_known(tx, {"name": name, "phone": phone, "licence_no": licence_no}))


def duplicates_of(tx: Transaction, customer_no: str) -> Matches:
    """Other customers like this one of the data scope."""
    customer = get_customer(tx, customer_no)
    asked = {"name": customer.name, "phone": customer.phone, "licence_no": customer.licence_no}
    return Matches(find_known(tx, asked, but=customer_no))


def find_known(tx: Transaction, asked: Mapping[str, Any], *, but: str = "") -> list[Match]:
    """Customers that are not deleted and are alike by anything; one select by three indexes."""
    keys = {
        Customer.name_core: name_core(asked.get("name", "")),
        Customer.phone_digits: phone_digits(asked.get("phone", "")),
        Customer.licence_no: asked.get("licence_no", ""),
    }
    alike = [column == value for column, value in keys.items() if value]
    if not alike:
        return []
    found = sa.select(*_SHOWN).where(sa.or_(*alike), Customer.status != Status.DELETED, Customer.customer_no != but)
    rows = tx.rows(found.order_by(Customer.customer_no).limit(MOST_MATCHES))
    matches = [
        Match(row.customer_no, row.name, row.manager_name, row.status, because)
        for row in rows
        if (because := alike_by(row, asked))
    ]
    return sorted(matches, key=lambda match: -len(match.because))


_SHOWN = (
    Customer.customer_no,
    Customer.name,
    Customer.manager_name,
    Customer.status,
    Customer.name_core,
    Customer.phone_digits,
    Customer.licence_no,
)
