"""The statements that blank a table's rows: made from the marks of its columns, for all in the register at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.blanking import BLANK
from chassis.personal import BLANK as BLANK_AS
from chassis.personal import KIND_IN, NOUN, PersonErased, marked_columns, word_of
from chassis.tables import erased_subject

if TYPE_CHECKING:
    from chassis.transaction import Transaction


@dataclasses.dataclass(frozen=True)
class RowBlanking:
    """The columns of a table that belong to one kind of subject, whose id stands in the column ``by``."""

    kind: str
    by: str
    is_text: bool
    columns: tuple[str, ...]
    is_own: bool
    """The rows are the subjects themselves: they note that they were erased."""

    def update(self, table: sa.Table, limit: int = 0) -> sa.Update | sa.Delete:
        """Blank what is not blank yet, in at most so many rows; 0 is all."""
        if table.info.get("goes"):
            return sa.delete(table).where(self._mine(table))
        values = {name: _blank_of(table.c[name]) for name in self.columns}
        differing = [_differs(table.c[name], value) for name, value in values.items()]
        if self.is_own and "erased" in table.c:
            word = word_of(self.kind, is_text=self.is_text)
            words = sa.literal(" ") + table.c.erased + " "
            differing.append(~words.contains(f" {word} "))
            values["erased"] = sa.func.trim(sa.func.replace(words, f" {word} ", " ") + word)
        condition = sa.and_(sa.or_(*differing), self._mine(table))
        keys = list(table.primary_key)
        if limit and len(keys) == 1:
            condition = keys[0].in_(sa.select(keys[0]).where(condition).limit(limit))
        return sa.update(table).where(condition).values(values)

    def _mine(self, table: sa.Table) -> sa.ColumnElement[bool]:
        if not self.kind.startswith(KIND_IN):
            return table.c[self.by].in_(erased_ids(self.kind, table.c[self.by], is_text=self.is_text))
        there, key = erased_subject.c, sa.cast(table.c[self.by], sa.String)
        said = table.c[self.kind.removeprefix(KIND_IN)]
        rows = sa.exists().where(there.kind == said, there.subject_key == key)
        return rows.where(there.with_texts) if self.is_text else rows


def blankings(table: sa.Table) -> list[RowBlanking]:
    """What has to be done to blank a table: one statement per kind of subject and key."""
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for name, mark in marked_columns(table).items():
        for kind, by in mark.whose.items():
            groups.setdefault((kind, by, mark.is_text), []).append(name)
    keys = {column.name for column in table.primary_key} if NOUN in table.info else set()
    return [RowBlanking(*group, tuple(names), group[1] in keys) for group, names in groups.items()]


def erased_keys(kind: str, *, is_text: bool) -> sa.Select[tuple[str]]:
    """Who of this kind was erased; for text, of whom the text went too."""
    table = erased_subject.c
    keys = sa.select(table.subject_key).where(table.kind == kind)
    return keys.where(table.with_texts) if is_text else keys


def is_erased(kind: str, key: str, *, is_text: bool = False) -> sa.ColumnElement[bool]:
    """Whether this one was erased; for text, whether the text about it was."""
    return erased_keys(kind, is_text=is_text).where(erased_subject.c.subject_key == key).exists()


def must_not_be_erased(tx: Transaction, kind: str, key: str, *, is_text: bool = False) -> None:
    """Raises PersonErased: what somebody writes about him or her would be gone tomorrow, so rather say so now."""
    if tx.scalar(sa.select(is_erased(kind, key, is_text=is_text))):
        raise PersonErased(subject=kind)


def erased_ids(kind: str, column: sa.ColumnElement[Any], *, is_text: bool = False) -> sa.Select[Any]:
    """The same as values of the column's type, so that its index can be used."""
    keys = erased_keys(kind, is_text=is_text)
    if isinstance(column.type, sa.String):
        return keys
    return keys.with_only_columns(sa.cast(erased_subject.c.subject_key, sa.BigInteger))


def _differs(column: sa.ColumnElement[Any], value: Any) -> sa.ColumnElement[bool]:
    """PostgreSQL does not compare JSON."""
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text) != sa.cast(value, sa.Text)
    differs: sa.ColumnElement[bool] = column != value
    return differs


def _blank_of(column: sa.Column[Any]) -> Any:
    """What stands there afterwards; where nothing stood, nothing."""
    info: Mapping[str, Any] = column.info
    blank = info[BLANK_AS](column.table) if BLANK_AS in info else sa.literal(BLANK)
    return sa.case((column.is_(None), sa.null()), else_=blank) if column.nullable else blank
