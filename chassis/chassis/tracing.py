"""Tracing: which subjects are the same person, followed from record to record within one service."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.fields import BIGGEST
from chassis.personal import Subject
from chassis.transaction import Transaction


@dataclasses.dataclass(frozen=True)
class Path:
    """From a kind of subject to another: two columns, or what is made of them, in rows that hold both."""

    kind: str
    here: Any
    other: str
    there: Any
    where: sa.ColumnElement[bool] | None = None

    def followed(self, tx: Transaction, known: Iterable[Subject]) -> list[Subject]:
        """Where this path leads from these subjects."""
        keys = [key for one in known if one.kind == self.kind and (key := self._typed(one.key)) is not None]
        if not keys:
            return []
        statement = sa.select(self.there).where(self.here.in_(keys), self.there.is_not(None)).distinct()
        rows = tx.rows(statement if self.where is None else statement.where(self.where))
        return [Subject(self.other, str(row[0])) for row in rows]

    def _typed(self, key: str) -> Any:
        if isinstance(self.here.type, sa.String):
            return key
        return int(key) if key.isascii() and key.isdecimal() and int(key) <= BIGGEST else None


def both_ways(kind: str, here: Any, other: str, there: Any, where: Any = None) -> tuple[Path, Path]:
    """Two kinds of subject that are one person."""
    return Path(kind, here, other, there, where), Path(other, there, kind, here, where)


def along(*paths: Path) -> Callable[[Transaction, Sequence[Subject]], set[Subject]]:
    """All subjects that these paths lead to, the given ones included: for ``same_person`` on a service's page."""

    def same_person(tx: Transaction, subjects: Sequence[Subject]) -> set[Subject]:
        found, new = set(subjects), set(subjects)
        while new:
            new = {one for path in paths for one in path.followed(tx, new)} - found
            found |= new
        return found

    return same_person
