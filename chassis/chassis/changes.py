"""What is new about a record: the old and the new value of each field that differs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.events import Change


def changes_of(aggregate: Any) -> dict[str, Change]:
    """Old and new values of the columns that differ from what was loaded.

    The version is no news, and a column with ``info=SECRET`` (a password hash) is nobody's business.
    """
    state = sa.inspect(aggregate)
    columns = state.mapper.column_attrs
    changes = {}
    for key in state.committed_state:  # only what was touched: most columns were not
        if key == "version" or key not in columns or columns[key].columns[0].info.get("secret"):
            continue
        history = state.attrs[key].history
        if history.has_changes():
            changes[key] = Change(
                old=history.deleted[0] if history.deleted else None, new=history.added[0] if history.added else None
            )
    return changes


def add_changes(known: dict[str, Change], newer: dict[str, Change]) -> None:
    """The first old value and the last new one."""
    for name, change in newer.items():
        known[name] = Change(old=known[name].old, new=change.new) if name in known else change
