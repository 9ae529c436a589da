"""The dictionary in every service that asks it: a small replica of identity's ``bas_dict``, written by reactions only.

It answers "is this a kind of request?" without a call to another service. A kind may be a tree (regions): a value
that others name as their ``parent`` is no leaf.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.database import NAMING
from chassis.dialect import insert
from chassis.events import Heard
from chassis.problems import Invalid
from chassis.transaction import Transaction

DICTIONARY = sa.MetaData(naming_convention=NAMING)
dictionary_copy = sa.Table(
    "dictionary_copy",
    DICTIONARY,
    sa.Column("item_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(50), nullable=False),
    sa.Column("value", sa.String(50), nullable=False),
    sa.Column("parent", sa.String(50), nullable=False),
    sa.Column("text", sa.String(50), nullable=False),
    sa.Column("text_en", sa.String(100), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)
sa.Index("dictionary_copy_by_kind", dictionary_copy.c.kind, dictionary_copy.c.value)


def add_dictionary_table(metadata: sa.MetaData) -> None:
    dictionary_copy.to_metadata(metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Said:
    """What identity says of an item; what came later has a default, for events of earlier years lack it."""

    item_id: int
    kind: str
    value: str
    text: str = ""
    text_en: str = ""
    position: int = 0
    parent: str = ""


class ItemAdded(Said, Heard, type="identity.dictionary.item-added", key="item_id"):
    """There is one more value to choose from."""


class ItemEdited(Said, Heard, type="identity.dictionary.item-edited", key="item_id"):
    """A value is called otherwise, or another value takes its place."""


class ItemRemoved(Heard, type="identity.dictionary.item-removed", key="item_id"):
    """A value can no longer be chosen; records that have it keep it."""

    item_id: int


def know_item(tx: Transaction, event: Said) -> None:
    """Keep the item as identity describes it now."""
    row = {field.name: getattr(event, field.name) for field in dataclasses.fields(Said)}
    row["source_version"] = tx.heard_version
    statement = insert(tx.session, dictionary_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=row))


def forget_item(tx: Transaction, event: ItemRemoved) -> None:
    tx.execute(sa.delete(dictionary_copy).where(dictionary_copy.c.item_id == event.item_id))


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = {
    ItemAdded: know_item,
    ItemEdited: know_item,
    ItemRemoved: forget_item,
}
"""For ``hears={**dictionary.REACTIONS, …}`` on a service's page."""


class ValueUnknown(Invalid):
    """The dictionary has no such value."""

    kind: str


def must_be_known(tx: Transaction, kind: str, value: str, pointer: str) -> None:
    """Raises ValueUnknown, naming the field, when the dictionary does not offer this value; one statement."""
    if value not in known(tx, kind, [value]):
        raise _unknown(kind, pointer, "Not a value of the dictionary")


def must_all_be_known(tx: Transaction, chosen: Iterable[tuple[str, str, str]]) -> None:
    """Several fields at once, each as (kind, value, pointer); empty values are left out. One statement.

    Raises ValueUnknown for the first that the dictionary does not offer.
    """
    asked = [(kind, value, pointer) for kind, value, pointer in chosen if value]
    if not asked:
        return
    mine = dictionary_copy.c
    wanted = sa.tuple_(mine.kind, mine.value).in_([(kind, value) for kind, value, _ in asked])
    there = {(row.kind, row.value) for row in tx.rows(sa.select(mine.kind, mine.value).where(wanted))}
    for kind, value, pointer in asked:
        if (kind, value) not in there:
            raise _unknown(kind, pointer, "Not a value of the dictionary")


def must_be_leaf(tx: Transaction, kind: str, value: str, pointer: str) -> None:
    """The same for a tree: a value that others stand below is too coarse. Raises ValueUnknown."""
    mine, below = dictionary_copy.c, dictionary_copy.alias("below")
    has_children = sa.select(below.c.item_id).where(below.c.kind == kind, below.c.parent == value).exists()
    found = tx.row(sa.select(has_children.label("is_branch")).where(mine.kind == kind, mine.value == value))
    if found is None:
        raise _unknown(kind, pointer, "Not a value of the dictionary")
    if found.is_branch:
        raise _unknown(kind, pointer, "Other values stand below this one; choose one of them")


def known(tx: Transaction, kind: str, values: Iterable[str]) -> set[str]:
    """Which of these values the dictionary offers; one statement for a whole batch."""
    asked = sorted(set(values))
    mine = (dictionary_copy.c.kind == kind, dictionary_copy.c.value.in_(asked))
    return {row.value for row in tx.rows(sa.select(dictionary_copy.c.value).where(*mine))}


def newest(tx: Transaction, kind: str) -> list[str]:
    """All values of a kind, the newest item first: for settings that administrators keep in the dictionary."""
    statement = sa.select(dictionary_copy.c.value).where(dictionary_copy.c.kind == kind)
    return [row.value for row in tx.rows(statement.order_by(dictionary_copy.c.item_id.desc()))]


def _unknown(kind: str, pointer: str, why: str) -> ValueUnknown:
    return ValueUnknown(kind=kind, errors=[{"pointer": pointer, "detail": why, "code": "unknown"}])
