"""Idempotency-Key: a repeated POST gets the first answer and changes nothing."""

from __future__ import annotations

import dataclasses
import hashlib

import msgspec
import sqlalchemy as sa

from chassis.dialect import insert
from chassis.problems import Invalid, wrong_field
from chassis.tables import idempotency_key
from chassis.transaction import Transaction

LONGEST_KEY = 200
PENDING = 0


class KeyReused(Invalid):
    """The Idempotency-Key was used before for another request."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What was answered the first time."""

    status: int
    headers: dict[str, str]
    body: bytes


class Once:
    """One key in one transaction: taken before the work, kept with the answer after it."""

    def __init__(self, tx: Transaction, key: str, request: bytes) -> None:
        if not key.isprintable() or len(key) > LONGEST_KEY:
            raise wrong_field("/Idempotency-Key", f"Use at most {LONGEST_KEY} printable characters")
        self.tx, self.key = tx, key
        self.owner = f"{tx.principal.kind}:{tx.principal.user_id}"
        self.hash = hashlib.sha256(request).hexdigest()

    def earlier(self) -> Answer | None:
        """The first answer, if there is one; else the key is ours. Raises KeyReused."""
        blank = {"request_hash": self.hash, "status": PENDING, "headers": b"{}", "body": b"", "at": self.tx.now}
        values = {"owner": self.owner, "key": self.key} | blank
        taken = (
            insert(self.tx.session, idempotency_key)
            .values(values)
            .on_conflict_do_nothing()
            .returning(idempotency_key.c.key)
        )
        if self.tx.scalar(taken):
            return None
        row = self.tx.row(sa.select(idempotency_key).where(*self._mine()))
        if row is None or row.request_hash != self.hash:
            raise KeyReused(detail="Use a new key for a new request")
        return Answer(row.status, msgspec.json.decode(row.headers), row.body)

    def keep(self, answer: Answer) -> None:
        headers = msgspec.json.encode(answer.headers)
        values = {"status": answer.status, "headers": headers, "body": answer.body}
        self.tx.execute(sa.update(idempotency_key).where(*self._mine()).values(values))

    def _mine(self) -> tuple[sa.ColumnElement[bool], ...]:
        return idempotency_key.c.owner == self.owner, idempotency_key.c.key == self.key
