"""Finding customers by what somebody types."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.pages import contains
from customer.customer.model import Customer
from customer.search.model import customer_word, terms_of

LAST_SIGN = "\U0010ffff"


def found_by(text: str) -> sa.ColumnElement[bool]:
    """``?q=张三``, ``?q=zsf`` or ``?q=8765``: all that is typed begins some word of the customer."""
    terms = terms_of(text)
    if not terms:
        return contains(Customer.name)(text)
    return sa.and_(*(Customer.customer_no.in_(_beginning_with(term)) for term in terms))


def _beginning_with(term: str) -> sa.Select[tuple[str]]:
    word = customer_word.c.word
    return sa.select(customer_word.c.customer_no).where(word >= term, word < term + LAST_SIGN)
