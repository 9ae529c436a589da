"""Keeping the words of customers, in the transaction that names them."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from chassis.dialect import among
from chassis.settings import Settings
from chassis.transaction import Transaction
from customer.customer.model import Customer
from customer.search.model import WORDS, customer_word, words_of

AT_ONCE = 1000


class Words:
    """The customers whose words are to be written when the transaction ends, with two statements for all of them."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self._new: dict[str, Customer] = {}
        self._known: dict[str, Customer] = {}

    def of_new(self, customers: Iterable[Customer]) -> None:
        self._new |= {one.customer_no: one for one in customers}

    def of_known(self, customers: Iterable[Customer]) -> None:
        self._known |= {one.customer_no: one for one in customers if one.customer_no not in self._new}

    def write(self) -> None:
        if self._known:
            mine = among(customer_word.c.customer_no, sorted(self._known))
            self.tx.execute(sa.delete(customer_word).where(mine))
        customers = {**self._known, **self._new}
        rows = [(word, number) for number, one in customers.items() for word in sorted(words_of(one))]
        WORDS.run(self.tx.session, rows)
        self._new, self._known = {}, {}


def index_new(tx: Transaction, customers: Iterable[Customer]) -> None:
    """Customers that have no words yet."""
    tx.companion(Words).of_new(customers)


def index_again(tx: Transaction, customers: Iterable[Customer]) -> None:
    """Customers whose name or telephone may be another one now."""
    tx.companion(Words).of_known(customers)


def index_earlier_customers(tx: Transaction, _settings: Settings) -> None:
    """Once after an upgrade: customers that were there before there were words, and their keys."""
    has_words = sa.exists().where(customer_word.c.customer_no == Customer.customer_no)
    missing = sa.select(Customer).where(~has_words).order_by(Customer.customer_no).limit(AT_ONCE)
    while found := list(tx.session.scalars(missing)):
        for customer in found:
            customer.recognise()
        tx.session.flush()
        rows = [(word, one.customer_no) for one in found for word in words_of(one)]
        WORDS.run(tx.session, rows)
        tx.session.expunge_all()
