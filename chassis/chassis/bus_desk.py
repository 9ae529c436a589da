"""What an operator sees of a service's bus over HTTP, and may do about it: the same rows in every service.

The service's name is part of the path, for at the gateway all desks stand side by side.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import marshmallow as ma

from chassis import arriving, causation, inspecting, operating
from chassis.bus_views import (
    ArrivalsView,
    BusStatusView,
    CausesView,
    OperatorActionView,
    OutcomeView,
    ParkedRow,
    ParkedView,
    PartView,
    StandingView,
)
from chassis.causation import AT_ONCE, Part
from chassis.fields import Body, Required, Text
from chassis.inspecting import ACTIONS, PARKED, NotParked, Parked, Status
from chassis.operating import MOST_AT_ONCE, AlreadyDiscarded, NotAnEvent, NotPaused, Outcome, PausedAlready
from chassis.pausing import Standing
from chassis.problems import Invalid, NotFound, wrong_field
from chassis.routes import Route
from chassis.tables import consumer_of
from chassis.transaction import Transaction

READ, OPERATE = "bus:read", "bus:operate"
LONGEST_REASON = 500
MOST_STATEMENTS = 24
"""To apply events again or let them go is to do what their reactions do, and to say so of each."""


class HearsNothing(NotFound):
    """This service listens to nobody, so there is nothing to pause."""


# What is asked


class Because(Body):
    """Why an operator does this; kept for ever."""

    reason = Required(LONGEST_REASON)


class NewData(Because):
    """The data that the event is to carry."""

    data = ma.fields.Dict(keys=ma.fields.String(), required=True)


Where: type[Body] = Body.from_dict(  # type: ignore[assignment]
    {name: Text(200) for name in PARKED.filters}, name="ParkedWhere"
)


class Again(Body):
    """Why an operator thinks that it goes now; may be left out."""

    reason = Text(LONGEST_REASON, load_default="")


class Which(Body):
    """Which parked events: by id, or by where they are; ``dry_run`` only says what would be done."""

    event_ids = ma.fields.List(ma.fields.UUID(), validate=ma.validate.Length(1, MOST_AT_ONCE))
    where = ma.fields.Nested(Where)
    dry_run = ma.fields.Boolean()


class ManyAgain(Which, Again):
    """Which events are to be tried again."""


class ManyGone(Which, Because):
    """Which events are never to be applied, and why."""


class Events(Body):
    """The events that a question is about."""

    event_ids = Text(
        37 * AT_ONCE, required=True, metadata={"description": f"At most {AT_ONCE} ids, separated by commas"}
    )


class SaidByName(Body):
    """The events that a command's answer has named."""

    said = Text(arriving.LONGEST, required=True, metadata={"description": f"As ``{arriving.SAID}`` named them"})


# What is done


class Desk:
    """The desk of one service."""

    def __init__(self, service: str, *, hears: bool) -> None:
        self.consumer, self.hears = consumer_of(service), hears

    def get_status(self, tx: Transaction) -> Status:
        """How far the log and the consumer are, and what waits."""
        return inspecting.status(tx)

    def list_causes(self, tx: Transaction, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Parked events by cause, most first."""
        return {"items": [dict(row._mapping) for row in inspecting.groups(tx, fields)]}

    def get_parked(self, tx: Transaction, event_id: str) -> Parked:
        """One parked event with its body, its failures and what operators did about it."""
        return inspecting.get_parked(tx, self.consumer, parked_id(event_id))

    def get_causation(self, tx: Transaction, event_ids: str) -> Part:
        """What this service knows of these events and of what they caused."""
        return causation.part_of(tx, ids_of(event_ids))

    def list_arrivals(self, tx: Transaction, said: str) -> Mapping[str, Any]:
        """How these events stand here; those that this service does not listen to are left out."""
        return {"items": [dataclasses.asdict(one) for one in arriving.arrivals(tx, arriving.names_of(said))]}

    def redrive_one(self, tx: Transaction, event_id: str, reason: str) -> Parked:
        """Try the event's aggregate again, in order, from the start of the schedule."""
        row = operating.must_be_open(tx, self.consumer, parked_id(event_id))
        if row.reason == operating.UNPARSEABLE:
            raise NotAnEvent(detail=event_id)
        operating.redrive(tx, self.consumer, {"event_ids": [row.event_id]}, reason)
        return inspecting.get_parked(tx, self.consumer, row.event_id)

    def discard_one(self, tx: Transaction, event_id: str, reason: str) -> Parked:
        """Never apply the event; those behind it go on."""
        row = operating.must_be_open(tx, self.consumer, parked_id(event_id))
        operating.discard(tx, self.consumer, {"event_ids": [row.event_id]}, reason)
        return inspecting.get_parked(tx, self.consumer, row.event_id)

    def edit_one(self, tx: Transaction, event_id: str, data: dict[str, Any], reason: str) -> Parked:
        """Put other data into the event; the body as it came is kept."""
        return operating.edit(tx, self.consumer, parked_id(event_id), data, reason)

    def redrive(self, tx: Transaction, fields: Mapping[str, Any]) -> Outcome:
        """Try many again: each aggregate in order, from the start of the schedule."""
        with _in_where():
            return operating.redrive(tx, self.consumer, *_chosen(fields))

    def discard(self, tx: Transaction, fields: Mapping[str, Any]) -> Outcome:
        """Never apply many; those behind them go on."""
        with _in_where():
            return operating.discard(tx, self.consumer, *_chosen(fields))

    def pause(self, tx: Transaction, reason: str) -> Standing:
        """Apply nothing more until somebody says so."""
        self._must_hear()
        return operating.pause(tx, self.consumer, reason)

    def resume(self, tx: Transaction, reason: str) -> Standing:
        """Go on, also where the consumer has paused itself."""
        self._must_hear()
        return operating.resume(tx, self.consumer, reason)

    def _must_hear(self) -> None:
        if not self.hears:
            raise HearsNothing()


def _chosen(fields: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, bool]:
    asked = dict(fields.get("where", {}))
    if fields.get("event_ids"):
        asked["event_ids"] = fields["event_ids"]
    return asked, fields["reason"], fields.get("dry_run", False)


@contextmanager
def _in_where() -> Iterator[None]:
    """A filter that is refused stands below ``where`` in the body."""
    try:
        yield
    except Invalid as refused:
        errors = [{**one, "pointer": "/where" + one["pointer"]} if one["pointer"][1:] in PARKED.filters else one
                  for one in refused.errors]  # fmt: skip
        raise Invalid(errors=errors) from refused


def parked_id(text: str) -> uuid.UUID:
    """Raises NotParked: what is no id is not parked either."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotParked(detail=f"{text} is no event's id") from error


def ids_of(text: str) -> Sequence[uuid.UUID]:
    """Raises Invalid."""
    try:
        found = [uuid.UUID(one) for one in text.split(",")]
    except ValueError as error:
        raise wrong_field("/event_ids", "Not an id") from error
    if len(found) > AT_ONCE:
        raise wrong_field("/event_ids", f"At most {AT_ONCE} at once")
    return found


def routes_of(service: str, *, hears: bool = True) -> list[Route]:
    """The endpoints of a service's desk."""
    desk, at = Desk(service, hears=hears), f"/bus/{service}"
    parked, one = f"{at}/parked", f"{at}/parked/<event_id>"
    gone = (NotParked, AlreadyDiscarded)
    return [
        Route(method="GET", path=f"{at}/status", calls=desk.get_status, gives=BusStatusView, needs=READ),
        Route(method="GET", path=parked, lists=PARKED, gives=ParkedRow, needs=READ, exports=False),
        Route(method="GET", path=f"{at}/causes", calls=desk.list_causes, asks=Where, gives=CausesView, needs=READ),
        Route(method="GET", path=one, calls=desk.get_parked, gives=ParkedView, needs=READ, refuses=(NotParked,)),
        Route(method="GET", path=f"{at}/causation", calls=desk.get_causation, asks=Events, gives=PartView, needs=READ),
        # For everybody who has just changed something: whoever knows an event's id learns only whether it came.
        Route(method="GET", path=f"{at}/arrivals", calls=desk.list_arrivals, asks=SaidByName, gives=ArrivalsView,
              is_personal=True),
        Route(method="GET", path=f"{at}/audit", lists=ACTIONS, gives=OperatorActionView, needs=READ, exports=False),
        Route(method="POST", path=f"{one}/redrive", calls=desk.redrive_one, takes=Again, gives=ParkedView,
              needs=OPERATE, refuses=(*gone, NotAnEvent), most_statements=MOST_STATEMENTS),
        Route(method="POST", path=f"{one}/discard", calls=desk.discard_one, takes=Because, gives=ParkedView,
              needs=OPERATE, refuses=gone, most_statements=MOST_STATEMENTS),
        Route(method="PUT", path=f"{one}/data", calls=desk.edit_one, takes=NewData, gives=ParkedView, needs=OPERATE,
              needs_version=True, refuses=(*gone, NotAnEvent), most_statements=MOST_STATEMENTS),
        Route(method="POST", path=f"{at}/redrive", calls=desk.redrive, takes=ManyAgain, gives=OutcomeView,
              needs=OPERATE, most_statements=MOST_STATEMENTS),
        Route(method="POST", path=f"{at}/discard", calls=desk.discard, takes=ManyGone, gives=OutcomeView,
              needs=OPERATE, most_statements=MOST_STATEMENTS),
        Route(method="POST", path=f"{at}/pause", calls=desk.pause, takes=Because, gives=StandingView, needs=OPERATE,
              refuses=(HearsNothing, PausedAlready), most_statements=MOST_STATEMENTS),
        Route(method="POST", path=f"{at}/resume", calls=desk.resume, takes=Because, gives=StandingView, needs=OPERATE,
              refuses=(HearsNothing, NotPaused), most_statements=MOST_STATEMENTS),
    ]  # fmt: skip
