"""An import taken back: what it made goes, what it changed gets its old values, what was changed since stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis.events import Change, Event, open_envelope
from chassis.importing.declared import Import
from chassis.importing.tables import State, import_change, import_fault
from chassis.problems import Problem
from chassis.tables import event_log
from chassis.transaction import Aggregate, Row, Transaction

AT_ONCE = 200
Values = dict[str, Any]


class Gone(Problem):
    """The record is not there any more."""


class ChangedSince(Problem):
    """The record was changed after the import."""


class _Data(msgspec.Struct):
    changes: dict[str, Change] = {}


class Undoing:
    """One step of one undo. The records stay locked until commit."""

    def __init__(self, declared: Import, tx: Transaction, job: Row) -> None:
        self.declared, self.tx, self.job = declared, tx, job
        self._said: list[tuple[Event | None, None]] = []

    def some(self) -> Values:
        """The counts after this step; the last records first, so that parents outlive what hangs on them."""
        changes = self._left()
        if not changes:
            return {"state": State.UNDONE, "finished_at": self.tx.now}
        records, old = self._records(changes), self._old_values(changes)
        kept = [(change, reason) for change in changes if (reason := self._reason(change, records, old))]
        self.tx.publish_all(self._said)
        self._settle(changes, kept)
        return {"undone": self.job.undone + len(changes) - len(kept), "kept": self.job.kept + len(kept)}

    def give_up(self, reason: str) -> Values:
        """Leave the record at which the last step failed twice as it is."""
        changes = self._left()
        self._settle(changes, [(change, reason) for change in changes])
        return {"kept": self.job.kept + len(changes), "attempts": 0, "due_at": self.tx.now}

    def _left(self) -> Sequence[Row]:
        mine = (import_change.c.import_id == self.job.id, import_change.c.outcome == "")
        last = sa.select(import_change).where(*mine).order_by(import_change.c.number.desc(), import_change.c.record)
        return self.tx.rows(last.limit(AT_ONCE if not self.job.attempts else 1))

    def _reason(self, change: Row, records: Mapping[str, Aggregate], old: Mapping[str, Values]) -> str:
        """Why a record has to stay as it is; empty when it does not."""
        try:
            record = records.get(change.record)
            if record is None:
                raise Gone(detail="The record is not there any more")
            if change.last_version - change.first_version + 1 != change.events:
                raise ChangedSince(detail="Somebody changed the record while it was imported")
            if record.version != change.last_version:
                raise ChangedSince(detail=self._who_changed(change))
            self._take_back(change, record, old.get(change.record, {}))
        except Problem as problem:
            return str(problem)
        return ""

    def _take_back(self, change: Row, record: Aggregate, old: Values) -> None:
        is_new = change.first_version == 1
        event = self.declared.withdraw(self.tx, record) if is_new else self.declared.restore(self.tx, record, old)
        self._said.append((event, None))

    def _records(self, changes: Iterable[Row]) -> dict[str, Aggregate]:
        """The records as they are now, locked; one select."""
        kind = self.declared.kind
        (key,) = sa.inspect(kind).primary_key
        keys = [key.type.python_type(change.record) for change in changes]
        found = self.tx.load(kind, sa.select(kind).where(key.in_(keys)).order_by(key))
        return {one.aggregate_id(): one for one in found}

    def _old_values(self, changes: Iterable[Row]) -> dict[str, Values]:
        """What each changed record was before the import, field by field; from the log, one select."""
        changed = {change.record: change for change in changes if change.first_version > 1}
        if not changed:
            return {}
        table, noun = event_log.c, self.declared.kind.noun
        mine = (table.aggregate_type == noun, table.aggregate_id.in_(changed))
        told = sa.select(table.aggregate_id, table.aggregate_version, table.envelope).where(*mine)
        old: dict[str, Values] = {}
        for row in self.tx.rows(told.order_by(table.aggregate_version)):
            change = changed[row.aggregate_id]
            if change.first_version <= row.aggregate_version <= change.last_version:
                for name, value in self._changes(row.envelope).items():
                    old.setdefault(row.aggregate_id, {}).setdefault(name, value)
        return old

    def _changes(self, envelope: bytes) -> Values:
        """Old values as the columns hold them: JSON knows no moments."""
        columns = sa.inspect(self.declared.kind).columns
        changes = msgspec.json.decode(open_envelope(envelope).data, type=_Data).changes
        return {name: _typed(change.old, columns[name].type.python_type) for name, change in changes.items()}

    def _who_changed(self, change: Row) -> str:
        table = event_log.c
        mine = (table.aggregate_type == self.declared.kind.noun, table.aggregate_id == change.record)
        next_one = (*mine, table.aggregate_version == change.last_version + 1)
        row = self.tx.row(sa.select(table.envelope, table.occurred_at).where(*next_one))
        if row is None:
            return "Somebody changed the record after the import"
        return f"{open_envelope(row.envelope).authname} changed it on {row.occurred_at:%Y-%m-%d %H:%M} (UTC)"

    def _settle(self, changes: Sequence[Row], kept: Sequence[tuple[Row, str]]) -> None:
        """Write down what became of each record, and why some stay."""
        stays = {change.record for change, _ in kept}
        for outcome, records in (("undone", {one.record for one in changes} - stays), ("kept", stays)):
            mine = (import_change.c.import_id == self.job.id, import_change.c.record.in_(records))
            if records:
                self.tx.execute(sa.update(import_change).where(*mine).values(outcome=outcome))
        faults = [
            {"import_id": self.job.id, "row": 0, "column": "", "record": change.record, "value": "", "reason": reason}
            for change, reason in kept
        ]
        if faults:
            self.tx.execute(sa.insert(import_fault), faults)


def _typed(value: Any, kind: type) -> Any:
    return None if value is None else msgspec.convert(value, type=kind)
