"""What may be done with a record, and why not: the field of a view that tells it to whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma

from chassis.fields import View
from chassis.machine import Machine


class ActionReason(View):
    """Why an action is refused, as the problem that calling it would answer."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(allow_none=True, required=True)


class ActionView(View):
    """One thing that can be done with a record of this kind."""

    action = ma.fields.String(required=True)
    allowed = ma.fields.Boolean(required=True)
    reason = ma.fields.Nested(ActionReason, allow_none=True, required=True)


class Actions(ma.fields.List):  # type: ignore[type-arg]
    """``actions = Actions(LIFE_CYCLE)`` in a view: filled in by the endpoint, for whoever asks.

    ``facts`` looks up what guards need and the record does not hold: it gets the transaction and the record, and
    costs at most one statement.
    """

    filled_in = True

    def __init__(self, machine: Machine, facts: Callable[[Any, Any], Mapping[str, Any]] | None = None) -> None:
        super().__init__(ma.fields.Nested(ActionView), required=True)
        self.machine, self.facts = machine, facts

    def of(self, tx: Any, record: Any) -> list[dict[str, Any]]:
        """The actions for whoever the transaction belongs to."""
        facts = self.facts(tx, record) if self.facts else {}
        return self.machine.actions(tx.case(record, **facts))


def actions_of(view: type[View] | None) -> Actions | None:
    """The field of a view that shows actions."""
    fields = view().fields.values() if view else ()
    return next((field for field in fields if isinstance(field, Actions)), None)
