"""Detection over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import marshmallow as ma

from chassis.fields import Body, View, When
from chassis.routes import Route
from customer.detection import commands


class DayOrMoment(When):
    """A moment with a zone, or a day, which means its end in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and len(value) == len("2011-12-09"):
            try:
                return datetime.combine(date.fromisoformat(value), time.max, UTC)
            except ValueError as error:
                raise self.make_error("invalid", input=value, obj_type="datetime") from error
        return super()._deserialize(value, attr, data, **kwargs)


class AsOf(Body):
    """The moment that is "now" for the loss rule; without it, now."""

    as_of = DayOrMoment(metadata={"description": "A moment, or a day: then its end, in UTC. Not in the future."})


class DetectionView(View):
    """What a look at all customers found."""

    as_of = ma.fields.AwareDateTime(required=True)
    months = ma.fields.Integer(required=True)
    alerted = ma.fields.Integer(required=True)


routes = [
    Route(method="POST", path="/losses/detection", calls=commands.detect_losses, takes=AsOf, gives=DetectionView,
          needs="loss:handle", most_statements=9),  # a turn to wait for, the rule, those about to leave, stages
]  # fmt: skip
