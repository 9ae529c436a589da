"""What can be imported, declared once per noun::

    PRODUCT_IMPORT = Import(
        noun="products", kind=Product, row=ProductImport, command=bulk.import_products,
        titles=TITLES, needs="product:import", withdraw=withdraw_product,
    )

A service lists it on its page (``imports``) and serves its routes (``*routes_of(PRODUCT_IMPORT)``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from chassis.bulk import BulkCommand
from chassis.events import Event
from chassis.fields import Body
from chassis.importing.columns import Columns
from chassis.row_check import RowCheck
from chassis.titles import Title, Titles
from chassis.transaction import Aggregate, Transaction

Withdraw = Callable[[Transaction, Any], Event | None]
"""Takes back a record that an import made: the event that says so, or None when ``publish_removal`` has said it.

Raises a Problem, before it changes anything, when that cannot be.
"""
Restore = Callable[[Transaction, Any, Mapping[str, Any]], Event | None]
"""Gives a record the values that it had before an import."""


def edited_back(_tx: Transaction, record: Any, old: Mapping[str, Any]) -> Event | None:
    """By the record's own ``edit``, which most nouns have."""
    event: Event | None = record.edit(old)
    return event


@dataclasses.dataclass(frozen=True, kw_only=True)
class Import:
    """One noun that can be imported: its rows are those of its bulk endpoint, its rules those of its bulk command.

    ``noun`` is the first word of its public path. ``needs`` is the right that the bulk endpoint asks for. A row with
    ``parts`` (an order's ``lines``) takes one row of the file for each; rows below each other with the same ``key`` are
    one record.
    """

    noun: str
    kind: type[Aggregate]
    row: type[Body]
    command: BulkCommand
    titles: Mapping[str, Title]
    needs: str
    withdraw: Withdraw
    restore: Restore = edited_back
    key: str = ""
    parts: str = ""

    @cached_property
    def columns(self) -> Columns:
        return Columns(self.row, self.noun, Titles(self.titles), parts=self.parts)

    @cached_property
    def check(self) -> RowCheck:
        return RowCheck(self.row)
